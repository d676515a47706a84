DROP FUNCTION platform.record_events(jsonb);
