//! Documents of JSON:API, as clients see them.

use http::Request;
use prost::Message;
use serde_json::{Value, json};
use steward_contracts::steward::platform::v1 as platform;
use steward_contracts::steward::rentals::v1 as pb;
use steward_kernel::{Error, Kind};

use super::calls::{ask, rest, send};
use crate::catalog::Dialect;
use crate::rest::dialect::{self, Asked};
use crate::rest::document::JSON_API;
use crate::rest::failure::Failure;
use crate::rest::wire::integer;
use crate::rpc::patch::UNREAD;
use crate::status;

const CUSTOMERS: &str = "/api/saas/me/customers";

fn address(id: i64) -> pb::Address {
    pb::Address { id, city: Some(format!("City {id}")), ..pb::Address::default() }
}

fn customer(id: i64, addresses: &[i64]) -> pb::Customer {
    pb::Customer {
        id,
        internal_id: id + 100,
        name: Some(format!("Customer {id}")),
        addresses: addresses.iter().map(|id| address(*id)).collect(),
        ..pb::Customer::default()
    }
}

/// A page of a list of 55 that has two customers with an address in common.
fn page(number: i32) -> Vec<u8> {
    pb::ListCustomersResponse {
        customers: vec![customer(1, &[7, 8]), customer(2, &[8])],
        page_info: Some(pb::PageInfo {
            total_count: 55,
            page_number: number,
            page_size: 25,
            total_pages: 3,
        }),
    }
    .encode_to_vec()
}

