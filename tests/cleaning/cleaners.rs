//! Cleaners, and how they come and go.
//!
//! Covers: GetCleaner, AddCleaner, AddCleanerDetailed, GetCleanerByUserId, GetCleanerBrief,
//! Covers: GetCleanerIdFromUserId, GetMyCleanerProfile, GetCleanerProfile, UpdateCleaner,
//! Covers: AddContractDetails, ChangeCleanerStatus, SetCleanerLabel, SetNewJobNotifications,
//! Covers: DeleteCleaner, ListTenantCleaners, ListCleanersByStatus, ListClientsByStatus.

use serde_json::{Value, json};

use super::clients::client;
use super::company::{Company, problem, refused, stranger, with_company};
use crate::support::{Tenant, database, http, mail, unique};

const PASSWORD: &str = "correct horse 7";

/// Adds a cleaner; answers what was made.
pub async fn cleaner(c: &Company, more: &Value) -> Value {
    let mut body = json!({"firstName": "Cleo", "lastName": "Ray",
        "email": format!("{}@example.com", unique("cleo"))});
    let body_of = body.as_object_mut().expect("an object");
    body_of.extend(more.as_object().expect("an object").clone());
    c.post("/cleaner/add", &body).await.is(201).json()
}

/// Adds a cleaner and signs in as them; answers what was made, and calls in their name.
pub async fn signed_in(c: &Company) -> (Value, Tenant) {
    let made = cleaner(c, &json!({"password": PASSWORD})).await;
    let own = signed_in_again(c, &made).await;
    (made, own)
}

/// A cleaner's new session: an old one ends when they are stopped.
pub async fn signed_in_again(c: &Company, cleaner: &Value) -> Tenant {
    let session = sign_in(c, cleaner).await.is(200).json();
    assert_eq!(session["user"]["role"], "cleaner");
    c.with_token(session["token"].as_str().expect("a token"))
}

async fn sign_in(c: &Company, cleaner: &Value) -> crate::support::Answer {
    let body = json!({"username": cleaner["email"], "password": PASSWORD, "tenantId": c.id});
    c.post("/auth/login", &body).await
}

async fn text(c: &Company, sql: &str) -> String {
    let sql = sql.replace("{tenant}", &c.id.to_string());
    database::owner().await.query_one(&sql, &[]).await.expect("a row").get(0)
}

