//! Those who ask to be called back, from where clients come, and what happened with them.
//!
//! Covers: CreateClientLead, ListMyClientLeadSources, ListClientLeadSourcesByTenant,
//! Covers: GetClientLeadSource, AddClientLeadSource, UpdateClientLeadSource,
//! Covers: DeleteClientLeadSource, ListTimeline, GetTimelineEntry, AddTimelineEntry,
//! Covers: DeleteTimelineEntry, AddComment, GetComment, ListComments.

use std::slice::from_ref;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::cleaners::{cleaner, signed_in as cleaner_signed_in};
use super::clients::{client, signed_in};
use super::company::{Company, heard, problem, refused, stranger, with_company};
use super::locations::area;
use crate::support::{database, unique};

#[test]
fn anybody_can_ask_to_be_called_back() {
    with_company(async |c| {
        area(&c, "Uptown", &["10001"]).await;
        let lead = async |more: Value| {
            let mut body = json!({"tenantId": c.id, "firstName": "Ann"});
            body.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
            stranger("POST", "/user/client-lead", Some(&body)).await
        };
        let email = format!("{}@example.com", unique("lead"));
        let body = json!({"email": email.to_uppercase(), "zip": "10 001", "message": "Two rooms"});
        let made = lead(body).await.is(201).json();
        assert_eq!(made["covered"], true);
        let id = &made["clientId"];
        let client = c.get(&format!("/client/get/{id}")).await.is(200).json();
        assert_eq!((&client["status"], &client["email"]), (&json!("Lead"), &json!(email)));
        let told = c.get(&format!("/timeline/get?clientId={id}")).await.is(200).json();
        assert_eq!(told["totalCount"], 1);
        let told = &told["items"][0];
        assert_eq!((&told["kind"], &told["isSystem"]), (&json!("lead"), &json!(true)));
        assert_eq!(told["text"], "Two rooms\nZip code: 10001.");
        let sql = format!(
            "SELECT client_id || ' ' || event_type FROM platform.events
             WHERE tenant_id = {} AND resource_type = 'client' AND resource_id = '{id}'",
            c.id
        );
        let event: String =
            database::owner().await.query_one(&sql, &[]).await.expect("an event").get(0);
        assert_eq!(event, "anybody cleaning.client.lead_received");

        // Whoever is known gets an answer like everybody's, and no second client.
        let new = json!({"email": format!("{}@example.com", unique("lead")), "zip": "99999"});
        let new = lead(new).await.is(201).json()["clientId"].as_i64().expect("an id");
        let again = lead(json!({"email": email, "zip": "99999"})).await.is(201).json();
        assert_eq!(again["covered"], false);
        let shown = again["clientId"].as_i64().expect("an id");
        assert!(shown > new, "{shown} after {new}");
        problem(&c.get(&format!("/client/get/{shown}")).await, 404, "not_found");
        let by_admin = json!({"firstName": "Ann", "email": email});
        assert_eq!(c.post("/user/client-lead", &by_admin).await.is(201).json()["clientId"], *id);
        let told = c.get(&format!("/timeline/get?clientId={id}&kind=lead")).await.is(200).json();
        assert_eq!(told["totalCount"], 3);
        assert_eq!(told["items"][1]["text"], "Asks to be called back.\nZip code: 99999.");

        // A telephone number is enough, also one that another lead left, and also an e-mail
        // address that a cleaner signs in with.
        let phone = json!({"phone": "+12125550101"});
        let one = lead(phone.clone()).await.is(201).json();
        let other = lead(phone).await.is(201).json();
        assert_ne!(one["clientId"], other["clientId"]);
        assert_eq!(one["covered"], Value::Null);
        let cleo = cleaner(&c, &json!({})).await;
        lead(json!({"email": cleo["email"]})).await.is(201);
        // Whoever gives the rest later becomes a client like any other.
        let path = format!("/client/{}", one["clientId"]);
        let named = json!({"lastName": "Lee", "email": format!("{}@example.com", unique("late"))});
        let patch = crate::support::http::send(c.request("PATCH", &path).json(&named)).await;
        assert_eq!(patch.is(200).json()["email"], named["email"]);

        assert_eq!(refused(&lead(json!({})).await), ["email"]);
        let bad = json!({"email": "x", "phone": "1", "zip": "1", "firstName": ""});
        assert_eq!(refused(&lead(bad).await), ["email", "firstName", "phone", "zip"]);
        let nobody = json!({"firstName": "Ann", "phone": "+12125550101"});
        assert_eq!(
            refused(&stranger("POST", "/user/client-lead", Some(&nobody)).await),
            ["tenantId"]
        );
        c.post("/user/client-lead", &nobody).await.is(201);
        let cleaners = c.get("/cleaner-lead-sources").await.is(200).json()[0]["id"].clone();
        let wrong = lead(json!({"phone": "+12125550101", "leadSourceId": cleaners})).await;
        problem(&wrong, 404, "not_found");
    });
}

