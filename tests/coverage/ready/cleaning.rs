//! Cleaning: companies, of which a path names one, and who is called what.

use prost_reflect::{FieldDescriptor, MessageDescriptor, MethodDescriptor};
use serde_json::{Value, json};

use crate::coverage::ids::Ids;
use crate::support::{Server, database, http, in_days, unique};

pub fn meant<'n>(rpc: &MethodDescriptor, name: &'n str) -> &'n str {
    match name {
        "location" if rpc.parent_service().name() == "LocationService" => "home",
        "location" | "tenant_location" => "area",
        // The service of cleaners makes changes to their weeks too.
        "exception_availability" => "cleaner",
        "user" if rpc.parent_service().name() == "CleanerService" => "cleaner_user",
        "lead_source" if rpc.parent_service().name() == "CleanerService" => "cleaner_lead_source",
        "zipcode" => "zip_code",
        "service" if rpc.name().starts_with("GetTenant") => "tenant",
        "user" if rpc.name() == "SendAgreement" => "signer",
        "service" if rpc.name() == "RemoveRequest" => "booking",
        "tenant_lead" if rpc.name() == "GetUser" => "user",
        "request" | "clean_home_request" => "booking",
        "assignment" if rpc.name() == "ListBookingCleaners" => "booking",
        "client_cleaner_request" => "assignment",
        "cleaner" if rpc.parent_service().name() == "AssignmentService" => "worker",
        "from_cleaner" => "worker",
        "new_cleaner" | "to_cleaner" => "other_worker",
        "claim" => "assignment",
        "rate" if rpc.name().contains("ExtraRate") => "extra_rate",
        name => name,
    }
}

pub async fn made(ids: &Ids<'_>, resource: &str) -> Option<i64> {
    let t = ids.tenant;
    let company = t.id;
    Some(match resource {
        "tenant" => company,
        "user" => user(company, "tenantAdmin").await.0,
        "signer" => user(company, "client").await.0,
        "signed_agreement" => signed(ids).await,
        "room" => make(ids, "/room/add", json!({"name": unique("Room ")})).await,
        "client" => client(ids).await["id"].as_i64().expect("an id"),
        "home" | "location" => client(ids).await["locations"][0]["id"].as_i64().expect("an id"),
        "cleaner" => cleaner(ids).await["id"].as_i64().expect("an id"),
        "worker" | "other_worker" => worker(ids).await,
        "assignment" => {
            free(ids).await;
            assign(ids).await["id"].as_i64().expect("an id")
        }
        "cleaner_user" => cleaner(ids).await["userId"].as_i64().expect("an id"),
        "cleaner_lead_source" => first(ids, "/cleaner-lead-sources").await,
        "churn_reason" => first(ids, "/cleaner-churn-reasons").await,
        "exception" | "exception_availability" => {
            let path = format!("/cleaner/{}/exception-availability", ids.id("cleaner").await);
            let body = json!({"start": "2030-01-01T09:00", "end": "2030-01-01T10:00"});
            make(ids, &path, body).await
        }
        "timeline_entry" => {
            let body = json!({"clientId": ids.id("client").await, "text": "Called"});
            make(ids, "/timeline/add", body).await
        }
        "comment" => {
            let body = json!({"userId": ids.id("user").await, "text": "Kind"});
            make(ids, "/comment/add", body).await
        }
        "note" => {
            let body = json!({"clientId": ids.id("client").await, "text": "Has a dog"});
            make(ids, "/note/add", body).await
        }
        "lead_source" => first(ids, "/client-lead-sources").await,
        "area" => {
            let path = format!("/tenant/{company}/location");
            make(ids, &path, json!({"name": unique("Area ")})).await
        }
        "zip_code" => {
            let area = ids.id("area").await;
            let path = format!("/tenant/{company}/location/{area}/zipcode");
            make(ids, &path, json!({"zip": zip()})).await
        }
        "booking" => booking(ids).await["id"].as_i64().expect("an id"),
        "event" => booking(ids).await["events"][0]["id"].as_i64().expect("an id"),
        "extra_rate" => service(ids).await["extraRates"][0]["id"].as_i64().expect("an id"),
        // Of a service of its own, which has one rate for a frequency.
        "rate" => {
            let service = service(ids).await["id"].clone();
            let path = format!("/tenant/service/{service}/rate");
            make(ids, &path, json!({"frequency": "weekly", "amount": 45})).await
        }
        _ => return None,
    })
}

/// The first of a list.
async fn first(ids: &Ids<'_>, path: &str) -> i64 {
    ids.tenant.get(path).await.is(200).json()[0]["id"].as_i64().expect("an id")
}

/// A new applicant, who can stay one.
async fn cleaner(ids: &Ids<'_>) -> Value {
    let cleaner = json!({"firstName": "Cleo", "lastName": "Ray", "statusId": 1,
        "email": format!("{}@example.com", unique("cleaner"))});
    ids.tenant.post("/cleaner/add", &cleaner).await.is(201).json()
}

