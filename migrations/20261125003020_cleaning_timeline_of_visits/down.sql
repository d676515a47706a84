ALTER TABLE cleaning.timeline_entries DROP CONSTRAINT timeline_entries_about_check;
DELETE FROM cleaning.timeline_entries WHERE num_nonnulls(client_id, cleaner_id) = 0;
ALTER TABLE cleaning.timeline_entries
  DROP COLUMN request_id,
  DROP COLUMN event_id,
  ADD CONSTRAINT timeline_entries_about_check CHECK (num_nonnulls(client_id, cleaner_id) > 0);
