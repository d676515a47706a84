DROP FUNCTION rentals.take_store_slug(text);
DROP VIEW rentals.businesses;
DROP TABLE rentals.booking_settings;
DROP TABLE rentals.owners;