/// A new cleaner who works in the area of the booking at all hours.
async fn worker(ids: &Ids<'_>) -> i64 {
    let t = ids.tenant;
    let booking = t.get(&format!("/booking/{}", ids.id("booking").await)).await.is(200).json();
    let hours: Vec<Value> = (0..7).map(|day| json!({"weekDay": day, "ranges": []})).collect();
    let cleaner = json!({"firstName": "Cleo", "lastName": "Ray", "unavailableHours": hours,
        "tenantLocationIds": [booking["tenantLocationId"]], "applicant": {},
        "email": format!("{}@example.com", unique("cleaner"))});
    make(ids, "/cleaner/addDetailed", cleaner).await
}

/// Sends the cleaner to the booking.
async fn assign(ids: &Ids<'_>) -> Value {
    let (booking, cleaner) = (ids.id("booking").await, ids.id("worker").await);
    let body = json!({"requestId": booking, "cleanerId": cleaner});
    ids.tenant.post("/cleaner/assign", &body).await.is(200).json()
}

/// Takes everybody off the booking, as if nobody had ever come.
async fn free(ids: &Ids<'_>) {
    let (tenant, booking) = (ids.tenant.id, ids.id("booking").await);
    let sql = format!(
        "DELETE FROM cleaning.event_cleaners WHERE tenant_id = {tenant};
         UPDATE cleaning.assignments SET status = 5, held_until = NULL WHERE tenant_id = {tenant};
         UPDATE cleaning.bookings SET status = 1, deleted_at = NULL
         WHERE tenant_id = {tenant} AND id = {booking}"
    );
    database::write(tenant, &sql).await;
}

/// The fields of a message of which exactly one names what something belongs to.
pub fn parents(message: &MessageDescriptor) -> &'static [&'static str] {
    match message.name() {
        "AddNoteRequest" => &["cleaner_id", "client_id"],
        _ => &[],
    }
}

/// A new client with a home.
async fn client(ids: &Ids<'_>) -> Value {
    let address = json!({"street": "1 Main St", "city": "New York", "state": "NY", "zip": zip()});
    let client = json!({"firstName": "Ann", "lastName": "Lee",
        "email": format!("{}@example.com", unique("client")), "location": {"address": address}});
    ids.tenant.post("/client/add", &client).await.is(201).json()
}

/// A new booking of a weekly visit, with its first visits.
async fn booking(ids: &Ids<'_>) -> Value {
    let t = ids.tenant;
    let client = client(ids).await;
    let zip = client["locations"][0]["address"]["zip"].clone();
    let area = json!({"name": unique("Area "), "zipCodes": [zip]});
    let area = make(ids, &format!("/tenant/{}/location", t.id), area).await;
    let service = json!({"name": unique("Service ")});
    let service = make(ids, &format!("/tenant/location/{area}/service"), service).await;
    let rate = json!({"frequency": "weekly", "amount": 45});
    make(ids, &format!("/tenant/service/{service}/rate"), rate).await;
    let body = json!({"clientId": client["id"], "locationId": client["locations"][0]["id"],
        "serviceId": service, "frequency": "weekly", "startDate": in_days(7).to_string(), "hours": 3});
    t.post("/client/addclientbooking", &body).await.is(201).json()
}

/// Brings records to where an RPC can be called.
pub async fn before(ids: &Ids<'_>, rpc: &MethodDescriptor) {
    let seats = [
        "AssignCleaner",
        "AssignCleanerToRequest",
        "AcceptJobRequest",
        "DismissAndReassign",
        "ReassignCleaner",
    ];
    if seats.contains(&rpc.name()) {
        free(ids).await;
    }
    if ["DismissAndReassign", "ReassignCleaner"].contains(&rpc.name()) {
        assign(ids).await;
    }
    if ["ApproveClaim", "RejectClaim"].contains(&rpc.name()) {
        let claim = ids.id("assignment").await;
        free(ids).await;
        let sql = format!(
            "UPDATE cleaning.assignments SET status = 1, held_until = now() + interval '1 hour'
             WHERE tenant_id = {} AND id = {claim}",
            ids.tenant.id
        );
        database::write(ids.tenant.id, &sql).await;
    }
    if ["ApproveBooking", "RejectBooking"].contains(&rpc.name()) {
        let booking = ids.id("booking").await;
        let sql = format!(
            "UPDATE cleaning.bookings SET status = 7 WHERE tenant_id = {} AND id = {booking}",
            ids.tenant.id
        );
        database::write(ids.tenant.id, &sql).await;
    }
    if rpc.name() == "RemoveCleanerArea" {
        let path = format!("/cleaner/{}/location", ids.id("cleaner").await);
        let area = json!({"tenantLocationId": ids.id("area").await});
        ids.tenant.post(&path, &area).await.is(201);
    }
}

/// A new service with an extra.
async fn service(ids: &Ids<'_>) -> Value {
    let area = ids.id("area").await;
    let extra = json!({"name": "Windows", "amount": 5});
    let service = json!({"name": unique("Service "), "extraRates": [extra]});
    let path = format!("/tenant/location/{area}/service");
    ids.tenant.post(&path, &service).await.is(201).json()
}

