-- Other views are made of this one, and a view cannot lose columns: the new ones stay, empty.
CREATE OR REPLACE VIEW facilities.attachment_details WITH (security_invoker = true) AS
SELECT a.tenant_id, a.id, a.property_unit_id, a.property_id, a.service_provider_id, a.issue_id,
  a.title, a.description, a.created_at, a.created_by,
  f.id AS file_id, f.filename, f.content_type, f.byte_size,
  NULL::integer AS width, NULL::integer AS height, NULL::integer AS pages
FROM facilities.attachments a
JOIN platform.files f ON f.tenant_id = a.tenant_id AND f.id = a.file_id;
DROP FUNCTION platform.shown_file;
ALTER TABLE platform.files DROP COLUMN width, DROP COLUMN height, DROP COLUMN pages;