#[test]
fn a_cleaner_is_added_and_changed_by_an_admin() {
    with_company(async |c| {
        let settings = json!({"billing": {"defaultCleanerRate": 18.5}});
        c.post("/tenant/updateSettings", &settings).await.is(200);
        let email = format!("{}@Example.com", unique("Cleo"));
        let body = json!({"firstName": "Cleo", "lastName": "Ray", "email": email});
        let made = c.post("/cleaner/add", &body).await.is(201);
        let at = made.header("location").to_owned();
        let made = made.json();
        let id = &made["id"];
        assert_eq!(at, format!("/cleaner/get-by-cleaner-id/{id}"));
        assert_eq!(c.get(&at).await.is(200).json(), made);
        assert_eq!((&made["status"], &made["statusId"]), (&json!("Active"), &json!(4)));
        assert_eq!((&made["hourlyRate"], &made["currency"]), (&json!(18.5), &json!("USD")));
        assert_eq!((&made["worksWithPets"], &made["sendNewJobNoty"]), (&json!(true), &json!(true)));
        assert!(made["hiredAt"].is_string() && made["labels"] == json!([]), "{made}");
        let invitation = mail::to(&c, &email.to_lowercase(), 1).await.remove(0);
        assert!(invitation.path(c.base).starts_with("/passwords/"), "{}", invitation.text);
        let user = format!("/cleaner/get/{}", made["userId"]);
        assert_eq!(c.get(&user).await.is(200).json(), made);
        let of_user = format!("/cleaner/getCleanerIdFromUserId/{}", made["userId"]);
        assert_eq!(c.get(&of_user).await.is(200).json(), json!({"cleanerId": id}));
        let brief = c.get(&format!("/cleaner/getCleanerById/{id}")).await.is(200).json();
        assert_eq!((&brief["lastName"], &brief["statusId"]), (&json!("Ray"), &json!(4)));
        problem(&c.post("/cleaner/add", &body).await, 409, "email_taken");

        let change = json!({"cleanerId": id, "bio": "Quick", "hourlyRate": 20,
            "tShirtSize": "m", "languages": ["English"], "address": {"street": "1 Main St",
            "city": "New York", "state": "NY", "zip": "10001"}});
        let changed = c.post("/cleaner/update", &change).await.is(200);
        assert_eq!(changed.header("etag"), "\"v2\"");
        let changed = changed.json();
        assert_eq!((&changed["hourlyRate"], &changed["tShirtSize"]), (&json!(20), &json!("M")));
        assert_eq!((&changed["firstName"], &changed["bio"]), (&json!("Cleo"), &json!("Quick")));
        let moved = json!({"id": id, "address": {"city": "Albany"}});
        let moved = c.post("/cleaner/update", &moved).await.is(200).json();
        assert_eq!(
            (&moved["address"]["city"], &moved["address"]["zip"]),
            (&json!("Albany"), &json!("10001"))
        );
        let stale = c.request("POST", "/cleaner/update").header("if-match", "\"v2\"");
        let stale = http::send(stale.json(&json!({"cleanerId": id, "bio": "x"}))).await;
        problem(&stale, 412, "version_mismatch");
        let bad = json!({"cleanerId": id, "tShirtSize": "XXXXL", "travelMode": "flying",
            "firstName": "", "languages": [""], "applicant": {"workExperience": [{}, {}, {}, {}]}});
        assert_eq!(
            refused(&c.post("/cleaner/update", &bad).await),
            [
                "applicant.workExperience",
                "applicant.workExperience[0].company",
                "applicant.workExperience[1].company",
                "applicant.workExperience[2].company",
                "applicant.workExperience[3].company",
                "firstName",
                "languages[0]",
                "tShirtSize",
                "travelMode"
            ]
        );
        let source = c.get("/client-lead-sources").await.is(200).json()[0]["id"].clone();
        let wrong = json!({"cleanerId": id, "leadSourceId": source});
        problem(&c.post("/cleaner/update", &wrong).await, 404, "not_found");
        let other = Company::fresh().await;
        problem(&other.get(&at).await, 404, "not_found");
    });
}

