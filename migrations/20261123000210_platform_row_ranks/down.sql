DROP FUNCTION platform.row_place(text, bigint);

-- As it was before.
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
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO platform.row_counts AS c (tenant_id, kind, shard, n)
    SELECT r.tenant_id, TG_ARGV[0] || COALESCE('.' || (to_jsonb(r) ->> TG_ARGV[1]), ''),
      own_shard, -count(*)
    FROM old_rows r GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT ON CONSTRAINT row_counts_pkey DO UPDATE SET n = c.n + excluded.n;
  ELSE
    INSERT INTO platform.row_counts AS c (tenant_id, kind, shard, n)
    SELECT tenant_id, kind, own_shard, sum(n)
    FROM (VALUES
      (OLD.tenant_id, TG_ARGV[0] || COALESCE('.' || (to_jsonb(OLD) ->> TG_ARGV[1]), ''), -1),
      (NEW.tenant_id, TG_ARGV[0] || COALESCE('.' || (to_jsonb(NEW) ->> TG_ARGV[1]), ''), 1)
    ) AS moved (tenant_id, kind, n)
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT ON CONSTRAINT row_counts_pkey DO UPDATE SET n = c.n + excluded.n;
  END IF;
  RETURN NULL;
END
$$;

DROP TABLE platform.row_ranks;
