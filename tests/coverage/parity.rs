//! gRPC and JSON say the same: the facts of every answer, and what every refusal is about.

use std::collections::BTreeSet;

use prost_reflect::prost::Message;
use prost_reflect::{DynamicMessage, Kind, MethodDescriptor, ReflectMessage, Value};
use serde_json::{Value as Json, json};
use tonic::Code;
use tonic_types::StatusExt;

use super::contract::{
    Dialect, Format, Idempotency, POOL, dialect, families, format, http_rule, idempotency,
    json_type, member_name, name, path, says,
};
use super::grounds::for_each_own;
use super::request::{Change, decode, request_message};
use super::{problems, render};
use crate::support::{grpc, http, run};

/// The JSON route of an RPC: method, path template, the field that is the body.
fn route(rpc: &MethodDescriptor) -> (&'static str, String, String) {
    let rule = http_rule(rpc);
    let text = |name: &str| {
        let value = rule.get_field_by_name(name).expect("a member");
        value.as_str().expect("text").to_owned()
    };
    let methods = ["get", "put", "post", "delete", "patch"];
    let method = methods.into_iter().find(|method| !text(method).is_empty()).expect("a route");
    (method, text(method), text("body"))
}

/// Puts the variables of a path into it; answers their names too.
fn filled(template: &str, message: &DynamicMessage) -> (String, Vec<String>) {
    let mut path = String::new();
    let mut names = Vec::new();
    for part in template.split('/').skip(1) {
        path.push('/');
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(variable) => {
                let name = variable.split('=').next().expect("a name");
                let value = message.get_field_by_name(name);
                path.push_str(&text(&value.unwrap_or_else(|| panic!("{template}: {name}"))));
                names.push(name.to_owned());
            }
            None => path.push_str(part),
        }
    }
    (path, names)
}

/// A value as a path or a query has it.
#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign, open list")]
fn text(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::I32(value) => value.to_string(),
        Value::I64(value) => value.to_string(),
        Value::EnumNumber(value) => value.to_string(),
        Value::String(value) => value.clone(),
        Value::Message(time) => {
            let seconds = time.get_field_by_name("seconds").and_then(|seconds| seconds.as_i64());
            let time = steward_kernel::time::Timestamp::new(seconds.expect("a time"), 0);
            steward_kernel::time::format_millis(time.expect("an instant"))
        }
        value => panic!("not in a query: {value:?}"),
    }
}

fn query(message: &DynamicMessage, taken: &[String]) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (field, value) in message.fields() {
        if taken.iter().any(|taken| taken == field.name()) {
            continue;
        }
        match value.as_list() {
            Some(all) => pairs.extend(all.iter().map(|one| (member_name(&field), text(one)))),
            None => pairs.push((member_name(&field), text(value))),
        }
    }
    pairs
}

/// Names of the members of an answer that differ each time: they end, or count down.
fn passing(rpc: &MethodDescriptor) -> Vec<String> {
    let mut names = vec!["links".to_owned(), "included".to_owned()];
    let mut known = Vec::new();
    let mut left = vec![rpc.output()];
    while let Some(message) = left.pop() {
        for field in message.fields() {
            // A URL that ends is signed for a moment.
            let ends = field.name() == "url" && message.get_field_by_name("expires").is_some();
            let moves = ends || ["response_time_left", "expires"].contains(&field.name());
            if says(&field, "ephemeral") || moves {
                names.push(member_name(&field));
            }
            if let Kind::Message(inner) = field.kind()
                && !known.contains(&inner)
            {
                known.push(inner.clone());
                left.push(inner);
            }
        }
    }
    names
}

#[test]
fn every_read_says_the_same_in_json() {
    run(async {
        for_each_own(async |rpc, own| {
            let (method, template, _) = route(&rpc);
            let is_file = rpc.output().full_name() == "google.api.HttpBody";
            let is_read = idempotency(&rpc) == Idempotency::Read && method == "get";
            if !is_read || rpc.is_server_streaming() || is_file {
                return;
            }
            let message = request_message(&rpc, own, &Change::default()).await;
            let token = &own.tenant.token;
            let answer = grpc::call_bytes(Some(token), &path(&rpc), message.encode_to_vec()).await;
            let (way, taken) = filled(&template, &message);
            let asked = own.tenant.find(&way, &pairs(&query(&message, &taken))).await;
            let answer = match answer {
                Ok(answer) => decode(&rpc, &answer),
                // Who is looked up by an e-mail that nobody has is not found by either.
                Err(status) => {
                    assert_eq!(status.code(), Code::NotFound, "{}: {status:?}", name(&rpc));
                    assert_eq!(asked.status, 404, "{}", asked.asked);
                    return;
                }
            };
            let asked = asked.is(200);
            // Whoever reads one thing may ask later whether it has changed.
            if rpc.name().starts_with("Get") {
                let etag = asked.header("etag");
                assert!(etag.len() > 3 && etag != "\"v0\"", "{}: {etag:?}", asked.asked);
            }
            let body = asked.json();
            let whole = render::answer(&answer, dialect(&rpc));
            let rule = http_rule(&rpc);
            let field = rule.get_field_by_name("response_body").expect("a member");
            let expected = match field.as_str().expect("text") {
                "" => whole,
                field => {
                    let field = answer.descriptor().get_field_by_name(field).expect("a field");
                    whole[member_name(&field)].clone()
                }
            };
            let differences = render::differences(&body, &expected, &passing(&rpc));
            assert!(differences.is_empty(), "{}: {differences:#?}", name(&rpc));
        })
        .await;
    });
}