#[test]
fn anybody_can_apply() {
    with_company(async |c| {
        let email = format!("{}@example.com", unique("apply"));
        let body = json!({"tenantId": c.id, "firstName": "Cleo", "lastName": "Ray", "email": email,
            "password": PASSWORD, "birthday": "1999-05-01", "languages": ["English", "Español"],
            "applicant": {"legallyEligible": true, "canDrive": false, "workExperience":
                [{"company": "Shine", "from": "2020-01-01", "to": "2021-01-01",
                  "bossEmail": "Boss@example.com"}]},
            "unavailableHours": [{"weekDay": 0, "hours": [8, 9]}]});
        let applied = stranger("POST", "/cleaner/addDetailed", Some(&body)).await.is(201).json();
        assert_eq!((&applied["status"], &applied["hourlyRate"]), (&json!("Applied"), &Value::Null));
        let id = &applied["id"];
        let seen = c.get(&format!("/cleaner/get-by-cleaner-id/{id}")).await.is(200).json();
        assert_eq!((&seen["hiredAt"], &seen["hourlyRate"]), (&Value::Null, &json!(0)));
        assert_eq!(seen["applicant"]["workExperience"][0]["bossEmail"], "boss@example.com");
        let week = c.get(&format!("/cleaner/{id}/unavailable-hours")).await.is(200).json();
        assert_eq!(week[0]["ranges"], json!([{"from": "08:00", "to": "10:00"}]));
        assert_eq!(week[1]["ranges"], json!([]));
        // Applicants sign in and see themselves.
        let own = signed_in_again(&c, &applied).await;
        let profile = own.get("/cleaner/getCleanerProfile").await.is(200).json();
        let user = profile["userId"].as_i64().expect("a user");
        own.get(&format!("/cleaner/{id}/unavailable-hours")).await.is(200);
        // What is of the work is for those who were hired.
        own.get(&format!("/cleaner/GetCleanerProfileById/{id}")).await.is(200);
        let colleague = cleaner(&c, &json!({})).await["id"].clone();
        for path in [
            format!("/cleaner/GetCleanerProfileById/{colleague}"),
            "/room/getall".to_owned(),
            "/tenant/location/1/service".to_owned(),
            "/timeline/get".to_owned(),
            format!("/comment/getByUserId/{user}"),
        ] {
            assert_eq!(own.get(&path).await.is(403).json()["code"], "forbidden", "{path}");
        }

        // What strangers leave is an event of the company, by nobody in particular.
        let sql = format!(
            "SELECT client_id || ' ' || event_type FROM platform.events
             WHERE tenant_id = {{tenant}} AND resource_type = 'cleaner' AND resource_id = '{id}'"
        );
        assert_eq!(text(&c, &sql).await, "anybody cleaning.cleaner.created");
        let key = unique("apply-");
        let again = async || {
            let url = format!("{}/cleaner/add", c.base);
            let body = json!({"tenantId": c.id, "firstName": "A", "lastName": "B",
                "email": format!("{key}@example.com")});
            http::send(http::request("POST", &url).header("idempotency-key", &key).json(&body))
                .await
        };
        let first = again().await.is(201).json();
        let second = again().await.is(201);
        assert_eq!(second.header("idempotency-replayed"), "true");
        assert_eq!(second.json(), first);

        let post = async |body: Value| stranger("POST", "/cleaner/add", Some(&body)).await;
        assert_eq!(refused(&post(json!({})).await), ["tenantId"]);
        let person = json!({"tenantId": 999_999_999, "firstName": "A", "lastName": "B",
            "email": "a@example.com"});
        problem(&post(person.clone()).await, 404, "not_found");
        let mut more = person.clone();
        more["tenantId"] = json!(c.id);
        more["email"] = json!(email);
        problem(&post(more.clone()).await, 409, "email_taken");
        more["email"] = json!("a@example.com");
        for (member, value) in
            [("statusId", json!(4)), ("hourlyRate", json!(99)), ("tenantLocationIds", json!([1]))]
        {
            let mut reserved = more.clone();
            reserved[member] = value;
            assert_eq!(refused(&post(reserved).await), [member]);
        }
        more["applicant"] = json!({"legallyEligible": false});
        let refusal = stranger("POST", "/cleaner/addDetailed", Some(&more)).await;
        assert_eq!(refused(&refusal), ["applicant.legallyEligible"]);
        let foreign = Company::fresh().await;
        more["applicant"] = json!({});
        problem(&foreign.post("/cleaner/addDetailed", &more).await, 404, "not_found");
        more.as_object_mut().expect("an object").remove("applicant");
        assert_eq!(refused(&c.post("/cleaner/addDetailed", &more).await), ["applicant"]);
        // A facilities tenant has no cleaners.
        let other = Tenant::fresh().await;
        more["tenantId"] = json!(other.id);
        problem(&post(more).await, 404, "not_found");
    });
}

