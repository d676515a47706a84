//! Invitations, and what they make of users.
//!
//! Covers: CreateInvitation, GetInvitation, ListInvitations, ResendInvitation, RevokeInvitation.
//! Covers: DeactivateUser, GetUser.

use serde_json::{Value, json};
use steward_contracts::steward::facilities::v1 as pb;
use steward_contracts::steward::facilities::v1::invitation_service_client::InvitationServiceClient;
use tonic::Code;
use tonic_types::StatusExt;

use crate::support::fixtures::person;
use crate::support::{Tenant, database, http, mail, with_tenant};

pub const INVITATIONS: &str = "/api/public/Invitations";

/// A new owner: id and e-mail.
pub async fn invitee(t: &Tenant) -> (i64, String) {
    let body = person();
    let id = t.post("/api/public/Owners", &body).await.is(201).id();
    (id, body["email"].as_str().expect("text").to_owned())
}

pub async fn invite(t: &Tenant, user: i64) -> Value {
    t.post(INVITATIONS, &json!({"userId": user})).await.is(201).json()
}

/// Where a user stands.
pub async fn status(t: &Tenant, user: i64) -> String {
    let user = t.get(&format!("/api/public/Users/{user}")).await.is(200).json();
    user["status"].as_str().expect("text").to_owned()
}

/// Does something with an invitation: `resend` or `revoke`.
pub async fn act(t: &Tenant, id: &Value, verb: &str) -> http::Answer {
    t.post(&format!("{INVITATIONS}/{id}/{verb}"), &json!({})).await
}

/// Makes the time of an invitation pass.
pub async fn expire(t: &Tenant, id: &Value) {
    let sql = format!(
        "UPDATE facilities.invitations SET sent_at = sent_at - interval '8 days',
           created_at = created_at - interval '8 days', expires_at = expires_at - interval '8 days'
         WHERE id = {id}"
    );
    database::write(t.id, &sql).await;
}

/// The types, resources and changes of the tenant's events of invitations and users.
pub async fn events(t: &Tenant) -> Vec<Value> {
    let types = [("types", "facilities.invitation.*"), ("types", "facilities.user.*")];
    let page = t.find("/api/public/events", &types).await.is(200).json();
    page["items"].as_array().expect("items").clone()
}

#[test]
fn a_user_is_invited_by_mail() {
    with_tenant(async |t| {
        let (user, email) = invitee(&t).await;
        assert_eq!(status(&t, user).await, "Uninvited");
        let answer = t.post(INVITATIONS, &json!({"userId": user})).await.is(201);
        let (id, invitation) = (answer.id(), answer.json());
        assert_eq!(answer.header("location"), format!("{INVITATIONS}/{id}"));
        let time = |name: &str| invitation[name].as_str().expect("a time").to_owned();
        let owner = t.get(&format!("/api/public/Owners/{user}")).await.is(200).json();
        assert_eq!(
            invitation,
            json!({
                "id": id, "userId": user, "userRole": "Owner", "userName": owner["name"],
                "userStatus": "Invited", "email": email, "language": "en", "state": "Open",
                "invitedBy": t.client_id, "timesSent": 1, "created": time("sent"),
                "sent": time("sent"), "expires": time("expires"), "accepted": null,
                "revoked": null,
            })
        );
        assert_eq!(owner["status"], "Invited");
        let days = format!(
            "SELECT EXTRACT(epoch FROM expires_at - sent_at)::bigint FROM facilities.invitations
             WHERE id = {id}"
        );
        assert_eq!(database::value(t.id, &days).await, 7 * 86_400);
        assert_eq!(t.get(&format!("{INVITATIONS}/{id}")).await.is(200).json(), invitation);

        let mails = mail::to(&t, &email, 1).await;
        assert!(mails[0].header("Subject").starts_with("Invitation from Test "));
        assert!(mails[0].text.starts_with(&format!("Dear {},", owner["name"].as_str().unwrap())));
        assert!(mails[0].text.contains("7 days"), "{}", mails[0].text);
        assert!(mails[0].path(t.base).starts_with("/invitations/"));

        let user_shown = t.get(&format!("/api/public/Users/{user}")).await.is(200).json();
        let expected = json!({
            "id": user, "role": "Owner", "status": "Invited", "email": email, "name": owner["name"],
        });
        assert_eq!(user_shown, expected);
    });
}

