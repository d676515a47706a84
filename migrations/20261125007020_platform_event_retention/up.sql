-- How long the events of the transaction's tenant are listed, and its deliveries kept. The events
-- themselves are the audit trail, and stay.
CREATE FUNCTION platform.events_listed_for() RETURNS interval LANGUAGE sql STABLE AS $$
  SELECT CASE t.family WHEN 'cleaning' THEN interval '90 days' ELSE interval '30 days' END
  FROM platform.tenants t WHERE t.id = platform.current_tenant()
$$;

-- As before, for as long as the family lists them.
CREATE OR REPLACE FUNCTION platform.event_window(OUT oldest bigint, OUT newest bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  tenant constant bigint := platform.current_tenant();
  horizon constant timestamptz := now() - platform.events_listed_for();
  beyond bigint;
  middle bigint;
BEGIN
  SELECT h.sequence INTO newest FROM platform.event_heads h WHERE h.tenant_id = tenant;
  newest := COALESCE(newest, 0);
  SELECT min(e.sequence) INTO oldest FROM platform.events e WHERE e.tenant_id = tenant;
  oldest := COALESCE(oldest, newest + 1);
  -- Most tenants have nothing that old.
  IF EXISTS (SELECT FROM platform.events e
    WHERE e.tenant_id = tenant AND e.sequence = oldest AND e.occurred_at >= horizon)
  THEN
    RETURN;
  END IF;
  beyond := newest + 1;
  WHILE oldest < beyond LOOP
    middle := (oldest + beyond) / 2;
    IF EXISTS (SELECT FROM platform.events e
      WHERE e.tenant_id = tenant AND e.sequence = middle AND e.occurred_at >= horizon)
    THEN
      beyond := middle;
    ELSE
      oldest := middle + 1;
    END IF;
  END LOOP;
END
$$;

-- As before, with deliveries kept as long as the family lists events.
CREATE OR REPLACE FUNCTION platform.queue_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH delivery AS (
    INSERT INTO platform.webhook_deliveries (tenant_id, endpoint_id, sequence, event_type)
    SELECT w.tenant_id, w.id, NEW.sequence, NEW.event_type
    FROM platform.webhook_endpoints w
    WHERE w.tenant_id = NEW.tenant_id AND w.active
      AND (w.patterns = '{}' OR NEW.event_type LIKE ANY (w.patterns))
    RETURNING tenant_id, id, endpoint_id
  )
  INSERT INTO platform.jobs (tenant_id, kind, payload, dedup_key, lane, subject)
  SELECT tenant_id, 'webhook.deliver', jsonb_build_object('delivery', id), id::text,
    endpoint_id::text, NEW.resource_type || '/' || NEW.resource_id FROM delivery;
  -- Deliveries are kept as long as events are listed. A few old ones go each time.
  IF FOUND THEN
    DELETE FROM platform.webhook_deliveries d
    WHERE d.tenant_id = NEW.tenant_id AND d.id = ANY (ARRAY(
      SELECT o.id FROM platform.webhook_deliveries o WHERE o.tenant_id = NEW.tenant_id
      ORDER BY o.id LIMIT 20)) AND d.created_at < now() - platform.events_listed_for();
  END IF;
  RETURN NULL;
END
$$;
