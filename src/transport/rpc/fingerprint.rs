//! What makes two requests the same one for an idempotency key.

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor, Value};
use sha2::{Digest, Sha256};

use crate::catalog::is_mask;

/// Digest of what a request of the type `input` says. In which order it says it makes no
/// difference: whoever repeats a call may write the members of its JSON in another one.
pub(super) fn fingerprint(input: &MessageDescriptor, request: &Bytes) -> [u8; 32] {
    let Ok(mut message) = DynamicMessage::decode(input.clone(), request.clone()) else {
        // What cannot be read is refused by its handler, the same each time.
        return Sha256::digest(request).into();
    };
    for field in input.fields().filter(is_mask) {
        if message.has_field(&field)
            && let Value::Message(mask) = message.get_field_mut(&field)
            && let Some(Value::List(paths)) = mask.get_field_by_number_mut(1)
        {
            paths.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
        }
    }
    Sha256::digest(message.encode_to_vec()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn order_makes_no_difference_and_values_do() {
        let catalog = Catalog::load().expect("the contract");
        let path = "/steward.rentals.v1.BookingCustomersService/UpdateBookingCustomer";
        let input = &catalog.rpcs().find(|rpc| rpc.path == path).expect("it is there").input;
        let print = |bytes: &'static [u8]| fingerprint(input, &Bytes::from_static(bytes));
        let first = print(b"\x08\x07\x12\x02\x08\x01\x1a\x06\x0a\x01a\x0a\x01b");
        assert_eq!(first, print(b"\x1a\x06\x0a\x01b\x0a\x01a\x12\x02\x08\x01\x08\x07"));
        assert_ne!(first, print(b"\x08\x08\x12\x02\x08\x01\x1a\x06\x0a\x01a\x0a\x01b"));
        assert_ne!(first, print(b"\x08\x07\x12\x02\x08\x01\x1a\x06\x0a\x01a\x0a\x01c"));
        let without_mask = print(b"\x08\x07\x12\x02\x08\x01");
        assert_ne!(without_mask, print(b"\x08\x07\x12\x02\x08\x01\x1a\x00"), "an empty one");
    }
}
