DROP FUNCTION platform.record_event(text, text, text, text, text, text, jsonb, jsonb);
DROP FUNCTION platform.record_key(text, text, text, bytea, integer, text, text, bytea);
DROP FUNCTION platform.begin_keyed(text, text, text);
DROP TABLE platform.events;
DROP FUNCTION platform.refuse_update();
DROP TABLE platform.event_heads;
DROP TABLE platform.idempotency_keys;
