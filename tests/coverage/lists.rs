//! What holds for every list: it can be asked for by its fields.

use std::collections::BTreeSet;

use prost_reflect::prost::Message;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, Value,
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::contract::{
    Dialect, Format, bare_value, dialect, family, format, http_rule, name, path, rpcs, says,
};
use super::grounds::Tenants;
use super::ids::Ids;
use super::problems;
use super::ready::facilities::NOT_ASKED_FOR;
use super::request::{Change, decode, request_message};
use crate::support::{grpc, run};

/// The lists that take an order, and a filter with it.
fn lists() -> Vec<MethodDescriptor> {
    let takes = |rpc: &MethodDescriptor| rpc.input().get_field_by_name("order_by").is_some();
    let lists: Vec<_> = rpcs().into_iter().filter(takes).collect();
    assert!(lists.len() >= 18, "{}", lists.len());
    lists
}

/// The field of an answer that holds what is listed.
fn items_field(rpc: &MethodDescriptor) -> FieldDescriptor {
    let answer = rpc.output();
    let listed =
        answer.fields().find(|field| field.is_list() && field.kind().as_message().is_some());
    listed.unwrap_or_else(|| panic!("{}: what is listed?", name(rpc)))
}

fn item(rpc: &MethodDescriptor) -> MessageDescriptor {
    items_field(rpc).kind().as_message().expect("messages").clone()
}

