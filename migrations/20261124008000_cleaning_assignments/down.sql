DROP TRIGGER end_assignments ON cleaning.bookings;
DROP TRIGGER move_event_cleaners ON cleaning.events;
DROP VIEW cleaning.shown_events, cleaning.shown_assignments;
DROP TABLE cleaning.event_cleaners, cleaning.assignments;
DROP FUNCTION cleaning.end_assignments, cleaning.count_assignments, cleaning.touch_events_of_cleaners,
  cleaning.move_event_cleaners, cleaning.take_time_of_event, cleaning.is_blocking;
CREATE VIEW cleaning.shown_events WITH (security_invoker = true) AS
SELECT e.*, t.currency, t.time_zone
FROM cleaning.events e JOIN cleaning.tenants t USING (tenant_id);
DROP EXTENSION btree_gist;
