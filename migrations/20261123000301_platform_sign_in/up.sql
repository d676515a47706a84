-- Signing in: refresh tokens, failed attempts, and codes to choose a password with.

-- The e-mail as it is compared, kept by the server like the user name's.
ALTER TABLE platform.users ADD COLUMN email_folded text;
UPDATE platform.users SET email_folded = lower(email);
CREATE INDEX users_email_idx ON platform.users (email_folded) WHERE email_folded IS NOT NULL;

-- Whoever forgot a password says a user name or an e-mail, and sees the users who have it.
DROP POLICY users_username ON platform.users;
CREATE POLICY users_username ON platform.users FOR SELECT
  USING (username_folded = nullif(current_setting('steward.username', true), '')
    OR email_folded = nullif(current_setting('steward.username', true), ''));

-- Each is good for one use, which makes the next. Those that were used stay as long as their
-- session, so that a second use is found out.
CREATE TABLE platform.refresh_tokens (
  tenant_id bigint NOT NULL REFERENCES platform.tenants (id),
  -- SHA-256. The token itself is kept nowhere.
  token_hash bytea NOT NULL CONSTRAINT refresh_tokens_token_hash_check
    CHECK (octet_length(token_hash) = 32),
  session_id bigint NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  CONSTRAINT refresh_tokens_pkey PRIMARY KEY (tenant_id, token_hash),
  CONSTRAINT refresh_tokens_token_hash_key UNIQUE (token_hash),
  CONSTRAINT refresh_tokens_session_fkey FOREIGN KEY (tenant_id, session_id)
    REFERENCES platform.sessions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_session_idx ON platform.refresh_tokens (tenant_id, session_id);
CREATE INDEX sessions_expires_idx ON platform.sessions (tenant_id, expires_at);

ALTER TABLE platform.refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.refresh_tokens FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_isolation ON platform.refresh_tokens
  USING (tenant_id = platform.current_tenant())
  WITH CHECK (tenant_id = platform.current_tenant());

-- A token is all that whoever refreshes says; they see it alone.
CREATE POLICY refresh_tokens_token ON platform.refresh_tokens FOR SELECT
  USING (token_hash = decode(nullif(current_setting('steward.refresh_token', true), ''), 'hex'));

-- How a user chooses a password without knowing the present one: by a code, a link, or both. The
-- latest of each user.
CREATE TABLE platform.password_resets (
  tenant_id bigint NOT NULL REFERENCES platform.tenants (id),
  user_id bigint NOT NULL,
  -- HMAC of the code with the server's key for links; absent in invitations, which have a link.
  code_mac text,
  -- SHA-256 of the secret in the link.
  secret_hash bytea NOT NULL CONSTRAINT password_resets_secret_hash_check
    CHECK (octet_length(secret_hash) = 32),
  -- Wrong codes so far.
  tries integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT password_resets_pkey PRIMARY KEY (tenant_id, user_id),
  CONSTRAINT password_resets_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES platform.users (tenant_id, id) ON DELETE CASCADE
);

ALTER TABLE platform.password_resets ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.password_resets FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_isolation ON platform.password_resets
  USING (tenant_id = platform.current_tenant())
  WITH CHECK (tenant_id = platform.current_tenant());

-- Attempts to sign in that failed or are under way. They are counted by user name, whether
-- anybody has it or not, so they belong to no tenant.
CREATE TABLE platform.sign_in_attempts (
  id bigint GENERATED ALWAYS AS IDENTITY,
  -- SHA-256 of the user name as it is compared.
  username_hash bytea NOT NULL,
  attempted_at timestamptz NOT NULL,
  CONSTRAINT sign_in_attempts_pkey PRIMARY KEY (id)
);
CREATE INDEX sign_in_attempts_username_idx
  ON platform.sign_in_attempts (username_hash, attempted_at);
CREATE INDEX sign_in_attempts_age_idx ON platform.sign_in_attempts (attempted_at);
