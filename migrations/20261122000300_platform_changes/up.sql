-- Every change is done once and leaves an event: the answers that idempotency keys stand for,
-- and one gap-free order of events per tenant.

-- What a key stood for the first time. Written in the transaction of the change.
CREATE TABLE platform.idempotency_keys (
  tenant_id bigint NOT NULL,
  client_id text NOT NULL,
  rpc text NOT NULL,
  key text NOT NULL,
  -- SHA-256 of the request message.
  request_hash bytea NOT NULL,
  -- The answer: gRPC code, status as sent, response message.
  code integer NOT NULL,
  message text NOT NULL,
  details text NOT NULL,
  response bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, client_id, rpc, key),
  CONSTRAINT idempotency_keys_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id)
);
CREATE INDEX idempotency_keys_created_idx ON platform.idempotency_keys (tenant_id, created_at);

-- The number of a tenant's latest event. Its row is held from the moment a change takes its
-- number until it commits, so numbers follow the order of commits and none is ever missing.
CREATE TABLE platform.event_heads (
  tenant_id bigint NOT NULL,
  sequence bigint NOT NULL,
  CONSTRAINT event_heads_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT event_heads_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id)
) WITH (fillfactor = 50);

-- What happened, for whom it may concern: followed by clients, read by auditors, never changed.
CREATE TABLE platform.events (
  tenant_id bigint NOT NULL,
  sequence bigint NOT NULL,
  event_type text NOT NULL,
  resource_type text NOT NULL,
  resource_id text NOT NULL,
  occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Who asked for the change, by which RPC and request.
  client_id text NOT NULL,
  rpc text NOT NULL,
  request_id text NOT NULL,
  -- The resource after the change, or before its deletion, as the family's JSON.
  resource jsonb NOT NULL,
  -- Member -> [old, new]; absent for what was created or deleted.
  changes jsonb,
  CONSTRAINT events_pkey PRIMARY KEY (tenant_id, sequence),
  CONSTRAINT events_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id)
);
CREATE INDEX events_resource_idx
  ON platform.events (tenant_id, resource_type, resource_id, sequence);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['idempotency_keys', 'event_heads', 'events'] LOOP
    EXECUTE format('ALTER TABLE platform.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE platform.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_isolation ON platform.%I
      USING (tenant_id = platform.current_tenant())
      WITH CHECK (tenant_id = platform.current_tenant())', name);
  END LOOP;
END
$$;

-- An event that was written stays as it is.
CREATE FUNCTION platform.refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER events_refuse_update BEFORE UPDATE ON platform.events
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_update();

-- Begins a change with an idempotency key. Answers {"running": true} while another one holds
-- the key, {"first": true} when it is new, else the record. Each statement sees what was
-- committed before it, so a record that was written while the lock was waited for is found.
CREATE FUNCTION platform.begin_keyed(client text, called_rpc text, given_key text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  tenant constant bigint := platform.current_tenant();
  found jsonb;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended(
    concat_ws(E'\x1f', 'idempotency', tenant, client, called_rpc, given_key), 0))
  THEN
    RETURN '{"running": true}';
  END IF;
  -- Keys are kept for a day. A few old ones go each time, so that nothing else has to.
  DELETE FROM platform.idempotency_keys k WHERE k.ctid = ANY (ARRAY(
    SELECT o.ctid FROM platform.idempotency_keys o
    WHERE o.tenant_id = tenant AND o.created_at < now() - interval '24 hours'
    ORDER BY o.created_at LIMIT 10 FOR UPDATE SKIP LOCKED));
  SELECT jsonb_build_object('request_hash', encode(k.request_hash, 'hex'), 'code', k.code,
      'message', k.message, 'details', k.details, 'response', encode(k.response, 'hex'))
    INTO found
    FROM platform.idempotency_keys k
    WHERE k.tenant_id = tenant AND k.client_id = client AND k.rpc = called_rpc
      AND k.key = given_key AND k.created_at >= now() - interval '24 hours';
  RETURN COALESCE(found, '{"first": true}');
END
$$;

-- Writes what an idempotency key stands for.
CREATE FUNCTION platform.record_key(client text, called_rpc text, given_key text, hash bytea,
  answer_code integer, answer_message text, answer_details text, answer bytea) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO platform.idempotency_keys
    (tenant_id, client_id, rpc, key, request_hash, code, message, details, response)
  VALUES (platform.current_tenant(), client, called_rpc, given_key, hash,
    answer_code, answer_message, answer_details, answer)
$$;

-- Writes an event and answers its number. The last statement of a change: from here to the
-- commit, other changes of the tenant wait.
CREATE FUNCTION platform.record_event(client text, called_rpc text, request text,
  kind text, resource_kind text, resource text, before_change jsonb, after_change jsonb)
RETURNS bigint
LANGUAGE sql AS $$
  WITH head AS (
    INSERT INTO platform.event_heads AS h (tenant_id, sequence)
    VALUES (platform.current_tenant(), 1)
    ON CONFLICT (tenant_id) DO UPDATE SET sequence = h.sequence + 1
    RETURNING h.sequence
  )
  INSERT INTO platform.events (tenant_id, sequence, event_type, resource_type, resource_id,
    client_id, rpc, request_id, resource, changes)
  SELECT platform.current_tenant(), head.sequence, kind, resource_kind, resource,
    client, called_rpc, request, COALESCE(after_change, before_change),
    CASE WHEN before_change IS NOT NULL AND after_change IS NOT NULL THEN (
      SELECT COALESCE(jsonb_object_agg(key, jsonb_build_array(b.value, a.value)), '{}')
      FROM jsonb_each(before_change) b FULL JOIN jsonb_each(after_change) a USING (key)
      WHERE a.value IS DISTINCT FROM b.value) END
  FROM head
  RETURNING sequence
$$;
