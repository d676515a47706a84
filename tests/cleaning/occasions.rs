//! Agreements that are mailed when something happens, and what they are about.
//!
//! Covers: GetCleanerAssignAgreementData.

use serde_json::{Value, json};

use super::assignments::{assign, claim, worker};
use super::bookings::{booked, offer, weekly};
use super::cleaners::{signed_in as cleaner_signed_in, signed_in_again};
use super::clients::signed_in;
use super::company::{Company, problem, refused, stranger, with_company};
use super::homes::home;
use crate::support::fixtures::with;
use crate::support::{Tenant, http, in_days, mail, unique};

/// Adds an agreement that is sent on an occasion.
async fn agreement(c: &Company, trigger: &str, audience: &str, body: &str) -> Value {
    let name = unique("Rules ");
    let body = json!({"name": name, "trigger": trigger, "audience": audience, "body": body});
    c.post("/agreement", &body).await.is(201).json()
}

/// The paths of the links that were mailed to somebody, once there are so many, and so many copies
/// of what was signed.
async fn links(c: &Company, person: &Value, (count, copies): (usize, usize)) -> Vec<String> {
    let address = person["email"].as_str().expect("an address");
    let mut mails = mail::to(c, address, count + copies).await;
    mails.retain(|mail| mail.header("X-Steward-Kind") == "agreement");
    assert_eq!(mails.len(), count);
    mails.iter().map(|mail| mail.path(c.base)).collect()
}

/// What a program asks behind a link to the page.
fn document(page: &str) -> String {
    page.replacen("/agreements/", "/agreement/", 1)
}

async fn signs(own: &Tenant, agreement: &Value, more: Value) {
    let body = json!({"agreementId": agreement["id"], "signerName": "A", "accepted": true});
    own.post("/signed-agreement", &with(body, more)).await.is(201);
}

async fn stands(c: &Company, cleaner: &Value, status: &str) {
    let path = format!("/cleaner/changeCleanerStatus/{}/{status}", cleaner["id"]);
    c.post(&path, &json!({})).await.is(200);
}

#[test]
fn whoever_is_hired_is_mailed_what_to_sign() {
    with_company(async |c| {
        let rules = agreement(&c, "OnCleanerHire", "cleaner", "Dear {{cleaner.fullName}}").await;
        let idle = agreement(&c, "OnCleanerHire", "cleaner", "Not sent").await;
        let idle_at = format!("/agreement/{}", idle["id"]);
        c.put(&idle_at, &with(idle, json!({"isActive": false}))).await.is(200);
        agreement(&c, "Manual", "cleaner", "By hand").await;
        let gone = agreement(&c, "OnCleanerHire", "cleaner", "Deleted").await;
        c.delete(&format!("/agreement/{}", gone["id"])).await.is(204);
        let reason = c.get("/cleaner-churn-reasons").await.is(200).json()[0]["id"].clone();
        let stopped = format!("5?churnReasonId={reason}");

        // Who is added as somebody who works was hired by that.
        let (cleo, _) = cleaner_signed_in(&c).await;
        let first = links(&c, &cleo, (1, 0)).await.remove(0);
        assert!(first.starts_with(&format!("/agreements/{}/sign?key=", rules["id"])), "{first}");
        let shown = stranger("GET", &document(&first), None).await.is(200).json();
        assert_eq!(shown["body"], "Dear Cleo Ray");
        assert_eq!(shown["clientCleanerRequestId"], Value::Null);
        // Who stands there already is not hired again; who comes back is.
        stands(&c, &cleo, "4").await;
        stands(&c, &cleo, &stopped).await;
        stands(&c, &cleo, "4").await;
        links(&c, &cleo, (2, 0)).await;
        // Who has signed the agreement as it is gets none, until it is another.
        signs(&signed_in_again(&c, &cleo).await, &rules, json!({})).await;
        stands(&c, &cleo, &stopped).await;
        stands(&c, &cleo, "4").await;
        let revised = with(rules.clone(), json!({"body": "New"}));
        c.put(&format!("/agreement/{}", rules["id"]), &revised).await.is(200);
        stands(&c, &cleo, &stopped).await;
        stands(&c, &cleo, "4").await;
        let third = links(&c, &cleo, (3, 1)).await.remove(2);
        let shown = stranger("GET", &document(&third), None).await.is(200).json();
        assert_eq!((&shown["revision"], &shown["body"]), (&json!(2), &json!("New")));

        // Applicants sign nothing before they are hired.
        let applicant = json!({"firstName": "Dora", "lastName": "Ray", "statusId": 1,
            "password": "correct horse 7", "email": format!("{}@example.com", unique("dora"))});
        let dora = c.post("/cleaner/add", &applicant).await.is(201).json();
        stands(&c, &dora, "3").await;
        stands(&c, &dora, "4").await;
        links(&c, &dora, (1, 0)).await;
        // What nobody could ever be sent is refused.
        for (trigger, audience) in [("OnCleanerHire", "client"), ("OnClientBooking", "cleaner")] {
            let body = json!({"name": "X", "trigger": trigger, "audience": audience, "body": "X"});
            assert_eq!(refused(&c.post("/agreement", &body).await), ["audience"]);
        }
    });
}

