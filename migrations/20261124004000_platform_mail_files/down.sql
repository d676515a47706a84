DROP TRIGGER mails_release_file ON platform.mails;
UPDATE platform.files f SET uses = f.uses - m.uses
  FROM (SELECT tenant_id, file_id, count(*) AS uses FROM platform.mails
    WHERE file_id IS NOT NULL GROUP BY tenant_id, file_id) m
  WHERE f.tenant_id = m.tenant_id AND f.id = m.file_id;
ALTER TABLE platform.mails DROP COLUMN file_id;
