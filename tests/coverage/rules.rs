//! What holds for every RPC.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use prost_reflect::{Kind, MethodDescriptor};
use serde_json::{Value, json};
use tonic::Code;
use tonic_types::StatusExt;

use super::contract::{guarded_rpcs, name, path, rpcs};
use super::request::{Change, Ids, decode, id_places, places, request};
use crate::support::{Tenant, database, grpc, http, process, run, with_tenant};

/// How many RPCs are tried at a time.
const AT_ONCE: usize = 6;

/// Tries something on every guarded RPC.
pub(super) async fn for_each(test: impl AsyncFn(MethodDescriptor)) {
    let test = &test;
    stream::iter(guarded_rpcs()).for_each_concurrent(AT_ONCE, |rpc| test(rpc)).await;
}

/// The JSON routes of the program: method, path with ids in it, RPC.
fn routes() -> Vec<(String, String, String)> {
    let output = process::run(&["routes"]);
    let route = |line: &str| {
        let route: Value = serde_json::from_str(line).expect("an object");
        let text = |name: &str| route[name].as_str().expect("text").to_owned();
        let part = |part: &str| if part.starts_with('{') { "1".into() } else { part.to_owned() };
        let path: Vec<_> = text("path").split('/').map(part).collect();
        (text("method"), path.join("/"), text("rpc"))
    };
    output.stdout.lines().map(route).collect()
}

#[test]
fn every_rpc_answers_a_call_that_is_fine() {
    run(for_each(async |rpc| {
        let t = Tenant::fresh().await;
        let ids = Ids::make(&t).await;
        let email = own_email(&t, &rpc).await;
        ids.make_ready(&t, &rpc).await;
        let message = request(&rpc, &ids, &Change { email, ..Change::default() });
        let answer = if rpc.is_server_streaming() {
            grpc::first_bytes(&t.token, &path(&rpc), message).await
        } else {
            grpc::call_bytes(Some(&t.token), &path(&rpc), message).await
        };
        let answer = answer.unwrap_or_else(|status| panic!("{}: {status:?}", name(&rpc)));
        decode(&rpc, &answer);
    }));
}

#[test]
fn every_rpc_refuses_a_call_without_a_token() {
    with_tenant(async |t| {
        let ids = &Ids::make(&t).await;
        for_each(async |rpc| {
            let message = request(&rpc, ids, &Change::default());
            let status = grpc::call_bytes(None, &path(&rpc), message).await.expect_err("a refusal");
            assert_eq!(status.code(), Code::Unauthenticated, "{}: {status:?}", name(&rpc));
            let info = status.get_details_error_info().expect("error info");
            assert_eq!(info.reason, "AUTHORIZATION_ERROR", "{}", name(&rpc));
            assert_eq!(info.domain, "facilities.steward");
        })
        .await;
    });
}

#[test]
fn every_rpc_refuses_a_token_without_the_scope() {
    with_tenant(async |t| {
        let ids = &Ids::make(&t).await;
        let token = &t.token_with("openid").await;
        for_each(async |rpc| {
            let message = request(&rpc, ids, &Change::default());
            let status =
                grpc::call_bytes(Some(token), &path(&rpc), message).await.expect_err("a refusal");
            assert_eq!(status.code(), Code::PermissionDenied, "{}: {status:?}", name(&rpc));
            let info = status.get_details_error_info().expect("error info");
            assert_eq!(info.reason, "FORBIDDEN_ACTION", "{}", name(&rpc));
        })
        .await;
    });
}

#[test]
fn every_json_route_refuses_strangers() {
    with_tenant(async |t| {
        let token = &t.token_with("openid").await;
        let guarded: BTreeSet<_> = guarded_rpcs().iter().map(name).collect();
        let routes: Vec<_> =
            routes().into_iter().filter(|(_, _, rpc)| guarded.contains(rpc)).collect();
        assert!(routes.len() >= 47, "{}", routes.len());
        let calls = routes.iter().map(|(method, path, _)| {
            let base = t.base;
            async move {
                let request = || {
                    let request = http::request(method, &format!("{base}{path}"));
                    let has_body = method == "POST" || method == "PUT";
                    if has_body { request.json(&json!({})) } else { request }
                };
                let stranger = http::send(request()).await;
                stranger.problem(401, "authorization-error");
                assert!(stranger.header("www-authenticate").starts_with("Bearer"), "{stranger:?}");
                let limited = http::send(request().bearer_auth(token)).await;
                limited.problem(403, "forbidden-action");
            }
        });
        join_all(calls).await;
    });
}

