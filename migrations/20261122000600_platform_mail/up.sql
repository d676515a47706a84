-- Mail: what was written, to whom, and what became of it. A job sends each.

CREATE TABLE platform.mails (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  template text NOT NULL,
  language text NOT NULL,
  recipient text NOT NULL,
  subject text NOT NULL,
  -- The text as it was made from the template. Gone once it was sent, because it may hold links
  -- that let people in.
  body text,
  -- Whether its reader may refuse mail like it.
  optional boolean NOT NULL,
  reply_to text,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz,
  CONSTRAINT mails_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT mails_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id),
  CONSTRAINT mails_sent_check CHECK ((body IS NULL) = (sent_at IS NOT NULL))
);

-- Addresses whose owners want none of a tenant's mail that they can do without.
CREATE TABLE platform.mail_refusals (
  tenant_id bigint NOT NULL,
  recipient text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT mail_refusals_pkey PRIMARY KEY (tenant_id, recipient),
  CONSTRAINT mail_refusals_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id)
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['mails', 'mail_refusals'] LOOP
    EXECUTE format('ALTER TABLE platform.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE platform.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_isolation ON platform.%I
      USING (tenant_id = platform.current_tenant())
      WITH CHECK (tenant_id = platform.current_tenant())', name);
  END LOOP;
END
$$;

-- Keys that sign links of this server, such as those of uploads. They belong to no tenant.
CREATE TABLE platform.link_keys (
  name text NOT NULL,
  key bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT link_keys_pkey PRIMARY KEY (name)
);
