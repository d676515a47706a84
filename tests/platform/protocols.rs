//! The same facts by gRPC, grpc-web in both forms, and JSON.

use prost::Message;
use serde_json::{Value, json};
use steward_contracts::google::r#type::Decimal;
use steward_contracts::steward::facilities::v1 as pb;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::support::fixtures::{person, with};
use crate::support::grpc_web::{self, Form};
use crate::support::{Answer, Tenant, grpc, with_tenant};

const OWNERS: &str = "/steward.facilities.v1.OwnerService";

/// Calls by the three forms that carry protobuf; they must agree.
async fn call(t: &Tenant, path: &str, message: &impl Message) -> Result<Vec<u8>, Status> {
    call_as(Some(&t.token), path, message).await
}

async fn call_as(
    token: Option<&str>,
    path: &str,
    message: &impl Message,
) -> Result<Vec<u8>, Status> {
    let message = message.encode_to_vec();
    let first = grpc::call_bytes(token, path, message.clone()).await;
    for form in [Form::Binary, Form::Text] {
        let other = grpc_web::call_bytes(form, token, path, &message).await;
        match (&first, &other) {
            (Ok(first), Ok(other)) => assert_eq!(first, other, "{path} {form:?}"),
            (Err(first), Err(other)) => {
                assert_eq!(facts(first), facts(other), "{path} {form:?}");
            }
            (first, other) => panic!("{path} {form:?}: {first:?} but {other:?}"),
        }
    }
    first.map(|bytes| bytes.to_vec())
}

/// What a failure says to programs and people.
fn facts(status: &Status) -> (Code, String, String, Vec<String>) {
    let info = status.get_details_error_info().expect("error info");
    assert_eq!(info.domain, "facilities.steward");
    let fields = status.get_details_bad_request().map(|bad| bad.field_violations);
    let mut fields: Vec<_> =
        fields.unwrap_or_default().into_iter().map(|violation| violation.field).collect();
    fields.sort();
    (status.code(), status.message().to_owned(), info.reason, fields)
}

/// The problem of a JSON answer says what the status says. `prefix` is the field that holds the
/// body.
fn agree(status: &Status, answer: &Answer, http: u16, prefix: &str) {
    let (_, message, reason, fields) = facts(status);
    let kind = reason.to_lowercase().replace('_', "-");
    let body = answer.problem(http, &kind);
    assert_eq!(body["Detail"], message);
    let mut paths: Vec<_> = fields
        .iter()
        .map(|field| {
            let below = field.strip_prefix(prefix).unwrap_or(field);
            let mut words = below.trim_start_matches('.').split('_');
            let first = words.next().unwrap_or_default().to_owned();
            words.fold(first, |path, word| {
                let (head, rest) = word.split_at(1);
                path + &head.to_uppercase() + rest
            })
        })
        .collect();
    paths.sort();
    assert_eq!(answer.refused(http, &kind), paths);
}

fn owner(email: &Value, name: &str) -> pb::OwnerInput {
    pb::OwnerInput {
        email: email.as_str().expect("text").to_owned(),
        name: name.to_owned(),
        ..pb::OwnerInput::default()
    }
}

