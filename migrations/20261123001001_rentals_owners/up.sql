-- The business itself: what it is called, where and in which money it works, and how it rents.

CREATE TABLE rentals.owners (
  tenant_id bigint NOT NULL REFERENCES platform.tenants (id),
  name text NOT NULL,
  company_name text,
  phone_number text,
  phone_verified boolean NOT NULL DEFAULT false,
  -- 1 English, 2 Portuguese, 3 Spanish.
  language smallint NOT NULL CONSTRAINT owners_language_check CHECK (language BETWEEN 1 AND 3),
  -- Name of a zone of IANA.
  time_zone text NOT NULL,
  -- ISO 3166-1 alpha-2.
  country text NOT NULL CONSTRAINT owners_country_check CHECK (country ~ '^[A-Z]{2}$'),
  -- ISO 4217, one with two decimals.
  currency text NOT NULL CONSTRAINT owners_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
  tax_name text NOT NULL,
  -- In percent.
  default_tax_rate numeric(5, 2) NOT NULL
    CONSTRAINT owners_default_tax_rate_check CHECK (default_tax_rate BETWEEN 0 AND 100),
  business_category_id bigint,
  website text,
  store_slug text CONSTRAINT owners_store_slug_check CHECK (store_slug ~ '^[a-z0-9-]{3,63}$'),
  -- Absent until the owner has filled in what is needed to start.
  onboarded_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT owners_pkey PRIMARY KEY (tenant_id)
);
-- Stores of all tenants are found by their slugs alone, without signing in.
CREATE UNIQUE INDEX owners_store_slug_key ON rentals.owners (store_slug);

CREATE TABLE rentals.booking_settings (
  tenant_id bigint NOT NULL REFERENCES platform.tenants (id),
  -- Minutes after midnight; 1440 is the end of the day.
  default_start_time smallint NOT NULL
    CONSTRAINT booking_settings_start_check CHECK (default_start_time BETWEEN 0 AND 1440),
  default_end_time smallint NOT NULL
    CONSTRAINT booking_settings_end_check CHECK (default_end_time BETWEEN 0 AND 1440),
  -- Absent: bookings start without dates.
  default_start_offset_days smallint
    CONSTRAINT booking_settings_offset_check CHECK (default_start_offset_days BETWEEN 0 AND 365),
  default_duration_days smallint NOT NULL
    CONSTRAINT booking_settings_duration_check CHECK (default_duration_days BETWEEN 1 AND 365),
  buffer_before_minutes integer NOT NULL
    CONSTRAINT booking_settings_before_check CHECK (buffer_before_minutes BETWEEN 0 AND 43200),
  buffer_after_minutes integer NOT NULL
    CONSTRAINT booking_settings_after_check CHECK (buffer_after_minutes BETWEEN 0 AND 43200),
  -- Absent: until what is overdue was returned.
  overdue_hold_hours integer
    CONSTRAINT booking_settings_overdue_check CHECK (overdue_hold_hours BETWEEN 0 AND 720),
  leeway_minutes integer NOT NULL
    CONSTRAINT booking_settings_leeway_check CHECK (leeway_minutes BETWEEN 0 AND 720),
  -- 1 manual, 2 automatic.
  late_fee_mode smallint NOT NULL
    CONSTRAINT booking_settings_late_fee_mode_check CHECK (late_fee_mode IN (1, 2)),
  require_shortage_confirmation boolean NOT NULL,
  -- 1 none, 2 fixed, 3 percentage.
  deposit_kind smallint NOT NULL
    CONSTRAINT booking_settings_deposit_kind_check CHECK (deposit_kind BETWEEN 1 AND 3),
  -- An amount, or percent.
  deposit_value numeric(11, 2) NOT NULL
    CONSTRAINT booking_settings_deposit_value_check CHECK (deposit_value >= 0),
  quote_valid_days smallint NOT NULL
    CONSTRAINT booking_settings_quote_check CHECK (quote_valid_days BETWEEN 1 AND 365),
  -- Absent: links do not end.
  link_valid_days smallint
    CONSTRAINT booking_settings_link_check CHECK (link_valid_days BETWEEN 1 AND 730),
  -- Objects of booleans; a key that is missing has its default.
  link_shares jsonb NOT NULL,
  emails jsonb NOT NULL,
  -- Absent: nobody is reminded.
  return_reminder_hours smallint
    CONSTRAINT booking_settings_reminder_check CHECK (return_reminder_hours BETWEEN 0 AND 168),
  -- Objects of texts by language: `en`, `pt`, `es`.
  terms jsonb NOT NULL,
  document_notes jsonb NOT NULL,
  signature_code_required boolean NOT NULL,
  reserve_on_quote_signed boolean NOT NULL,
  insurance_enabled boolean NOT NULL,
  insure_automatically boolean NOT NULL,
  -- Who joined the insurance programme, as callers are named, and when.
  insurance_joined_by text,
  insurance_joined_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT booking_settings_pkey PRIMARY KEY (tenant_id)
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['owners', 'booking_settings'] LOOP
    EXECUTE format('ALTER TABLE rentals.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE rentals.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_isolation ON rentals.%I
      USING (tenant_id = platform.current_tenant())
      WITH CHECK (tenant_id = platform.current_tenant())', name);
  END LOOP;
END
$$;

-- The current tenant as an owner: its row, or the defaults while it has none.
CREATE VIEW rentals.businesses WITH (security_invoker = true) AS
SELECT t.tenant_id, o.name, o.company_name, o.phone_number,
  COALESCE(o.phone_verified, false) AS phone_verified,
  COALESCE(o.language, 1::smallint) AS language,
  COALESCE(o.time_zone, 'Europe/Lisbon') AS time_zone,
  COALESCE(o.country, 'PT') AS country,
  COALESCE(o.currency, 'EUR') AS currency,
  COALESCE(o.tax_name, 'IVA') AS tax_name,
  COALESCE(o.default_tax_rate, 23) AS default_tax_rate,
  o.business_category_id, o.website, o.store_slug, o.onboarded_at, o.created_at, o.updated_at
FROM (SELECT platform.current_tenant() AS tenant_id) t
LEFT JOIN rentals.owners o ON o.tenant_id = t.tenant_id;

-- Gives the current tenant, which has a row, a slug that no other tenant has: the wanted one, or
-- that one numbered. Two tenants that want the same wait for each other.
CREATE FUNCTION rentals.take_store_slug(wanted text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  candidate text := wanted;
  number integer := 1;
BEGIN
  LOOP
    BEGIN
      UPDATE rentals.owners SET store_slug = candidate
      WHERE tenant_id = platform.current_tenant();
      RETURN candidate;
    EXCEPTION WHEN unique_violation THEN
      number := number + 1;
      candidate := rtrim(left(wanted, 62 - length(number::text)), '-') || '-' || number;
    END;
  END LOOP;
END
$$;
