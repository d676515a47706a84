-- When the secret of an endpoint was last changed, so that a rotation can be seen.
ALTER TABLE platform.webhook_endpoints ADD COLUMN secret_changed_at timestamptz;