#[test]
fn success_is_the_same() {
    with_tenant(async |t| {
        let body = with(
            person(),
            json!({
                "authorizedAmount": 650.5, "countryCode": "+31", "phoneNumber": "984356578",
                "address": {"city": "Amsterdam"}, "additionalNote": "",
            }),
        );
        let shown = t.post("/api/public/Owners", &body).await.is(201).json();
        let id = shown["id"].as_i64().expect("an id");
        let path = format!("{OWNERS}/GetOwner");
        let bytes = call(&t, &path, &pb::GetOwnerRequest { owner_id: id }).await.expect("an owner");
        let read = pb::Owner::decode(&*bytes).expect("an owner");
        assert_eq!(read.id, id);
        assert_eq!(json!(read.email), shown["email"]);
        assert_eq!(read.company_name, None);
        assert_eq!(read.country_code.as_deref(), Some("31"));
        assert_eq!(read.phone_number.as_deref(), Some("984356578"));
        assert_eq!(read.authorized_amount, Some(Decimal { value: "650.5".into() }));
        assert_eq!(read.status(), pb::UserStatus::Uninvited);
        let address = read.address.expect("an address");
        assert_eq!((address.city.as_deref(), address.street), (Some("Amsterdam"), None));
        assert_eq!(json!(read.additional_note), shown["additionalNote"]);

        let list = pb::ListOwnersRequest { search: Some("PERSON".into()), ..Default::default() };
        let bytes = call(&t, &format!("{OWNERS}/ListOwners"), &list).await.expect("a page");
        let page = pb::ListOwnersResponse::decode(&*bytes).expect("a page");
        let shown = t.find("/api/public/Owners", &[("searchParameter", "PERSON")]).await.json();
        assert_eq!((page.total_items, page.page_size, page.current_page), (1, 15, 1));
        assert_eq!(shown["totalItems"], page.total_items);
        assert_eq!(shown["items"][0]["id"], page.items[0].id);
    });
}

#[test]
fn what_grpc_writes_json_reads_and_the_other_way_round() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let mut client =
            pb::property_unit_service_client::PropertyUnitServiceClient::new(t.grpc().await);
        let time = prost_types::Timestamp { seconds: 1_639_655_354, nanos: 365_999_999 };
        let unit = pb::PropertyUnitInput {
            owner_id: owner,
            contract_start: Some(time),
            floor: Some(0),
            is_common_space: Some(false),
            ..pb::PropertyUnitInput::default()
        };
        let request =
            pb::CreatePropertyUnitRequest { property_id: property, property_unit: Some(unit) };
        let made = client.create_property_unit(request).await.expect("a unit").into_inner();
        let shown = t.get(&format!("/api/public/PropertyUnit/{}", made.id)).await.is(200).json();
        assert_eq!(shown["contractStart"], "2021-12-16T11:49:14.365Z");
        assert_eq!((&shown["floor"], made.floor), (&json!(0), Some(0)));
        assert_eq!(shown["customUnitId"], made.custom_unit_id);
        assert_eq!(made.attachments, []);
        assert_eq!(shown["attachments"], Value::Null);
    });
}

#[test]
fn refused_fields_are_the_same() {
    with_tenant(async |t| {
        let body = json!({
            "email": "nobody", "name": "", "companyName": "x".repeat(201), "invoiceEmail": "x",
            "authorizedAmount": -1,
        });
        let input = pb::OwnerInput {
            email: "nobody".into(),
            company_name: Some("x".repeat(201)),
            invoice_email: Some("x".into()),
            authorized_amount: Some(Decimal { value: "-1".into() }),
            ..pb::OwnerInput::default()
        };
        let request = pb::CreateOwnerRequest { owner: Some(input) };
        let status = call(&t, &format!("{OWNERS}/CreateOwner"), &request).await.expect_err("no");
        assert_eq!(status.code(), Code::InvalidArgument);
        agree(&status, &t.post("/api/public/Owners", &body).await, 400, "owner");
    });
}