async fn get(reply: Vec<u8>, uri: &str) -> Value {
    let (shim, _) = rest(Ok(reply));
    let answer = ask(&shim, "GET", uri, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn what_is_included_is_there_once() {
    let document = get(page(1), &format!("{CUSTOMERS}?include=addresses")).await;
    let included = document["included"].as_array().expect("included");
    let ids: Vec<_> = included.iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, ["7", "8"]);
    assert!(included.iter().all(|one| one["type"] == "address"), "{included:?}");
    let related = &document["data"][1]["relationships"]["addresses"]["data"];
    assert_eq!(*related, json!([{"id": "8", "type": "address"}]));
    assert_eq!(document["data"][0]["attributes"]["internal_id"], 101);

    // Of whom nothing but the id is known, nothing is included.
    let bare = pb::Address { id: 9, ..pb::Address::default() };
    let one = pb::Customer { addresses: vec![bare], ..customer(1, &[]) };
    let document = get(one.encode_to_vec(), &format!("{CUSTOMERS}/101")).await;
    assert_eq!(document["data"]["relationships"]["addresses"]["data"][0]["id"], "9");
    assert!(document["included"].is_null(), "{document}");
}

#[tokio::test]
async fn members_can_be_chosen_by_type() {
    let uri = format!("{CUSTOMERS}?fields[customer]=name,addresses&fields%5Baddress%5D=city");
    let document = get(page(1), &uri).await;
    assert_eq!(document["data"][0]["attributes"], json!({"name": "Customer 1"}));
    assert!(document["data"][0]["relationships"]["addresses"].is_object());
    assert_eq!(document["included"][0]["attributes"], json!({"city": "City 7"}));
    let document = get(page(1), &format!("{CUSTOMERS}?fields[customer]=")).await;
    assert_eq!(document["data"][0]["attributes"], json!({}));
    assert!(document["data"][0]["relationships"]["addresses"].is_object());

    let (shim, asked) = rest(Ok(page(1)));
    for query in ["fields[customer]=secret", "fields[nothing]=name"] {
        let answer = ask(&shim, "GET", &format!("{CUSTOMERS}?{query}"), "").await;
        assert_eq!(answer.status, 400, "{query}");
    }
    assert!(asked.lock().expect("no panic").is_none());
}

#[tokio::test]
async fn lists_lead_to_their_other_pages() {
    let link = |number: u32| format!("{CUSTOMERS}?q=a&page%5Bnumber%5D={number}");
    for (number, prev, next) in [
        (1, None, Some(2)),
        (2, Some(1), Some(3)),
        (3, Some(2), None),
        // Past the end, the way back leads to the last page.
        (9, Some(3), None),
    ] {
        let asked = format!("{CUSTOMERS}?q=a&page[number]={number}");
        let document = get(page(number), &asked).await;
        assert_eq!(
            document["links"],
            json!({
                "self": asked, "first": link(1), "last": link(3),
                "prev": prev.map(link), "next": next.map(link),
            })
        );
        let meta = json!({
            "total_count": 55, "page_number": number, "page_size": 25, "total_pages": 3,
        });
        assert_eq!(document["meta"], meta);
    }
    // An empty list is one page without anything in it.
    let empty = pb::ListCustomersResponse {
        page_info: Some(pb::PageInfo { page_number: 1, page_size: 25, ..Default::default() }),
        ..Default::default()
    };
    let document = get(empty.encode_to_vec(), CUSTOMERS).await;
    assert_eq!(document["data"], json!([]));
    assert_eq!(document["links"]["last"], format!("{CUSTOMERS}?page%5Bnumber%5D=1"));
    assert_eq!(document["links"]["next"], Value::Null);
}

#[tokio::test]
async fn what_is_followed_by_a_cursor_leads_on_alone() {
    const EVENTS: &str = "/api/saas/me/events";
    let reply = |has_more| {
        let reply = platform::ListEventsResponse {
            items: Vec::new(),
            next_cursor: 7,
            has_more,
            total_count: Some(9),
        };
        reply.encode_to_vec()
    };
    let asked = format!("{EVENTS}?types=a.*&after=5&page[size]=2");
    let document = get(reply(true), &asked).await;
    let first = format!("{EVENTS}?types=a.*&page[size]=2");
    assert_eq!(
        document["links"],
        json!({
            "self": asked, "first": first, "prev": null, "next": format!("{first}&cursor=7"),
            "last": null,
        })
    );
    assert_eq!(document["meta"], json!({"next_cursor": 7, "has_more": true, "total_count": 9}));
    let document = get(reply(false), EVENTS).await;
    let ends = json!({"self": EVENTS, "first": EVENTS, "prev": null, "next": null, "last": null});
    assert_eq!(document["links"], ends);

    // Others say that there is more by having a cursor.
    let reply = platform::ListExportsResponse { next_cursor: Some(3), ..Default::default() };
    let document = get(reply.encode_to_vec(), "/api/saas/me/exports?cursor=9").await;
    assert_eq!(document["links"]["next"], "/api/saas/me/exports?cursor=3");
    assert_eq!(document["meta"], json!({"next_cursor": 3, "total_count": null}));
}

#[tokio::test]
async fn what_documents_call_otherwise_is_shown_and_asked_for_so() {
    let import = platform::Import { created_count: 2, failed_count: 1, ..Default::default() };
    let reply = platform::ListImportsResponse { items: vec![import], ..Default::default() };
    let (shim, asked) = rest(Ok(reply.encode_to_vec()));
    let query =
        "sort=-created_at,failed&filter[created][gte]=1&filter[status]=done&filter[mode]=upsert";
    let answer = ask(&shim, "GET", &format!("/api/saas/me/imports?{query}"), "").await;
    let attributes = &answer.json()["data"][0]["attributes"];
    assert_eq!((&attributes["created"], &attributes["failed"]), (&json!(2), &json!(1)));
    assert!(attributes.get("created_at").is_some() && attributes.get("status").is_some());
    assert!(attributes.get("created_count").is_none() && attributes.get("state").is_none());
    let seen = asked.lock().expect("no panic").take().expect("it was called");
    let request = platform::ListImportsRequest::decode(seen.message).expect("a message");
    assert_eq!(request.order_by.as_deref(), Some("created desc,failed_count"));
    let filter = "created_count >= \"1\" AND (state = \"done\") AND (mode = \"upsert\")";
    assert_eq!(request.filter.as_deref(), Some(filter));
}

#[tokio::test]
async fn both_media_types_are_spoken() {
    let (shim, _) = rest(Ok(customer(1, &[]).encode_to_vec()));
    for (accept, expected) in [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/vnd.api+json", "application/vnd.api+json"),
        ("text/html, application/vnd.api+json;q=0.5", "application/vnd.api+json"),
        ("application/json;q=0.4, application/vnd.api+json", "application/vnd.api+json"),
        ("application/vnd.api+json;q=0, */*", "application/json"),
        ("application/vnd.api+json, */*", "application/vnd.api+json"),
        ("*/*;q=0.1, application/json;q=0", "application/vnd.api+json"),
    ] {
        let request = Request::get(format!("{CUSTOMERS}/1")).header("accept", accept);
        let answer = send(&shim, request.body(String::new()).expect("a request")).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, expected));
    }
    let request = Request::get(format!("{CUSTOMERS}/1/nothing")).header("accept", JSON_API);
    let answer = send(&shim, request.body(String::new()).expect("a request")).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (404, JSON_API));
    let request = Request::get(format!("{CUSTOMERS}/1")).header("accept", "text/html");
    let answer = send(&shim, request.body(String::new()).expect("a request")).await;
    assert_eq!(answer.status, 406);
}