#[test]
fn an_invitation_is_told_of_whom_it_changes() {
    with_tenant(async |t| {
        let (user, _) = invitee(&t).await;
        let invitation = t.post(INVITATIONS, &json!({"userId": user})).await.is(201).id();
        t.post(&format!("{INVITATIONS}/{invitation}/revoke"), &json!({})).await.is(200);
        let types = [("types", "facilities.owner.updated"), ("types", "facilities.manager.*")];
        let page = t.find("/api/public/events", &types).await.is(200).json();
        let events = page["items"].as_array().expect("items");
        let told: Vec<_> =
            events.iter().map(|one| (&one["resourceId"], &one["changes"]["status"])).collect();
        let id = json!(user.to_string());
        let steps = [json!(["Uninvited", "Invited"]), json!(["Invited", "Uninvited"])];
        assert_eq!(told, [(&id, &steps[0]), (&id, &steps[1])]);
    });
}

#[test]
fn every_role_is_invited_in_its_language() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let contact = person();
        let contact_id = t.post("/api/public/property-users", &contact).await.is(201).id();
        t.unit_with(property, owner, json!({"contactId": contact_id})).await;
        let (manager, provider) = (person(), person());
        let manager_id = t.post("/api/public/managers", &manager).await.is(201).id();
        let provider_id = t.post("/api/public/service-providers", &provider).await.is(201).id();
        for (id, body, role, language, subject, words) in [
            (manager_id, manager, "PropertyManager", "nl", "Uitnodiging van Test", "één keer"),
            (provider_id, provider, "ServiceProvider", "pt", "Convite de Test", "imóveis"),
            (contact_id, contact, "PropertyUser", "en", "Invitation from Test", "works once"),
        ] {
            let asked = json!({"userId": id, "language": language});
            let invitation = t.post(INVITATIONS, &asked).await.is(201).json();
            assert_eq!(
                (&invitation["userRole"], &invitation["language"]),
                (&json!(role), &json!(language))
            );
            let mails = mail::to(&t, body["email"].as_str().expect("text"), 1).await;
            assert!(mails[0].header("Subject").starts_with(subject), "{}", mails[0].head);
            assert!(mails[0].text.contains(words), "{}", mails[0].text);
        }
    });
}

#[test]
fn who_may_not_be_invited_is_refused() {
    with_tenant(async |t| {
        let forbidden = async |user: i64, why: &str| {
            let answer = t.post(INVITATIONS, &json!({"userId": user})).await;
            let detail = answer.problem(403, "forbidden-action")["Detail"].to_string();
            assert!(detail.contains(why), "{detail}");
        };
        // Nobody's contact, and one of several who is not the main one.
        let (property, owner) = (t.property().await, t.owner().await);
        let (main, other) = (t.user().await, t.user().await);
        t.unit_with(property, owner, json!({"propertyUserIds": [other], "contactId": main})).await;
        forbidden(t.user().await, "main contact").await;
        forbidden(other, "main contact").await;
        assert_eq!(status(&t, other).await, "Uninvited");
        invite(&t, main).await;
        forbidden(main, "Send that again").await;

        let (user, email) = invitee(&t).await;
        let id = invite(&t, user).await["id"].clone();
        forbidden(user, "Send that again").await;
        expire(&t, &id).await;
        forbidden(user, "Send that again").await;
        let path = mail::to(&t, &email, 1).await[0].path(t.base);
        act(&t, &id, "resend").await.is(200);
        http::send(http::request("POST", &format!("{}{path}", t.base))).await.is(410);
        let path = mail::to(&t, &email, 2).await[1].path(t.base);
        http::send(http::request("POST", &format!("{}{path}", t.base))).await.is(200);
        forbidden(user, "active already").await;

        let body = json!({"userId": 999_999_999});
        t.post(INVITATIONS, &body).await.problem(404, "entity-not-found");
        let stranger = Tenant::fresh().await;
        let body = json!({"userId": t.owner().await});
        stranger.post(INVITATIONS, &body).await.problem(404, "entity-not-found");
        assert_eq!(t.post(INVITATIONS, &json!({})).await.refused(400, "bad-request"), ["userId"]);
        for language in ["de", "EN", ""] {
            let body = json!({"userId": owner, "language": language});
            let answer = t.post(INVITATIONS, &body).await;
            assert_eq!(answer.refused(400, "bad-request"), ["language"], "{language:?}");
        }
        assert_eq!(status(&t, owner).await, "Uninvited", "a refusal changes nothing");
        // Over gRPC the same facts.
        let mut client = InvitationServiceClient::new(t.grpc().await);
        let request = pb::CreateInvitationRequest { user_id: user, language: None };
        let refused = client.create_invitation(request).await.expect_err("a refusal");
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert_eq!(refused.get_details_error_info().expect("info").reason, "FORBIDDEN_ACTION");
    });
}

