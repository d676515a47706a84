//! What all families have.

use prost_reflect::FieldDescriptor;

use crate::coverage::ids::Ids;

pub async fn made(ids: &Ids<'_>, resource: &str) -> Option<i64> {
    let t = ids.tenant;
    Some(match resource {
        // One that is off, so that nothing is sent.
        "webhook_endpoint" => t.endpoint().await,
        "webhook_delivery" => t.delivery(ids.id("webhook_endpoint").await).await,
        // Those that are made by an RPC are still at work.
        "export" => t.export().await,
        "import" => t.import().await,
        _ => return None,
    })
}

/// Deliveries are asked for by their endpoint, though they need not be.
pub fn is_needed(field: &FieldDescriptor) -> bool {
    let holders = ["ListWebhookDeliveriesRequest", "RedeliverWebhookRequest"];
    field.name() == "webhook_endpoint_id" && holders.contains(&field.parent_message().name())
}

pub async fn text(ids: &Ids<'_>, field: &FieldDescriptor) -> Option<String> {
    match field.name() {
        // What can be exported and imported has a name.
        "resource" => Some("owners".to_owned()),
        "content_type" => Some("text/csv".to_owned()),
        "file_id" => Some(ids.tenant.file("rows.csv", "text/csv", b"name\nx\n").await),
        _ => None,
    }
}
