//! The etag of an answer: a field of the resource, and the head.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http::response::Parts;
use prost_reflect::MessageDescriptor;
use sha2::{Digest, Sha256};
use steward_kernel::time;

use super::RpcService;
use super::ephemeral::{Ephemeral, EphemeralFields};
use super::reply::Reply;
use super::resource::Held;
use crate::catalog::{Catalog, Idempotency, Rpc, Streaming};
use crate::rest::wire::{LENGTH, integer, put_bytes, put_tag, text};

/// For how many seconds a client that has signed URLs is told that nothing has changed.
const URLS_FOR: i64 = 1800;

/// How a resource gets its etag.
pub(super) struct EtagRule {
    /// Number of the field `etag`; none when the head of the answer alone has it.
    pub(super) field: Option<u32>,
    pub(super) of: EtagOf,
    /// What the etag does not depend on.
    pub(super) ephemeral: EphemeralFields,
    /// Of that, the URLs that end.
    pub(super) ending: EphemeralFields,
    /// What the etag is of, where the resource stands for one of others.
    pub(super) held: Held,
}

/// What the etag of a resource is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EtagOf {
    /// The whole of it, as a digest.
    Digest,
    /// The number of its version, in the field of this number: `v3`.
    Version(u32),
}

impl EtagOf {
    /// How a message gets its etag; nothing when it is no resource.
    pub(super) fn of(message: &MessageDescriptor) -> Option<Self> {
        match message.get_field_by_name("etag") {
            Some(_) => Some(Self::Digest),
            None => message.get_field_by_name("version").map(|field| Self::Version(field.number())),
        }
    }

    /// How the answer of an RPC gets its etag: a resource, or whatever one RPC reads.
    pub(super) fn of_answer(catalog: &Catalog, rpc: &Rpc) -> Option<Self> {
        // What is worked out on each read, such as what is free, is a document of its own; lists
        // and the like are answered in a message named for the call.
        let is_one = |rpc: &Rpc| {
            rpc.method.starts_with("Get")
                || (rpc.streaming == Streaming::Unary && !rpc.output.name().ends_with("Response"))
        };
        let reads = |rpc: &Rpc| rpc.idempotency == Idempotency::Read && is_one(rpc);
        // What it has made is answered as one RPC reads it from then on.
        let makes = || {
            let is_read = |other: &Rpc| reads(other) && other.output == rpc.output;
            rpc.location.is_some() && catalog.rpcs().any(is_read)
        };
        Self::of(&rpc.output).or_else(|| (reads(rpc) || makes()).then_some(Self::Digest))
    }

    /// The etag of what lasts of a resource. A public part of one has no version.
    pub(super) fn etag(self, lasting: &[u8]) -> String {
        match self {
            Self::Version(number) if integer(lasting, number) > 0 => {
                format!("v{}", integer(lasting, number))
            }
            Self::Version(_) | Self::Digest => etag(lasting),
        }
    }
}

impl RpcService {
    /// Gives the resource in an answer its etag, as a field and in the head.
    pub(super) fn set_etag(&self, name: &'static str, reply: &mut Reply) {
        let Some(rule) = self.shared.etags.get(name) else { return };
        let etag = rule.show(&reply.message, None, &mut reply.head);
        if let Some(field) = rule.field {
            reply.set_message(with_etag(&reply.message, field, &etag));
        }
    }

    /// Shows the etag that an answer was given which is sent again.
    pub(super) fn repeat_etag(&self, name: &'static str, reply: &mut Reply) {
        let Some(rule) = self.shared.etags.get(name) else { return };
        let given = rule.field.map(|field| split_etag(&reply.message, field));
        match given {
            Some(Some((message, etag))) => rule.show(message, Some(etag), &mut reply.head),
            // It was given none.
            Some(None) => return,
            None => rule.show(&reply.message, None, &mut reply.head),
        };
    }
}