#[test]
fn of_many_leads_with_one_address_at_once_all_are_taken_down() {
    with_company(async |c| {
        let email = format!("{}@example.com", unique("lead"));
        let ask = async |number: usize| {
            let message = format!("Number {number}");
            let body = json!({"firstName": "Ann", "email": email, "message": message});
            heard(&c, "/user/client-lead", &body).await.is(201).json()
        };
        let answers = join_all((0..24).map(ask)).await;
        let id = &answers[0]["clientId"];
        assert!(answers.iter().all(|one| &one["clientId"] == id), "{answers:?}");
        let clients = c.get("/client?pageSize=200").await.is(200).json();
        assert_eq!(clients["totalCount"], 1);
        let told = c.get(&format!("/timeline/get?clientId={id}&kind=lead")).await.is(200).json();
        assert_eq!(told["totalCount"], 24);
        // Nobody who was too late has left a user behind.
        let sql = format!(
            "SELECT count(*) FROM platform.users WHERE tenant_id = {} AND role = 'client'",
            c.id
        );
        assert_eq!(database::value(c.id, &sql).await, 1);
    });
}

#[test]
fn lead_sources_of_clients_are_the_companys() {
    with_company(async |c| {
        let path = "/tenant/client-lead-sources";
        let made = c.post(path, &json!({"name": " Flyer "})).await.is(201);
        let at = made.header("location").to_owned();
        let made = made.json();
        assert_eq!((&made["name"], &made["isSystem"]), (&json!("Flyer"), &json!(false)));
        assert_eq!(c.get(&at).await.is(200).json(), made);
        problem(&c.post(path, &json!({"name": "FLYER"})).await, 409, "duplicate");
        assert_eq!(refused(&c.post(path, &json!({})).await), ["name"]);
        let put = c.put(&at, &json!({"name": "Leaflet", "isActive": false})).await.is(200);
        assert_eq!(put.header("etag"), "\"v2\"");
        problem(&c.put(&at, &json!({"name": "google"})).await, 409, "duplicate");
        let names = |list: Value| -> Vec<String> {
            let all = list.as_array().expect("a list").clone();
            all.iter().map(|one| one["name"].as_str().expect("a name").to_owned()).collect()
        };
        assert!(names(c.get(path).await.is(200).json()).contains(&"Leaflet".to_owned()));
        let public = format!("/tenant/{}/client-lead-sources", c.id);
        let seen = names(stranger("GET", &public, None).await.is(200).json());
        assert!(seen.len() == 5 && !seen.contains(&"Leaflet".to_owned()), "{seen:?}");
        problem(
            &stranger("GET", "/tenant/999999999/client-lead-sources", None).await,
            404,
            "not_found",
        );

        // What somebody came from is kept, and can only not be chosen any more.
        let google = c.get(path).await.is(200).json()[0]["id"].clone();
        client(&c, &json!({"leadSourceId": google})).await;
        let google = format!("{path}/{google}");
        c.delete(&google).await.is(204);
        assert_eq!(c.get(&google).await.is(200).json()["isActive"], false);
        c.delete(&at).await.is(204);
        problem(&c.get(&at).await, 404, "not_found");
        problem(&c.delete(&at).await, 404, "not_found");
        let of_cleaners = c.get("/cleaner-lead-sources").await.is(200).json()[0]["id"].clone();
        problem(&c.delete(&format!("{path}/{of_cleaners}")).await, 404, "not_found");
        let other = Company::fresh().await;
        problem(&other.get(&google).await, 404, "not_found");
    });
}

