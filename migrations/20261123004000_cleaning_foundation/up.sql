-- The home-cleaning family: companies and how they work.

CREATE SCHEMA cleaning;

-- Every object has a version, which grows with every change of its row.
CREATE FUNCTION cleaning.touch() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF NEW IS DISTINCT FROM OLD THEN
    NEW.version := OLD.version + 1;
    NEW.updated_at := now();
  END IF;
  RETURN NEW;
END
$$;

CREATE TABLE cleaning.tenants (
  tenant_id bigint NOT NULL REFERENCES platform.tenants (id),
  name text NOT NULL,
  legal_name text,
  -- Absent until the company says it, when an operator made it.
  email text,
  phone text,
  website text,
  logo_url text,
  address jsonb,
  time_zone text NOT NULL DEFAULT 'America/New_York',
  currency text NOT NULL DEFAULT 'USD'
    CONSTRAINT tenants_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
  locale text NOT NULL DEFAULT 'en-US',
  -- 1 trial, 2 active, 3 past due, 4 suspended, 5 closed.
  status smallint NOT NULL DEFAULT 1 CONSTRAINT tenants_status_check CHECK (status BETWEEN 1 AND 5),
  plan_code text,
  trial_ends_at timestamptz,
  is_sandbox boolean NOT NULL DEFAULT false,
  stripe_account_id text,
  stripe_publishable_key text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  CONSTRAINT tenants_pkey PRIMARY KEY (tenant_id)
);
-- A name belongs to one company of the whole deployment, in any letter case.
CREATE UNIQUE INDEX cleaning_tenants_name_key ON cleaning.tenants (platform.fold_text(name));

-- A company as it is shown: with its owner, the first user who has that role.
CREATE VIEW cleaning.owned_tenants WITH (security_invoker = true) AS
SELECT t.*,
  (SELECT min(u.id) FROM platform.users u WHERE u.tenant_id = t.tenant_id AND u.role = 'owner')
    AS owner_id
FROM cleaning.tenants t;

-- How a company works. What a group does not hold has its default, which the program knows.
CREATE TABLE cleaning.settings (
  tenant_id bigint NOT NULL REFERENCES platform.tenants (id),
  groups jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  CONSTRAINT settings_pkey PRIMARY KEY (tenant_id)
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['tenants', 'settings'] LOOP
    EXECUTE format('CREATE TRIGGER touch BEFORE UPDATE ON cleaning.%I
      FOR EACH ROW EXECUTE FUNCTION cleaning.touch()', name);
    EXECUTE format('ALTER TABLE cleaning.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE cleaning.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_isolation ON cleaning.%I
      USING (tenant_id = platform.current_tenant())
      WITH CHECK (tenant_id = platform.current_tenant())', name);
  END LOOP;
END
$$;

-- Companies that were there before their family was. Of several that have one name, the first
-- keeps it.
DO $$
DECLARE
  company record;
BEGIN
  FOR company IN
    SELECT id, CASE row_number() OVER (PARTITION BY platform.fold_text(name) ORDER BY id)
      WHEN 1 THEN name ELSE format('%s (%s)', name, id) END AS name
    FROM platform.tenants WHERE family = 'cleaning'
  LOOP
    PERFORM set_config('steward.tenant_id', company.id::text, true);
    INSERT INTO cleaning.tenants (tenant_id, name, trial_ends_at)
    VALUES (company.id, company.name, now() + interval '14 days');
    INSERT INTO cleaning.settings (tenant_id) VALUES (company.id);
  END LOOP;
  PERFORM set_config('steward.tenant_id', '', true);
END
$$;
