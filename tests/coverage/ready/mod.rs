//! What the contract does not say of how to make a call that is fine, a file for each family that
//! has something of that kind.

mod cleaning;
pub mod facilities;
mod platform;
mod rentals;

use prost_reflect::{FieldDescriptor, MessageDescriptor, MethodDescriptor};

use super::contract::package;
use super::ids::{Ids, Record};

/// The kind of record that a name in a request means: `new_owner` is an `owner`.
pub fn meant<'n>(rpc: &MethodDescriptor, name: &'n str) -> &'n str {
    match package(rpc.full_name()) {
        "facilities" => facilities::meant(name),
        "rentals" => rentals::meant(name),
        "cleaning" => cleaning::meant(rpc, name),
        _ => name,
    }
}

/// Whether records of a kind are the same for all tenants.
pub fn is_shared(resource: &str) -> bool {
    resource == "business_category"
}

/// Whether an RPC does not look at a field that names a record elsewhere.
pub fn is_ignored(rpc: &MethodDescriptor, field: &FieldDescriptor) -> bool {
    match package(rpc.full_name()) {
        "cleaning" => cleaning::is_ignored(rpc, field),
        // A line stays with its item, and a list leaves out what is not there.
        "rentals" => matches!(
            (rpc.name(), field.name()),
            ("UpdateBookingItem", "item_internal_id") | ("CheckProducts", "product_ids")
        ),
        _ => false,
    }
}

/// Whether a text is not looked at in calls that are fine.
pub fn is_unread(field: &FieldDescriptor) -> bool {
    // Beside the comment.
    field.full_name() == "steward.rentals.v1.Activity.properties"
}

/// Makes a record that no RPC makes, or not in the way that is wanted.
pub async fn made(ids: &Ids<'_>, resource: &str) -> Option<Record> {
    if let Some(id) = platform::made(ids, resource).await {
        return Some(id.into());
    }
    match &*ids.tenant.family {
        "facilities" => facilities::made(ids, resource).await.map(Record::from),
        "rentals" => rentals::made(ids, resource).await,
        "cleaning" => cleaning::made(ids, resource).await.map(Record::from),
        _ => None,
    }
}

/// What a text must be for a call to be fine, where any other would not do.
pub async fn text(ids: &Ids<'_>, field: &FieldDescriptor) -> Option<String> {
    match package(field.full_name()) {
        "facilities" => facilities::text(ids, field).await,
        "rentals" => rentals::text(ids, field).await,
        "cleaning" => cleaning::text(field),
        "platform" => platform::text(ids, field).await,
        _ => None,
    }
}

/// Brings records to where an RPC can be called.
pub async fn before(ids: &Ids<'_>, rpc: &MethodDescriptor) {
    match package(rpc.full_name()) {
        "facilities" => facilities::before(ids, rpc).await,
        "rentals" => rentals::before(ids, rpc).await,
        "cleaning" => cleaning::before(ids, rpc).await,
        _ => {}
    }
}

/// The fields of a message of which exactly one names what something belongs to.
pub fn parents(message: &MessageDescriptor) -> &'static [&'static str] {
    match package(message.full_name()) {
        "facilities" => facilities::parents(message),
        "cleaning" => cleaning::parents(message),
        _ => &[],
    }
}

/// Whether a field is needed although it is not required for itself.
pub fn is_needed(rpc: &MethodDescriptor, field: &FieldDescriptor) -> bool {
    match package(field.full_name()) {
        "facilities" => facilities::is_needed(field),
        "rentals" => rentals::is_needed(rpc, field),
        "cleaning" => cleaning::is_needed(rpc, field),
        "platform" => platform::is_needed(field),
        _ => false,
    }
}

/// Whether an id that is not required for itself is missed by programs and admins.
pub fn is_missed(rpc: &MethodDescriptor, field: &FieldDescriptor) -> bool {
    package(field.full_name()) == "cleaning" && cleaning::is_missed(rpc, field)
}

/// The currency of a fresh tenant.
pub fn currency(rpc: &MethodDescriptor) -> &'static str {
    if package(rpc.full_name()) == "cleaning" { "USD" } else { "EUR" }
}