#[test]
fn a_timeline_tells_what_happened() {
    with_company(async |c| {
        let ((ann, own), (cleo, cleaners)) = (signed_in(&c).await, cleaner_signed_in(&c).await);
        let (admin, token) = c.user("tenantAdmin").await;
        let admins = c.with_token(&token);
        let body = json!({"clientId": ann["id"], "cleanerId": cleo["id"], "text": "Met"});
        let both = admins.post("/timeline/add", &body).await.is(201);
        let at = both.header("location").to_owned();
        let both = both.json();
        assert_eq!((&both["authorUserId"], &both["kind"]), (&json!(admin), &json!("note")));
        let call = json!({"clientId": ann["id"], "text": "Called", "kind": "call"});
        let call = c.post("/timeline/add", &call).await.is(201).json();
        assert_eq!(call["authorUserId"], Value::Null);
        let other = client(&c, &json!({})).await["id"].clone();
        let elsewhere = json!({"clientId": other, "text": "Else"});
        let elsewhere = c.post("/timeline/add", &elsewhere).await.is(201).json();
        let ids = async |t: &crate::support::Tenant, query: &str| -> Vec<Value> {
            let page = t.get(&format!("/timeline/get?{query}")).await.is(200).json();
            page["items"].as_array().expect("entries").iter().map(|one| one["id"].clone()).collect()
        };
        let [both_id, call_id, else_id] = [&both, &call, &elsewhere].map(|one| one["id"].clone());
        assert_eq!(ids(&c, "").await, [&else_id, &call_id, &both_id].map(Clone::clone));
        assert_eq!(ids(&c, "pageSize=1&pageNumber=2").await, from_ref(&call_id));
        assert_eq!(ids(&own, "").await, [&call_id, &both_id].map(Clone::clone));
        assert_eq!(ids(&cleaners, "").await, from_ref(&both_id));
        assert_eq!(ids(&c, &format!("cleanerId={}", cleo["id"])).await, from_ref(&both_id));
        assert_eq!(ids(&c, "kind=call").await, from_ref(&call_id));
        assert!(ids(&c, "to=2020-01-01").await.is_empty());
        assert_eq!(ids(&c, "from=2020-01-01").await.len(), 3);
        problem(&own.get(&format!("/timeline/get?clientId={other}")).await, 403, "forbidden");
        problem(&own.get(&format!("/timeline/get/{else_id}")).await, 403, "forbidden");
        assert_eq!(own.get(&at).await.is(200).json(), both);
        assert_eq!(refused(&c.get("/timeline/get?from=x").await), ["from"]);
        assert_eq!(refused(&c.post("/timeline/add", &json!({})).await), ["clientId", "text"]);
        let lost = json!({"clientId": 999_999_999, "text": "x"});
        problem(&c.post("/timeline/add", &lost).await, 404, "not_found");
        problem(&own.post("/timeline/add", &body).await, 403, "forbidden");

        c.delete(&format!("/timeline/delete/{call_id}")).await.is(204);
        problem(&c.delete(&format!("/timeline/delete/{call_id}")).await, 404, "not_found");
        let reason = c.get("/cleaner-churn-reasons").await.is(200).json()[0]["id"].clone();
        let stop = format!("/cleaner/changeCleanerStatus/{}/5?churnReasonId={reason}", cleo["id"]);
        c.post(&stop, &json!({})).await.is(200);
        let told = c.get("/timeline/get?kind=status").await.is(200).json()["items"][0].clone();
        assert_eq!(
            (&told["text"], &told["cleanerId"]),
            (&json!("From Active to Stopped."), &cleo["id"])
        );
        problem(&c.delete(&format!("/timeline/delete/{}", told["id"])).await, 403, "forbidden");
    });
}

#[test]
fn people_are_commented_on() {
    with_company(async |c| {
        let (ann, own) = signed_in(&c).await;
        let (admin, token) = c.user("tenantAdmin").await;
        let body = json!({"userId": ann["userId"], "text": "Always kind"});
        let made = c.with_token(&token).post("/comment/add", &body).await.is(201);
        let at = made.header("location").to_owned();
        let made = made.json();
        assert_eq!((&made["authorUserId"], &made["userId"]), (&json!(admin), &ann["userId"]));
        let later = json!({"userId": ann["userId"], "text": "Pays at once"});
        let later = c.post("/comment/add", &later).await.is(201).json();
        let path = format!("/comment/getByUserId/{}", ann["userId"]);
        assert_eq!(own.get(&path).await.is(200).json(), json!([later, made]));
        assert_eq!(own.get(&at).await.is(200).json(), made);
        let foreign = format!("/comment/getByUserId/{admin}");
        problem(&own.get(&foreign).await, 403, "forbidden");
        assert_eq!(c.get(&foreign).await.is(200).json(), json!([]));
        problem(&own.post("/comment/add", &body).await, 403, "forbidden");
        assert_eq!(refused(&c.post("/comment/add", &json!({})).await), ["text", "userId"]);
        let lost = json!({"userId": 999_999_999, "text": "x"});
        problem(&c.post("/comment/add", &lost).await, 404, "not_found");
        let (_, token) = c.user("cleaner").await;
        problem(&c.with_token(&token).get(&at).await, 403, "forbidden");
    });
}
