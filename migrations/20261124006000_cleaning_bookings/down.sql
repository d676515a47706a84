DROP VIEW cleaning.shown_events, cleaning.shown_bookings;
DROP TABLE cleaning.events, cleaning.bookings;
