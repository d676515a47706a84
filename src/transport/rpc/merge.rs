//! Updates of a part of a resource (AIP-134). The fields that `update_mask` does not name are
//! taken from the resource as it is, so that a handler always gets a whole resource and writes
//! all of it; the mask is left in the request, for what a value alone does not say. The change runs on a snapshot, so a concurrent one is not undone by it.

use std::borrow::Cow;
use std::collections::HashSet;

use bytes::Bytes;
use prost::encoding::WireType;
use prost_reflect::{FieldDescriptor, MessageDescriptor};
use steward_kernel::{Error, Result};

use super::mask::Paths;
use super::patch::JSON_PATCH;
use crate::catalog::{Catalog, Rpc, is_mask};
use crate::rest::render::Part;
use crate::rest::wire::{Cursor, LENGTH, Malformed, Raw, close, open, put_bytes, put_raw, put_tag};

/// Where the request of an update has its mask and its resource.
pub(super) struct Merge {
    mask: u32,
    resource: u32,
    /// Its name.
    name: String,
    message: MessageDescriptor,
    /// Where what is given is another message than the resource: which of its fields stand for
    /// which of the resource.
    same: Option<Vec<(FieldDescriptor, FieldDescriptor)>>,
    /// Fields of the resource of which the members that are not given stay as they are.
    by_member: HashSet<u32>,
}

impl Merge {
    /// The rule of an RPC whose resource is `resource`; none when it has no mask for it.
    pub(super) fn of(catalog: &Catalog, rpc: &Rpc, resource: &MessageDescriptor) -> Option<Self> {
        if rpc.merges {
            return None;
        }
        let mask =
            rpc.input.fields().find(|field| field.name() == "update_mask" && is_mask(field))?;
        let whole = |field: &FieldDescriptor| {
            let message = field.kind().as_message().cloned();
            message.filter(|_| !field.is_list() && !is_mask(field))
        };
        let is_resource = |field: &FieldDescriptor| whole(field).as_ref() == Some(resource);
        let (given, message, same) = match rpc.input.fields().find(is_resource) {
            Some(given) => (given, resource.clone(), None),
            None => rpc.input.fields().find_map(|field| {
                let message = whole(&field)?;
                let same = alike(&message, resource)?;
                Some((field, message, Some(same)))
            })?,
        };
        let by_member = message.fields().filter(|field| catalog.field_rule(field).merged);
        Some(Self {
            mask: mask.number(),
            resource: given.number(),
            name: given.name().to_owned(),
            same,
            by_member: by_member.map(|field| field.number()).collect(),
            message,
        })
    }

    /// Number of the request's field that holds the resource.
    pub(super) fn resource(&self) -> u32 {
        self.resource
    }

    /// The fields that a request gives; none when it gives the whole resource.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for a field that the resource does not have.
    pub(super) fn given(&self, request: &[u8]) -> Result<Option<Paths>> {
        let mut given = None;
        let mut cursor = Cursor::new(request);
        while !cursor.is_at_end() {
            // What cannot be read is left to tonic, which refuses it.
            let Ok((number, value)) = cursor.field() else { return Ok(None) };
            let Raw::Bytes(mask) = value else { continue };
            if number != self.mask {
                continue;
            }
            let given = given.get_or_insert_with(Paths::default);
            let mut paths = Cursor::new(mask);
            while let Ok((1, Raw::Bytes(path))) = paths.field() {
                let path = str::from_utf8(path).unwrap_or_default();
                if path == "*" {
                    return Ok(None);
                }
                given.add(&self.message, path).ok_or_else(|| {
                    let message = format!("The resource has no field {path} that can be updated.");
                    Error::rule("update_mask", message)
                })?;
            }
        }
        Ok(given)
    }

    /// The name of the field that holds the resource.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The request with a part of the resource in place of the patch that it came from, and which
    /// fields that part gives.
    ///
    /// # Errors
    /// INTERNAL when one of them is no message.
    pub(super) fn with_part(&self, request: &[u8], part: &Part) -> Result<(Bytes, Paths)> {
        let broken = |_: Malformed| Error::internal("a request that is no message");
        let mut given = Paths::default();
        let mut out = Vec::with_capacity(request.len() + part.wire.len());
        copy(request, &mut out, |number| number != JSON_PATCH).map_err(broken)?;
        put_tag(&mut out, self.resource, LENGTH);
        put_bytes(&mut out, &part.wire);
        put_tag(&mut out, self.mask, LENGTH);
        let mask = open(&mut out);
        for name in &part.given {
            let unknown = || Error::internal(format!("a resource without a field {name}"));
            given.add(&self.message, name).ok_or_else(unknown)?;
            put_tag(&mut out, 1, LENGTH);
            put_bytes(&mut out, name.as_bytes());
        }
        close(&mut out, mask);
        Ok((Bytes::from(out), given))
    }

