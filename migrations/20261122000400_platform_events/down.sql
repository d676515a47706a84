DROP FUNCTION platform.event_window();