#[test]
fn cleaners_see_and_change_themselves_alone() {
    with_company(async |c| {
        let (made, own) = signed_in(&c).await;
        let other = cleaner(&c, &json!({})).await;
        let (id, foreign) = (&made["id"], &other["id"]);
        let me = own.get("/cleaner/GetCleanerProfile").await.is(200).json();
        assert_eq!((&me["id"], &me["hourlyRate"]), (id, &Value::Null));
        assert_eq!(own.get(&format!("/cleaner/get-by-cleaner-id/{id}")).await.is(200).json(), me);
        for path in ["get-by-cleaner-id", "getCleanerById"] {
            problem(&own.get(&format!("/cleaner/{path}/{foreign}")).await, 403, "forbidden");
        }
        for path in ["get", "getCleanerIdFromUserId"] {
            let path = format!("/cleaner/{path}/{}", other["userId"]);
            problem(&own.get(&path).await, 403, "forbidden");
        }
        let colleague = own.get(&format!("/cleaner/GetCleanerProfileById/{foreign}")).await;
        let colleague = colleague.is(200).json();
        assert_eq!((&colleague["lastInitial"], colleague.get("email")), (&json!("R"), None));

        let change = json!({"bio": "Mine", "hourlyRate": 99, "leadSourceId": null});
        let changed = own.post("/cleaner/update", &change).await.is(200).json();
        assert_eq!((&changed["bio"], &changed["hourlyRate"]), (&json!("Mine"), &Value::Null));
        let seen = c.get(&format!("/cleaner/get-by-cleaner-id/{id}")).await.is(200).json();
        assert_eq!(seen["hourlyRate"], 0);
        let change = json!({"cleanerId": foreign, "bio": "Theirs"});
        problem(&own.post("/cleaner/update", &change).await, 403, "forbidden");
        let quiet = http::send(
            own.request("PUT", "/cleaner/changeSendNewJobNoty")
                .json(&json!({"sendNewJobNoty": false})),
        )
        .await;
        assert_eq!(quiet.is(200).json()["sendNewJobNoty"], false);
        assert_eq!(
            refused(&c.put("/cleaner/changeSendNewJobNoty", &json!({"cleanerId": id})).await),
            ["sendNewJobNoty"]
        );
        for path in [
            format!("/cleaner/changeCleanerStatus/{id}/5"),
            format!("/cleaner/delete/{id}"),
            format!("/cleaner/updateCleanerLabel/{id}/8/1"),
        ] {
            problem(&own.post(&path, &json!({})).await, 403, "forbidden");
        }
        problem(&c.get("/cleaner/GetCleanerProfile").await, 403, "forbidden");
        // What is wrong is named as the contract has it, in paths and in bodies that are lists.
        let path = |what: &str| format!("/cleaner/{what}");
        let changed = path(&format!("changeCleanerStatus/{}/9", me["id"]));
        assert_eq!(refused(&c.post(&changed, &json!({})).await), ["statusId"]);
        let days = json!([{"weekDay": 1, "hours": [24]}, {"weekDay": 9}]);
        let days = c.put(&path(&format!("{}/unavailable-hours", me["id"])), &days).await;
        assert_eq!(refused(&days), ["[0].hours[0]", "[1].weekDay"]);
        let none = c.post(&path(&format!("{}/location", me["id"])), &json!({})).await;
        assert_eq!(refused(&none), ["tenantLocationId"]);
        assert_eq!(refused(&c.post("/cleaner/update", &json!({"bio": "me"})).await), ["id"]);
        let noty = json!({"sendNewJobNoty": true});
        assert_eq!(refused(&c.put("/cleaner/changeSendNewJobNoty", &noty).await), ["cleanerId"]);
        assert_eq!(
            refused(&c.post("/cleaner/addContractDetails", &json!({})).await),
            ["cleanerId", "legalName", "startDate", "taxClassification"]
        );
    });
}

#[test]
fn contracts_keep_the_tax_number_sealed() {
    with_company(async |c| {
        let (made, own) = signed_in(&c).await;
        let id = &made["id"];
        let body = json!({"cleanerId": id, "legalName": "Cleo Ray", "taxClassification": "W2",
            "taxId": "123-45-6789", "startDate": "2026-01-05", "hourlyRate": 21.5,
            "weeklyHours": 37.5, "emergencyContact": {"name": "Bo", "phone": "+12125550101"}});
        let path = "/cleaner/addContractDetails";
        let agreed = c.post(path, &body).await.is(200).json();
        let contract = &agreed["contract"];
        assert_eq!((&contract["taxIdLast4"], contract.get("taxId")), (&json!("6789"), None));
        assert_eq!(
            (&contract["taxClassification"], &contract["weeklyHours"]),
            (&json!("w2"), &json!(37.5))
        );
        assert_eq!((&contract["hourlyRate"], &agreed["hourlyRate"]), (&json!(21.5), &json!(21.5)));
        let sql = "SELECT encode(tax_id, 'escape') || contract::text FROM cleaning.cleaners
            WHERE tenant_id = {tenant}";
        let stored = text(&c, sql).await;
        assert!(!stored.contains("123-45") && stored.contains("6789"), "{stored}");
        let events = "SELECT string_agg(resource::text || coalesce(changes::text, ''), ' ')
            FROM platform.events WHERE tenant_id = {tenant}";
        assert!(!text(&c, events).await.contains("123-45"), "in an event");

        // Whoever leaves the number out keeps it; cleaners leave the rate to admins.
        let own_body = json!({"legalName": "Cleo B. Ray", "taxClassification": "1099",
            "startDate": "2026-01-05"});
        let kept = own.post(path, &own_body).await.is(200).json();
        assert_eq!(kept["contract"]["taxIdLast4"], "6789");
        assert_eq!(
            (&kept["contract"]["hourlyRate"], &kept["contract"]["weeklyHours"]),
            (&Value::Null, &Value::Null)
        );
        let mut paid = own_body.clone();
        paid["hourlyRate"] = json!(99);
        assert_eq!(refused(&own.post(path, &paid).await), ["hourlyRate"]);
        let seen = c.get(&format!("/cleaner/get-by-cleaner-id/{id}")).await.is(200).json();
        assert_eq!(seen["hourlyRate"], 21.5);
        let mut unpaid = own_body;
        unpaid["cleanerId"] = id.clone();
        assert_eq!(refused(&c.post(path, &unpaid).await), ["hourlyRate"]);
        let bad = json!({"cleanerId": id, "legalName": "", "taxClassification": "w3", "taxId": "1 2",
            "startDate": "2026-02-30", "endDate": "x", "weeklyHours": 170,
            "emergencyContact": {"phone": "1"}});
        assert_eq!(
            refused(&c.post(path, &bad).await),
            [
                "emergencyContact.name",
                "emergencyContact.phone",
                "endDate",
                "legalName",
                "startDate",
                "taxClassification",
                "taxId",
                "weeklyHours"
            ]
        );
    });
}