fn pairs(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (&**name, &**value)).collect()
}

/// A body that gives nothing.
fn nothing(rpc: &MethodDescriptor, body: &str) -> Json {
    let field = rpc.input().get_field_by_name(body);
    let message = field.and_then(|field| field.kind().as_message().cloned());
    match (dialect(rpc), message) {
        (Dialect::Rentals, Some(message)) => {
            json!({"data": {"type": json_type(&message), "attributes": {}}})
        }
        _ => json!({}),
    }
}

#[test]
fn every_refusal_is_about_the_same_in_json() {
    run(async {
        let compared = &std::cell::Cell::new(0);
        for_each_own(async |rpc, own| {
            let (method, template, body) = route(&rpc);
            // Nothing is missing from a body that says only what changes.
            let is_part = rpc.input().get_field_by_name("update_mask").is_some();
            if method != "post" || body.is_empty() || body == "*" || is_part {
                return;
            }
            let mut message = request_message(&rpc, own, &Change::default()).await;
            let field = rpc.input().get_field_by_name(&body).expect("the body");
            let Kind::Message(inner) = field.kind() else { return };
            message.set_field(&field, Value::Message(DynamicMessage::new(inner.clone())));
            let token = &own.tenant.token;
            let answer = grpc::call_bytes(Some(token), &path(&rpc), message.encode_to_vec()).await;
            let (way, mut taken) = filled(&template, &message);
            taken.push(body.clone());
            let request = own.tenant.request("POST", &way).query(&pairs(&query(&message, &taken)));
            let asked = http::send(request.json(&nothing(&rpc, &body))).await;
            let status = match answer {
                Err(status) if status.code() == Code::InvalidArgument => status,
                // Nothing is required.
                answer => {
                    let is_ok = (200..300).contains(&asked.status);
                    assert_eq!(answer.is_ok(), is_ok, "{}: {answer:?} {asked:?}", name(&rpc));
                    return;
                }
            };
            let violations = status.get_details_bad_request().expect("the refused fields");
            let mut fields: Vec<_> = violations
                .field_violations
                .iter()
                .map(|one| {
                    let path = in_json(&rpc, one.field.strip_prefix(&*body).unwrap_or(&one.field));
                    let member = one.field.rsplit('.').next().expect("a name");
                    let of = inner.get_field_by_name(member).map(|field| field.kind());
                    // Cleaning writes an enumeration as a number and a name.
                    let is_pair = dialect(&rpc) == Dialect::Cleaning
                        && of.is_some_and(|kind| kind.as_enum().is_some());
                    if is_pair { path + "Id" } else { path }
                })
                .collect();
            fields.sort();
            fields.dedup();
            let problem = problems::read(&asked, dialect(&rpc));
            assert_eq!(problem.paths, fields, "{}: {asked:?}", name(&rpc));
            assert!([400, 422].contains(&asked.status), "{}: {asked:?}", name(&rpc));
            compared.set(compared.get() + 1);
        })
        .await;
        assert!(compared.get() >= 10 + families().len(), "{}", compared.get());
    });
}

/// A path of proto names below the body, in the names of JSON.
fn in_json(rpc: &MethodDescriptor, path: &str) -> String {
    let path = path.trim_start_matches('.');
    if path.is_empty() {
        return "$".to_owned();
    }
    if dialect(rpc) == Dialect::Rentals {
        return path.to_owned();
    }
    let word = |(index, word): (usize, &str)| match index {
        0 => word.to_owned(),
        _ => word[..1].to_uppercase() + &word[1..],
    };
    let part = |part: &str| part.split('_').enumerate().map(word).collect::<String>();
    path.split('.').map(part).collect::<Vec<_>>().join(".")
}

/// Documents have ids as texts, which the contract says field by field.
#[test]
fn every_id_of_a_document_says_that_it_is_one() {
    let is_rentals = |rpc: &&MethodDescriptor| dialect(rpc) == Dialect::Rentals;
    let rpcs = super::contract::rpcs();
    let packages: BTreeSet<String> = rpcs.iter().filter(is_rentals).map(package).collect();
    let mut seen = 0;
    for message in POOL.all_messages() {
        // What paths and queries name is a number there as well.
        if !packages.contains(message.package_name()) || message.name().ends_with("Request") {
            continue;
        }
        for field in message.fields().filter(|field| field.kind() == Kind::Int64) {
            seen += 1;
            let name = field.name();
            if name.ends_with("_id") && !name.ends_with("internal_id") {
                assert_eq!(format(&field), Format::Id, "{}", field.full_name());
            }
        }
    }
    assert!(seen >= 4, "{seen}");
}

fn package(rpc: &MethodDescriptor) -> String {
    rpc.parent_service().package_name().to_owned()
}
