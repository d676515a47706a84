-- Since when the operator lets a tenant change nothing; absent for one that may.
ALTER TABLE platform.tenants ADD COLUMN suspended_at timestamptz;
CREATE INDEX tenants_suspended_idx ON platform.tenants (id) WHERE suspended_at IS NOT NULL;

-- What a company was registered with, for whoever registers it again with the same idempotency key:
-- nobody knows its tenant then.
CREATE POLICY idempotency_keys_founding ON platform.idempotency_keys FOR SELECT
  USING (client_id = '' AND key = nullif(current_setting('steward.founding', true), ''));
CREATE INDEX idempotency_keys_founding_idx ON platform.idempotency_keys (key) WHERE client_id = '';
