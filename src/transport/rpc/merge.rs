//! Updates of a part of a resource (AIP-134). The fields that `update_mask` does not name are
//! taken from the resource as it is, so that a handler always gets a whole resource and writes
//! all of it; the mask is left in the request, for what a value alone does not say. The change runs on a snapshot, so a concurrent one is not undone by it.

use std::collections::HashSet;

use bytes::Bytes;
use prost_reflect::{Kind, MessageDescriptor};
use steward_kernel::{Error, Result};

use crate::catalog::{Catalog, Rpc, is_mask};
use crate::rest::wire::{Cursor, LENGTH, Malformed, Raw, close, open, put_tag};

/// Where the request of an update has its mask and its resource.
pub(super) struct Merge {
    mask: u32,
    resource: u32,
    message: MessageDescriptor,
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
        let same = |kind: Kind| matches!(kind, Kind::Message(message) if message == *resource);
        let given = rpc.input.fields().find(|field| !field.is_list() && same(field.kind()))?;
        let by_member = resource.fields().filter(|field| catalog.field_rule(field).merged);
        Some(Self {
            mask: mask.number(),
            resource: given.number(),
            message: resource.clone(),
            by_member: by_member.map(|field| field.number()).collect(),
        })
    }

    /// The fields that a request gives; none when it gives the whole resource.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for a field that the resource does not have.
    pub(super) fn given(&self, request: &[u8]) -> Result<Option<HashSet<u32>>> {
        let mut numbers = None;
        let mut cursor = Cursor::new(request);
        while !cursor.is_at_end() {
            // What cannot be read is left to tonic, which refuses it.
            let Ok((number, value)) = cursor.field() else { return Ok(None) };
            let Raw::Bytes(mask) = value else { continue };
            if number != self.mask {
                continue;
            }
            let numbers = numbers.get_or_insert_with(HashSet::new);
            let mut paths = Cursor::new(mask);
            while let Ok((1, Raw::Bytes(path))) = paths.field() {
                let path = str::from_utf8(path).unwrap_or_default();
                if path == "*" {
                    return Ok(None);
                }
                let field = self.message.get_field_by_name(path).ok_or_else(|| {
                    let message = format!("The resource has no field {path} that can be updated.");
                    Error::rule("update_mask", message)
                })?;
                numbers.insert(field.number());
            }
        }
        Ok(numbers)
    }

    /// The request with a whole resource: the fields `given` from the request, the others from
    /// the resource as it is at `present`. A field that is merged by its members is there twice;
    /// to protobuf that is a message with the members of both, of which the later ones count.
    ///
    /// # Errors
    /// INTERNAL when one of them is no message.
    pub(super) fn merged(
        &self,
        request: &[u8],
        given: &HashSet<u32>,
        present: &[u8],
    ) -> Result<Bytes> {
        self.write(request, given, present)
            .map(Bytes::from)
            .map_err(|Malformed| Error::internal("what is merged is no message"))
    }

    fn write(
        &self,
        request: &[u8],
        given: &HashSet<u32>,
        present: &[u8],
    ) -> Result<Vec<u8>, Malformed> {
        let mut out = Vec::with_capacity(request.len() + present.len());
        let mut changed = Vec::with_capacity(request.len());
        let mut cursor = Cursor::new(request);
        while !cursor.is_at_end() {
            let start = cursor.at;
            match cursor.field()? {
                (number, Raw::Bytes(part)) if number == self.resource => {
                    copy(part, &mut changed, |number| given.contains(&number))?;
                }
                _ => out.extend_from_slice(&request[start..cursor.at]),
            }
        }
        let added_to = self.added_to(&changed)?;
        put_tag(&mut out, self.resource, LENGTH);
        let start = open(&mut out);
        copy(present, &mut out, |number| !given.contains(&number) || added_to.contains(&number))?;
        out.extend_from_slice(&changed);
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