/// A field of an item that holds one value.
struct Leaf {
    path: String,
    /// Whether it is a part of an address.
    address: bool,
    /// A value that it could be compared with, as gRPC clients write it.
    literal: String,
    /// The same without quotes, as clients of JSON:API send it.
    plain: String,
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign, open list")]
fn leaves(message: &MessageDescriptor, at: &str, whole_names: bool, found: &mut Vec<Leaf>) {
    for field in message.fields().filter(|field| !field.is_list() && field.name() != "etag") {
        let path = format!("{at}{}", field.name());
        let (literal, plain) = match field.kind() {
            Kind::String => {
                let text = match format(&field) {
                    Format::Date => "2030-03-29",
                    // What the owner's clock shows is kept as the instant too, and compared by it.
                    Format::LocalTime => "2030-03-29T12:00:00Z",
                    Format::Clock => "12:00",
                    Format::Json => continue,
                    _ => "x",
                };
                (format!("\"{text}\""), text.to_owned())
            }
            Kind::Enum(of) => {
                let first = of.values().nth(1).expect("a value");
                let bare = bare_value(&of, first.number());
                // JSON knows the values without the name of the enumeration, and so does gRPC
                // where a filter comes from JSON.
                let literal = if whole_names { first.name().to_owned() } else { bare.clone() };
                (literal, bare.to_lowercase())
            }
            kind => {
                let text = match kind {
                    Kind::Bool => "true",
                    Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Double => "1",
                    Kind::Message(inner) => match inner.full_name() {
                        "google.protobuf.Timestamp" => "2026-03-31T12:00:00Z",
                        "google.type.Decimal" | "google.type.Money" => "12.50",
                        // One level is enough: what is below belongs to another record.
                        _ if at.is_empty() => {
                            leaves(&inner, &format!("{path}."), whole_names, found);
                            continue;
                        }
                        _ => continue,
                    },
                    kind => panic!("{}: no literal for {kind:?}", field.full_name()),
                };
                (text.to_owned(), text.to_owned())
            }
        };
        found.push(Leaf { path, address: message.name() == "Address", literal, plain });
    }
}

/// Calls a list as it is fine, but for some fields.
async fn call(
    ids: &Ids<'_>,
    rpc: &MethodDescriptor,
    fields: &[(&str, Value)],
) -> Result<DynamicMessage, Status> {
    let mut message = request_message(rpc, ids, &Change::default()).await;
    if let Some(end) = message.get_field_by_name_mut("to_date_time") {
        let end = end.as_message_mut().expect("a time");
        end.set_field_by_name("seconds", Value::I64(4_000_000_000));
    }
    for (name, value) in fields {
        message.set_field_by_name(name, value.clone());
    }
    let token = Some(&*ids.tenant.token);
    let answer = grpc::call_bytes(token, &path(rpc), message.encode_to_vec()).await?;
    Ok(decode(rpc, &answer))
}

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

/// Calls a list by JSON:API with further parameters.
async fn ask(
    ids: &Ids<'_>,
    rpc: &MethodDescriptor,
    query: &[(&str, &str)],
) -> crate::support::Answer {
    let route = http_rule(rpc).get_field_by_name("get").expect("a member").into_owned();
    let mut way = route.as_str().expect("text").to_owned();
    let message = request_message(rpc, ids, &Change::default()).await;
    for (field, value) in message.fields() {
        if let Some(id) = value.as_i64() {
            way = way.replace(&format!("{{{}}}", field.name()), &id.to_string());
        }
    }
    ids.tenant.find(&way, query).await
}

#[test]
fn every_field_of_an_item_can_be_asked_for() {
    run(async {
        let tenants = Tenants::fresh().await;
        let ids = tenants.ids().await;
        let mut refused = BTreeSet::new();
        for rpc in lists() {
            let own = &ids[&family(&rpc)];
            let mut all = Vec::new();
            let whole_names = dialect(&rpc) == Dialect::Facilities;
            leaves(&item(&rpc), "", whole_names, &mut all);
            let mut taken = 0;
            for leaf in all {
                let Leaf { path, address, literal, plain } = leaf;
                let by = call(own, &rpc, &[("order_by", text(&path))]).await;
                let present = call(own, &rpc, &[("filter", text(&format!("{path}:*")))]).await;
                let at = format!("{}: {path}", name(&rpc));
                for status in [&by, &present].into_iter().filter_map(|asked| asked.as_ref().err()) {
                    assert_eq!(status.code(), Code::InvalidArgument, "{at}");
                }
                let (orders, filters) = (by.is_ok(), present.is_ok());
                // The contract of rentals says of each field which of the two it is for.
                let apart = dialect(&rpc) == Dialect::Rentals;
                assert!(apart || orders == filters, "{at}: one of the two");
                if !orders && !filters {
                    if family(&rpc) == "facilities" {
                        refused.insert(match path.rsplit_once('.') {
                            Some((_, member)) if address => format!("Address.{member}"),
                            _ => format!("{}:{path}", item(&rpc).name()),
                        });
                    }
                    continue;
                }
                taken += usize::from(orders);
                if orders {
                    let down = format!("{path} desc");
                    call(own, &rpc, &[("order_by", text(&down))]).await.expect(&down);
                }
                let conditions = [
                    format!("{path} = {literal}"),
                    format!("NOT {path} != {literal} OR {path}:*"),
                    format!("{path}:{literal} AND -({path} = {literal})"),
                ];
                for filter in conditions.into_iter().filter(|_| filters) {
                    let found = call(own, &rpc, &[("filter", text(&filter))]).await;
                    found.unwrap_or_else(|status| panic!("{}: {filter}: {status}", name(&rpc)));
                }
                if dialect(&rpc) == Dialect::Rentals {
                    asked_by_json_api(own, &rpc, &path, &plain, (orders, filters)).await;
                }
            }
            assert!(taken >= 1, "{}: nothing to order by", name(&rpc));
        }
        let expected: BTreeSet<_> = NOT_ASKED_FOR.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(refused, expected);
    });
}

/// The same field, as clients of JSON:API ask for it.
async fn asked_by_json_api(
    ids: &Ids<'_>,
    rpc: &MethodDescriptor,
    path: &str,
    value: &str,
    (orders, filters): (bool, bool),
) {
    let (is, is_not) = (format!("filter[{path}]"), format!("filter[{path}][not]"));
    let down = format!("-{path}");
    for query in [(&*is, value), (&*is_not, value), (&*is, "null"), ("sort", &*down)] {
        // Some conditions are fields of the request with words of their own.
        let member = path.split('.').next().expect("a name");
        if query.0 != "sort" && rpc.input().get_field_by_name(member).is_some() {
            continue;
        }
        let offered = if query.0 == "sort" { orders } else { filters };
        ask(ids, rpc, &[query]).await.is(if offered { 200 } else { 400 });
    }
}

#[test]
fn every_list_refuses_what_it_cannot_read() {
    run(async {
        let tenants = Tenants::fresh().await;
        let ids = tenants.ids().await;
        for rpc in lists() {
            let own = &ids[&family(&rpc)];
            let refusal = async |field: &str, value: Value| {
                let status = call(own, &rpc, &[(field, value)]).await.expect_err("refused");
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
            if dialect(&rpc) != Dialect::Rentals {
                continue;
            }
            for (parameter, value) in [
                ("filter[secret]", "1"),
                ("filter[id][like]", "1"),
                ("sort", "secret"),
                ("page[number]", "0"),
                ("page[size]", "x"),
                ("page[of]", "1"),
                ("fields[nothing]", "id"),
                ("include", "secret"),
                ("nothing", "1"),
            ] {
                let refused = ask(own, &rpc, &[(parameter, value)]).await.is(400);
                let problem = problems::read(&refused, Dialect::Rentals);
                assert_eq!(problem.paths.len(), 1, "{parameter}: {refused:?}");
            }
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

/// Whether a field stays as it is while nothing is changed: it is no time that runs, nor a signed
/// URL, nor has such a member.
fn lasts(field: &FieldDescriptor) -> bool {
    let moves =
        |field: &FieldDescriptor| field.name() == "response_time_left" || says(field, "ephemeral");
    let inner = field.kind();
    let inner = inner.as_message().into_iter().flat_map(MessageDescriptor::fields);
    !moves(field) && !inner.into_iter().any(|inner| moves(&inner))
}

#[test]
fn every_list_answers_only_what_its_mask_names() {
    run(async {
        let tenants = Tenants::fresh().await;
        let ids = tenants.ids().await;
        for rpc in lists() {
            let own = &ids[&family(&rpc)];
            let listed = items_field(&rpc);
            let whole = call(own, &rpc, &[]).await.expect("all fields");
            let items = |message: &DynamicMessage| {
                message.get_field(&listed).as_list().expect("a list").to_vec()
            };
            assert!(!items(&whole).is_empty(), "{}: nothing to mask", name(&rpc));
            let all = call(own, &rpc, &[("read_mask", mask(&["*"]))]).await.expect("a star");
            assert_eq!(items(&all).len(), items(&whole).len());
            for field in item(&rpc).fields() {
                let read_mask = ("read_mask", mask(&[field.name()]));
                let part = call(own, &rpc, &[read_mask]).await.expect("a part");
                for (part, whole) in items(&part).iter().zip(items(&whole)) {
                    let (part, whole) = (part.as_message().expect("an item"), whole);
                    let whole = whole.as_message().expect("an item");
                    // What changes by itself may have done so.
                    if lasts(&field) {
                        assert_eq!(part.get_field(&field), whole.get_field(&field));
                    }
                    let others = part.fields().filter(|(other, _)| *other != field).count();
                    assert_eq!(others, 0, "{}: {}", name(&rpc), field.name());
                }
                for (number, value) in whole.fields().filter(|(of, _)| *of != listed) {
                    assert_eq!(&*part.get_field(&number), value, "{}", name(&rpc));
                }
            }
        }
    });
}
