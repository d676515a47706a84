//! Texts that mean something to SQL, or to whoever builds it, in every field that holds a text.

use std::time::Duration;

use prost_reflect::{DynamicMessage, ReflectMessage, Value};
use tonic::Code;

use super::bad_input::for_each_text;
use super::contract::{name, path};
use super::ids::Ids;
use super::request::{Change, decode, request};
use crate::support::{Tenant, database, eventually, grpc, run};

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
    run(async {
        let other = Tenant::fresh().await;
        Ids::of(&other).make_all().await;
        // What making them queued changes rows as well.
        let waiting = format!("SELECT count(*) FROM platform.jobs WHERE tenant_id = {}", other.id);
        eventually("no jobs", Duration::from_secs(60), async || {
            (database::value(other.id, &waiting).await == 0).then_some(())
        })
        .await;
        let before = database::digest(other.id).await;
        for_each_text(async |rpc, own, place| {
            for text in TEXTS {
                let with = Some((place.path.clone(), Value::String((*text).to_owned())));
                let change = Change { with, ..Change::default() };
                let message = request(&rpc, own, &change).await;
                let at = format!("{} {} {text:?}", name(&rpc), place.path);
                let token = &own.tenant.token;
                let answer = if rpc.is_server_streaming() {
                    grpc::first_bytes(token, &path(&rpc), message).await
                } else {
                    grpc::call_bytes(Some(token), &path(&rpc), message).await
                };
                match answer {
                    Ok(answer) => {
                        let answer = decode(&rpc, &answer);
                        if let Some(kept) = kept(&answer, &place.path) {
                            assert_eq!(kept.to_lowercase(), text.trim().to_lowercase(), "{at}");
                        }
                    }
                    Err(status) => {
                        assert!(REFUSALS.contains(&status.code()), "{at}: {status:?}");
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
    // An etag that is written is compared, not kept.
    let (_, member) = place.split_once('.').filter(|(_, member)| *member != "etag")?;
    let field = answer.descriptor().get_field_by_name(member)?;
    if !answer.has_field(&field) {
        return None;
    }
    answer.get_field(&field).as_str().map(str::to_owned)
}