#[test]
fn an_invitation_is_sent_again() {
    with_tenant(async |t| {
        let (user, email) = invitee(&t).await;
        let first = invite(&t, user).await;
        let old = mail::to(&t, &email, 1).await[0].path(t.base);
        // It goes to where the user gets mail now; what was sent before stays good until then.
        let moved = person();
        let new_email = moved["email"].as_str().expect("text");
        t.put(&format!("/api/public/Owners/{user}"), &moved).await.is(200);
        let show =
            async |path: &str| http::send(http::request("GET", &format!("{}{path}", t.base))).await;
        show(&old).await.is(200);
        let again = act(&t, &first["id"], "resend").await.is(200).json();
        assert_eq!((&again["timesSent"], &again["email"]), (&json!(2), &json!(new_email)));
        assert_eq!((&again["created"], &again["state"]), (&first["created"], &json!("Open")));
        assert!(again["expires"].as_str() > first["expires"].as_str(), "{again}");
        let new = mail::to(&t, new_email, 1).await[0].path(t.base);
        assert_ne!(new, old);
        let gone = show(&old).await.is(410);
        assert!(gone.text.contains("There is a newer link"), "{}", gone.text);
        show(&new).await.is(200);

        // Somebody who is no contact any more gets no further mail.
        let (property, contact) = (t.property().await, t.user().await);
        let unit = t.unit_with(property, user, json!({"contactId": contact})).await;
        let id = invite(&t, contact).await["id"].clone();
        let body = json!({"ownerId": user, "propertyUserIds": []});
        t.put(&format!("/api/public/PropertyUnit/{}", unit["id"]), &body).await.is(200);
        act(&t, &id, "resend").await.problem(403, "forbidden-action");
        act(&t, &id, "revoke").await.is(200);

        let request = |etag: &str| {
            let path = format!("{INVITATIONS}/{}/resend", first["id"]);
            http::send(t.request("POST", &path).header("if-match", etag).json(&json!({})))
        };
        request("\"old\"").await.problem(412, "precondition-failed");
        assert_eq!(mail::to(&t, new_email, 1).await.len(), 1);
        let types: Vec<_> = events(&t).await.iter().map(|event| event["type"].clone()).collect();
        let expected = ["created", "resent", "created", "revoked"];
        assert_eq!(types, expected.map(|last| json!(format!("facilities.invitation.{last}"))));
    });
}