#[tokio::test]
async fn a_document_that_contradicts_its_path_is_refused() {
    let (shim, asked) = rest(Ok(customer(1, &[]).encode_to_vec()));
    for (body, status, code) in [
        (r#"{"data":{"type":"booking","attributes":{"name":"A"}}}"#, 409, "type_mismatch"),
        (r#"{"data":{"type":"customer","attributes":{"nothing":1}}}"#, 422, "unknown_attribute"),
        (r#"{"data":[]}"#, 400, "malformed_body"),
        (r#"{"name":"A"}"#, 400, "malformed_body"),
        (r#"{"data":{"attributes":[]}}"#, 400, "malformed_body"),
        (r#"{"data":{"attributes":null}}"#, 400, "malformed_body"),
        (r#"{"data":{"type":{}}}"#, 400, "malformed_body"),
        (r#"{"data":{"type":null}}"#, 400, "malformed_body"),
        (r#"{"data":{"id":1}}"#, 400, "malformed_body"),
        (r#"{"data":{"attributes":{"discount_percentage":"x"}}}"#, 422, "invalid_format"),
    ] {
        let answer = ask(&shim, "POST", CUSTOMERS, body).await;
        let error = &answer.json()["errors"][0];
        assert_eq!((answer.status.as_u16(), &error["code"]), (status, &json!(code)), "{body}");
        // What can be read otherwise is handed on for the rest to be checked, with a note.
        let seen = asked.lock().expect("no panic").take();
        let unread = seen.map(|seen| integer(&seen.message, UNREAD));
        assert_eq!(unread, (status == 422).then_some(1), "{body}");
    }
    // What was read may be sent back, the server's own attributes included.
    let body = r#"{"data":{"id":"1","type":"customer","attributes":{"name":"B","internal_id":4}}}"#;
    let answer = ask(&shim, "PUT", &format!("{CUSTOMERS}/101"), body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let seen = asked.lock().expect("no panic").take().expect("it was called");
    let update = pb::UpdateCustomerRequest::decode(seen.message).expect("a message");
    assert_eq!(update.update_mask.expect("a mask").paths, ["name"]);
    let sent = update.customer.expect("a customer");
    assert_eq!((sent.name.as_deref(), sent.internal_id), (Some("B"), 0));
}

/// Every reason that all families share, in the dialects that have codes for it.
#[test]
fn every_reason_has_its_code_and_status() {
    use Kind::{
        Aborted, AlreadyExists, DeadlineExceeded, FailedPrecondition, Internal, InvalidArgument,
        NotFound, PermissionDenied, ResourceExhausted, Unauthenticated, Unavailable, Unimplemented,
    };
    for (kind, reason, rentals, cleaning) in [
        (NotFound, "ENTITY_NOT_FOUND", (404, "not_found"), (404, "not_found")),
        (AlreadyExists, "DUPLICATE", (409, "duplicate"), (409, "duplicate")),
        (AlreadyExists, "EMAIL_TAKEN", (409, "email_taken"), (409, "email_taken")),
        (InvalidArgument, "INVALID_FORMAT", (400, "malformed_body"), (400, "malformed_json")),
        (InvalidArgument, "BAD_REQUEST", (422, "bad_request"), (400, "validation")),
        (
            InvalidArgument,
            "IDEMPOTENCY_KEY_REUSED",
            (422, "idempotency_key_reused"),
            (422, "idempotency_mismatch"),
        ),
        (FailedPrecondition, "FORBIDDEN_ACTION", (409, "in_use"), (409, "in_use")),
        (
            FailedPrecondition,
            "INVALID_TRANSITION",
            (409, "invalid_transition"),
            (409, "invalid_transition"),
        ),
        (FailedPrecondition, "CARD_DECLINED", (409, "card_declined"), (402, "card_declined")),
        (
            Unauthenticated,
            "AUTHORIZATION_ERROR",
            (401, "unauthenticated"),
            (401, "unauthenticated"),
        ),
        (Unauthenticated, "TOKEN_EXPIRED", (401, "token_expired"), (401, "token_expired")),
        (PermissionDenied, "FORBIDDEN_ACTION", (403, "forbidden"), (403, "forbidden")),
        (
            Aborted,
            "IDEMPOTENCY_IN_PROGRESS",
            (409, "idempotency_in_progress"),
            (409, "idempotency_in_progress"),
        ),
        (Aborted, "PRECONDITION_FAILED", (412, "precondition_failed"), (412, "version_mismatch")),
        (ResourceExhausted, "TOO_MANY_ATTEMPTS", (429, "rate_limited"), (429, "rate_limited")),
        (
            ResourceExhausted,
            "BODY_TOO_LARGE",
            (413, "payload_too_large"),
            (413, "payload_too_large"),
        ),
        (Unavailable, "UNAVAILABLE", (503, "provider_unavailable"), (503, "upstream_unavailable")),
        (
            DeadlineExceeded,
            "DEADLINE_EXCEEDED",
            (504, "provider_timeout"),
            (504, "upstream_timeout"),
        ),
        (Unimplemented, "UNKNOWN_RPC", (501, "unknown_rpc"), (501, "unknown_rpc")),
        (Internal, "ERROR", (500, "internal"), (500, "internal")),
        (Internal, "SOME_INNER_DETAIL", (500, "internal"), (500, "internal")),
    ] {
        let error = Error::new(kind, reason, "Some \"text\".");
        let failure = Failure::from_status(&status::from_error(&error, "any"));
        let (path, request_id, languages) = ("/here", "id-1", "de, en;q=0.5");
        let asked = Asked { path, request_id, languages, ..Asked::default() };
        let detail =
            if kind == Internal { "An unexpected error occurred." } else { "Some \"text\"." };

        let told = (dialect::of(Dialect::Rentals).problem)(&failure, &asked);
        let body: Value = serde_json::from_slice(&told.body).expect("JSON");
        let one = &body["errors"][0];
        assert_eq!(
            (told.status.as_u16(), one["code"].as_str()),
            (rentals.0, Some(rentals.1)),
            "{reason}"
        );
        assert_eq!(one["status"], rentals.0.to_string());
        assert_eq!(
            (&one["detail"], &one["meta"]),
            (&json!(detail), &json!({"request_id": "id-1"}))
        );
        assert_eq!(told.headers["content-type"], "application/json");

        let problem = (dialect::of(Dialect::Cleaning).problem)(&failure, &asked);
        let body: Value = serde_json::from_slice(&problem.body).expect("JSON");
        assert_eq!(
            (problem.status.as_u16(), body["code"].as_str()),
            (cleaning.0, Some(cleaning.1)),
            "{reason}"
        );
        assert_eq!(body["type"], format!("/problems/{}", cleaning.1));
        assert_eq!((&body["instance"], &body["traceId"]), (&json!("/here"), &json!("id-1")));
        assert_eq!((&body["status"], &body["detail"]), (&json!(cleaning.0), &json!(detail)));
        for (status, headers) in [(told.status, &told.headers), (problem.status, &problem.headers)]
        {
            assert_eq!(headers.contains_key("www-authenticate"), status == 401, "{reason}");
            assert_eq!(headers.contains_key("retry-after"), matches!(status.as_u16(), 429 | 503));
        }
    }
}

#[tokio::test]
async fn answers_and_errors_say_in_which_language_they_are() {
    let path = format!("{CUSTOMERS}/1");
    for (asked, language, title, detail) in [
        ("pt-PT, en;q=0.5", "pt", "Não existe", "Cliente com o id 1 não existe."),
        ("en, pt;q=0.9", "en", "There is no such thing", "Customer with id 1 not found."),
        ("de, pt;q=0.1", "pt", "Não existe", "Cliente com o id 1 não existe."),
        ("de, nl", "en", "There is no such thing", "Customer with id 1 not found."),
        ("", "en", "There is no such thing", "Customer with id 1 not found."),
    ] {
        let request = || {
            let request = Request::get(&path).header("accept-language", asked);
            request.body(String::new()).expect("a request")
        };
        let (shim, _) = rest(Ok(customer(1, &[]).encode_to_vec()));
        let answer = send(&shim, request()).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-language")), (200, language));
        let (shim, _) = rest(Err(Error::not_found("Customer", 1)));
        let answer = send(&shim, request()).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-language")), (404, language));
        let error = &answer.json()["errors"][0];
        assert_eq!((&error["title"], &error["detail"]), (&json!(title), &json!(detail)), "{asked}");
    }
    // Others are told in English alone.
    let (shim, _) = rest(Ok(Vec::new()));
    let request = Request::get("/api/public/Tags/1").header("accept-language", "pt");
    let answer = send(&shim, request.body(String::new()).expect("a request")).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-language")), (200, "en"));
}

#[test]
fn every_refused_attribute_is_an_error_of_its_own() {
    use steward_kernel::{Violation, ViolationKind};
    let violation =
        |field: &str, kind| Violation { field: field.into(), kind, message: "No.".into() };
    let error = Error::invalid(vec![
        violation("name", ViolationKind::Required),
        violation("email", ViolationKind::Format),
        violation("tags[3]", ViolationKind::Rule),
        violation("email", ViolationKind::Named("TAKEN")),
    ]);
    let failure = Failure::from_status(&status::from_error(&error, "any"));
    let asked = Asked { path: "/here", request_id: "id-1", ..Asked::default() };
    let told = (dialect::of(Dialect::Rentals).problem)(&failure, &asked);
    assert_eq!(told.status, 422);
    let body: Value = serde_json::from_slice(&told.body).expect("JSON");
    let errors = body["errors"].as_array().expect("errors").iter();
    let errors: Vec<_> =
        errors.map(|one| (one["code"].as_str(), one["source"]["pointer"].as_str())).collect();
    assert_eq!(
        errors,
        [
            (Some("required"), Some("/data/attributes/name")),
            (Some("invalid_format"), Some("/data/attributes/email")),
            (Some("invalid_value"), Some("/data/attributes/tags/3")),
            (Some("taken"), Some("/data/attributes/email")),
        ]
    );
    let problem = (dialect::of(Dialect::Cleaning).problem)(&failure, &asked);
    let body: Value = serde_json::from_slice(&problem.body).expect("JSON");
    assert_eq!((problem.status.as_u16(), &body["code"]), (400, &json!("validation")));
    assert_eq!(
        body["errors"],
        json!({"name": ["No."], "email": ["No.", "No."], "tags[3]": ["No."]})
    );
}