#[test]
fn every_class_of_error_is_the_same() {
    with_tenant(async |t| {
        let get = format!("{OWNERS}/GetOwner");
        let create = format!("{OWNERS}/CreateOwner");
        let missing = pb::GetOwnerRequest { owner_id: 987_654_321 };

        let status = call(&t, &get, &missing).await.expect_err("not found");
        assert_eq!(status.code(), Code::NotFound);
        let resource = status.get_details_resource_info().expect("resource info");
        assert_eq!((&*resource.resource_type, &*resource.resource_name), ("Owner", "987654321"));
        agree(&status, &t.get("/api/public/Owners/987654321").await, 404, "");

        let body = person();
        t.post("/api/public/Owners", &body).await.is(201);
        let request = pb::CreateOwnerRequest { owner: Some(owner(&body["email"], "N")) };
        let status = call(&t, &create, &request).await.expect_err("taken");
        assert_eq!(status.code(), Code::AlreadyExists);
        agree(&status, &t.post("/api/public/Owners", &body).await, 400, "owner");

        let body = json!({"email": "nobody", "name": "N"});
        let request = pb::CreateOwnerRequest { owner: Some(owner(&body["email"], "N")) };
        let status = call(&t, &create, &request).await.expect_err("unreadable");
        assert_eq!(status.code(), Code::InvalidArgument);
        agree(&status, &t.post("/api/public/Owners", &body).await, 400, "owner");

        let used = t.property_type().await;
        let body = json!({"address": crate::support::fixtures::address(), "propertyTypeId": used});
        t.post("/api/public/Properties", &body).await.is(201);
        let delete = "/steward.facilities.v1.PropertyTypeService/DeletePropertyType";
        let request =
            pb::DeletePropertyTypeRequest { property_type_id: used, ..Default::default() };
        let status = call(&t, delete, &request).await.expect_err("used");
        assert_eq!(status.code(), Code::FailedPrecondition);
        let path = format!("/api/public/property-categorization/property/{used}");
        agree(&status, &t.delete(&path).await, 403, "");

        let status = call_as(None, &get, &missing).await.expect_err("no token");
        assert_eq!(status.code(), Code::Unauthenticated);
        let url = format!("{}/api/public/Owners/1", t.base);
        let answer = crate::support::http::send(crate::support::http::request("GET", &url)).await;
        agree(&status, &answer, 401, "");

        let limited = t.token_with("openid").await;
        let status = call_as(Some(&limited), &get, &missing).await.expect_err("no permission");
        assert_eq!(status.code(), Code::PermissionDenied);
        let request = crate::support::http::request("GET", &url).bearer_auth(&limited);
        agree(&status, &crate::support::http::send(request).await, 403, "");
    });
}

#[test]
fn an_unknown_rpc_is_unimplemented() {
    with_tenant(async |t| {
        for path in ["/steward.facilities.v1.OwnerService/Nothing", "/no.Service/At"] {
            let status = grpc::call_bytes(Some(&t.token), path, vec![]).await.expect_err("unknown");
            assert_eq!(status.code(), Code::Unimplemented, "{path}");
        }
    });
}

#[test]
fn bytes_that_are_no_message_are_refused() {
    with_tenant(async |t| {
        let path = format!("{OWNERS}/GetOwner");
        let status = grpc::call_bytes(Some(&t.token), &path, vec![0xff; 9]).await.expect_err("no");
        assert!([Code::InvalidArgument, Code::Internal].contains(&status.code()), "{status:?}");
        // NUL and texts that are too long come by protobuf as well.
        let request = pb::CreateOwnerRequest { owner: Some(owner(&json!("a@example.com"), "N\0")) };
        let create = format!("{OWNERS}/CreateOwner");
        let status = call(&t, &create, &request).await.expect_err("a NUL");
        assert_eq!(status.code(), Code::InvalidArgument);
        let far = prost_types::Timestamp { seconds: i64::MAX, nanos: -1 };
        let request = pb::ListIssuesRequest {
            from_date_time: Some(far),
            to_date_time: Some(far),
            ..pb::ListIssuesRequest::default()
        };
        let list = "/steward.facilities.v1.IssueService/ListIssues";
        let status = call(&t, list, &request).await.expect_err("no instant");
        assert_eq!(status.code(), Code::InvalidArgument);
        for value in ["ten", "", "1e9999999", "0.001", "-1", "NaN"] {
            let amount = Some(Decimal { value: value.into() });
            let input =
                pb::OwnerInput { authorized_amount: amount, ..owner(&person()["email"], "N") };
            let request = pb::CreateOwnerRequest { owner: Some(input) };
            let status = call(&t, &create, &request).await.expect_err("no amount");
            assert_eq!(status.code(), Code::InvalidArgument, "{value:?}");
        }
    });
}
