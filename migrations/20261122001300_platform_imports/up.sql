-- Imports: the file, how far its rows have come, and which of them were refused.
CREATE TABLE platform.imports (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  resource text NOT NULL,
  dry_run boolean NOT NULL,
  -- The uploaded file, until it is collected.
  file_id bigint,
  -- Who asked for it, in whose name the rows are written.
  client_id text NOT NULL,
  scopes text[] NOT NULL,
  state text NOT NULL DEFAULT 'queued',
  -- Why the file as a whole was refused; empty when it was not.
  failure text NOT NULL DEFAULT '',
  -- Rows of the file, once it was read; rows done, and how many of those were refused.
  row_count bigint NOT NULL DEFAULT 0,
  processed bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  CONSTRAINT imports_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT imports_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id),
  CONSTRAINT imports_file_fkey FOREIGN KEY (tenant_id, file_id)
    REFERENCES platform.files (tenant_id, id) ON DELETE SET NULL (file_id),
  CONSTRAINT imports_state_check CHECK (state IN ('queued', 'running', 'done', 'failed'))
);
CREATE INDEX imports_file_idx ON platform.imports (tenant_id, file_id);
CREATE INDEX imports_open_idx ON platform.imports (tenant_id)
  WHERE state IN ('queued', 'running');

CREATE TABLE platform.import_errors (
  tenant_id bigint NOT NULL,
  import_id bigint NOT NULL,
  -- Number of the row, from 1 for the first below the names, and which refusal of the row.
  row_number bigint NOT NULL,
  position integer NOT NULL,
  -- The column; empty for the row as a whole.
  column_name text NOT NULL,
  message text NOT NULL,
  CONSTRAINT import_errors_pkey PRIMARY KEY (tenant_id, import_id, row_number, position),
  CONSTRAINT import_errors_import_fkey FOREIGN KEY (tenant_id, import_id)
    REFERENCES platform.imports (tenant_id, id) ON DELETE CASCADE
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['imports', 'import_errors'] LOOP
    EXECUTE format('ALTER TABLE platform.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE platform.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_isolation ON platform.%I
      USING (tenant_id = platform.current_tenant())
      WITH CHECK (tenant_id = platform.current_tenant())', name);
  END LOOP;
END
$$;