#[test]
fn who_signed_a_contract_leaves_it_to_admins() {
    with_company(async |c| {
        let path = "/cleaner/addContractDetails";
        let terms = json!({"legalName": "Cleo Ray", "taxClassification": "w2",
            "startDate": "2026-01-05"});
        let (cleo, own) = signed_in(&c).await;
        own.post(path, &terms).await.is(200);
        let rules = json!({"name": unique("Hire "), "trigger": "OnCleanerHire",
            "audience": "cleaner", "body": "Be on time."});
        let rules = c.post("/agreement", &rules).await.is(201).id();
        own.post(path, &terms).await.is(200);
        let sign = json!({"agreementId": rules, "signerName": "Cleo Ray", "accepted": true});
        own.post("/signed-agreement", &sign).await.is(201);
        problem(&own.post(path, &terms).await, 409, "event_locked");

        let (ray, own) = signed_in(&c).await;
        let label = format!("/cleaner/updateCleanerLabel/{}/4", ray["id"]);
        c.post(&format!("{label}/true"), &json!({})).await.is(200);
        problem(&own.post(path, &terms).await, 409, "event_locked");
        c.post(&format!("{label}/false"), &json!({})).await.is(200);
        own.post(path, &terms).await.is(200);
        let mut by_admin = terms;
        by_admin["cleanerId"] = cleo["id"].clone();
        by_admin["hourlyRate"] = json!(20);
        c.post(path, &by_admin).await.is(200);
    });
}

