//! What holds for every RPC.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use prost_reflect::{Kind, MethodDescriptor, Value};
use serde_json::json;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::bad_input::plain;
use super::contract::{
    Dialect, dialect, dialect_of, family, guarded_rpcs, http_path, name, pascal_case, path, rpc,
    rpcs, snake_case,
};
use super::grounds::{Tenants, domain, for_each, for_each_own};
use super::ids::Ids;
use super::problems;
use super::ready;
use super::request::{Change, Place, decode, places, request};
use crate::support::{Tenant, database, grpc, http, process, run, unique};

/// A JSON route of the program.
struct Route {
    method: String,
    /// With ids in it.
    path: String,
    /// `package.Service/Method`
    rpc: String,
    /// Whose tenants call by it.
    family: String,
}

/// The JSON routes of the program.
fn routes() -> Vec<Route> {
    let output = process::run(&["routes"]);
    let route = |line: &str| {
        let route: serde_json::Value = serde_json::from_str(line).expect("an object");
        let text = |name: &str| route[name].as_str().expect("text").to_owned();
        let part = |part: &str| if part.starts_with('{') { "1".into() } else { part.to_owned() };
        let path: Vec<_> = text("path").split('/').map(part).collect();
        let (method, rpc, family) = (text("method"), text("rpc"), text("family"));
        Route { method, path: path.join("/"), rpc, family }
    };
    output.stdout.lines().map(route).collect()
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap_or_else(|| panic!("no error info: {status:?}")).reason
}