#[test]
fn every_rpc_has_a_json_route() {
    let routed: BTreeSet<_> = routes().into_iter().map(|(_, _, rpc)| rpc).collect();
    let offered: BTreeSet<_> = rpcs().iter().map(name).collect();
    assert_eq!(routed, offered);
}

#[test]
fn every_rpc_refuses_records_of_another_tenant() {
    with_tenant(async |other| {
        let foreign = &Ids::make(&other).await;
        let mut emails = BTreeMap::new();
        for rpc in guarded_rpcs() {
            if let Some(email) = own_email(&other, &rpc).await {
                emails.insert(rpc.name().to_owned(), email);
            }
        }
        let emails = &emails;
        let before = database::digest(other.id).await;
        for_each(async |rpc| {
            let t = Tenant::fresh().await;
            let own = Ids::make(&t).await;
            for place in id_places(&rpc, &own) {
                let change =
                    Change { foreign: Some((place.clone(), foreign.clone())), ..Change::default() };
                let message = request(&rpc, &own, &change);
                let answer = grpc::call_bytes(Some(&t.token), &path(&rpc), message).await;
                let at = format!("{} {place}", name(&rpc));
                let Err(status) = answer else { panic!("{at}: no refusal") };
                assert_eq!(status.code(), Code::NotFound, "{at}: {status:?}");
                let info = status.get_details_error_info().expect("error info");
                assert_eq!(info.reason, "ENTITY_NOT_FOUND", "{at}");
                assert!(status.get_details_resource_info().is_some(), "{at}");
            }
            // Who is looked up by e-mail is not found either.
            if let Some(email) = emails.get(rpc.name()).cloned() {
                let message =
                    request(&rpc, &own, &Change { email: Some(email), ..Change::default() });
                let answer = grpc::call_bytes(Some(&t.token), &path(&rpc), message).await;
                let status = answer.expect_err("a refusal");
                assert_eq!(status.code(), Code::NotFound, "{}: {status:?}", name(&rpc));
            }
        })
        .await;
        // Making the looked-up users is all that changed.
        let after = database::digest(other.id).await;
        let changed: Vec<_> =
            before.iter().filter(|(table, digest)| after[*table] != **digest).collect();
        let tables: Vec<_> = changed.iter().map(|(table, _)| table.as_str()).collect();
        assert!(
            tables.iter().all(|table| [
                "facilities.users",
                "platform.row_counts",
                "platform.row_ranks",
                "platform.events",
                "platform.event_heads"
            ]
            .contains(table)),
            "{tables:?}"
        );
    });
}

/// The e-mail of a new user whom an RPC that looks users up by e-mail finds; none for others.
pub(super) async fn own_email(t: &Tenant, rpc: &MethodDescriptor) -> Option<String> {
    let resource = rpc.name().strip_prefix("Find")?.strip_suffix("ByEmail")?;
    let path = match resource {
        "Owner" => "/api/public/Owners",
        "Manager" => "/api/public/managers",
        "PropertyUser" => "/api/public/property-users",
        other => panic!("who is found by {other}?"),
    };
    let body = crate::support::fixtures::person();
    t.post(path, &body).await.is(201);
    Some(body["email"].as_str().expect("text").to_owned())
}

