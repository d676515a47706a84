//! What the contract does not say of how to make a call that is fine, a file for each family that
//! has something of that kind.

pub mod facilities;
mod platform;

use prost_reflect::{FieldDescriptor, MessageDescriptor, MethodDescriptor};

use super::contract::package;
use super::ids::Ids;

/// The kind of record that a name means: `new_owner` is an `owner`.
pub fn meant<'n>(family: &str, name: &'n str) -> &'n str {
    match family {
        "facilities" => facilities::meant(name),
        _ => name,
    }
}

/// Makes a record that no RPC makes, or not in the way that is wanted, and answers its id.
pub async fn made(ids: &Ids<'_>, resource: &str) -> Option<i64> {
    match (platform::made(ids, resource).await, &*ids.tenant.family) {
        (Some(id), _) => Some(id),
        (None, "facilities") => facilities::made(ids, resource).await,
        (None, _) => None,
    }
}

/// What a text must be for a call to be fine, where any other would not do.
pub async fn text(ids: &Ids<'_>, field: &FieldDescriptor) -> Option<String> {
    match package(field.full_name()) {
        "facilities" => facilities::text(ids, field).await,
        "platform" => platform::text(ids, field).await,
        _ => None,
    }
}

/// Brings records to where an RPC can be called.
pub async fn before(ids: &Ids<'_>, rpc: &MethodDescriptor) {
    if package(rpc.parent_service().full_name()) == "facilities" {
        facilities::before(ids, rpc).await;
    }
}

/// The fields of a message of which exactly one names what something belongs to.
pub fn parents(message: &MessageDescriptor) -> &'static [&'static str] {
    match package(message.full_name()) {
        "facilities" => facilities::parents(message),
        _ => &[],
    }
}

/// Whether a field is needed although it is not required for itself.
pub fn is_needed(field: &FieldDescriptor) -> bool {
    package(field.full_name()) == "facilities" && facilities::is_needed(field)
}
