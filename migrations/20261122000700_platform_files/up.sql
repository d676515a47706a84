-- Files: what was announced for upload, and how many records use it. The bytes are in the
-- object store, under <tenant>/<id>.
CREATE TABLE platform.files (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  filename text NOT NULL,
  content_type text NOT NULL,
  byte_size bigint NOT NULL,
  -- Records that use it. What nobody uses is collected a day after it was announced.
  uses integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT files_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT files_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id),
  CONSTRAINT files_byte_size_check CHECK (byte_size BETWEEN 1 AND 10485760),
  CONSTRAINT files_uses_check CHECK (uses >= 0)
);
CREATE INDEX files_unused_idx ON platform.files (tenant_id, created_at) WHERE uses = 0;

ALTER TABLE platform.files ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.files FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON platform.files
  USING (tenant_id = platform.current_tenant())
  WITH CHECK (tenant_id = platform.current_tenant());