#[test]
fn whoever_books_is_mailed_what_to_sign() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let body = "{{client.firstName}}: {{booking.frequency}}, {{booking.hours}} hours, \
                    {{assignment.startHour}}";
        let terms = agreement(&c, "OnClientBooking", "client", body).await;
        let (ann, own) = signed_in(&c).await;
        let place = home(&c, &ann["id"], "Home", "10001").await;
        let book = async |by: &Tenant, more: Value| {
            let order = with(
                weekly(&offer, &more),
                json!({"clientId": ann["id"],
                "locationId": place["id"]}),
            );
            by.post("/client/addclientbooking", &order).await.is(201).json()
        };
        book(&c, json!({"hours": 2.5})).await;
        let first = links(&c, &ann, (1, 0)).await.remove(0);
        let filled = async |page: &str| {
            let shown = stranger("GET", &document(page), None).await.is(200).json();
            shown["body"].as_str().expect("a text").replace('\\', "")
        };
        assert_eq!(filled(&first).await, "Ann: every week, 2.5 hours, \u{2013}");
        let once = json!({"frequencyId": 1, "hours": 4});
        book(&own, once.clone()).await;
        let second = links(&c, &ann, (2, 0)).await.remove(1);
        assert_eq!(filled(&second).await, "Ann: once, 4 hours, \u{2013}");
        signs(&own, &terms, json!({})).await;
        book(&own, once).await;
        links(&c, &ann, (2, 1)).await;

        // Whoever no mail reaches books all the same.
        let lead = json!({"firstName": "Bob", "phone": "+12125550101"});
        let bob = c.post("/user/client-lead", &lead).await.is(201).json()["clientId"].clone();
        let place = home(&c, &bob, "Home", "10001").await;
        let order = weekly(&offer, &json!({"clientId": bob, "locationId": place["id"]}));
        c.post("/client/addclientbooking", &order).await.is(201);
    });
}

