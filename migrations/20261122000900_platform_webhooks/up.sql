-- Webhooks: where a tenant wants its events sent, and what became of each.

CREATE TABLE platform.webhook_endpoints (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  url text NOT NULL,
  -- As asked for, and as LIKE patterns; none for all.
  types text[] NOT NULL,
  patterns text[] NOT NULL,
  active boolean NOT NULL,
  -- Whether only id and type are sent.
  thin boolean NOT NULL,
  -- Key of HMAC-SHA256, and seed of ed25519.
  secret bytea NOT NULL,
  signing_key bytea NOT NULL,
  -- Those before the last rotation, which sign too until then.
  previous_secret bytea,
  previous_signing_key bytea,
  previous_until timestamptz,
  -- When the first of the failures came that no success has followed.
  failing_since timestamptz,
  -- Why the server turned it off; absent when it did not.
  disabled_reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT webhook_endpoints_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id)
);

CREATE TABLE platform.webhook_deliveries (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  endpoint_id bigint NOT NULL,
  -- Number of the event; absent for a test.
  sequence bigint,
  event_type text NOT NULL,
  state text NOT NULL DEFAULT 'pending',
  attempts integer NOT NULL DEFAULT 0,
  -- HTTP status of the last attempt, and what went wrong with it.
  status integer,
  error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  attempted_at timestamptz,
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT webhook_deliveries_endpoint_fkey FOREIGN KEY (tenant_id, endpoint_id)
    REFERENCES platform.webhook_endpoints (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT webhook_deliveries_state_check CHECK (state IN ('pending', 'delivered', 'failed'))
) WITH (fillfactor = 70);
CREATE INDEX webhook_deliveries_endpoint_idx
  ON platform.webhook_deliveries (tenant_id, endpoint_id, id);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['webhook_endpoints', 'webhook_deliveries'] LOOP
    EXECUTE format('ALTER TABLE platform.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE platform.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_isolation ON platform.%I
      USING (tenant_id = platform.current_tenant())
      WITH CHECK (tenant_id = platform.current_tenant())', name);
  END LOOP;
END
$$;

-- Queues the delivery of an event to the endpoints that want it. In the transaction of the
-- change, so none is lost and none is sent of what did not happen. A tenant without endpoints
-- pays for one look into an index.
CREATE FUNCTION platform.queue_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH delivery AS (
    INSERT INTO platform.webhook_deliveries (tenant_id, endpoint_id, sequence, event_type)
    SELECT w.tenant_id, w.id, NEW.sequence, NEW.event_type
    FROM platform.webhook_endpoints w
    WHERE w.tenant_id = NEW.tenant_id AND w.active
      AND (w.patterns = '{}' OR NEW.event_type LIKE ANY (w.patterns))
    RETURNING tenant_id, id
  )
  INSERT INTO platform.jobs (tenant_id, kind, payload, dedup_key)
  SELECT tenant_id, 'webhook.deliver', jsonb_build_object('delivery', id), id::text FROM delivery;
  -- Deliveries are kept as long as events are listed. A few old ones go each time.
  IF FOUND THEN
    DELETE FROM platform.webhook_deliveries d
    WHERE d.tenant_id = NEW.tenant_id AND d.id = ANY (ARRAY(
      SELECT o.id FROM platform.webhook_deliveries o WHERE o.tenant_id = NEW.tenant_id
      ORDER BY o.id LIMIT 20)) AND d.created_at < now() - interval '30 days';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER events_queue_webhooks AFTER INSERT ON platform.events
  FOR EACH ROW EXECUTE FUNCTION platform.queue_webhooks();
