DROP INDEX platform.idempotency_keys_founding_idx;
DROP POLICY idempotency_keys_founding ON platform.idempotency_keys;
ALTER TABLE platform.tenants DROP COLUMN suspended_at;
