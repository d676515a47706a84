-- What is known of what is in a file, found out when a record uses it first: how large a picture
-- is, how many pages a PDF has.
ALTER TABLE platform.files
  ADD COLUMN width integer,
  ADD COLUMN height integer,
  ADD COLUMN pages integer,
  ADD CONSTRAINT files_picture_check
    CHECK ((width IS NULL) = (height IS NULL) AND width > 0 AND height > 0),
  ADD CONSTRAINT files_pages_check CHECK (pages > 0);

-- A file as the records show it that use it.
CREATE FUNCTION platform.shown_file(f platform.files) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT jsonb_build_object('id', f.id, 'filename', f.filename, 'content_type', f.content_type,
    'byte_size', f.byte_size, 'width', f.width, 'height', f.height, 'pages', f.pages)
$$;

CREATE OR REPLACE VIEW facilities.attachment_details WITH (security_invoker = true) AS
SELECT a.tenant_id, a.id, a.property_unit_id, a.property_id, a.service_provider_id, a.issue_id,
  a.title, a.description, a.created_at, a.created_by,
  f.id AS file_id, f.filename, f.content_type, f.byte_size, f.width, f.height, f.pages
FROM facilities.attachments a
JOIN platform.files f ON f.tenant_id = a.tenant_id AND f.id = a.file_id;