    /// The request with a whole resource: the fields `given` from the request, the others from
    /// the resource as it is at `present`. A field that is merged by its members is there twice;
    /// to protobuf that is a message with the members of both, of which the later ones count.
    ///
    /// # Errors
    /// INTERNAL when one of them is no message.
    pub(super) fn merged(&self, request: &[u8], given: &Paths, present: &[u8]) -> Result<Bytes> {
        self.write(request, given, present)
            .map(Bytes::from)
            .map_err(|Malformed| Error::internal("what is merged is no message"))
    }

    fn write(&self, request: &[u8], given: &Paths, present: &[u8]) -> Result<Vec<u8>, Malformed> {
        let mut out = Vec::with_capacity(request.len() + present.len());
        let mut part = Vec::new();
        let mut cursor = Cursor::new(request);
        while !cursor.is_at_end() {
            let start = cursor.at;
            match cursor.field()? {
                (number, Raw::Bytes(bytes)) if number == self.resource => {
                    part.extend_from_slice(bytes);
                }
                _ => out.extend_from_slice(&request[start..cursor.at]),
            }
        }
        let added_to = self.added_to(&part)?;
        put_tag(&mut out, self.resource, LENGTH);
        let start = open(&mut out);
        let present = match &self.same {
            Some(same) => Cow::Owned(translated(present, same)?),
            None => Cow::Borrowed(present),
        };
        overlay(given, &part, &present, &added_to, &mut out)?;
        close(&mut out, start);
        Ok(out)
    }

    /// The fields to whose members a change adds, because it gives them a value.
    fn added_to(&self, changed: &[u8]) -> Result<HashSet<u32>, Malformed> {
        let mut found = HashSet::new();
        let mut cursor = Cursor::new(changed);
        while !cursor.is_at_end() {
            let (number, _) = cursor.field()?;
            if self.by_member.contains(&number) {
                found.insert(number);
            }
        }
        Ok(found)
    }
}

/// The fields of what is given that stand for those of the resource with the same name and type;
/// none when one of them stands for nothing.
fn alike(
    given: &MessageDescriptor,
    resource: &MessageDescriptor,
) -> Option<Vec<(FieldDescriptor, FieldDescriptor)>> {
    let same = |field: FieldDescriptor| {
        let of_resource = resource.get_field_by_name(field.name())?;
        let is_same =
            field.kind() == of_resource.kind() && field.is_list() == of_resource.is_list();
        is_same.then_some((field, of_resource))
    };
    given.fields().map(same).collect()
}

/// The resource as what is given. What has its default without being written in the one is written
/// in the other, where leaving it out would mean something else.
fn translated(
    resource: &[u8],
    same: &[(FieldDescriptor, FieldDescriptor)],
) -> Result<Vec<u8>, Malformed> {
    let mut out = Vec::with_capacity(resource.len());
    for (given, own) in same {
        let mut found = false;
        let mut cursor = Cursor::new(resource);
        while !cursor.is_at_end() {
            let (number, value) = cursor.field()?;
            if number == own.number() {
                found = true;
                put_raw(&mut out, given.number(), value);
            }
        }
        if !found && given.supports_presence() && !own.supports_presence() {
            let default = match own.kind().wire_type() {
                WireType::Varint => Raw::Varint(0),
                WireType::ThirtyTwoBit => Raw::Fixed32(0),
                WireType::SixtyFourBit => Raw::Fixed64(0),
                WireType::LengthDelimited | WireType::StartGroup | WireType::EndGroup => {
                    Raw::Bytes(&[])
                }
            };
            put_raw(&mut out, given.number(), default);
        }
    }
    Ok(out)
}

/// Writes a message whose fields `given` are those of `part`, and all others those of `present`.
/// Of those `added_to`, what the part gives is added to what is there.
fn overlay(
    given: &Paths,
    part: &[u8],
    present: &[u8],
    added_to: &HashSet<u32>,
    out: &mut Vec<u8>,
) -> Result<(), Malformed> {
    copy(present, out, |number| match given.below(number) {
        None => true,
        Some(None) => added_to.contains(&number),
        // Its members are told one by one.
        Some(Some(_)) => false,
    })?;
    copy(part, out, |number| matches!(given.below(number), Some(None)))?;
    for (number, below) in given.inner() {
        put_tag(out, number, LENGTH);
        let start = open(out);
        overlay(below, &inside(part, number)?, &inside(present, number)?, &HashSet::new(), out)?;
        close(out, start);
    }
    Ok(())
}

