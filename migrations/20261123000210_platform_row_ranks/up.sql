-- How many rows a tenant has of a kind in each range of ids, so that a page in the middle of a
-- list is found without counting the rows before it. Ranges are 2^20 and, within them, 2^13 ids
-- wide: whatever the size of the table, a sum over some thousand rows at most leads to a range
-- of ids, and not more rows of it than it is wide are passed over. Shards as in row_counts.
CREATE TABLE platform.row_ranks (
  tenant_id bigint NOT NULL,
  kind text NOT NULL,
  bits smallint NOT NULL,
  range bigint NOT NULL,
  shard smallint NOT NULL,
  n bigint NOT NULL,
  CONSTRAINT row_ranks_pkey PRIMARY KEY (tenant_id, kind, bits, range, shard),
  CONSTRAINT row_ranks_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id),
  CONSTRAINT row_ranks_bits_check CHECK (bits IN (13, 20))
) WITH (fillfactor = 50);

ALTER TABLE platform.row_ranks ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.row_ranks FORCE ROW LEVEL SECURITY;

CREATE POLICY row_ranks_tenant ON platform.row_ranks
  USING (tenant_id = platform.current_tenant())
  WITH CHECK (tenant_id = platform.current_tenant());

-- As before, and keeps row_ranks too.
CREATE OR REPLACE FUNCTION platform.count_rows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  own_shard constant smallint := pg_backend_pid() % 16;
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO platform.row_counts AS c (tenant_id, kind, shard, n)
    SELECT r.tenant_id, TG_ARGV[0] || COALESCE('.' || (to_jsonb(r) ->> TG_ARGV[1]), ''),
      own_shard, count(*)
    FROM new_rows r GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT ON CONSTRAINT row_counts_pkey DO UPDATE SET n = c.n + excluded.n;
    INSERT INTO platform.row_ranks AS c (tenant_id, kind, bits, range, shard, n)
    SELECT r.tenant_id, TG_ARGV[0] || COALESCE('.' || (to_jsonb(r) ->> TG_ARGV[1]), ''),
      w.bits, r.id >> w.bits, own_shard, count(*)
    FROM new_rows r CROSS JOIN (VALUES (13::smallint), (20)) AS w (bits)
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT ON CONSTRAINT row_ranks_pkey DO UPDATE SET n = c.n + excluded.n;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO platform.row_counts AS c (tenant_id, kind, shard, n)
    SELECT r.tenant_id, TG_ARGV[0] || COALESCE('.' || (to_jsonb(r) ->> TG_ARGV[1]), ''),
      own_shard, -count(*)
    FROM old_rows r GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT ON CONSTRAINT row_counts_pkey DO UPDATE SET n = c.n + excluded.n;
    INSERT INTO platform.row_ranks AS c (tenant_id, kind, bits, range, shard, n)
    SELECT r.tenant_id, TG_ARGV[0] || COALESCE('.' || (to_jsonb(r) ->> TG_ARGV[1]), ''),
      w.bits, r.id >> w.bits, own_shard, -count(*)
    FROM old_rows r CROSS JOIN (VALUES (13::smallint), (20)) AS w (bits)
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT ON CONSTRAINT row_ranks_pkey DO UPDATE SET n = c.n + excluded.n;
  ELSE
    INSERT INTO platform.row_counts AS c (tenant_id, kind, shard, n)
    SELECT tenant_id, kind, own_shard, sum(n)
    FROM (VALUES
      (OLD.tenant_id, TG_ARGV[0] || COALESCE('.' || (to_jsonb(OLD) ->> TG_ARGV[1]), ''), -1),
      (NEW.tenant_id, TG_ARGV[0] || COALESCE('.' || (to_jsonb(NEW) ->> TG_ARGV[1]), ''), 1)
    ) AS moved (tenant_id, kind, n)
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT ON CONSTRAINT row_counts_pkey DO UPDATE SET n = c.n + excluded.n;
    INSERT INTO platform.row_ranks AS c (tenant_id, kind, bits, range, shard, n)
    SELECT m.tenant_id, m.kind, w.bits, m.id >> w.bits, own_shard, sum(m.n)
    FROM (VALUES
      (OLD.tenant_id, TG_ARGV[0] || COALESCE('.' || (to_jsonb(OLD) ->> TG_ARGV[1]), ''),
        OLD.id, -1),
      (NEW.tenant_id, TG_ARGV[0] || COALESCE('.' || (to_jsonb(NEW) ->> TG_ARGV[1]), ''),
        NEW.id, 1)
    ) AS m (tenant_id, kind, id, n) CROSS JOIN (VALUES (13::smallint), (20)) AS w (bits)
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT ON CONSTRAINT row_ranks_pkey DO UPDATE SET n = c.n + excluded.n;
  END IF;
  RETURN NULL;
