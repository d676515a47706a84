-- The people of a tenant, and the sessions they sign in to. A tenant uses one family.

ALTER TABLE platform.tenants ADD COLUMN family text NOT NULL DEFAULT 'facilities'
  CONSTRAINT tenants_family_check CHECK (family IN ('facilities', 'rentals', 'cleaning'));

-- Ids come from one sequence over all tenants, because a token names a user by nothing else.
CREATE TABLE platform.users (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  username text NOT NULL,
  -- The user name as it is compared: normalised and in lower case, by the server, because what
  -- lower case is differs from one locale of a database to the next.
  username_folded text NOT NULL,
  -- Absent when another issuer signs the user in and does not say it.
  email text,
  name text NOT NULL,
  role text NOT NULL,
  -- Argon2id as a PHC string; absent until a password is chosen.
  password_hash text,
  -- BCP 47.
  locale text,
  picture_url text,
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  last_login_at timestamptz,
  CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT users_id_key UNIQUE (id),
  CONSTRAINT users_username_key UNIQUE (tenant_id, username_folded),
  CONSTRAINT users_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id),
  CONSTRAINT users_username_check CHECK (username_folded <> ''),
  CONSTRAINT users_role_check CHECK (role IN ('owner', 'tenantAdmin', 'cleaner', 'client'))
);
CREATE INDEX users_username_idx ON platform.users (username_folded);

ALTER TABLE platform.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.users FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_isolation ON platform.users
  USING (tenant_id = platform.current_tenant())
  WITH CHECK (tenant_id = platform.current_tenant());

-- A command names a user before the tenant is known; it sees that user alone.
CREATE POLICY users_user ON platform.users FOR SELECT
  USING (id = nullif(current_setting('steward.user_id', true), '')::bigint);

-- Whoever signs in says a user name before the tenant is known, and sees the users of that name.
CREATE POLICY users_username ON platform.users FOR SELECT
  USING (username_folded = nullif(current_setting('steward.username', true), ''));

-- Sessions. A token made in one names it.
CREATE TABLE platform.sessions (
  tenant_id bigint NOT NULL REFERENCES platform.tenants (id),
  id bigint GENERATED ALWAYS AS IDENTITY,
  user_id bigint NOT NULL,
  created_at timestamptz NOT NULL,
  -- No token is made in it from here on.
  expires_at timestamptz NOT NULL,
  -- Its tokens are refused from here on.
  ended_at timestamptz,
  CONSTRAINT sessions_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT sessions_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES platform.users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_user_idx ON platform.sessions (tenant_id, user_id);
CREATE INDEX sessions_ended_idx ON platform.sessions (ended_at) WHERE ended_at IS NOT NULL;

ALTER TABLE platform.sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.sessions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_isolation ON platform.sessions
  USING (tenant_id = platform.current_tenant())
  WITH CHECK (tenant_id = platform.current_tenant());

-- Every server learns which sessions were ended, whosever they are.
CREATE POLICY sessions_ended ON platform.sessions FOR SELECT
  USING (ended_at IS NOT NULL AND current_setting('steward.worker', true) = 'on');
