//! Whole JSON calls against an inner service made by hand: what arrives as gRPC, and what the
//! client is told.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use prost::Message;
use serde_json::{Value, json};
use steward_contracts::google::r#type::Decimal;
use steward_contracts::steward::facilities::v1 as pb;
use steward_contracts::steward::platform::v1::CreateTokenRequest;
use steward_kernel::{Error, Kind};
use tonic::body::Body;

use crate::catalog::Catalog;
use crate::rest::{Rest, routes};
use crate::status;

/// What the inner service was asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    path: String,
    headers: HeaderMap,
    pub(super) message: Bytes,
}

pub(super) type Asked = Arc<Mutex<Option<Seen>>>;

/// A shim over a service that answers `reply` to everything, or refuses as a handler would
/// that cannot read its message.
pub(super) fn rest(reply: Result<Vec<u8>, Error>) -> (Rest, Asked) {
    let asked: Asked = Arc::default();
    let reply = Arc::new(reply.map_err(|error| status::from_error(&error, "facilities")));
    let seen = Arc::clone(&asked);
    let inner = tower::service_fn(move |request: Request<Body>| {
        let (seen, reply) = (Arc::clone(&seen), Arc::clone(&reply));
        async move { Ok::<_, Infallible>(answer(request, &seen, &reply).await) }.boxed()
    });
    let catalog = Catalog::load().expect("the contract is whole");
    (Rest::new(&catalog, inner).expect("every message has JSON"), asked)
}

async fn answer(
    request: Request<Body>,
    seen: &Asked,
    reply: &Result<Vec<u8>, tonic::Status>,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let message = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(status) => return status.into_http(),
    };
    assert_eq!(message[0], 0);
    assert_eq!(message[1..5], u32::try_from(message.len() - 5).expect("small").to_be_bytes());
    *seen.lock().expect("no panic") = Some(Seen {
        path: head.uri.path().to_owned(),
        headers: head.headers,
        message: message.slice(5..),
    });
    match reply {
        Err(status) => status.clone().into_http(),
        Ok(message) => {
            let mut framed = vec![0];
            framed.extend(u32::try_from(message.len()).expect("small").to_be_bytes());
            framed.extend(message);
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", "0".parse().expect("a value"));
            let body = Full::new(Bytes::from(framed)).with_trailers(async { Some(Ok(trailers)) });
            Response::new(Body::new(body))
        }
    }
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    headers: HeaderMap,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

pub(super) async fn send(rest: &Rest, request: Request<String>) -> Answer {
    let response = rest.call(request.map(|body| Body::new(Full::new(Bytes::from(body))))).await;
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Answer { status: head.status, headers: head.headers, text }
}

pub(super) async fn ask(rest: &Rest, method: &str, uri: &str, body: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("authorization", "Bearer t")
        .header("content-type", "application/json")
        .header("x-request-id", "id-1")
        .header("cookie", "not for services")
        .body(body.to_owned())
        .expect("a request");
    send(rest, request).await
}

fn message<T: Message + Default>(asked: &Asked) -> T {
    let seen = asked.lock().expect("no panic").take().expect("the service was called");
    T::decode(seen.message).expect("a message")
}

fn owner() -> pb::Owner {
    pb::Owner { id: 7, email: "a@b.c".into(), name: "A".into(), ..pb::Owner::default() }
}