async fn make(ids: &Ids<'_>, path: &str, body: Value) -> i64 {
    ids.tenant.post(path, &body).await.is(201).json()["id"].as_i64().expect("an id")
}

/// A user; answers the id and a token.
async fn user(company: i64, role: &str) -> (i64, String) {
    let email = format!("{}@example.com", unique("user"));
    let output = Server::shared().await.command(&[
        "user",
        "create",
        "--tenant",
        &company.to_string(),
        "--email",
        &email,
        "--name",
        "Ann Lee",
        "--role",
        role,
    ]);
    let made: Value = serde_json::from_str(output.stdout.trim()).expect("JSON");
    let token = made["access_token"].as_str().expect("a token").to_owned();
    (made["id"].as_i64().expect("an id"), token)
}

/// Signed by a client, whose call no admin can make.
async fn signed(ids: &Ids<'_>) -> i64 {
    let agreement = ids.id("agreement").await;
    let (_, token) = user(ids.tenant.id, "client").await;
    let body = json!({"agreementId": agreement, "signerName": "Ann Lee", "accepted": true});
    let request = http::request("POST", &format!("{}/signed-agreement", ids.tenant.base));
    let answer = http::send(request.bearer_auth(token).json(&body)).await.is(201);
    answer.json()["id"].as_i64().expect("an id")
}

/// One that no other call has.
fn zip() -> String {
    unique("Z")
}

pub fn text(field: &FieldDescriptor) -> Option<String> {
    match field.name() {
        "end_time" => Some("15:00".to_owned()),
        "audience" => Some("client".to_owned()),
        "status" => Some("all".to_owned()),
        "hour" => Some("12".to_owned()),
        "start_time" if field.parent_message().name() == "AcceptJobRequestRequest" => {
            Some("12".to_owned())
        }
        "tax_classification" => Some("w2".to_owned()),
        "start" => Some("2030-03-29T09:00".to_owned()),
        "end" => Some("2030-03-30T09:00".to_owned()),
        "zip" => Some(zip()),
        "start_date" => Some(in_days(7).to_string()),
        _ => None,
    }
}

/// What is meant is named by its own id in these, and a preference is all of its members. A client
/// who has an address keeps one.
pub fn is_needed(rpc: &MethodDescriptor, field: &FieldDescriptor) -> bool {
    let holder = field.parent_message();
    let names_itself =
        ["UpdateRoom", "UpdateClient", "PatchMyClient", "UpdateLocation", "UpdateCleaner"];
    match holder.name() {
        "TimePreference" => true,
        "Client" if field.name() == "email" => true,
        "GetMyBookingInfoRequest" | "ListMyClientEventsRequest" => field.name() == "client_id",
        "ListCleanerEventsRequest" => field.name() == "cleaner_id",
        "AddClientBookingRequest" => ["client_id", "location_id"].contains(&field.name()),
        "GetClientRequest" | "GetCleanerRequest" | "PatchLocationRequest" => field.name() == "id",
        "AddTimelineEntryRequest" => field.name() == "client_id",
        "AddEventRequest" => field.name() == "request_id",
        "GetMyCleanerProfileRequest" | "SetNewJobNotificationsRequest" => true,
        "AddContractDetailsRequest" => ["cleaner_id", "hourly_rate"].contains(&field.name()),
        "Location" if rpc.name() == "CreateLocation" => {
            ["client_id", "nickname"].contains(&field.name())
        }
        "Room" | "Client" | "Cleaner" | "Location" => {
            field.name() == "id" && names_itself.contains(&rpc.name())
        }
        _ => false,
    }
}

/// Admins are neither clients nor cleaners, so they say whom they mean.
pub fn is_missed(rpc: &MethodDescriptor, field: &FieldDescriptor) -> bool {
    let updates =
        ["UpdateRoom", "UpdateClient", "PatchMyClient", "UpdateLocation", "UpdateCleaner"];
    match field.parent_message().name() {
        "GetClientRequest" | "GetCleanerRequest" => field.name() == "id",
        "SetNewJobNotificationsRequest" | "AddContractDetailsRequest" => {
            field.name() == "cleaner_id"
        }
        "Room" | "Client" | "Cleaner" | "Location" => {
            field.name() == "id" && updates.contains(&rpc.name())
        }
        _ => false,
    }
}

/// What is new gets an id, whatever the request says; what is there stays whose it is. An id
/// beside that of the request is not looked at. Admins sign nothing, about no assignment either.
pub fn is_ignored(rpc: &MethodDescriptor, field: &FieldDescriptor) -> bool {
    if field.name() == "client_cleaner_request_id" && rpc.name() != "GetCleanerAssignAgreementData"
    {
        return true;
    }
    let holder = field.parent_message();
    matches!(
        (holder.name(), rpc.name(), field.name()),
        ("Room", "AddRoom", "id")
            | ("Location", "CreateLocation" | "PatchLocation", "id")
            | ("Client", "PatchClient", "id")
            | ("Location", "AddClient", "id" | "client_id")
            | ("Location", "UpdateLocation" | "PatchLocation", "client_id")
            | ("AddEventRequest", _, "client_id" | "location_id" | "service_id")
    )
}
