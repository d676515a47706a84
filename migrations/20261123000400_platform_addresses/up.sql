-- From where changes are asked for, and mail that could not be sent.

-- The network address of the caller: personal data, for the audit trail alone.
ALTER TABLE platform.events ADD COLUMN address text;
ALTER TABLE platform.imports ADD COLUMN address text;

-- When the server gave a mail up.
ALTER TABLE platform.mails ADD COLUMN given_up_at timestamptz;

-- As before, with the address.
CREATE OR REPLACE FUNCTION platform.record_events(happened jsonb) RETURNS bigint
LANGUAGE sql AS $$
  WITH head AS (
    INSERT INTO platform.event_heads AS h (tenant_id, sequence)
    VALUES (platform.current_tenant(), jsonb_array_length(happened))
    ON CONFLICT (tenant_id) DO UPDATE SET sequence = h.sequence + excluded.sequence
    RETURNING h.sequence
  ), written AS (
    INSERT INTO platform.events (tenant_id, sequence, event_type, resource_type, resource_id,
      client_id, rpc, request_id, address, resource, changes)
    SELECT platform.current_tenant(), head.sequence - jsonb_array_length(happened) + one.place,
      one.event ->> 'type', one.event ->> 'resource_type', one.event ->> 'resource_id',
      one.event ->> 'client_id', one.event ->> 'rpc', one.event ->> 'request_id',
      one.event ->> 'address',
      COALESCE(one.event -> 'after', one.event -> 'before'),
      CASE WHEN one.event ? 'before' AND one.event ? 'after' THEN (
        SELECT COALESCE(jsonb_object_agg(key, jsonb_build_array(b.value, a.value)), '{}')
        FROM jsonb_each(one.event -> 'before') b
        FULL JOIN jsonb_each(one.event -> 'after') a USING (key)
        WHERE a.value IS DISTINCT FROM b.value) END
    FROM head, jsonb_array_elements(happened) WITH ORDINALITY AS one (event, place)
    ORDER BY one.place
  )
  SELECT sequence FROM head
$$;
