-- Who is told when the server turns an endpoint off, and in which language.
ALTER TABLE platform.webhook_endpoints
  ADD COLUMN contact_email text,
  ADD COLUMN contact_language text NOT NULL DEFAULT 'en';
