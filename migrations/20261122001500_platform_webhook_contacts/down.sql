ALTER TABLE platform.webhook_endpoints
  DROP COLUMN contact_email,
  DROP COLUMN contact_language;