#[test]
fn every_required_field_is_missed() {
    with_tenant(async |t| {
        let (t, ids) = (&t, &Ids::make(&t).await);
        for_each(async |rpc| {
            for place in places(&rpc).into_iter().filter(|place| place.required) {
                let change = Change { without: Some(place.path.clone()), ..Change::default() };
                let message = request(&rpc, ids, &change);
                let answer = grpc::call_bytes(Some(&t.token), &path(&rpc), message).await;
                let at = format!("{} {}", name(&rpc), place.path);
                let Err(status) = answer else { panic!("{at}: not missed") };
                // An id that is left out is the id 0, which names nothing.
                let is_id = place.field.kind() == Kind::Int64 && !place.path.contains('.');
                if is_id && status.code() == Code::NotFound {
                    continue;
                }
                assert_eq!(status.code(), Code::InvalidArgument, "{at}: {status:?}");
                let info = status.get_details_error_info().expect("error info");
                assert_eq!(info.reason, "BAD_REQUEST", "{at}");
                let refused = status.get_details_bad_request().expect("the refused fields");
                let fields: Vec<_> =
                    refused.field_violations.iter().map(|violation| &violation.field).collect();
                let within = format!("{}.", place.path);
                let missed = |field: &&String| **field == place.path || field.starts_with(&within);
                assert!(fields.iter().any(&missed), "{at}: {fields:?}");
                assert!(fields.iter().all(missed), "{at}: {fields:?}");
            }
        })
        .await;
    });
}

/// RPCs that have no behaviour test. Shrinks only: a new RPC comes with its test.
const UNCOVERED: &str = include_str!("uncovered.txt");
/// How many lines the list had when it was last cut.
const MOST_UNCOVERED: usize = 0;

#[test]
fn every_rpc_has_a_behaviour_test() {
    let sources = [
        include_str!("../facilities/attachments.rs"),
        include_str!("../facilities/batch.rs"),
        include_str!("../facilities/country_codes.rs"),
        include_str!("../facilities/in_use.rs"),
        include_str!("../facilities/invitations.rs"),
        include_str!("../facilities/invitation_links.rs"),
        include_str!("../facilities/issue_work.rs"),
        include_str!("../facilities/issues.rs"),
        include_str!("../facilities/managers.rs"),
        include_str!("../facilities/owner_companies.rs"),
        include_str!("../facilities/owners.rs"),
        include_str!("../facilities/properties.rs"),
        include_str!("../facilities/property_unit_changes.rs"),
        include_str!("../facilities/property_units.rs"),
        include_str!("../facilities/property_users.rs"),
        include_str!("../facilities/service_providers.rs"),
        include_str!("../facilities/tags.rs"),
        include_str!("../facilities/types.rs"),
        include_str!("../facilities/users.rs"),
        include_str!("../platform/audit.rs"),
        include_str!("../platform/events.rs"),
        include_str!("../platform/exports.rs"),
        include_str!("../platform/imports.rs"),
        include_str!("../platform/tokens.rs"),
        include_str!("../platform/webhooks.rs"),
    ];
    let mut covered: BTreeMap<&str, usize> = BTreeMap::new();
    for source in sources {
        let mut lines = source.lines().take_while(|line| line.starts_with("//!"));
        let list =
            lines.find_map(|line| line.strip_prefix("//! Covers: ")).expect("a list of RPCs");
        let more = source.lines().filter_map(|line| line.strip_prefix("//! Covers: ")).skip(1);
        for rpc in std::iter::once(list).chain(more).flat_map(|list| list.split(", ")) {
            *covered.entry(rpc.trim_end_matches('.')).or_default() += 1;
        }
    }
    let rpcs = rpcs();
    let known: BTreeSet<&str> = rpcs.iter().map(MethodDescriptor::name).collect();
    let unknown: Vec<_> = covered.keys().filter(|rpc| !known.contains(*rpc)).collect();
    assert!(unknown.is_empty(), "there are no such RPCs: {unknown:?}");
    let listed: BTreeSet<&str> = UNCOVERED.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(listed.len(), MOST_UNCOVERED, "both shrink, and only shrink");
    let uncovered: BTreeSet<&str> =
        known.into_iter().filter(|rpc| !covered.contains_key(rpc)).collect();
    assert_eq!(uncovered, listed);
}
