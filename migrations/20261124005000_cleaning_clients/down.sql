DROP VIEW cleaning.placed_locations;
DROP TABLE cleaning.locations;
DROP TABLE cleaning.client_status_log;
DROP TABLE cleaning.clients;
DROP FUNCTION cleaning.touch_client();
DROP FUNCTION cleaning.log_client_status();
