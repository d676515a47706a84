-- Claims that wait to be approved, and assignments that are past.

CREATE INDEX assignments_held_idx ON cleaning.assignments (tenant_id, held_until)
  WHERE status = 1;
CREATE INDEX assignments_until_idx ON cleaning.assignments (tenant_id, until_date)
  WHERE status = 2;