impl EtagRule {
    /// Puts the etag of a message, which is without it, into the head of its answer: the one that
    /// it was given, or its own. Answers that.
    fn show(&self, message: &[u8], given: Option<&str>, head: &mut Parts) -> String {
        let lasting = self.ephemeral.without(message);
        let etag = match given {
            Some(etag) => etag.to_owned(),
            None => self.of.etag(self.held.subject(&lasting)),
        };
        let mut shown = None;
        if lasting.len() < message.len() {
            let still = self.ending.without(message);
            let has_urls = still.len() < message.len();
            match self.of {
                EtagOf::Digest => {
                    // URLs are good for an hour. Who has them for less than half of it needs no
                    // others.
                    let window = has_urls.then(|| time::now().as_second() / URLS_FOR);
                    shown = Some(shown_part(&still, window));
                }
                // A version counts all that changes, but no URL ends with it.
                EtagOf::Version(_) if has_urls => {
                    head.extensions.insert(Ephemeral);
                }
                EtagOf::Version(_) => {}
            }
        }
        show_etag(&etag, shown.as_deref(), head);
        etag
    }
}

/// Puts an etag into the head of an answer, and what else of the answer it stands for.
fn show_etag(etag: &str, shown: Option<&str>, head: &mut Parts) {
    let header = match shown {
        Some(shown) => format!("\"{etag}.{shown}\""),
        None => format!("\"{etag}\""),
    };
    if let Ok(header) = HeaderValue::try_from(header) {
        head.headers.insert(http::header::ETAG, header);
    }
}

/// The second part of the `ETag` of an answer: a digest of all that it shows but its URLs, and of
/// the time from which those are.
fn shown_part(message: &[u8], window: Option<i64>) -> String {
    let mut digest = Sha256::new();
    digest.update(window.unwrap_or_default().to_be_bytes());
    digest.update(message);
    URL_SAFE_NO_PAD.encode(&digest.finalize()[..6])
}

/// The message with its etag, which the handler left empty.
fn with_etag(message: &[u8], number: u32, etag: &str) -> Bytes {
    // Appending a field is the same as setting it.
    let field = etag_field(number, etag);
    let mut whole = BytesMut::with_capacity(message.len() + field.len());
    whole.extend_from_slice(message);
    whole.extend_from_slice(&field);
    whole.freeze()
}

/// The message without the etag that [`with_etag`] put at its end, and that; nothing when it has
/// none.
fn split_etag(message: &[u8], number: u32) -> Option<(&[u8], &str)> {
    let etag = text(message, number)?;
    Some((message.strip_suffix(&*etag_field(number, etag))?, etag))
}

fn etag_field(number: u32, etag: &str) -> Vec<u8> {
    let mut field = Vec::with_capacity(etag.len() + 4);
    put_tag(&mut field, number, LENGTH);
    put_bytes(&mut field, etag.as_bytes());
    field
}

/// The etag of a resource: a digest of what lasts of its message, so it changes with any visible
/// change.
fn etag(message: &[u8]) -> String {
    let digest = Sha256::digest(message);
    // 128 bits: two versions of a resource never share one by chance.
    URL_SAFE_NO_PAD.encode(&digest[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_is_put_at_the_end_of_a_message_and_taken_off_again() {
        let message = [0x08, 0x07, 0x12, 0x01, b'a'];
        let whole = with_etag(&message, 9, "tag");
        assert_eq!(text(&whole, 9), Some("tag"));
        assert_eq!(split_etag(&whole, 9), Some((&message[..], "tag")));
        assert_eq!(split_etag(&message, 9), None, "it has none");
    }

    #[test]
    fn what_ends_with_a_window_of_time_is_shown_anew() {
        let message = [0x08, 0x07];
        assert_eq!(shown_part(&message, Some(1)), shown_part(&message, Some(1)));
        assert_ne!(shown_part(&message, Some(1)), shown_part(&message, Some(2)));
        assert_ne!(shown_part(&message, None), shown_part(&[0x08, 0x08], None));
    }
}
