-- Companies that would like to work with this server and asked its operator. They are no tenants
-- yet, so these rows belong to none; no tenant's RPC reads them.
CREATE TABLE cleaning.tenant_leads (
  id bigint GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL,
  email text NOT NULL,
  company text,
  phone text,
  message text,
  -- SHA-256 of all of the above: the same words a second time are the same lead.
  digest bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- When the operator was mailed of it.
  mailed_at timestamptz,
  CONSTRAINT tenant_leads_pkey PRIMARY KEY (id),
  CONSTRAINT tenant_leads_digest_key UNIQUE (digest),
  CONSTRAINT tenant_leads_digest_check CHECK (octet_length(digest) = 32)
);
CREATE INDEX tenant_leads_unmailed_idx ON cleaning.tenant_leads (id) WHERE mailed_at IS NULL;
