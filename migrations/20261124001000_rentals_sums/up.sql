-- What the bookings of a customer come to is kept with the customer, so that neither showing nor
-- ordering customers costs more the more they have booked.
ALTER TABLE rentals.customers
  ADD COLUMN bookings_count integer NOT NULL DEFAULT 0,
  -- In cents: the totals of completed bookings.
  ADD COLUMN total_spent bigint NOT NULL DEFAULT 0,
  ADD COLUMN last_booking_at timestamptz;
CREATE INDEX bookings_customer_latest_idx
  ON rentals.bookings (tenant_id, customer_id, created_at) WHERE deleted_at IS NULL;
-- What is held at some time, of whatever item.
CREATE INDEX booking_items_hold_idx
  ON rentals.booking_items (tenant_id, hold_till) WHERE hold_till IS NOT NULL;

-- A booking counts for its customer unless it is deleted, however it is changed. Whoever moves it
-- to another status also writes the customer, and so waits for those who look whether the
-- customer's bookings allow something.
CREATE FUNCTION rentals.sum_up_customers() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE rentals.customers c SET
    bookings_count = c.bookings_count + d.bookings,
    total_spent = c.total_spent + d.spent,
    last_booking_at = (SELECT max(b.created_at) FROM rentals.bookings b
      WHERE b.tenant_id = c.tenant_id AND b.customer_id = c.id AND b.deleted_at IS NULL)
  FROM (
    SELECT w.customer_id, COALESCE(sum(w.sign) FILTER (WHERE w.live), 0) AS bookings,
      COALESCE(sum(w.sign * w.total) FILTER (WHERE w.live AND w.status = 'completed'), 0) AS spent
    FROM (VALUES
      (NEW.customer_id, 1, NEW.deleted_at IS NULL, NEW.status, NEW.total),
      (OLD.customer_id, -1, OLD.deleted_at IS NULL, OLD.status, OLD.total)
    ) AS w (customer_id, sign, live, status, total)
    WHERE w.customer_id IS NOT NULL
    GROUP BY w.customer_id
  ) d
  WHERE c.tenant_id = NEW.tenant_id AND c.id = d.customer_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER bookings_sum_up_inserted AFTER INSERT ON rentals.bookings
  FOR EACH ROW WHEN (NEW.customer_id IS NOT NULL) EXECUTE FUNCTION rentals.sum_up_customers();
CREATE TRIGGER bookings_sum_up_updated
  AFTER UPDATE OF customer_id, status, total, deleted_at ON rentals.bookings
  FOR EACH ROW WHEN (
    (OLD.customer_id, OLD.status, OLD.total, OLD.deleted_at)
    IS DISTINCT FROM (NEW.customer_id, NEW.status, NEW.total, NEW.deleted_at))
  EXECUTE FUNCTION rentals.sum_up_customers();

-- What is there already. Tenant by tenant, for row-level security holds for the owner of the
-- tables too.
DO $$
DECLARE
  tenant bigint;
BEGIN
  FOR tenant IN SELECT id FROM platform.tenants WHERE family = 'rentals' ORDER BY id LOOP
    PERFORM set_config('steward.tenant_id', tenant::text, true);
    UPDATE rentals.customers c SET bookings_count = d.bookings, total_spent = d.spent,
      last_booking_at = d.latest
    FROM (
      SELECT b.customer_id, count(*) AS bookings,
        COALESCE(sum(b.total) FILTER (WHERE b.status = 'completed'), 0) AS spent,
        max(b.created_at) AS latest
      FROM rentals.bookings b WHERE b.tenant_id = tenant AND b.deleted_at IS NULL
      GROUP BY b.customer_id
    ) d
    WHERE c.tenant_id = tenant AND c.id = d.customer_id;
  END LOOP;
  PERFORM set_config('steward.tenant_id', '', true);
END
$$;
