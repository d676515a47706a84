-- Columns of the file that cannot be written, which the import says.
ALTER TABLE platform.imports ADD COLUMN ignored_columns text[] NOT NULL DEFAULT '{}';
