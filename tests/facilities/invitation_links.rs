//! Links of invitations: the page they lead to, and what they open.
//!
//! Covers: PreviewInvitation, AcceptInvitation.

use futures_util::future::join_all;
use serde_json::{Value, json};
use steward_contracts::steward::facilities::v1 as pb;
use steward_contracts::steward::facilities::v1::invitation_service_client::InvitationServiceClient;
use tonic::Code;
use tonic_types::StatusExt;

use super::invitations::{INVITATIONS, events, expire, invite, invitee, status};
use crate::support::{Tenant, database, eventually, grpc, http, mail, with_tenant};

/// A user who was invited: their id, and the link in the mail.
async fn invited(t: &Tenant) -> (i64, String) {
    let (user, email) = invitee(t).await;
    invite(t, user).await;
    (user, link(t, &email).await)
}

/// The link in the one mail to an address.
async fn link(t: &Tenant, email: &str) -> String {
    let path = mail::to(t, email, 1).await[0].path(t.base);
    path.strip_prefix("/invitations/").expect("the page of invitations").to_owned()
}

async fn page(t: &Tenant, method: &str, link: &str) -> http::Answer {
    http::send(http::request(method, &format!("{}/invitations/{link}", t.base))).await
}

/// Calls a public RPC as nobody.
async fn call(t: &Tenant, verb: &str, link: &str) -> http::Answer {
    let request = http::request("POST", &format!("{}{INVITATIONS}/{verb}", t.base));
    http::send(request.json(&json!({"link": link}))).await
}

