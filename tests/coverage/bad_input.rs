//! What a field says of its values holds: a text that is too long, or none of its kind, is refused
//! where it is, and so is an instant out of the years that are stored.

use bytes::Bytes;
use prost_reflect::{DynamicMessage, Kind, MethodDescriptor, Value};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::contract::{Format, format, max_length, name, path};
use super::grounds::for_each_own;
use super::ids::Ids;
use super::ready;
use super::request::{Change, Place, places, request};
use crate::support::{grpc, run};

/// Calls an RPC with `value` at a place.
async fn called(
    rpc: &MethodDescriptor,
    own: &Ids<'_>,
    place: &Place,
    value: Value,
) -> Result<Bytes, Status> {
    let with = Some((place.path.clone(), value));
    let message = request(rpc, own, &Change { with, ..Change::default() }).await;
    grpc::call_bytes(Some(&own.tenant.token), &path(rpc), message).await
}

/// Sends `text` at a place, and sees it refused there and nowhere else. What an RPC passes over, as
/// it does the address of a unit that has that of its property, is at least not written.
async fn refused(rpc: &MethodDescriptor, own: &Ids<'_>, place: &Place, text: &str) {
    let at = format!("{} {} of {} bytes", name(rpc), place.path, text.len());
    match called(rpc, own, place, Value::String(text.to_owned())).await {
        Err(status) => names_only(&status, place, &at),
        Ok(answer) => {
            let below = place.path.split('.').count() > 2;
            let written = answer.windows(text.len()).any(|part| part == text.as_bytes());
            assert!(below && !answer.is_empty() && !written, "{at}: taken");
        }
    }
}

/// A refusal of what is at a place, and of nothing else.
fn names_only(status: &Status, place: &Place, at: &str) {
    assert_eq!(status.code(), Code::InvalidArgument, "{at}: {status:?}");
    let refused = status.get_details_bad_request().expect("the refused fields");
    let fields: Vec<_> = refused.field_violations.iter().map(|one| plain(&one.field)).collect();
    assert!(!fields.is_empty() && fields.iter().all(|one| *one == place.path), "{at}: {fields:?}");
}

/// A path without the places in lists: `addresses[0].street` -> `addresses.street`.
pub(super) fn plain(path: &str) -> String {
    let parts = path.split('.').map(|part| part.split('[').next().unwrap_or_default());
    parts.collect::<Vec<_>>().join(".")
}

/// Tries something at every place that meets a condition.
async fn for_each_place(
    is_meant: impl Fn(&Place) -> bool,
    test: impl AsyncFn(MethodDescriptor, &Ids<'_>, Place),
) {
    for_each_own(async |rpc, own| {
        for place in places(&rpc).into_iter().filter(&is_meant) {
            test(rpc.clone(), own, place).await;
        }
    })
    .await;
}

pub(super) async fn for_each_text(test: impl AsyncFn(MethodDescriptor, &Ids<'_>, Place)) {
    let is_text =
        |place: &Place| place.field.kind() == Kind::String && !ready::is_unread(&place.field);
    for_each_place(is_text, test).await;
}

#[test]
fn every_text_has_an_end() {
    run(for_each_text(async |rpc, own, place| {
        if let Some(most) = max_length(&place.field) {
            let text = match format(&place.field) {
                Format::Email => format!("{}@example.com", "x".repeat(most)),
                Format::Uri => format!("https://webhooks.invalid/{}", "x".repeat(most)),
                Format::Plain
                | Format::Secret
                | Format::Json
                | Format::Id
                | Format::Date
                | Format::LocalTime
                | Format::Clock
                | Format::Phone => "x".repeat(most + 1),
            };
            refused(&rpc, own, &place, &text).await;
        }
    }));
}

#[test]
fn every_text_is_what_it_says() {
    run(for_each_text(async |rpc, own, place| {
        let text = match format(&place.field) {
            Format::Email => "nobody at home",
            Format::Uri => "somewhere",
            Format::Json => "{",
            Format::Date => "2030-02-30",
            Format::LocalTime => "2030-02-28T25:00:00",
            Format::Clock => "25:00",
            Format::Phone => "call me",
            Format::Plain | Format::Secret | Format::Id => return,
        };
        // A list that is asked for by an e-mail finds nobody, whatever was asked.
        if !rpc.name().starts_with("Find") {
            refused(&rpc, own, &place, text).await;
        }
    }));
}

/// Before the first year that is stored, after the last one, and past what a clock counts to.
const NO_INSTANTS: [(i64, i32); 4] =
    [(-62_135_596_801, 0), (253_402_300_800, 0), (i64::MAX, 0), (1, -1)];

#[test]
fn every_instant_is_of_the_years_that_are_stored() {
    let is_instant = |place: &Place| {
        let kind = place.field.kind();
        kind.as_message().is_some_and(|kind| kind.full_name() == "google.protobuf.Timestamp")
    };
    run(for_each_place(is_instant, async |rpc, own, place| {
        let Kind::Message(kind) = place.field.kind() else { return };
        for (seconds, nanos) in NO_INSTANTS {
            let mut instant = DynamicMessage::new(kind.clone());
            instant.set_field_by_name("seconds", Value::I64(seconds));
            instant.set_field_by_name("nanos", Value::I32(nanos));
            let at = format!("{} {}: {seconds}.{nanos}", name(&rpc), place.path);
            match called(&rpc, own, &place, Value::Message(instant)).await {
                Err(status) => names_only(&status, &place, &at),
                Ok(_) => panic!("{at}: taken"),
            }
        }
    }));
}
