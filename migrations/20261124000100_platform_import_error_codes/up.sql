-- What was wrong with a row, for programs: a stable code, and where in the body it was. Rows of
-- earlier imports say what was wrong in words alone.
ALTER TABLE platform.import_errors
  ADD COLUMN code text NOT NULL DEFAULT 'invalid_value',
  ADD COLUMN pointer text NOT NULL DEFAULT '';
