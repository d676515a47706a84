ALTER TABLE platform.webhook_endpoints DROP COLUMN secret_changed_at;
