-- Who signs in by another issuer: its name for a person, and which user that is.
CREATE TABLE platform.identities (
  tenant_id bigint NOT NULL REFERENCES platform.tenants (id),
  issuer text NOT NULL,
  -- What the issuer calls the person, for good.
  subject text NOT NULL,
  user_id bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT identities_pkey PRIMARY KEY (tenant_id, issuer, subject),
  CONSTRAINT identities_subject_key UNIQUE (issuer, subject),
  CONSTRAINT identities_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES platform.users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX identities_user_idx ON platform.identities (tenant_id, user_id);

ALTER TABLE platform.identities ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.identities FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_isolation ON platform.identities
  USING (tenant_id = platform.current_tenant())
  WITH CHECK (tenant_id = platform.current_tenant());

-- A token names an identity before the tenant is known; whoever verified it sees that one alone.
CREATE POLICY identities_identity ON platform.identities FOR SELECT
  USING (issuer || E'\n' || subject = nullif(current_setting('steward.identity', true), ''));
