//! What holds for every list: it can be asked for by its fields.

use std::collections::BTreeSet;

use prost_reflect::prost::Message;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, Value,
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::contract::{name, path, rpcs};
use super::request::{Change, Ids, decode, request};
use crate::support::{Tenant, database, grpc, with_tenant};

/// Fields that lists cannot be filtered or ordered by: what is below another record that has a
/// name and an id, and what is computed when it is shown.
const NOT_ASKED_FOR: &[&str] = &[
    "Address.google_place_id",
    "Address.id",
    "AttachmentDetails:url",
    "Event:changes",
    "Event:resource",
    "IssueSummary:issue_manager_name",
    "IssueSummary:overall_rating.comment",
    "IssueSummary:overall_rating.last_rated_date",
    "IssueSummary:overall_rating.type",
    "IssueSummary:overall_rating.user",
    "IssueSummary:property_unit.floor",
    "IssueSummary:response_time_left",
    "ManagerSummary:role",
    "Property:property_type.can_delete",
    "Property:property_type.is_active",
    "Property:property_type.is_used",
    "PropertyUnitSummary:main_contact.additional_note",
    "PropertyUnitSummary:main_contact.company_name",
    "PropertyUnitSummary:main_contact.country_code",
    "PropertyUnitSummary:main_contact.phone_number",
    "PropertyUnitSummary:property_unit_type.can_delete",
    "PropertyUnitSummary:property_unit_type.is_used",
];

/// The lists that take an order, and a filter with it.
fn lists() -> Vec<MethodDescriptor> {
    let takes = |rpc: &MethodDescriptor| rpc.input().get_field_by_name("order_by").is_some();
    let lists: Vec<_> = rpcs().into_iter().filter(takes).collect();
    assert!(lists.len() >= 18, "{}", lists.len());
    lists
}

/// The list in the answer.
fn items_of(rpc: &MethodDescriptor) -> FieldDescriptor {
    rpc.output().fields().find(FieldDescriptor::is_list).expect("items")
}

fn item(rpc: &MethodDescriptor) -> MessageDescriptor {
    items_of(rpc).kind().as_message().expect("messages").clone()
}

