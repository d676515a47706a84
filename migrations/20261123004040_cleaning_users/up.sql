-- What the family keeps of users beside what the platform does.

CREATE TABLE cleaning.users (
  tenant_id bigint NOT NULL REFERENCES platform.tenants (id),
  -- The id of the platform's user.
  id bigint NOT NULL,
  first_name text NOT NULL,
  last_name text NOT NULL,
  phone text,
  CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT users_user_fkey FOREIGN KEY (tenant_id, id)
    REFERENCES platform.users (tenant_id, id) ON DELETE CASCADE
);

ALTER TABLE cleaning.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE cleaning.users FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON cleaning.users
  USING (tenant_id = platform.current_tenant())
  WITH CHECK (tenant_id = platform.current_tenant());
