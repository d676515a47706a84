//! Texts that mean something to SQL, or to whoever builds it, in every field that holds a text.

use prost_reflect::{DynamicMessage, ReflectMessage};
use tonic::Code;

use super::contract::{name, path, rpcs};
use super::request::{Change, Ids, decode, request, text_places};
use super::rules::{for_each, own_email};
use crate::support::{Tenant, database, grpc, with_tenant};

/// Each ends, comments out, continues or fills in a statement if it ever becomes a part of one.
const TEXTS: &[&str] = &[
    "'; DROP TABLE facilities.users; --",
    "x' OR tenant_id <> 0 OR 'x' = '",
    "\\'); DELETE FROM facilities.users; /* %_$1 ? :a {0} \"\u{1f}\u{202e} $$ $q$",
    "a\u{0}b",
];

/// Answers that blame the request, or what is stored.
const REFUSALS: &[Code] = &[
    Code::InvalidArgument,
    Code::NotFound,
    Code::AlreadyExists,
    Code::FailedPrecondition,
    Code::PermissionDenied,
    Code::Aborted,
    Code::OutOfRange,
];

#[test]
fn every_text_is_a_text_and_nothing_else() {
    with_tenant(async |other| {
        Ids::make(&other).await;
        let before = database::digest(other.id).await;
        for_each(async |rpc| {
            let places = text_places(&rpc);
            if places.is_empty() {
                return;
            }
            let t = Tenant::fresh().await;
            let ids = Ids::make(&t).await;
            ids.make_ready(&t, &rpc).await;
            let email = own_email(&t, &rpc).await;
            for place in places {
                for text in TEXTS {
                    let change = Change {
                        text: Some((place.clone(), (*text).to_owned())),
                        email: email.clone(),
                        ..Change::default()
                    };
                    let message = request(&rpc, &ids, &change);
                    let at = format!("{} {place} {text:?}", name(&rpc));
                    let answer = if rpc.is_server_streaming() {
                        grpc::first_bytes(&t.token, &path(&rpc), message).await
                    } else {
                        grpc::call_bytes(Some(&t.token), &path(&rpc), message).await
                    };
                    match answer {
                        Ok(answer) => {
                            let answer = decode(&rpc, &answer);
                            if let Some(kept) = kept(&answer, &place) {
                                assert_eq!(kept.to_lowercase(), text.trim().to_lowercase(), "{at}");
                            }
                        }
                        Err(status) => {
                            assert!(REFUSALS.contains(&status.code()), "{at}: {status:?}");
                        }
                    }
                }
            }
        })
        .await;
        assert_eq!(database::digest(other.id).await, before);
    });
}

/// What an answer holds in the member that has the name of the field that was written, if there
/// is one: `owner.name` becomes the `name` of the owner that is answered.
fn kept(answer: &DynamicMessage, place: &str) -> Option<String> {
    let (_, member) = place.split_once('.')?;
    let field = answer.descriptor().get_field_by_name(member)?;
    if !answer.has_field(&field) {
        return None;
    }
    answer.get_field(&field).as_str().map(str::to_owned)
}

#[test]
fn there_are_texts_to_try() {
    let places: usize = rpcs().iter().map(|rpc| text_places(rpc).len()).sum();
    assert!(places >= 150, "{places}");
}
