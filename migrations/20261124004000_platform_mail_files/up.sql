-- A mail may carry a file, until it was sent.
ALTER TABLE platform.mails
  ADD COLUMN file_id bigint,
  ADD CONSTRAINT mails_file_fkey FOREIGN KEY (tenant_id, file_id)
    REFERENCES platform.files (tenant_id, id);
CREATE INDEX mails_file_idx ON platform.mails (tenant_id, file_id);

CREATE TRIGGER mails_release_file AFTER DELETE ON platform.mails
  FOR EACH ROW WHEN (OLD.file_id IS NOT NULL) EXECUTE FUNCTION platform.release_file();