#[test]
fn every_rpc_answers_a_call_that_is_fine() {
    run(for_each(async |rpc| {
        let t = Tenant::of(&family(&rpc)).await;
        let ids = Ids::of(&t);
        ready::before(&ids, &rpc).await;
        let change = match own_email(&ids, &rpc).await {
            Some(email) => email_change("email", &email),
            None => Change::default(),
        };
        let message = request(&rpc, &ids, &change).await;
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
    run(async {
        for_each_own(async |rpc, own| {
            let message = request(&rpc, own, &Change::default()).await;
            let status = grpc::call_bytes(None, &path(&rpc), message).await.expect_err("a refusal");
            assert_eq!(status.code(), Code::Unauthenticated, "{}: {status:?}", name(&rpc));
            assert_eq!(
                reason(&status),
                problems::reason(dialect(&rpc), "AUTHORIZATION_ERROR"),
                "{}",
                name(&rpc)
            );
            let info = status.get_details_error_info().expect("error info");
            assert_eq!(info.domain, domain(&rpc), "{}", name(&rpc));
        })
        .await;
    });
}

#[test]
fn every_rpc_refuses_a_token_without_the_scope() {
    run(async {
        for_each_own(async |rpc, own| {
            let token = &own.tenant.token_with("openid").await;
            let message = request(&rpc, own, &Change::default()).await;
            let status =
                grpc::call_bytes(Some(token), &path(&rpc), message).await.expect_err("a refusal");
            assert_eq!(status.code(), Code::PermissionDenied, "{}: {status:?}", name(&rpc));
            assert_eq!(
                reason(&status),
                problems::reason(dialect(&rpc), "FORBIDDEN_ACTION"),
                "{}",
                name(&rpc)
            );
        })
        .await;
    });
}

#[test]
fn every_json_route_refuses_strangers() {
    run(async {
        let tenants = &Tenants::fresh().await;
        let mut tokens = BTreeMap::new();
        for tenant in tenants.all() {
            tokens.insert(tenant.family.clone(), tenant.token_with("openid").await);
        }
        let tokens = &tokens;
        let guarded: BTreeMap<_, _> =
            guarded_rpcs().into_iter().map(|rpc| (name(&rpc), rpc)).collect();
        let routes: Vec<_> =
            routes().into_iter().filter(|route| guarded.contains_key(&route.rpc)).collect();
        assert!(routes.len() >= guarded.len(), "{}", routes.len());
        let calls = routes.iter().map(|Route { method, path, rpc, family }| {
            let rpc = &guarded[rpc];
            async move {
                let base = tenants.of(rpc).base;
                let request = || {
                    let request = http::request(method, &format!("{base}{path}"));
                    let has_body = ["POST", "PUT", "PATCH"].contains(&&**method);
                    if has_body { request.json(&json!({})) } else { request }
                };
                let dialect = dialect_of(family);
                let stranger = http::send(request()).await.is(401);
                let problem = problems::read(&stranger, dialect);
                assert_eq!(problem.code, problems::code(dialect, "AUTHORIZATION_ERROR"), "{path}");
                assert!(stranger.header("www-authenticate").starts_with("Bearer"), "{stranger:?}");
                let limited = request().bearer_auth(&tokens[family]);
                let limited = http::send(limited).await.is(403);
                let problem = problems::read(&limited, dialect);
                assert_eq!(problem.code, problems::code(dialect, "FORBIDDEN_ACTION"), "{path}");
            }
        });
        join_all(calls).await;
    });
}

#[test]
fn every_rpc_has_a_json_route() {
    let routed: BTreeSet<_> = routes().into_iter().map(|route| route.rpc).collect();
    let offered: BTreeSet<_> = rpcs().iter().map(name).collect();
    assert_eq!(routed, offered);
}

#[test]
fn every_rpc_refuses_records_of_another_tenant() {
    run(async {
        let others = Tenants::fresh().await;
        let foreign = &others.foreign_ids().await;
        let mut emails = BTreeMap::new();
        for rpc in guarded_rpcs() {
            if let Some(email) = own_email(&foreign[&family(&rpc)], &rpc).await {
                emails.insert(name(&rpc), email);
            }
        }
        let emails = &emails;
        let mut before = BTreeMap::new();
        for other in others.all() {
            before.insert(other.id, database::digest(other.id).await);
        }
        for_each(async |rpc| {
            let foreign = &foreign[&family(&rpc)];
            let t = Tenant::of(&family(&rpc)).await;
            let own = Ids::of(&t);
            for place in own.id_places(&rpc) {
                let change =
                    Change { foreign: Some((place.clone(), foreign)), ..Change::default() };
                let message = request(&rpc, &own, &change).await;
                let answer = grpc::call_bytes(Some(&t.token), &path(&rpc), message).await;
                let at = format!("{} {place}", name(&rpc));
                let Err(status) = answer else { panic!("{at}: no refusal") };
                assert_not_found(&status, &rpc, &place);
            }
            // Who is looked up by e-mail is not found either.
            if let Some(email) = emails.get(&name(&rpc)) {
                let message = request(&rpc, &own, &email_change("email", email)).await;
                let answer = grpc::call_bytes(Some(&t.token), &path(&rpc), message).await;
                let status = answer.expect_err("a refusal");
                assert_eq!(status.code(), Code::NotFound, "{}: {status:?}", name(&rpc));
            }
        })
        .await;
        for other in others.all() {
            assert_eq!(database::digest(other.id).await, before[&other.id], "{}", other.family);
        }
    });
}

/// The record that is named is not there. What a body of rentals refers to is refused as any
/// other value of its.
#[track_caller]
fn assert_not_found(status: &Status, rpc: &MethodDescriptor, place: &str) {
    let at = format!("{} {place}", name(rpc));
    let in_body = place.contains('.');
    if in_body && dialect(rpc) == Dialect::Rentals && status.code() == Code::InvalidArgument {
        let refused = status.get_details_bad_request().expect("the refused fields");
        let told = refused.field_violations.iter().any(|violation| {
            plain(&violation.field).starts_with(place) && violation.reason == "REFERENCE_NOT_FOUND"
        });
        assert!(told, "{at}: {refused:?}");
        return;
    }
    assert_eq!(status.code(), Code::NotFound, "{at}: {status:?}");
    assert_eq!(reason(status), problems::reason(dialect(rpc), "ENTITY_NOT_FOUND"), "{at}");
    assert!(status.get_details_resource_info().is_some(), "{at}");
}

fn email_change<'a>(path: &str, email: &str) -> Change<'a> {
    let with = Some((path.to_owned(), Value::String(email.to_owned())));
    Change { with, ..Change::default() }
}

/// The e-mail of a new record that an RPC which looks records up by e-mail finds; none for others.
async fn own_email(ids: &Ids<'_>, finder: &MethodDescriptor) -> Option<String> {
    let resource = finder.name().strip_prefix("Find")?.strip_suffix("ByEmail")?;
    let service = finder.parent_service();
    let creator = rpc(&format!("{}/Create{resource}", service.full_name()));
    let email = format!("{}@example.com", unique("found"));
    let resource = snake_case(&pascal_case(resource));
    let change = email_change(&format!("{resource}.email"), &email);
    let message = request(&creator, ids, &change).await;
    let made = grpc::call_bytes(Some(&ids.tenant.token), &path(&creator), message).await;
    made.unwrap_or_else(|status| panic!("{}: {status:?}", name(&creator)));
    Some(email)
}

#[test]
fn every_required_field_is_missed() {
    run(async {
        for_each_own(async |rpc, own| {
            // Also ids that callers other than programs and admins may leave out.
            let is_missed = |place: &Place| {
                let is_id = place.field.kind() == Kind::Int64;
                place.required || is_id && ready::is_missed(&rpc, &place.field)
            };
            for place in places(&rpc).into_iter().filter(is_missed) {
                let change = Change { without: Some(place.path.clone()), ..Change::default() };
                let message = request(&rpc, own, &change).await;
                let answer = grpc::call_bytes(Some(&own.tenant.token), &path(&rpc), message).await;
                let at = format!("{} {}", name(&rpc), place.path);
                let Err(status) = answer else { panic!("{at}: not missed") };
                // An id that no JSON route can leave out is the id 0, which names nothing.
                let in_path = http_path(&rpc).contains(&format!("{{{}", place.path));
                let is_id = place.field.kind() == Kind::Int64 && in_path;
                if is_id && status.code() == Code::NotFound {
                    continue;
                }
                assert_eq!(status.code(), Code::InvalidArgument, "{at}: {status:?}");
                // Each field of rentals has an error of its own; the first gives the reason.
                if dialect(&rpc) != Dialect::Rentals {
                    let expected = problems::reason(dialect(&rpc), "BAD_REQUEST");
                    assert_eq!(reason(&status), expected, "{at}");
                }
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
