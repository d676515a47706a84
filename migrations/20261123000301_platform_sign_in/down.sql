DROP TABLE platform.sign_in_attempts;
DROP TABLE platform.password_resets;
DROP TABLE platform.refresh_tokens;
DROP INDEX platform.sessions_expires_idx;
DROP POLICY users_username ON platform.users;
CREATE POLICY users_username ON platform.users FOR SELECT
  USING (username_folded = nullif(current_setting('steward.username', true), ''));
ALTER TABLE platform.users DROP COLUMN email_folded;