#[tokio::test]
async fn a_create_is_read_and_answered() {
    let stored = pb::Owner {
        authorized_amount: Some(Decimal { value: "650.50".into() }),
        status: pb::UserStatus::Uninvited.into(),
        ..owner()
    };
    let (rest, asked) = rest(Ok(stored.encode_to_vec()));
    let body = r#" {"email":"a@b.c","name":"A","unknown":{"x":[1]},"companyName":null,
        "authorizedAmount":650.50,"address":{"city":"Amsterdam"}} "#;
    let answer = ask(&rest, "POST", "/API/public/owners", body).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.header("location"), "/api/public/Owners/7");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let json = answer.json();
    assert_eq!((&json["id"], &json["status"]), (&json!(7), &json!("Uninvited")));
    assert_eq!((&json["authorizedAmount"], &json["address"]), (&json!(650.5), &Value::Null));
    assert!(answer.text.contains(r#""authorizedAmount":650.5,"#), "{}", answer.text);

    let seen = asked.lock().expect("no panic").clone().expect("called");
    assert_eq!(seen.path, "/steward.facilities.v1.OwnerService/CreateOwner");
    assert_eq!(seen.headers["authorization"], "Bearer t");
    assert_eq!(seen.headers["content-type"], "application/grpc");
    assert!(!seen.headers.contains_key("cookie"));
    let owner = message::<pb::CreateOwnerRequest>(&asked).owner.expect("an owner");
    assert_eq!((&*owner.email, owner.company_name), ("a@b.c", None));
    assert_eq!(owner.authorized_amount.expect("an amount").value, "650.50");
    assert_eq!(owner.address.expect("an address").city.as_deref(), Some("Amsterdam"));
}

#[tokio::test]
async fn path_query_and_body_are_merged() {
    let (rest, asked) = rest(Ok(Vec::new()));
    ask(&rest, "GET", "/api/public/Owners?pageNo=2&pageSize=&searchParameter=a%25+b&x=1", "").await;
    let list: pb::ListOwnersRequest = message(&asked);
    assert_eq!((list.page_number, list.page_size), (Some(2), None));
    assert_eq!(list.search.as_deref(), Some("a% b"));

    let uri = "/api/public/PropertyUnit/change-property-owner/5?newOwnerId=6&propertyUnitId=9";
    ask(&rest, "PUT", uri, "").await;
    let change: pb::ChangePropertyOwnerRequest = message(&asked);
    assert_eq!((change.property_unit_id, change.new_owner_id), (5, 6));

    ask(&rest, "PUT", "/api/public/service-providers/5/", r#"{"tags":[1,2]}"#).await;
    let update: pb::UpdateServiceProviderRequest = message(&asked);
    assert_eq!(update.service_provider_id, 5);
    let tags = update.service_provider.expect("a provider").tags.expect("tags");
    assert_eq!(tags.ids, [1, 2]);
    ask(&rest, "PUT", "/api/public/service-providers/5", r#"{"tags":[]}"#).await;
    let update: pb::UpdateServiceProviderRequest = message(&asked);
    assert!(update.service_provider.expect("a provider").tags.expect("tags").ids.is_empty());

    let uri = "/api/public/Issues?fromDateTime=2021-12-16T12:41:51.5%2B02:00&toDateTime=01.02.2022";
    ask(&rest, "GET", uri, "").await;
    let issues: pb::ListIssuesRequest = message(&asked);
    let from = issues.from_date_time.expect("a time");
    assert_eq!((from.seconds, from.nanos), (1_639_651_311, 500_000_000));
    assert_eq!(issues.to_date_time.expect("a time").seconds, 1_643_673_600);
}

#[tokio::test]
async fn aliases_of_names_and_paths_are_read() {
    let (rest, asked) = rest(Ok(pb::OwnerCompany { id: 9, ..Default::default() }.encode_to_vec()));
    let uri = "/api/public/Owners/3/companies";
    let answer = ask(&rest, "POST", uri, r#"{"name":"C","maxManadateAmount":1e2}"#).await;
    assert_eq!(answer.header("location"), "/api/public/Owners/3/companies/9");
    let create: pb::CreateOwnerCompanyRequest = message(&asked);
    let amount = create.company.expect("a company").max_mandate_amount.expect("an amount");
    assert_eq!((create.owner_id, &*amount.value), (3, "1e2"));
    assert!(answer.text.contains(r#""maxMandateAmount":null"#));
    let twice = r#"{"maxMandateAmount":1,"maxManadateAmount":2}"#;
    assert_eq!(ask(&rest, "POST", uri, twice).await.status, StatusCode::BAD_REQUEST);
    for path in ["managers", "Manager", "MANAGER"] {
        ask(&rest, "GET", &format!("/api/public/{path}/4"), "").await;
        assert_eq!(message::<pb::GetManagerRequest>(&asked).manager_id, 4);
    }
}

#[tokio::test]
async fn bare_answers_and_empty_ones() {
    let codes = pb::ListCountryCodesResponse {
        country_codes: vec![pb::CountryCode { id: 8, code: "31".into(), country: "N".into() }],
    };
    let (shim, _) = rest(Ok(codes.encode_to_vec()));
    let answer = ask(&shim, "GET", "/api/public/country-codes", "").await;
    assert_eq!(answer.text, r#"[{"id":8,"code":"31","country":"N"}]"#);
    let (shim, _) = rest(Ok(Vec::new()));
    assert_eq!(ask(&shim, "GET", "/api/public/country-codes", "").await.text, "[]");
    let (shim, asked) = rest(Ok(pb::FindOwnerByEmailResponse { id: 42 }.encode_to_vec()));
    let answer = ask(&shim, "GET", "/api/public/Owners/get-by-email?email=a%40b.c", "").await;
    assert_eq!((answer.status, &*answer.text), (StatusCode::OK, "42"));
    assert_eq!(message::<pb::FindOwnerByEmailRequest>(&asked).email, "a@b.c");
    let (shim, _) = rest(Ok(Vec::new()));
    let answer = ask(&shim, "DELETE", "/api/public/property-categorization/unit/1", "").await;
    assert_eq!((answer.status, &*answer.text), (StatusCode::NO_CONTENT, ""));
    let (shim, _) = rest(Ok(owner().encode_to_vec()));
    let get = ask(&shim, "GET", "/api/public/Owners/7", "").await;
    let head = ask(&shim, "HEAD", "/api/public/Owners/7", "").await;
    assert_eq!((head.status, &*head.text), (StatusCode::OK, ""));
    assert_eq!(head.header("content-length"), get.text.len().to_string());
}

#[tokio::test]
async fn the_token_endpoint_reads_forms() {
    let (rest, asked) = rest(Ok(Vec::new()));
    let form = "client_id=a%3Db&client_secret=s+t&scope=openid%20api&grant_type=client_credentials";
    let request = |kind: &str, uri: &str| {
        let builder = Request::post(uri).header("content-type", kind);
        builder.body(form.to_owned()).expect("a request")
    };
    let kind = "application/x-www-form-urlencoded; charset=UTF-8";
    assert_eq!(send(&rest, request(kind, "/api/connect/token")).await.status, StatusCode::OK);
    let token: CreateTokenRequest = message(&asked);
    assert_eq!((&*token.client_id, &*token.client_secret), ("a=b", "s t"));
    assert_eq!((&*token.scope, &*token.grant_type), ("openid api", "client_credentials"));
    for (kind, uri) in [(kind, "/api/public/Owners"), ("text/plain", "/api/connect/token")] {
        let answer = send(&rest, request(kind, uri)).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(answer.json()["Type"], "/problems/unsupported-media-type");
    }
}

#[tokio::test]
async fn all_wrong_members_are_told_at_once() {
    let (rest, asked) = rest(Ok(Vec::new()));
    let body = r#"{"address":{"city":1},"floor":"1","contractStart":"2021-02-30","ownerId":1.5,
        "managerId":9223372036854775808,"propertyUserIds":[1,"2",null,3.0],"isCommonSpace":"true",
        "customUnitId":{},"contactId":1e2}"#;
    let answer = ask(&rest, "PUT", "/api/public/PropertyUnit/x?propertyUnitId=9", body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let json = answer.json();
    assert_eq!(json["Type"], "/problems/invalid-format");
    assert_eq!(json["Instance"], "/api/public/PropertyUnit/x");
    let errors = json["Extensions"]["errors"].as_object().expect("errors");
    let paths: Vec<_> = errors.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "address.city",
            "contractStart",
            "customUnitId",
            "floor",
            "isCommonSpace",
            "managerId",
            "ownerId",
            "propertyUnitId",
            "propertyUserIds[1]",
            "propertyUserIds[2]",
        ]
    );
    assert_eq!(errors["managerId"], json!(["managerId is out of range."]));
    assert!(asked.lock().expect("no panic").is_none(), "nothing half-read is passed on");

    for uri in [
        "Owners?pageNo=x",
        "Owners?pageNo=1&pageNo=2",
        "Owners?searchParameter=%ff",
        "Owners?searchParameter=%00",
        "Owners/1.0",
        "Owners/9223372036854775808",
        "Owners/%zz",
    ] {
        let answer = ask(&rest, "GET", &format!("/api/public/{uri}"), "").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{uri}");
        assert_eq!(answer.json()["Type"], "/problems/invalid-format", "{uri}");
    }
}

#[tokio::test]
async fn what_is_not_json_is_refused() {
    let (rest, asked) = rest(Ok(Vec::new()));
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(64), "]".repeat(64));
    for body in [
        "",
        "  ",
        "null",
        "[]",
        "1",
        "{",
        r#"{"name":"a"} x"#,
        r#"{"name":"a","name":"b"}"#,
        r#"{"name":"\u0000"}"#,
        r#"{"name":"\ud800"}"#,
        "{\"name\":\"\0\"}",
        r#"{"x":1,"x":2}"#,
        &deep,
    ] {
        let answer = ask(&rest, "POST", "/api/public/Owners", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.json()["Type"], "/problems/invalid-format", "{body}");
    }
    let latin = Request::post("/api/public/Owners")
        .body(Body::new(Full::new(Bytes::from_static(b"{\"name\":\"\xe9\"}"))))
        .expect("a request");
    assert_eq!(rest.call(latin).await.status(), StatusCode::BAD_REQUEST);
    assert!(asked.lock().expect("no panic").is_none());
}

#[tokio::test]
async fn unknown_paths_and_methods() {
    let (rest, _) = rest(Ok(Vec::new()));
    for (uri, instance) in [
        ("/api/public/nothing", "Instance"),
        ("/api/public//Owners", "Instance"),
        ("/api/public", "Instance"),
        // Nobody's, so told as RFC 9457 has it.
        ("/", "instance"),
        ("/elsewhere", "instance"),
    ] {
        let answer = ask(&rest, "GET", uri, "").await;
        assert_eq!((answer.status, &answer.json()[instance]), (StatusCode::NOT_FOUND, &json!(uri)));
    }
    for (method, uri, allow) in [
        ("DELETE", "/api/public/owners", "POST, GET, HEAD, OPTIONS"),
        ("PATCH", "/api/public/Owners/1", "GET, PUT, HEAD, OPTIONS"),
        ("GET", "/api/public/PropertyUnit/assign-property-user/1", "PUT, OPTIONS"),
        ("PUT", "/api/public/owners/GET-BY-EMAIL", "GET, HEAD, OPTIONS"),
    ] {
        let answer = ask(&rest, method, uri, "").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {uri}");
        assert_eq!(answer.header("allow"), allow, "{method} {uri}");
        let options = ask(&rest, "OPTIONS", uri, "").await;
        assert_eq!((options.status, options.header("allow")), (StatusCode::NO_CONTENT, allow));
    }
}

#[tokio::test]
async fn refusals_are_told_in_json_names() {
    let refused = |field: &str| Error::rule(field, "Not so.");
    for (uri, method, field, expected) in [
        ("Owners", "POST", "owner.invoice_address.city", "invoiceAddress.city"),
        ("Owners", "POST", "owner", "$"),
        ("Owners?pageNo=1", "GET", "page_number", "pageNo"),
        ("Owners/1", "PUT", "owner_id", "ownerId"),
        ("PropertyUnit/1", "PUT", "property_unit.property_user_ids[1]", "propertyUserIds[1]"),
        ("service-providers/1", "PUT", "service_provider.tags.ids[0]", "tags[0]"),
        ("Owners", "POST", "owner.no_such_field", "noSuchField"),
    ] {
        let (rest, _) = rest(Err(refused(field)));
        let answer = ask(&rest, method, &format!("/api/public/{uri}"), "{}").await;
        let errors = answer.json()["Extensions"]["errors"].clone();
        assert_eq!(errors, json!({expected: ["Not so."]}), "{field}");
    }
}

#[tokio::test]
async fn every_reason_has_its_answer() {
    use Kind::{
        Aborted, AlreadyExists, DeadlineExceeded, FailedPrecondition, Internal, InvalidArgument,
        NotFound, PermissionDenied, ResourceExhausted, Unauthenticated, Unavailable, Unimplemented,
    };
    for (kind, reason, status, kind_of_problem) in [
        (NotFound, "ENTITY_NOT_FOUND", 404, "entity-not-found"),
        (AlreadyExists, "USER_ALREADY_EXISTS", 400, "user-already-exists"),
        (InvalidArgument, "INVALID_FORMAT", 400, "invalid-format"),
        (InvalidArgument, "BAD_REQUEST", 400, "bad-request"),
        (InvalidArgument, "INVALID_SCOPE", 400, "invalid-scope"),
        (FailedPrecondition, "FORBIDDEN_ACTION", 403, "forbidden-action"),
        (FailedPrecondition, "ISSUE_STATUS", 400, "issue-status"),
        (FailedPrecondition, "FILE_UPLOAD", 400, "file-upload"),
        (Unauthenticated, "AUTHORIZATION_ERROR", 401, "authorization-error"),
        (Unauthenticated, "INVALID_CREDENTIALS", 401, "invalid-credentials"),
        (PermissionDenied, "FORBIDDEN_ACTION", 403, "forbidden-action"),
        (Aborted, "CONFLICT", 409, "conflict"),
        (ResourceExhausted, "TOO_MANY_ATTEMPTS", 429, "too-many-attempts"),
        (ResourceExhausted, "BODY_TOO_LARGE", 413, "body-too-large"),
        (Unavailable, "UNAVAILABLE", 503, "unavailable"),
        (DeadlineExceeded, "DEADLINE_EXCEEDED", 504, "deadline-exceeded"),
        (Unimplemented, "UNKNOWN_RPC", 501, "unknown-rpc"),
        (Internal, "MAILING", 500, "mailing"),
        (Internal, "ERROR", 500, "error"),
        (Internal, "SOME_INNER_DETAIL", 500, "error"),
    ] {
        let (rest, _) = rest(Err(Error::new(kind, reason, "Some \"text\".")));
        let answer = ask(&rest, "GET", "/api/public/Owners/7?x=1", "").await;
        let json = answer.json();
        assert_eq!(answer.status.as_u16(), status, "{reason}");
        assert_eq!(json["Status"], status, "{reason}");
        assert_eq!(json["Type"], format!("/problems/{kind_of_problem}"), "{reason}");
        assert_eq!(json["Instance"], "/api/public/Owners/7");
        assert_eq!(json["Extensions"], json!({"traceId": "id-1"}));
        let detail = if kind_of_problem == "error" {
            "An unexpected error occurred."
        } else {
            "Some \"text\"."
        };
        assert_eq!(json["Detail"], detail);
        assert!(json["Title"].as_str().is_some_and(|title| !title.is_empty()));
        assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401);
        assert_eq!(answer.headers.contains_key("retry-after"), matches!(status, 429 | 503));
    }
}

#[tokio::test]
async fn particulars_of_errors() {
    let error = Error::new(Kind::Unauthenticated, "INVALID_CREDENTIALS", "No.")
        .with_metadata("error", "invalid_client")
        .with_metadata("error_description", "No.")
        .with_metadata("inner", "hidden");
    let (shim, _) = rest(Err(error));
    let json = ask(&shim, "POST", "/api/connect/token", "{}").await.json();
    assert_eq!(
        (&json["error"], &json["error_description"]),
        (&json!("invalid_client"), &json!("No."))
    );
    assert_eq!(json["inner"], Value::Null);

    let wait = std::time::Duration::from_secs(7);
    let (shim, _) = rest(Err(Error::unavailable("Later.", wait)));
    assert_eq!(ask(&shim, "GET", "/api/public/Owners", "").await.header("retry-after"), "7");

    let (shim, _) = rest(Err(Error::unauthenticated("No.")));
    let answer = ask(&shim, "POST", "/api/public/Owners", "{}").await;
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer realm=\"steward\", error=\"invalid_token\""
    );

    let catalog = Catalog::load().expect("the contract is whole");
    let failing = tower::service_fn(|_: Request<Body>| {
        std::future::ready(Ok(tonic::Status::unauthenticated("first of all").into_http())).boxed()
    });
    let shim = Rest::new(&catalog, failing).expect("every message has JSON");
    // Who is calling matters before what is sent, wherever the fault lies.
    for (method, uri, body) in [
        ("POST", "/api/public/Owners", "not json"),
        ("GET", "/api/public/Owners/x", ""),
        ("GET", "/api/public/Owners?pageNo=x", ""),
    ] {
        let answer = ask(&shim, method, uri, body).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {uri}");
    }
    let form = Request::put("/api/public/Owners/1").header("content-type", "text/plain");
    let answer = send(&shim, form.body("x".to_owned()).expect("a request")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[test]
fn routes_are_listed_as_documented() {
    let catalog = Catalog::load().expect("the contract is whole");
    let all: Vec<_> = routes(&catalog).collect();
    assert!(all.iter().any(|route| {
        route.method == "GET"
            && route.path == "/api/public/Owners/{ownerId}/companies/{companyId}"
            && route.rpc == "steward.facilities.v1.OwnerCompanyService/GetOwnerCompany"
            && route.family == "facilities"
    }));
    assert!(all.len() >= 48, "{}", all.len());
}