#[test]
fn cleaners_come_and_go() {
    with_company(async |c| {
        let made = cleaner(&c, &json!({"statusId": "applied", "password": PASSWORD})).await;
        let id = &made["id"];
        let to = async |status: &str| {
            c.post(&format!("/cleaner/changeCleanerStatus/{id}/{status}"), &json!({})).await
        };
        let at = format!("/cleaner/changeCleanerStatus/{id}/2");
        // The documented GET does it too, and says that it is old.
        let checked = c.get(&at).await.is(200);
        assert_eq!(checked.header("deprecation"), "@1767225600");
        assert_eq!(checked.header("link"), format!("<{at}>; rel=\"successor-version\""));
        assert_eq!(checked.json()["status"], "Checked");
        let ahead = http::send(c.request("GET", &at).header("sec-purpose", "prefetch")).await;
        problem(&ahead, 403, "prefetch_refused");
        assert_eq!(to("checked").await.is(200).header("etag"), "\"v2\"", "it stands there");
        problem(&to("applied").await, 409, "illegal_transition");
        problem(&to("stopped").await, 409, "illegal_transition");
        to("rejected").await.is(200);
        problem(&sign_in(&c, &made).await, 403, "account_inactive");
        to("1").await.is(200);
        sign_in(&c, &made).await.is(200);
        assert!(to("4").await.is(200).json()["hiredAt"].is_string());
        assert_eq!(refused(&to("5").await), ["churnReasonId"]);
        let reason = c.get("/cleaner-churn-reasons").await.is(200).json()[2]["id"].clone();
        let wrong = c.get("/client-churn-reasons").await.is(200).json()[0]["id"].clone();
        problem(&to(&format!("5?churnReasonId={wrong}")).await, 404, "not_found");
        let stopped =
            to(&format!("5?churnReasonId={reason}&note=Came%20late")).await.is(200).json();
        assert_eq!((&stopped["churnReasonId"], &stopped["status"]), (&reason, &json!("Stopped")));
        problem(&sign_in(&c, &made).await, 403, "account_inactive");
        let notes = c.get(&format!("/note/getCleanerNotes/{id}/0")).await.is(200).json();
        assert_eq!(notes[0]["text"], "Came late");
        to("Active").await.is(200);
        assert_eq!(to("9").await.status, 400);
        let sql = format!(
            "SELECT string_agg(concat_ws('>', coalesce(from_status, 0), to_status), ',' ORDER BY id)
             FROM cleaning.cleaner_status_log WHERE tenant_id = {{tenant}} AND cleaner_id = {id}"
        );
        assert_eq!(text(&c, &sql).await, "0>1,1>2,2>6,6>1,1>4,4>5,5>4");

        let label = async |path: &str| {
            c.post(&format!("/cleaner/updateCleanerLabel/{id}/{path}"), &json!({})).await
        };
        let labelled = label("8/true").await.is(200).json();
        assert_eq!(
            (&labelled["labels"][0]["name"], &labelled["labels"][0]["isActive"]),
            (&json!("Star"), &json!(true))
        );
        assert_eq!(label("8/1").await.is(200).json(), labelled, "it was so already");
        label("1/1").await.is(200);
        let labels = label("8/0").await.is(200).json()["labels"].clone();
        assert_eq!((&labels[0]["actionId"], &labels[1]["isActive"]), (&json!(1), &json!(false)));
        problem(&label("9/1").await, 404, "not_found");
        assert_eq!(label("8/perhaps").await.status, 400);

        c.get(&format!("/cleaner/delete/{id}")).await.is(204);
        problem(&c.get(&format!("/cleaner/get-by-cleaner-id/{id}")).await, 404, "not_found");
        assert!(text(&c, &sql).await.ends_with("5>4,4>5"), "stopped first");
        problem(&sign_in(&c, &made).await, 401, "invalid_credentials");
        cleaner(&c, &json!({"email": made["email"]})).await;
    });
}

#[test]
fn people_are_listed_by_where_they_stand() {
    with_company(async |c| {
        let zed = cleaner(&c, &json!({"lastName": "Zed"})).await;
        let adams = cleaner(&c, &json!({"lastName": "adams"})).await;
        let new = cleaner(&c, &json!({"lastName": "Moss", "statusId": 1})).await;
        let ids = async |path: &str| -> Vec<Value> {
            let list = c.get(path).await.is(200).json();
            list.as_array().expect("a list").iter().map(|one| one["id"].clone()).collect()
        };
        let id = |one: &Value| one["id"].clone();
        assert_eq!(ids("/tenant/getCleaners").await, [id(&adams), id(&zed)]);
        assert_eq!(ids("/tenant/getcleanersbytenant/all").await, [id(&adams), id(&new), id(&zed)]);
        assert_eq!(ids("/tenant/getcleanersbytenant/0").await.len(), 3);
        assert_eq!(ids("/tenant/getcleanersbytenant/APPLIED").await, [id(&new)]);
        assert_eq!(ids("/tenant/getcleanersbytenant/4?pageSize=1").await, [id(&adams)]);
        assert_eq!(refused(&c.get("/tenant/getcleanersbytenant/7").await), ["status"]);
        let bo = client(&c, &json!({"lastName": "Bo"})).await;
        let al = client(&c, &json!({"lastName": "al"})).await;
        assert_eq!(ids("/tenant/getclientsbytenant/lead").await, [id(&al), id(&bo)]);
        assert_eq!(ids("/tenant/getclientsbytenant/1").await.len(), 2);
        assert!(ids("/tenant/getclientsbytenant/2").await.is_empty());
        assert_eq!(refused(&c.get("/tenant/getclientsbytenant/gone").await), ["status"]);
    });
}