#[test]
fn an_invitation_is_taken_back() {
    with_tenant(async |t| {
        let (user, email) = invitee(&t).await;
        let id = invite(&t, user).await["id"].clone();
        let path = mail::to(&t, &email, 1).await[0].path(t.base);
        let revoked = act(&t, &id, "revoke").await.is(200).json();
        assert_eq!(
            (&revoked["state"], &revoked["userStatus"]),
            (&json!("Revoked"), &json!("Uninvited"))
        );
        assert!(revoked["revoked"].is_string() && revoked["accepted"].is_null(), "{revoked}");
        assert_eq!(status(&t, user).await, "Uninvited");
        for method in ["GET", "POST"] {
            let gone =
                http::send(http::request(method, &format!("{}{path}", t.base))).await.is(410);
            assert!(gone.text.contains("has been withdrawn"), "{}", gone.text);
        }
        assert_eq!(status(&t, user).await, "Uninvited");
        for verb in ["revoke", "resend"] {
            let problem = act(&t, &id, verb).await.problem(403, "forbidden-action");
            assert_eq!(problem["Detail"], "The invitation has already been revoked.");
        }
        // Another one may follow, and the link of the first stays dead.
        let second = invite(&t, user).await["id"].clone();
        assert_ne!(second, id);
        http::send(http::request("POST", &format!("{}{path}", t.base))).await.is(410);
        assert_eq!(status(&t, user).await, "Invited");
        let revocation = events(&t).await.into_iter().nth(1).expect("a second event");
        assert_eq!(revocation["changes"]["userStatus"], json!(["Invited", "Uninvited"]));
        assert_eq!(revocation["changes"]["state"], json!(["Open", "Revoked"]));
        for verb in ["revoke", "resend"] {
            act(&t, &json!(999_999_999), verb).await.problem(404, "entity-not-found");
            let stranger = Tenant::fresh().await;
            act(&stranger, &second, verb).await.problem(404, "entity-not-found");
        }
    });
}

#[test]
fn an_invitation_expires() {
    with_tenant(async |t| {
        let (user, email) = invitee(&t).await;
        let id = invite(&t, user).await["id"].clone();
        let path = mail::to(&t, &email, 1).await[0].path(t.base);
        expire(&t, &id).await;
        let shown = t.get(&format!("{INVITATIONS}/{id}")).await.is(200).json();
        assert_eq!((&shown["state"], &shown["userStatus"]), (&json!("Expired"), &json!("Invited")));
        for method in ["GET", "POST"] {
            let gone =
                http::send(http::request(method, &format!("{}{path}", t.base))).await.is(410);
            assert!(gone.text.contains("This invitation has expired"), "{}", gone.text);
        }
        assert_eq!(status(&t, user).await, "Invited");
        let again = act(&t, &id, "resend").await.is(200).json();
        assert_eq!(again["state"], "Open");
        let path = mail::to(&t, &email, 2).await[1].path(t.base);
        http::send(http::request("POST", &format!("{}{path}", t.base))).await.is(200);
        assert_eq!(status(&t, user).await, "Active");
        for verb in ["revoke", "resend"] {
            let problem = act(&t, &id, verb).await.problem(403, "forbidden-action");
            assert_eq!(problem["Detail"], "The invitation has already been accepted.");
        }
        assert_eq!(status(&t, user).await, "Active");
        // One that nobody wants any more is taken back, though its link is dead already.
        let (other, _) = invitee(&t).await;
        let id = invite(&t, other).await["id"].clone();
        expire(&t, &id).await;
        assert_eq!(act(&t, &id, "revoke").await.is(200).json()["state"], "Revoked");
        assert_eq!(status(&t, other).await, "Uninvited");
    });
}

