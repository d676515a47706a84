DROP TABLE rentals.booking_payments, rentals.booking_services;