#[test]
fn whoever_is_assigned_and_the_client_are_mailed_what_to_sign() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let body = "{{client.firstName}} and {{cleaner.fullName}}, {{booking.frequency}}, \
                    {{booking.hours}} h at {{assignment.startHour}} from {{assignment.firstDate}}";
        let duties = agreement(&c, "OnCleanerAssign", "cleaner", body).await;
        let house = agreement(&c, "OnCleanerAssign", "client", body).await;
        let (ann, anns) = signed_in(&c).await;
        let place = json!({"clientId": ann["id"], "accessNotes": "Key under the mat",
            "address": {"street": "1 Main St", "city": "New York", "state": "NY", "zip": "10001"}});
        let place = c.post("/location", &place).await.is(201).json();
        let order = weekly(&offer, &json!({"clientId": ann["id"], "locationId": place["id"]}));
        let made = c.post("/client/addclientbooking", &order).await.is(201).json();
        let booking = &made["booking"]["id"];
        let (cleo, own) = worker(&c).await;
        let rate = json!({"cleanerId": cleo, "hourlyRate": 18.5});
        let cleaner = c.post("/cleaner/update", &rate).await.is(200).json();

        let assignment = own.post(&claim(booking, &cleo), &json!({})).await.is(200).json();
        let mut mailed = Vec::new();
        for (agreement, person, role) in [(&duties, &cleaner, "cleaner"), (&house, &ann, "client")]
        {
            let page = links(&c, person, (1, 0)).await.remove(0);
            let about = format!("&clientCleanerRequestId={}", assignment["id"]);
            assert!(page.ends_with(&about), "{page}");
            let shown = stranger("GET", &document(&page), None).await.is(200).json();
            let date = in_days(7).strftime("%B %-d, %Y").to_string();
            let filled = format!("Ann and Cleo Ray, every week, 3 h at 09:00 from {date}");
            assert_eq!(shown["body"].as_str().expect("a text").replace('\\', ""), filled);
            assert_eq!(shown["clientCleanerRequestId"], assignment["id"]);
            // The page shows the same, and signs it about the assignment.
            let at = format!("{}{page}", c.base);
            let form = stranger("GET", &page, None).await.is(200);
            assert!(form.text.contains("every week, 3 h at 09:00"), "{}", form.text);
            let sent = http::request("POST", &at)
                .header("content-type", "application/x-www-form-urlencoded")
                .body("name=Zoe&accepted=on");
            http::send(sent).await.is(200);
            let user = format!("/signed-agreement?userId={}", person["userId"]);
            let signed = c.get(&user).await.is(200).json();
            assert_eq!(signed.as_array().map(Vec::len), Some(1), "{role}: {signed}");
            assert_eq!(
                (&signed[0]["agreementId"], &signed[0]["clientCleanerRequestId"]),
                (&agreement["id"], &assignment["id"])
            );
            let again = stranger("GET", &document(&page), None).await.is(200).json();
            assert_eq!(again["alreadySigned"], true);
            mailed.push(page);
        }
        // Claimed again it is the same occasion, another assignment is another one.
        own.post(&claim(booking, &cleo), &json!({})).await.is(200);
        let other = booked(&c, &offer, &json!({"startTime": "15:00"})).await;
        assign(&c, &other["booking"]["id"], &cleo).await.is(200);
        // With the copies of what was signed.
        let address = cleaner["email"].as_str().expect("an address");
        let kinds: Vec<String> = mail::to(&c, address, 3)
            .await
            .iter()
            .map(|mail| mail.header("X-Steward-Kind").to_owned())
            .collect();
        assert_eq!(kinds.iter().filter(|kind| *kind == "agreement").count(), 2, "{kinds:?}");

        let about = format!("/agreement/cleaner-assign/{}", assignment["id"]);
        let told = c.get(&about).await.is(200).json();
        assert_eq!(told["assignment"], assignment);
        for (member, value) in [
            ("startHour", json!("09:00")),
            ("firstDate", json!(in_days(7).to_string())),
            ("frequency", json!("Weekly")),
            ("hours", json!(3)),
            ("cleanerRate", json!(18.5)),
        ] {
            assert_eq!(told[member], value, "{member}: {told}");
        }
        assert_eq!(told["client"]["lastName"], "Lee");
        assert_eq!(told["cleaner"]["userId"], cleaner["userId"]);
        assert_eq!(told["location"]["accessNotes"], "Key under the mat");
        let key = |page: &str| {
            let key = page.split_once("key=").and_then(|(_, rest)| rest.split_once('&'));
            key.map(|(key, _)| format!("?key={key}")).expect("a key")
        };
        let seen = own.get(&about).await.is(200).json();
        let linked = format!("{about}{}", key(&mailed[0]));
        assert_eq!(stranger("GET", &linked, None).await.is(200).json(), seen);
        assert_eq!(seen["cleanerRate"], 18.5);
        assert_eq!(seen["location"]["accessNotes"], Value::Null);
        let seen = anns.get(&about).await.is(200).json();
        let linked = format!("{about}{}", key(&mailed[1]));
        assert_eq!(stranger("GET", &linked, None).await.is(200).json(), seen);
        assert_eq!(seen["cleanerRate"], Value::Null);
        assert_eq!(seen["location"]["accessNotes"], "Key under the mat");

        let (_, third) = worker(&c).await;
        problem(&third.get(&about).await, 403, "forbidden");
        problem(&stranger("GET", &about, None).await, 401, "unauthenticated");
        let wrong = format!("{about}?key=x");
        problem(&stranger("GET", &wrong, None).await, 401, "unauthenticated");
        problem(&c.get("/agreement/cleaner-assign/999999999").await, 404, "not_found");
        problem(&Company::fresh().await.get(&about).await, 404, "not_found");
        let (_, other) = signed_in(&c).await;
        let sign =
            format!("/agreement/{}/sign?clientCleanerRequestId={}", house["id"], assignment["id"]);
        anns.get(&sign).await.is(200);
        problem(&other.get(&sign).await, 403, "forbidden");

        // Whoever comes no more sees no homes.
        let dismiss = json!({"requestId": booking, "cleanerId": cleo});
        c.post("/cleaner/dismiss-and-reassign", &dismiss).await.is(200);
        problem(&own.get(&about).await, 403, "forbidden");
        c.get(&about).await.is(200);
    });
}
