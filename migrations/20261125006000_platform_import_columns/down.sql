ALTER TABLE platform.imports DROP COLUMN ignored_columns;
