-- Exports: what was asked for, and how far it has come. The bytes are in the object store, under
-- <tenant>/exports/<id>.
CREATE TABLE platform.exports (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  resource text NOT NULL,
  format text NOT NULL,
  -- As asked for; empty for all.
  filter text NOT NULL,
  state text NOT NULL DEFAULT 'queued',
  -- Rows and bytes written so far.
  row_count bigint NOT NULL DEFAULT 0,
  byte_size bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- When the last row was written, or writing was given up.
  finished_at timestamptz,
  CONSTRAINT exports_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT exports_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id),
  CONSTRAINT exports_format_check CHECK (format IN ('csv', 'ndjson')),
  CONSTRAINT exports_state_check
    CHECK (state IN ('queued', 'running', 'done', 'failed', 'expired'))
);
CREATE INDEX exports_open_idx ON platform.exports (tenant_id)
  WHERE state IN ('queued', 'running');
CREATE INDEX exports_ended_idx ON platform.exports (tenant_id, finished_at)
  WHERE state IN ('done', 'failed');

ALTER TABLE platform.exports ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.exports FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON platform.exports
  USING (tenant_id = platform.current_tenant())
  WITH CHECK (tenant_id = platform.current_tenant());
