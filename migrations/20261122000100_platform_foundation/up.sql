-- What every family stands on: tenants, API clients, signing keys, the tenant of a
-- transaction, folded text for searches, and exact totals that stay cheap.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE SCHEMA platform;

-- The tenant of the transaction, which every policy compares with. Inlined by the planner, so
-- that it serves as an index condition; NULL, which equals nothing, when no tenant is set.
CREATE FUNCTION platform.current_tenant() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('steward.tenant_id', true), '')::bigint;

COMMENT ON FUNCTION platform.current_tenant() IS
  'The tenant set by SET LOCAL steward.tenant_id, or NULL.';

-- The form of a text in which letter case and accents do not matter; equal to
-- steward_kernel::text::folded. Lower case comes from a collation that knows more than ASCII,
-- whatever the locale of the database: ICU where PostgreSQL has it, else the C library.
DO $$
DECLARE
  lowering text := '';
BEGIN
  SELECT format(' COLLATE %I.%I', n.nspname, c.collname) INTO lowering
  FROM unnest(ARRAY['und-x-icu', 'C.utf8', 'C.UTF-8', 'en_US.utf8', 'en_US.UTF-8'])
    WITH ORDINALITY AS wanted (name, place)
  JOIN pg_collation c ON c.collname = wanted.name AND c.collencoding IN (-1, 6)
  JOIN pg_namespace n ON n.oid = c.collnamespace AND n.nspname = 'pg_catalog'
  ORDER BY wanted.place LIMIT 1;
  EXECUTE format($sql$
    CREATE FUNCTION platform.fold_text(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN translate(lower(regexp_replace(normalize(value, NFKD),
      '[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]',
      '', 'g')%s), 'ς', 'σ')
  $sql$, COALESCE(lowering, ''));
END
$$;

COMMENT ON FUNCTION platform.fold_text(text) IS
  'The text without letter case and accents, as searches compare; steward_kernel::text::folded.';

-- Businesses whose data nobody else sees.
CREATE TABLE platform.tenants (
  id bigint GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT tenants_pkey PRIMARY KEY (id),
  CONSTRAINT tenants_name_check CHECK (name <> '')
);

-- API clients of a tenant. A client id is unique over all tenants, because it is all that a
-- token request names. Two secrets are live while one is being replaced.
CREATE TABLE platform.clients (
  tenant_id bigint NOT NULL,
  client_id text NOT NULL,
  name text NOT NULL,
  secret_hash bytea NOT NULL,
  previous_secret_hash bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  disabled_at timestamptz,
  CONSTRAINT clients_pkey PRIMARY KEY (tenant_id, client_id),
  CONSTRAINT clients_client_id_key UNIQUE (client_id),
  CONSTRAINT clients_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id)
);

ALTER TABLE platform.clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.clients FORCE ROW LEVEL SECURITY;

CREATE POLICY clients_tenant ON platform.clients
  USING (tenant_id = platform.current_tenant())
  WITH CHECK (tenant_id = platform.current_tenant());

-- A token request names a client before its tenant is known; it sees that client alone.
CREATE POLICY clients_client ON platform.clients FOR SELECT
  USING (client_id = current_setting('steward.client_id', true));

-- Keys that sign tokens. They belong to no tenant.
CREATE TABLE platform.signing_keys (
  kid text NOT NULL,
  algorithm text NOT NULL DEFAULT 'ES256',
  -- PKCS #8, DER.
  private_key bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Signs from here on; other servers have fetched its public half by then.
  active_from timestamptz NOT NULL DEFAULT now(),
  -- Verifies nothing from here on.
  retired_at timestamptz,
  CONSTRAINT signing_keys_pkey PRIMARY KEY (kid)
);

-- How many rows a tenant has of a kind, so that a list's total is a sum over at most 16 rows.
-- Each connection counts in a shard of its own, so that writers do not wait for each other.
CREATE TABLE platform.row_counts (
  tenant_id bigint NOT NULL,
  kind text NOT NULL,
  shard smallint NOT NULL,
  n bigint NOT NULL,
  CONSTRAINT row_counts_pkey PRIMARY KEY (tenant_id, kind, shard),
  CONSTRAINT row_counts_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id)
) WITH (fillfactor = 50);

ALTER TABLE platform.row_counts ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.row_counts FORCE ROW LEVEL SECURITY;

CREATE POLICY row_counts_tenant ON platform.row_counts
  USING (tenant_id = platform.current_tenant())
  WITH CHECK (tenant_id = platform.current_tenant());

-- Keeps row_counts. Arguments: the kind and, when the kind differs from row to row, the column
-- that follows it: ('users', 'role') counts 'users.1', 'users.2', ... Attached by
-- platform.count_rows_of, which gives it all rows of a statement at once; an update that moves
-- a row to another kind comes row by row.
CREATE FUNCTION platform.count_rows() RETURNS trigger
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

-- Has the rows of a table counted from now on, as `kind` or, with `kind_column`, as
-- `kind.<value>`. For migrations; the table must be empty.
CREATE FUNCTION platform.count_rows_of(counted regclass, kind text, kind_column text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  arguments constant text := quote_literal(kind) || COALESCE(', ' || quote_literal(kind_column), '');
BEGIN
  EXECUTE format('CREATE TRIGGER count_inserted AFTER INSERT ON %s '
    'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT '
    'EXECUTE FUNCTION platform.count_rows(%s)', counted, arguments);
  EXECUTE format('CREATE TRIGGER count_deleted AFTER DELETE ON %s '
    'REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT '
    'EXECUTE FUNCTION platform.count_rows(%s)', counted, arguments);
  IF kind_column IS NOT NULL THEN
    EXECUTE format('CREATE TRIGGER count_moved AFTER UPDATE OF %I ON %s FOR EACH ROW '
      'WHEN (OLD.%1$I IS DISTINCT FROM NEW.%1$I) '
      'EXECUTE FUNCTION platform.count_rows(%3$s)', kind_column, counted, arguments);
  END IF;
END
$$;

-- The exact number of rows of a kind that the current tenant has.
CREATE FUNCTION platform.row_count(kind text) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT COALESCE(sum(c.n), 0)::bigint FROM platform.row_counts c
  WHERE c.tenant_id = platform.current_tenant() AND c.kind = row_count.kind
$$;
