DROP TABLE rentals.activities, rentals.booking_items, rentals.bookings;
