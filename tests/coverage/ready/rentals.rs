//! Rentals: where a booking must stand.

use prost_reflect::{FieldDescriptor, MethodDescriptor};
use serde_json::{Value, json};

use crate::coverage::ids::{Ids, Record};
use crate::rentals::uploads::{PNG, uploaded};
use crate::support::{database, unique};

pub fn meant(name: &str) -> &str {
    match name {
        "parent" | "before" | "after" => "item_category",
        "pickup_address" => "address",
        name => name,
    }
}

pub async fn made(ids: &Ids<'_>, resource: &str) -> Option<Record> {
    match resource {
        "product" => Some(ids.record("item").await),
        "booking" => Some(booking(ids).await),
        _ => None,
    }
}

/// One with what it takes to be reserved, and with somebody to write to.
async fn booking(ids: &Ids<'_>) -> Record {
    let t = ids.tenant;
    let item = ids.record("item").await.internal_id;
    let mut data = Value::Null;
    for _ in 0..if ids.is_second { 2 } else { 1 } {
        let email = format!("{}@example.com", unique("customer"));
        let attributes = json!({
            "start_at": "2030-03-29T12:00:00",
            "end_at": "2030-03-30T12:00:00",
            "customer": {"name": "Ana", "email": email},
            "items": [{"item_internal_id": item, "quantity": 1}],
        });
        let body = json!({"data": {"attributes": attributes}});
        data = t.post("/api/saas/me/bookings", &body).await.is(201).json()["data"].take();
    }
    let id = data["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    Record { id, internal_id: data["attributes"]["internal_id"].as_i64() }
}

pub async fn text(ids: &Ids<'_>, field: &FieldDescriptor) -> Option<String> {
    let text = match (field.parent_message().name(), field.name()) {
        ("ItemPhoto", "attachment_id") => {
            return Some(uploaded(ids.tenant, "image", "a.png", "image/png", PNG).await);
        }
        ("UploadUrl", "content_type") => "image/png",
        ("UploadUrl", "checksum") => "1B2M2Y8AsgTpgAmY7PhCfg==",
        (_, "end_at") => "2030-03-30T12:00:00",
        ("SendEmailRequest", "kind") => "quote",
        _ => return None,
    };
    Some(text.to_owned())
}

pub async fn before(ids: &Ids<'_>, rpc: &MethodDescriptor) {
    if rpc.name() == "Onboard" {
        // The server does not look again whether a business has started.
        let sql = format!(
            "UPDATE rentals.owners SET onboarded_at = NULL WHERE tenant_id = {}",
            ids.tenant.id
        );
        database::write(ids.tenant.id, &sql).await;
    }
    let status = match rpc.name() {
        "Negotiate" | "Reserve" | "Cancel" | "DeleteBooking" => "drafting",
        "HaltNegotiation" => "negotiating",
        "Unreserve" => "reserved",
        "HaltOngoing" => "ongoing",
        "RevertCompleted" => "completed",
        "UndoCancel" => "cancelled",
        _ => return,
    };
    let booking = ids.id("booking").await;
    let sql = format!(
        "UPDATE rentals.bookings SET status = '{status}', previous_status = 'drafting'
         WHERE id = {booking}"
    );
    database::write(ids.tenant.id, &sql).await;
}

/// A comment says something, a new line is of an item, an item is in a category that lists it, and
/// a period has two ends.
pub fn is_needed(rpc: &MethodDescriptor, field: &FieldDescriptor) -> bool {
    if rpc.name() == "UpdateBookingItem" {
        return false;
    }
    let name = format!("{}.{}", field.parent_message().name(), field.name());
    [
        "Activity.comment",
        "BookingItem.item_internal_id",
        "Item.item_category_id",
        "BookingPayment.amount",
        "BookingPayment.kind",
        "BookingService.kind",
        "CheckBookingRequest.start_at",
        "CheckBookingRequest.end_at",
    ]
    .contains(&&*name)
}
