ALTER TABLE platform.import_errors DROP COLUMN code, DROP COLUMN pointer;
