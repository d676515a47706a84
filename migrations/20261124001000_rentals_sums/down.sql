DROP TRIGGER bookings_sum_up_inserted ON rentals.bookings;
DROP TRIGGER bookings_sum_up_updated ON rentals.bookings;
DROP FUNCTION rentals.sum_up_customers();
DROP INDEX rentals.booking_items_hold_idx, rentals.bookings_customer_latest_idx;
ALTER TABLE rentals.customers
  DROP COLUMN bookings_count, DROP COLUMN total_spent, DROP COLUMN last_booking_at;