#[test]
fn invitations_are_listed_by_user_and_state() {
    with_tenant(async |t| {
        let mut users = Vec::new();
        let mut ids = Vec::new();
        for _ in 0..4 {
            let (user, _) = invitee(&t).await;
            ids.push(t.invitation(user).await);
            users.push(user);
        }
        act(&t, &json!(ids[1]), "revoke").await.is(200);
        expire(&t, &json!(ids[2])).await;
        let sql =
            format!("UPDATE facilities.invitations SET accepted_at = now() WHERE id = {}", ids[3]);
        database::write(t.id, &sql).await;
        let again = t.invitation(users[1]).await;

        let listed = async |query: &[(&str, &str)]| {
            let page = t.find(INVITATIONS, query).await.is(200).json();
            let items = page["items"].as_array().expect("items");
            assert_eq!(page["totalItems"], items.len(), "{page}");
            items.iter().map(|item| item["id"].as_i64().expect("an id")).collect::<Vec<_>>()
        };
        assert_eq!(listed(&[]).await, [ids[0], ids[1], ids[2], ids[3], again]);
        assert_eq!(listed(&[("state", "Open")]).await, [ids[0], again]);
        assert_eq!(listed(&[("state", "Revoked")]).await, [ids[1]]);
        assert_eq!(listed(&[("state", "Expired")]).await, [ids[2]]);
        assert_eq!(listed(&[("state", "Accepted")]).await, [ids[3]]);
        let user = users[1].to_string();
        assert_eq!(listed(&[("userId", &user)]).await, [ids[1], again]);
        assert_eq!(listed(&[("userId", &user), ("state", "Open")]).await, [again]);

        let page = t.find(INVITATIONS, &[("pageSize", "2"), ("pageNo", "3")]).await.is(200).json();
        assert_eq!((&page["totalItems"], &page["numberOfPages"]), (&json!(5), &json!(3)));
        assert_eq!(page["items"][0]["id"], again);
        let stranger = Tenant::fresh().await;
        let page = stranger.get(INVITATIONS).await.is(200).json();
        assert_eq!(page["totalItems"], 0);
        stranger.find(INVITATIONS, &[("userId", &user)]).await.problem(404, "entity-not-found");
        t.find(INVITATIONS, &[("state", "Lost")]).await.problem(400, "invalid-format");
        let mut client = InvitationServiceClient::new(t.grpc().await);
        let request = pb::ListInvitationsRequest { state: Some(9), ..Default::default() };
        let refused = client.list_invitations(request).await.expect_err("no such state");
        assert_eq!(refused.code(), Code::InvalidArgument);
    });
}

#[test]
fn active_users_are_deactivated_and_nobody_else() {
    with_tenant(async |t| {
        let (user, email) = invitee(&t).await;
        let path = format!("/api/public/Users/{user}");
        let deactivate = async || t.post(&format!("{path}/deactivate"), &json!({})).await;
        deactivate().await.problem(403, "forbidden-action");
        let id = invite(&t, user).await["id"].clone();
        deactivate().await.problem(403, "forbidden-action");
        let link = mail::to(&t, &email, 1).await[0].path(t.base);
        http::send(http::request("POST", &format!("{}{link}", t.base))).await.is(200);

        let etag = t.get(&path).await.is(200).header("etag").to_owned();
        let stale = t.request("POST", &format!("{path}/deactivate")).header("if-match", "\"x\"");
        http::send(stale.json(&json!({}))).await.problem(412, "precondition-failed");
        let fitting = t.request("POST", &format!("{path}/deactivate")).header("if-match", etag);
        let shown = http::send(fitting.json(&json!({}))).await.is(200).json();
        assert_eq!((&shown["id"], &shown["status"]), (&json!(user), &json!("Inactive")));
        assert_eq!(status(&t, user).await, "Inactive");
        deactivate().await.problem(403, "forbidden-action");
        let event = events(&t).await.pop().expect("an event");
        assert_eq!(event["type"], "facilities.user.deactivated");
        assert_eq!(
            (&event["resourceType"], &event["resourceId"]),
            (&json!("user"), &json!(user.to_string()))
        );
        assert_eq!(event["changes"], json!({"status": ["Active", "Inactive"]}));

        let again = invite(&t, user).await;
        assert_ne!(again["id"], id);
        assert_eq!(again["userStatus"], "Invited");
        let missing = t.post("/api/public/Users/999999999/deactivate", &json!({})).await;
        missing.problem(404, "entity-not-found");
        let stranger = Tenant::fresh().await;
        stranger.get(&path).await.problem(404, "entity-not-found");
        stranger
            .post(&format!("{path}/deactivate"), &json!({}))
            .await
            .problem(404, "entity-not-found");
    });
}
