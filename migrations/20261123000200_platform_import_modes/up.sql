-- How an import writes its rows.
ALTER TABLE platform.imports
  -- Whether a row whose record is there already is refused or changes it.
  ADD COLUMN mode text NOT NULL DEFAULT 'create',
  -- Whether either every row is written or none.
  ADD COLUMN all_or_nothing boolean NOT NULL DEFAULT false,
  ADD COLUMN format text NOT NULL DEFAULT 'csv',
  -- Rows that changed a record that was there.
  ADD COLUMN updated bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT imports_mode_check CHECK (mode IN ('create', 'upsert')),
  ADD CONSTRAINT imports_format_check CHECK (format IN ('csv', 'ndjson'));