END
$$;

-- Where the row of a kind is that has `passed` rows of the current tenant before it in the order
-- of ids: in the range that begins with `first_id`, after `left_over` rows of that range. No row
-- when there is none of the kind.
CREATE FUNCTION platform.row_place(kind text, passed bigint)
RETURNS TABLE (first_id bigint, left_over bigint)
LANGUAGE sql STABLE AS $$
  WITH wide AS (
    SELECT s.range, s.before FROM (
      SELECT c.range, sum(sum(c.n)) OVER (ORDER BY c.range) - sum(c.n) AS before
      FROM platform.row_ranks c
      WHERE c.tenant_id = platform.current_tenant() AND c.kind = row_place.kind AND c.bits = 20
      GROUP BY c.range) s
    WHERE s.before <= row_place.passed ORDER BY s.range DESC LIMIT 1
  ), narrow AS (
    SELECT s.range, s.before FROM (
      SELECT c.range,
        (SELECT before FROM wide) + sum(sum(c.n)) OVER (ORDER BY c.range) - sum(c.n) AS before
      FROM platform.row_ranks c
      WHERE c.tenant_id = platform.current_tenant() AND c.kind = row_place.kind AND c.bits = 13
        AND c.range >= (SELECT range << 7 FROM wide)
        AND c.range < (SELECT (range + 1) << 7 FROM wide)
      GROUP BY c.range) s
    WHERE s.before <= row_place.passed ORDER BY s.range DESC LIMIT 1
  )
  SELECT n.range << 13, (row_place.passed - n.before)::bigint FROM narrow n
$$;

-- What is there already, of every table that is counted. Tenant by tenant, for row-level
-- security holds for the owner of the tables too.
DO $$
DECLARE
  counted record;
  tenant bigint;
  arguments text[];
  kind text;
BEGIN
  FOR tenant IN SELECT id FROM platform.tenants ORDER BY id LOOP
    PERFORM set_config('steward.tenant_id', tenant::text, true);
    FOR counted IN SELECT t.tgrelid::regclass AS name, t.tgargs FROM pg_trigger t
      WHERE t.tgname = 'count_inserted' LOOP
      arguments := string_to_array(encode(counted.tgargs, 'escape'), '\000');
      kind := quote_literal(arguments[1]);
      IF arguments[2] <> '' THEN
        kind := format('%s || ''.'' || r.%I', kind, arguments[2]);
      END IF;
      EXECUTE format('INSERT INTO platform.row_ranks (tenant_id, kind, bits, range, shard, n) '
        'SELECT r.tenant_id, %s, w.bits, r.id >> w.bits, 0, count(*) FROM %s r '
        'CROSS JOIN (VALUES (13::smallint), (20)) AS w (bits) '
        'WHERE r.tenant_id = %s GROUP BY 1, 2, 3, 4', kind, counted.name, tenant);
    END LOOP;
  END LOOP;
  PERFORM set_config('steward.tenant_id', '', true);
END
$$;