/// A field of an item that holds one value.
struct Leaf {
    path: String,
    /// Whether it is a part of an address.
    address: bool,
    /// A value that it could be compared with.
    literal: String,
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign, open list")]
fn leaves(message: &MessageDescriptor, at: &str, found: &mut Vec<Leaf>) {
    for field in message.fields().filter(|field| !field.is_list() && field.name() != "etag") {
        let path = format!("{at}{}", field.name());
        let literal = match field.kind() {
            Kind::String => "\"x\"".to_owned(),
            Kind::Bool => "true".to_owned(),
            Kind::Int32 | Kind::Int64 | Kind::Double => "1".to_owned(),
            Kind::Enum(values) => values.get_value(1).expect("a value").name().to_owned(),
            Kind::Message(inner) => match inner.full_name() {
                "google.protobuf.Timestamp" => "2026-03-31T12:00:00Z".to_owned(),
                "google.type.Decimal" => "12.50".to_owned(),
                // One level is enough: what is below belongs to another record.
                _ if at.is_empty() => {
                    leaves(&inner, &format!("{path}."), found);
                    continue;
                }
                _ => continue,
            },
            kind => panic!("{}: no literal for {kind:?}", field.full_name()),
        };
        found.push(Leaf { path, address: message.name() == "Address", literal });
    }
}

/// Calls a list as it is fine, but for some fields.
async fn call(
    t: &Tenant,
    ids: &Ids,
    rpc: &MethodDescriptor,
    fields: &[(&str, Value)],
) -> Result<DynamicMessage, Status> {
    let fine = request(rpc, ids, &Change::default());
    let mut message = DynamicMessage::decode(rpc.input(), &*fine).expect("a request");
    if let Some(end) = message.get_field_by_name_mut("to_date_time") {
        let end = end.as_message_mut().expect("a time");
        end.set_field_by_name("seconds", Value::I64(4_000_000_000));
    }
    for (name, value) in fields {
        message.set_field_by_name(name, value.clone());
    }
    let answer = grpc::call_bytes(Some(&t.token), &path(rpc), message.encode_to_vec()).await?;
    Ok(decode(rpc, &answer))
}

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

#[test]
fn every_field_of_an_item_can_be_asked_for() {
    with_tenant(async |t| {
        let ids = Ids::make(&t).await;
        let mut refused = BTreeSet::new();
        for rpc in lists() {
            let mut all = Vec::new();
            leaves(&item(&rpc), "", &mut all);
            for leaf in all {
                let Leaf { path, address, literal } = leaf;
                let by = call(&t, &ids, &rpc, &[("order_by", text(&path))]).await;
                if let Err(status) = &by {
                    assert_eq!(status.code(), Code::InvalidArgument, "{}: {path}", name(&rpc));
                    refused.insert(match path.rsplit_once('.') {
                        Some((_, member)) if address => format!("Address.{member}"),
                        _ => format!("{}:{path}", item(&rpc).name()),
                    });
                    continue;
                }
                let down = format!("{path} desc");
                call(&t, &ids, &rpc, &[("order_by", text(&down))]).await.expect(&down);
                let filters = [
                    format!("{path} = {literal}"),
                    format!("NOT {path} != {literal} OR {path}:*"),
                    format!("{path}:{literal} AND -({path} = {literal})"),
                ];
                for filter in filters {
                    let found = call(&t, &ids, &rpc, &[("filter", text(&filter))]).await;
                    found.unwrap_or_else(|status| panic!("{}: {filter}: {status}", name(&rpc)));
                }
            }
        }
        let expected: BTreeSet<_> = NOT_ASKED_FOR.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(refused, expected);
    });
}

#[test]
fn every_list_refuses_what_it_cannot_read() {
    with_tenant(async |t| {
        let ids = &Ids::make(&t).await;
        for rpc in lists() {
            let refusal = async |field: &str, value: Value| {
                let status = call(&t, ids, &rpc, &[(field, value)]).await.expect_err("refused");
                assert_eq!(status.code(), Code::InvalidArgument, "{}", name(&rpc));
                let details = status.get_details_bad_request().expect("violations");
                let [violation] = &*details.field_violations else {
                    panic!("{}: {details:?}", name(&rpc))
                };
                assert_eq!(violation.field, field);
            };
            refusal("filter", text("secret = 1")).await;
            refusal("filter", text("id = ")).await;
            refusal("filter", text("id = 1; DROP TABLE facilities.users")).await;
            refusal("filter", text(&"(".repeat(500))).await;
            refusal("order_by", text("secret")).await;
            refusal("order_by", text("id; DROP TABLE facilities.users")).await;
            refusal("read_mask", mask(&["id", "secret"])).await;
            refusal("read_mask", mask(&["id.secret"])).await;
        }
    });
}

fn mask(paths: &[&str]) -> Value {
    let mask = super::contract::POOL.get_message_by_name("google.protobuf.FieldMask");
    let mut mask = DynamicMessage::new(mask.expect("a message"));
    let paths = paths.iter().map(|path| text(path)).collect();
    mask.set_field_by_name("paths", Value::List(paths));
    Value::Message(mask)
}

#[test]
fn every_list_answers_only_what_its_mask_names() {
    with_tenant(async |t| {
        let ids = Ids::make(&t).await;
        let comment = format!(
            "INSERT INTO facilities.issue_comments (tenant_id, issue_id, author_id, text)
             SELECT tenant_id, id, reporter_id, 'Text' FROM facilities.issues
             WHERE tenant_id = {}",
            t.id
        );
        database::write(t.id, &comment).await;
        for rpc in lists() {
            let whole = call(&t, &ids, &rpc, &[]).await.expect("all fields");
            let items = |message: &DynamicMessage| {
                let items = message.get_field(&items_of(&rpc)).into_owned();
                items.as_list().expect("a list").to_vec()
            };
            assert!(!items(&whole).is_empty(), "{}: nothing to mask", name(&rpc));
            let all = call(&t, &ids, &rpc, &[("read_mask", mask(&["*"]))]).await.expect("a star");
            assert_eq!(items(&all).len(), items(&whole).len());
            for field in item(&rpc).fields() {
                let read_mask = ("read_mask", mask(&[field.name()]));
                let part = call(&t, &ids, &rpc, &[read_mask]).await.expect("a part");
                for (part, whole) in items(&part).iter().zip(items(&whole)) {
                    let (part, whole) = (part.as_message().expect("an item"), whole);
                    let whole = whole.as_message().expect("an item");
                    // What changes by itself may have done so.
                    if !["response_time_left", "url"].contains(&field.name()) {
                        assert_eq!(part.get_field(&field), whole.get_field(&field));
                    }
                    let others = part.fields().filter(|(other, _)| *other != field).count();
                    assert_eq!(others, 0, "{}: {}", name(&rpc), field.name());
                }
                for (number, value) in whole.fields().filter(|(of, _)| *of != items_of(&rpc)) {
                    assert_eq!(&*part.get_field(&number), value, "{}", name(&rpc));
                }
            }
        }
    });
}