#[track_caller]
fn is_guarded(page: &http::Answer) {
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    let policy = page.header("content-security-policy");
    for part in
        ["default-src 'none'", "style-src 'sha256-", "frame-ancestors 'none'", "form-action 'self'"]
    {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
}

#[test]
fn the_page_asks_and_the_button_accepts() {
    with_tenant(async |t| {
        let (user, link) = invited(&t).await;
        let name = t.get(&format!("/api/public/Users/{user}")).await.json()["name"].clone();
        let name = name.as_str().expect("text");
        let before = database::digest(t.id).await;
        // Programs that look through mail open links, and more than once.
        for method in ["GET", "HEAD", "GET"] {
            let shown = page(&t, method, &link).await.is(200);
            is_guarded(&shown);
            if method == "GET" {
                assert!(shown.text.contains("<html lang=\"en\">"), "{}", shown.text);
                assert!(shown.text.contains(name), "{}", shown.text);
                assert!(shown.text.contains("Invitation from Test "), "{}", shown.text);
                assert!(shown.text.contains("<form method=\"post\">"), "{}", shown.text);
                assert!(!shown.text.contains(&link), "{}", shown.text);
            }
        }
        page(&t, "PUT", &link).await.is(405);
        assert_eq!(status(&t, user).await, "Invited");
        let after = database::digest(t.id).await;
        assert_eq!(before["facilities.invitations"], after["facilities.invitations"]);
        assert_eq!(before["platform.events"], after["platform.events"]);

        let thanks = page(&t, "POST", &link).await.is(200);
        is_guarded(&thanks);
        assert!(thanks.text.contains(&format!("Thank you, {name}")), "{}", thanks.text);
        assert!(!thanks.text.contains("<form"), "{}", thanks.text);
        assert_eq!(status(&t, user).await, "Active");
        // From where the page was looked at, though the server has called itself.
        let query = [("filter", "type = facilities.invitation.accepted AND address = 127.0.0.1")];
        let trail = t.find("/api/public/audit-entries", &query).await.is(200).json();
        assert_eq!(trail["items"].as_array().map(Vec::len), Some(1), "{trail}");
        for method in ["POST", "GET"] {
            let gone = page(&t, method, &link).await.is(410);
            is_guarded(&gone);
            assert!(gone.text.contains("already been accepted"), "{}", gone.text);
            assert!(!gone.text.contains(name) && !gone.text.contains("<form"), "{}", gone.text);
        }
    });
}

#[test]
fn accepting_is_a_change_like_any_other() {
    with_tenant(async |t| {
        let (user, link) = invited(&t).await;
        let preview = call(&t, "preview", &link).await.is(200).json();
        let owner = t.get(&format!("/api/public/Owners/{user}")).await.is(200).json();
        assert_eq!((&preview["userName"], &preview["language"]), (&owner["name"], &json!("en")));
        assert!(preview["businessName"].as_str().is_some_and(|name| name.starts_with("Test ")));
        let invitation = t.get(INVITATIONS).await.is(200).json()["items"][0].clone();
        assert_eq!(preview["expires"], invitation["expires"]);
        assert_eq!(preview.as_object().map(serde_json::Map::len), Some(4), "{preview}");

        let accept = |key: &str, prefer: &str| {
            let request = http::request("POST", &format!("{}{INVITATIONS}/accept", t.base));
            let request = request.header("idempotency-key", key).header("prefer", prefer);
            http::send(request.json(&json!({"link": link})))
        };
        let tried = accept("one", "validate-only").await.is(200);
        assert_eq!(status(&t, user).await, "Invited", "only tried");
        let accepted = accept("two", "none").await.is(200);
        assert_eq!(accepted.json(), tried.json());
        assert_eq!(accepted.json()["userName"], owner["name"]);
        assert_eq!(status(&t, user).await, "Active");
        let replayed = accept("two", "none").await.is(200);
        assert_eq!(
            (replayed.header("idempotency-replayed"), replayed.json()),
            ("true", accepted.json())
        );
        // Another one whose program uses the same key is another one.
        let (_, other) = invited(&t).await;
        let request = http::request("POST", &format!("{}{INVITATIONS}/accept", t.base));
        let request = request.header("idempotency-key", "two").json(&json!({"link": other}));
        http::send(request).await.is(200);
        let problem = accept("three", "none").await.problem(410, "link-expired");
        assert_eq!(problem["Detail"], "The invitation has already been accepted.");

        let all = events(&t).await;
        let [created, event, _, _] = &all[..] else { panic!("{all:?}") };
        assert_eq!(created["type"], "facilities.invitation.created");
        assert_eq!(created["clientId"], *t.client_id);
        assert_eq!(event["type"], "facilities.invitation.accepted");
        assert_eq!(event["resourceType"], "invitation");
        assert_eq!(event["resourceId"], invitation["id"].to_string());
        assert_eq!(event["clientId"], format!("link:{}", invitation["id"]));
        assert_eq!(event["requestId"], accepted.header("x-request-id"));
        assert_eq!(event["rpc"], "steward.facilities.v1.InvitationService/AcceptInvitation");
        let shown = t.get(&format!("{INVITATIONS}/{}", invitation["id"])).await.is(200).json();
        assert_eq!(event["resource"], shown);
        assert_eq!(shown["state"], "Accepted");
        assert_eq!(
            event["changes"],
            json!({
                "accepted": [null, shown["accepted"]],
                "state": ["Open", "Accepted"],
                "userStatus": ["Invited", "Active"],
            })
        );
    });
}

#[test]
fn of_many_who_accept_at_once_one_does() {
    with_tenant(async |t| {
        let (user, link) = invited(&t).await;
        let answers = join_all((0..24).map(async |n| match n % 2 {
            0 => call(&t, "accept", &link).await,
            _ => page(&t, "POST", &link).await,
        }))
        .await;
        let accepted = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(accepted, 1, "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.status, 410, "{}", answer.text);
            assert!(answer.text.contains("already been accepted"), "{}", answer.text);
        }
        assert_eq!(status(&t, user).await, "Active");
        let types: Vec<_> = events(&t).await.iter().map(|event| event["type"].clone()).collect();
        let expected = ["created", "accepted"];
        assert_eq!(types, expected.map(|last| json!(format!("facilities.invitation.{last}"))));
    });
}

#[test]
fn made_up_links_open_nothing_and_leave_nothing() {
    with_tenant(async |t| {
        let (_, real) = invited(&t).await;
        let victim = Tenant::fresh().await;
        let (user, other) = invited(&victim).await;
        let parts: Vec<&str> = other.split('.').collect();
        let [tenant, id, secret, signature] = parts[..] else { panic!("{other}") };
        let [_, _, own_secret, own_signature] = real.split('.').collect::<Vec<_>>()[..] else {
            panic!("{real}")
        };
        let reversed: String = secret.chars().rev().collect();
        let forged = [
            format!("{tenant}.{id}.{own_secret}.{own_signature}"),
            format!("{tenant}.{id}.{reversed}.{signature}"),
            format!("{tenant}.1{id}.{secret}.{signature}"),
            format!("{}.{id}.{secret}.{signature}", t.id),
            format!("{tenant}.{id}.{secret}"),
            format!("{tenant}.{id}.{secret}.{}", signature.to_lowercase()),
            "nothing".to_owned(),
            "x".repeat(201),
        ];
        let keys = format!(
            "SELECT count(*) FROM platform.idempotency_keys WHERE tenant_id = {}",
            victim.id
        );
        for link in &forged {
            for method in ["GET", "POST"] {
                let unknown = page(&t, method, link).await.is(404);
                is_guarded(&unknown);
                assert!(unknown.text.contains("This link is not valid"), "{}", unknown.text);
                assert!(!unknown.text.contains("Test "), "{}", unknown.text);
            }
            for verb in ["preview", "accept"] {
                let request = http::request("POST", &format!("{}{INVITATIONS}/{verb}", t.base));
                let request = request.header("idempotency-key", "forged");
                let answer = http::send(request.json(&json!({"link": link}))).await;
                let problem = answer.problem(404, "entity-not-found");
                assert_eq!(problem["Detail"], "There is no such link.");
            }
        }
        assert_eq!(database::value(victim.id, &keys).await, 0);
        assert_eq!(status(&victim, user).await, "Invited");
        let clients: Vec<_> =
            events(&victim).await.iter().map(|event| event["clientId"].clone()).collect();
        assert_eq!(clients, [json!(victim.client_id)]);
        // Nor is anybody let in with no link at all.
        for verb in ["preview", "accept"] {
            assert_eq!(call(&t, verb, "").await.refused(400, "bad-request"), ["link"]);
            let nothing = http::request("POST", &format!("{}{INVITATIONS}/{verb}", t.base));
            let answer = http::send(nothing.json(&json!({}))).await;
            assert_eq!(answer.refused(400, "bad-request"), ["link"]);
            let form = http::request("POST", &format!("{}{INVITATIONS}/{verb}", t.base));
            http::send(form.form(&[("link", &real)])).await.is(415);
        }
        page(&t, "GET", "").await.is(404);
        page(&t, "GET", "a/b").await.is(404);
    });
}

#[test]
fn grpc_clients_follow_links_too() {
    with_tenant(async |t| {
        let (user, link) = invited(&t).await;
        let mut client = InvitationServiceClient::new(grpc::with_token(None).await);
        let request = || pb::AcceptInvitationRequest { link: link.clone() };
        let preview = pb::PreviewInvitationRequest { link: link.clone() };
        let shown =
            client.preview_invitation(preview.clone()).await.expect("a preview").into_inner();
        let accepted = client.accept_invitation(request()).await.expect("accepted").into_inner();
        assert_eq!(
            (shown.user_name, shown.business_name),
            (accepted.user_name, accepted.business_name)
        );
        assert_eq!(status(&t, user).await, "Active");
        let again = client.accept_invitation(request()).await.expect_err("once");
        let preview = client.preview_invitation(preview).await.expect_err("once");
        for refused in [again, preview] {
            assert_eq!(refused.code(), Code::OutOfRange);
            let info = refused.get_details_error_info().expect("info");
            assert_eq!((&*info.reason, &*info.domain), ("LINK_EXPIRED", "facilities.steward"));
            assert_eq!(info.metadata["state"], "Accepted");
        }
        let unknown = pb::AcceptInvitationRequest { link: "1.1.x.y".to_owned() };
        let refused = client.accept_invitation(unknown).await.expect_err("made up");
        assert_eq!(refused.code(), Code::NotFound);
    });
}

#[test]
fn the_page_speaks_the_language_of_its_reader() {
    with_tenant(async |t| {
        for (language, asks, thanks, used) in [
            ("nl", "Uitnodiging accepteren", "Bedankt, ", "al geaccepteerd"),
            ("pt", "Aceitar o convite", "Agradecemos, ", "já foi aceite"),
            ("es", "Aceptar la invitación", "Gracias, ", "ya se ha aceptado"),
        ] {
            let (user, email) = invitee(&t).await;
            let body = json!({"userId": user, "language": language});
            t.post(INVITATIONS, &body).await.is(201);
            let link = link(&t, &email).await;
            for (method, status, words) in
                [("GET", 200, asks), ("POST", 200, thanks), ("GET", 410, used)]
            {
                let shown = page(&t, method, &link).await.is(status);
                assert!(
                    shown.text.contains(&format!("<html lang=\"{language}\">")),
                    "{}",
                    shown.text
                );
                assert!(shown.text.contains(words), "{}", shown.text);
            }
        }
        let request = http::request("GET", &format!("{}/invitations/x", t.base));
        let unknown = http::send(request.header("accept-language", "nl-BE,en;q=0.5")).await.is(404);
        assert!(unknown.text.contains("Deze link is niet geldig"), "{}", unknown.text);
    });
}

#[test]
fn names_bring_no_markup_into_the_page() {
    with_tenant(async |t| {
        let name = "<img src=x onerror=alert(1)> & \"Eve\"";
        let body = json!({"email": "markup@example.com", "name": name});
        let user = t.post("/api/public/managers", &body).await.is(201).id();
        invite(&t, user).await;
        let link = link(&t, "markup@example.com").await;
        for method in ["GET", "POST"] {
            let shown = page(&t, method, &link).await.is(200);
            assert!(!shown.text.contains("<img"), "{}", shown.text);
            assert!(
                shown.text.contains("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;Eve&quot;")
            );
        }
    });
}

#[test]
fn the_secret_is_kept_nowhere() {
    with_tenant(async |t| {
        let (_, link) = invited(&t).await;
        let secret = link.split('.').nth(2).expect("a secret");
        assert_eq!(secret.len(), 43, "256 bits in base64url");
        // The text of a mail is forgotten once it was sent.
        let waiting = format!(
            "SELECT count(*) FROM platform.mails WHERE tenant_id = {} AND sent_at IS NULL",
            t.id
        );
        eventually("sent", std::time::Duration::from_secs(30), async || {
            (database::value(t.id, &waiting).await == 0).then_some(())
        })
        .await;
        let keyed = http::request("POST", &format!("{}{INVITATIONS}/accept", t.base));
        http::send(keyed.header("idempotency-key", "k").json(&json!({"link": link}))).await.is(200);
        page(&t, "POST", &link).await.is(410);
        let tables: Vec<String> = database::digest(t.id).await.into_keys().collect();
        assert!(tables.contains(&"facilities.invitations".to_owned()), "{tables:?}");
        let encoded: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        for table in tables {
            let sql = format!(
                "SELECT count(*) FROM {table} r WHERE position('{secret}' IN r::text) > 0
                   OR position('{encoded}' IN r::text) > 0"
            );
            assert_eq!(database::value(t.id, &sql).await, 0, "{table}");
        }
        let hash: Value = events(&t).await.into_iter().collect();
        assert!(!hash.to_string().contains("ecret"), "{hash}");
        let log = crate::support::Server::shared().await.process.logged();
        assert!(log.contains("AcceptInvitation"), "calls are logged");
        assert!(!log.contains(secret));
    });
}

#[test]
fn an_expired_link_that_was_sent_again_lives_by_its_successor() {
    with_tenant(async |t| {
        let (user, email) = invitee(&t).await;
        let id = invite(&t, user).await["id"].clone();
        let first = link(&t, &email).await;
        expire(&t, &id).await;
        let problem = call(&t, "accept", &first).await.problem(410, "link-expired");
        assert_eq!(problem["Detail"], "The invitation has expired.");
        super::invitations::act(&t, &id, "resend").await.is(200);
        let problem = call(&t, "accept", &first).await.problem(410, "link-expired");
        assert_eq!(problem["Detail"], "A newer link has taken the place of this one.");
        assert_eq!(status(&t, user).await, "Invited");
    });
}
