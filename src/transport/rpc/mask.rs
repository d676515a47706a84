//! Answering a part of each listed item: `read_mask`, as
//! [AIP-157](https://google.aip.dev/157) has it.
//!
//! Done here for every list alike: fields are left out of the answer as it lies on the wire.

use std::collections::HashMap;

use bytes::Bytes;
use http::Request;
use prost_reflect::{Kind, MessageDescriptor};
use steward_kernel::{Error, Result};
use tonic::Status;
use tonic::body::Body;

use super::reply::{Framed, Reply};
use crate::catalog::Rpc;
use crate::rest::wire::{Cursor, LENGTH, Malformed, Raw, close, open, put_tag};

/// Most paths of a mask.
const MOST: usize = 100;

/// An RPC whose items can be masked.
pub(super) struct MaskRule {
    /// Number of the request's `read_mask`.
    mask: u32,
    /// Number of the response's field that holds the items.
    items: u32,
    item: MessageDescriptor,
}

/// Fields of a message: all of one, or only some of what is below it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Paths(HashMap<u32, Option<Paths>>);

impl MaskRule {
    /// The rule of a list with a `read_mask`; nothing for other RPCs.
    pub(super) fn of(rpc: &Rpc) -> Option<Self> {
        let mask = rpc.input.get_field_by_name("read_mask")?.number();
        rpc.output.fields().filter(|items| items.is_list()).find_map(|items| {
            let Kind::Message(item) = items.kind() else { return None };
            Some(Self { mask, items: items.number(), item })
        })
    }

    /// Reads the mask of a request, and answers the request as it was. Without a mask, or with
    /// the one for everything, there is nothing to leave out.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for a path that the items do not have; the body's own failure.
    pub(super) async fn read(
        &self,
        request: Request<Body>,
    ) -> Result<(Request<Body>, Result<Option<Paths>>), Status> {
        let framed = Framed::read(request).await?;
        let mask = framed.message().map_or(Ok(None), |message| self.mask(&message));
        Ok((framed.into_request(), mask))
    }

    fn mask(&self, message: &[u8]) -> Result<Option<Paths>> {
        let paths = paths(message, self.mask);
        if paths.is_empty() || paths.contains(&"*") {
            return Ok(None);
        }
        let refused = |message: String| Error::rule("read_mask", message);
        if paths.len() > MOST {
            return Err(refused(format!("A mask holds at most {MOST} paths.")));
        }
        let mut mask = Paths::default();
        for path in paths {
            if mask.add(&self.item, path).is_none() {
                return Err(refused(format!("The items have no field {path}.")));
            }
        }
        Ok(Some(mask))
    }

    /// Leaves out of the answer what the mask does not name.
    ///
    /// # Errors
    /// INTERNAL when the answer is no message.
    pub(super) fn apply(&self, mask: &Paths, reply: &mut Reply) -> Result<()> {
        let mut out = Vec::with_capacity(reply.message.len());
        let mut cursor = Cursor::new(&reply.message);
        let broken = |_: Malformed| Error::internal("the answer is no message");
        while !cursor.is_at_end() {
            let start = cursor.at;
            match cursor.field().map_err(broken)? {
                (number, Raw::Bytes(item)) if number == self.items => {
                    put_tag(&mut out, number, LENGTH);
                    let length = open(&mut out);
                    mask.copy(item, &mut out).map_err(broken)?;
                    close(&mut out, length);
                }
                _ => out.extend_from_slice(&reply.message[start..cursor.at]),
            }
        }
        reply.set_message(Bytes::from(out));
        Ok(())
    }
}

impl Paths {
    /// What is named below a field: nothing when it is not named, and all when it is whole.
    pub(super) fn below(&self, number: u32) -> Option<Option<&Self>> {
        self.0.get(&number).map(Option::as_ref)
    }

    /// The fields of which a part is named.
    pub(super) fn inner(&self) -> impl Iterator<Item = (u32, &Self)> {
        self.0.iter().filter_map(|(number, below)| Some((*number, below.as_ref()?)))
    }

    /// Adds a path of `message`; nothing when it has none such.
    pub(super) fn add(&mut self, message: &MessageDescriptor, path: &str) -> Option<()> {
        let (name, rest) = match path.split_once('.') {
            Some((name, rest)) => (name, Some(rest)),
            None => (path, None),
        };
        let field = message.get_field_by_name(name)?;
        let number = field.number();
        match rest {
            None => {
                self.0.insert(number, None);
            }
            Some(rest) => {
                let Kind::Message(below) = field.kind() else { return None };
                // The path is checked also below a field that is answered whole.
                let mut other = Self::default();
                match self.0.entry(number).or_insert_with(|| Some(Self::default())) {
                    Some(mask) => mask,
                    None => &mut other,
                }
                .add(&below, rest)?;
            }
        }
        Some(())
    }

    fn copy(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        let mut cursor = Cursor::new(message);
        while !cursor.is_at_end() {
            let start = cursor.at;
            let (number, value) = cursor.field()?;
            match (self.0.get(&number), value) {
                (None, _) => {}
                (Some(Some(below)), Raw::Bytes(value)) => {
                    put_tag(out, number, LENGTH);
                    let length = open(out);
                    below.copy(value, out)?;
                    close(out, length);
                }
                (Some(_), _) => out.extend_from_slice(&message[start..cursor.at]),
            }
        }
        Ok(())
    }
}

/// The paths of the `google.protobuf.FieldMask` in a field of a message. What is not readable
/// is left to tonic, which refuses it.
fn paths(message: &[u8], mask: u32) -> Vec<&str> {
    let mut found = Vec::new();
    let mut cursor = Cursor::new(message);
    while !cursor.is_at_end() {
        match cursor.field() {
            Ok((number, Raw::Bytes(value))) if number == mask => {
                let mut paths = Cursor::new(value);
                while let Ok((_, Raw::Bytes(path))) = paths.field() {
                    found.extend(std::str::from_utf8(path));
                }
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    found
}
