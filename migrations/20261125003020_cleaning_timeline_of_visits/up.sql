-- What happened may be about a booking or a visit too.
ALTER TABLE cleaning.timeline_entries
  ADD COLUMN request_id bigint,
  ADD COLUMN event_id bigint,
  DROP CONSTRAINT timeline_entries_about_check,
  ADD CONSTRAINT timeline_entries_about_check
    CHECK (num_nonnulls(client_id, cleaner_id, request_id, event_id) > 0),
  ADD CONSTRAINT timeline_entries_request_fkey FOREIGN KEY (tenant_id, request_id)
    REFERENCES cleaning.bookings (tenant_id, id),
  ADD CONSTRAINT timeline_entries_event_fkey FOREIGN KEY (tenant_id, event_id)
    REFERENCES cleaning.events (tenant_id, id);
CREATE INDEX timeline_entries_request_idx
  ON cleaning.timeline_entries (tenant_id, request_id, id DESC);
CREATE INDEX timeline_entries_event_idx
  ON cleaning.timeline_entries (tenant_id, event_id, id DESC);
