ALTER TABLE platform.imports
  DROP COLUMN mode, DROP COLUMN all_or_nothing, DROP COLUMN format, DROP COLUMN updated;
