-- Items of which more is held, now or later, than there is: so that it is told once when that
-- begins, and once when it is over.
CREATE TABLE rentals.shortages (
  tenant_id bigint NOT NULL REFERENCES platform.tenants (id),
  item_id bigint NOT NULL,
  opened_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT shortages_pkey PRIMARY KEY (tenant_id, item_id),
  CONSTRAINT shortages_item_fkey FOREIGN KEY (tenant_id, item_id)
    REFERENCES rentals.items (tenant_id, id)
);

ALTER TABLE rentals.shortages ENABLE ROW LEVEL SECURITY;
ALTER TABLE rentals.shortages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON rentals.shortages
  USING (tenant_id = platform.current_tenant())
  WITH CHECK (tenant_id = platform.current_tenant());

-- Bookings that are out by now are watched like those that will be, and the items of all that are
-- agreed are looked at. Tenant by tenant, for row-level security holds for the owner of the tables
-- too.
DO $$
DECLARE
  tenant bigint;
BEGIN
  FOR tenant IN SELECT id FROM platform.tenants WHERE family = 'rentals' ORDER BY id LOOP
    PERFORM set_config('steward.tenant_id', tenant::text, true);
    INSERT INTO platform.jobs (tenant_id, kind, payload, dedup_key, due_at)
      SELECT tenant_id, 'rentals.tell_overdue',
        jsonb_build_object('booking', internal_id, 'end', micros), internal_id || '@' || micros, end_at
      FROM (SELECT *, (extract(epoch FROM end_at) * 1000000)::bigint AS micros
        FROM rentals.bookings) AS b
      WHERE tenant_id = tenant AND status = 'ongoing' AND deleted_at IS NULL;
    INSERT INTO platform.jobs (tenant_id, kind, payload)
      SELECT tenant, 'rentals.look_at_stock', jsonb_build_object('items', jsonb_build_array(l.item_id))
      FROM rentals.booking_items l
      JOIN rentals.bookings b ON b.tenant_id = l.tenant_id AND b.id = l.booking_id
      WHERE l.tenant_id = tenant AND l.deleted_at IS NULL AND b.deleted_at IS NULL
        AND b.status IN ('reserved', 'ongoing')
      GROUP BY l.item_id;
  END LOOP;
  PERFORM set_config('steward.tenant_id', '', true);
END
$$;
