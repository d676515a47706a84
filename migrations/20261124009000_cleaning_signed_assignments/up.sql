-- What was signed about an assignment is about one of the same company.

ALTER TABLE cleaning.signed_agreements
  ADD CONSTRAINT signed_agreements_assignment_fkey
    FOREIGN KEY (tenant_id, client_cleaner_request_id)
    REFERENCES cleaning.assignments (tenant_id, id);
CREATE INDEX signed_agreements_assignment_idx
  ON cleaning.signed_agreements (tenant_id, client_cleaner_request_id);
