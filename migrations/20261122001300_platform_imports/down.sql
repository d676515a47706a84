DROP TABLE platform.import_errors;
DROP TABLE platform.imports;
DELETE FROM platform.jobs WHERE kind = 'import.read';
