DROP TRIGGER events_queue_webhooks ON platform.events;
DROP FUNCTION platform.queue_webhooks();
DROP TABLE platform.webhook_deliveries;
DROP TABLE platform.webhook_endpoints;
DELETE FROM platform.jobs WHERE kind = 'webhook.deliver';