/// What a field that is a message holds; what comes later counts more.
fn inside(message: &[u8], wanted: u32) -> Result<Vec<u8>, Malformed> {
    let mut found = Vec::new();
    let mut cursor = Cursor::new(message);
    while !cursor.is_at_end() {
        if let (number, Raw::Bytes(bytes)) = cursor.field()?
            && number == wanted
        {
            found.extend_from_slice(bytes);
        }
    }
    Ok(found)
}

/// Appends the fields of a message whose numbers are wanted.
fn copy(message: &[u8], out: &mut Vec<u8>, wanted: impl Fn(u32) -> bool) -> Result<(), Malformed> {
    let mut cursor = Cursor::new(message);
    while !cursor.is_at_end() {
        let start = cursor.at;
        let (number, _) = cursor.field()?;
        if wanted(number) {
            out.extend_from_slice(&message[start..cursor.at]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use prost::Message;
    use steward_contracts::steward::rentals::v1 as pb;

    use super::*;
    use crate::catalog::Catalog;

    fn rule() -> Merge {
        let catalog = Catalog::load().expect("the contract is whole");
        let rpc = catalog.rpc("/steward.rentals.v1.CustomersService/UpdateCustomer");
        let rpc = rpc.expect("customers can be changed");
        Merge::of(&catalog, rpc, &rpc.output).expect("a part of a customer can be changed")
    }

    fn request(paths: Option<&[&str]>) -> pb::UpdateCustomerRequest {
        pb::UpdateCustomerRequest {
            customer_internal_id: 4,
            customer: Some(pb::Customer {
                name: Some("New".to_owned()),
                tags: vec!["new".to_owned()],
                discount_percentage: Some(decimal("5")),
                ..pb::Customer::default()
            }),
            update_mask: paths.map(|paths| prost_types::FieldMask {
                paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            }),
            etag: Some("e".to_owned()),
        }
    }

    fn decimal(value: &str) -> steward_contracts::google::r#type::Decimal {
        steward_contracts::google::r#type::Decimal { value: value.to_owned() }
    }

    /// What a handler gets of a request with a mask.
    fn merged(paths: &[&str]) -> pb::UpdateCustomerRequest {
        let present = pb::Customer {
            name: Some("Old".to_owned()),
            notes: Some("Kept".to_owned()),
            tags: vec!["old".to_owned(), "older".to_owned()],
            discount_percentage: Some(decimal("2.50")),
            ..pb::Customer::default()
        };
        let (rule, request) = (rule(), request(Some(paths)).encode_to_vec());
        let given = rule.given(&request).expect("known fields").expect("a mask");
        let merged = rule.merged(&request, &given, &present.encode_to_vec()).expect("messages");
        let merged = pb::UpdateCustomerRequest::decode(merged).expect("a request");
        assert_eq!((merged.customer_internal_id, merged.etag.as_deref()), (4, Some("e")));
        assert!(merged.update_mask.is_some(), "a handler may look what was named");
        merged
    }

    #[test]
    fn without_a_mask_everything_is_given() {
        for paths in [None, Some(&["*"][..])] {
            let given = rule().given(&request(paths).encode_to_vec()).expect("known fields");
            assert!(given.is_none(), "{paths:?}");
        }
    }

    #[test]
    fn an_empty_mask_changes_nothing() {
        let customer = merged(&[]).customer.expect("a customer");
        assert_eq!(customer.name.as_deref(), Some("Old"));
        assert_eq!(customer.tags, ["old", "older"]);
    }

    #[test]
    fn what_is_named_is_replaced_whole() {
        let customer = merged(&["tags", "discount_percentage"]).customer.expect("a customer");
        assert_eq!(
            (customer.name.as_deref(), customer.notes.as_deref()),
            (Some("Old"), Some("Kept"))
        );
        assert_eq!(customer.tags, ["new"]);
        assert_eq!(customer.discount_percentage, Some(decimal("5")));
        // What is named and not given is cleared.
        let customer = merged(&["name", "notes"]).customer.expect("a customer");
        assert_eq!((customer.name.as_deref(), customer.notes), (Some("New"), None));
    }

    #[test]
    fn unknown_fields_are_refused() {
        for path in ["secret", "name.first", ""] {
            let refused = rule().given(&request(Some(&["name", path])).encode_to_vec());
            let error = refused.expect_err(path);
            assert_eq!(error.violations()[0].field, "update_mask");
        }
    }
}
