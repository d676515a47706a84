//! Updates of a part of a resource (AIP-134). The fields that `update_mask` does not name are
//! taken from the resource as it is, so that a handler always gets a whole resource and writes
//! all of it. The change runs on a snapshot, so a concurrent one is not undone by it.

use bytes::Bytes;
use prost_reflect::{Kind, MessageDescriptor};
use steward_kernel::{Error, Result};

use super::mask::Paths;
use crate::catalog::{Rpc, is_mask};
use crate::rest::wire::{Cursor, LENGTH, Malformed, Raw, close, open, put_tag};

/// Where the request of an update has its mask and its resource.
pub(super) struct Merge {
    mask: u32,
    resource: u32,
    message: MessageDescriptor,
}

impl Merge {
    /// The rule of an RPC whose resource is `resource`; none when it has no mask for it.
    pub(super) fn of(rpc: &Rpc, resource: &MessageDescriptor) -> Option<Self> {
        let mask =
            rpc.input.fields().find(|field| field.name() == "update_mask" && is_mask(field))?;
        let same = |kind: Kind| matches!(kind, Kind::Message(message) if message == *resource);
        let given = rpc.input.fields().find(|field| !field.is_list() && same(field.kind()))?;
        Some(Self { mask: mask.number(), resource: given.number(), message: resource.clone() })
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

    /// The request with a whole resource: the fields `given` from the request, the others from
    /// the resource as it is at `present`.
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
                (number, _) if number == self.mask => {}
                _ => out.extend_from_slice(&request[start..cursor.at]),
            }
        }
        put_tag(&mut out, self.resource, LENGTH);
        let start = open(&mut out);
        overlay(given, &part, present, &mut out)?;
        close(&mut out, start);
        Ok(out)
    }
}

/// Writes a message whose fields `given` are those of `part`, and all others those of `present`.
fn overlay(given: &Paths, part: &[u8], present: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    copy(present, out, |number| given.below(number).is_none())?;
    copy(part, out, |number| matches!(given.below(number), Some(None)))?;
    for (number, below) in given.inner() {
        put_tag(out, number, LENGTH);
        let start = open(out);
        overlay(below, &inside(part, number)?, &inside(present, number)?, out)?;
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
