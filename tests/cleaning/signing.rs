//! Agreements that are sent, read and signed.
//!
//! Covers: SendAgreement, GetAgreementToSign, GetAgreementEntity, SignAgreement,
//! Covers: ListSignedAgreements, GetSignedAgreement, DeleteSignedAgreement.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use hmac::{Hmac, Mac};
use prost::Message;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use steward_contracts::steward::cleaning::v1 as pb;
use tonic::Code;
use tonic_types::StatusExt;

use super::cleaners::cleaner;
use super::clients::client;
use super::company::{Company, command, problem, refused, stranger, with_company};
use crate::support::fixtures::with;
use crate::support::{Server, Tenant, database, eventually, grpc, http, mail, unique};

/// A PNG of one point.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const BODY: &str = "# House rules\n\nDear {{client.firstName}},\n\nthese are the rules of {{tenant.name}}, \
                    with {{cleaner.fullName}}.\n\n- Keys are **never** labelled.\n";

fn agreement(name: &str, audience: &str) -> Value {
    json!({"name": name, "trigger": "Manual", "audience": audience, "body": BODY})
}

/// Somebody who signs.
struct Person {
    id: i64,
    email: String,
    token: String,
}

impl Company {
    async fn person(&self, role: &str, name: &str) -> Person {
        let email = format!("{}@example.com", unique(role));
        let id = self.id.to_string();
        let words = ["user", "create", "--tenant", &id, "--email", &email, "--role", role];
        let made = command(Server::shared().await, &[&words[..], &["--name", name]].concat());
        let token = made["access_token"].as_str().expect("a token").to_owned();
        Person { id: made["id"].as_i64().expect("an id"), email, token }
    }

    async fn agreement(&self, audience: &str) -> i64 {
        self.post("/agreement", &agreement(&unique("Rules "), audience)).await.is(201).id()
    }

    async fn signs(&self, person: &Person, agreement: i64, more: Value) -> http::Answer {
        let body = json!({"agreementId": agreement, "signerName": "Zoë Őry", "accepted": true});
        self.with_token(&person.token).post("/signed-agreement", &with(body, more)).await
    }
}

/// A link that the server has signed, or might have.
async fn key(parts: &str, purpose: &str) -> String {
    let sql = "SELECT key FROM platform.link_keys WHERE name = 'hmac-sha256'";
    let row = database::owner().await.query_one(sql, &[]).await.expect("a key");
    let mut mac = Hmac::<Sha256>::new_from_slice(row.get(0)).expect("a key");
    mac.update(format!("{purpose}\n{parts}").as_bytes());
    format!("{parts}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// The text of a PDF, without spaces, which it has as places.
fn text_of(pdf: &[u8]) -> (usize, String) {
    let read = lopdf::Document::load_mem(pdf).expect("a PDF");
    let pages: Vec<u32> = read.get_pages().into_keys().collect();
    let text = read.extract_text(&pages).expect("text");
    (pages.len(), text.split_whitespace().collect())
}

/// The PDF of a signed agreement, once it is made.
async fn pdf(t: &Tenant, id: i64) -> (Value, Vec<u8>) {
    let at = format!("/signed-agreement/{id}");
    let signed = eventually("a PDF", Duration::from_secs(60), async || {
        let signed = t.get(&at).await.is(200).json();
        signed["pdfUrl"].is_string().then_some(signed)
    })
    .await;
    let url = signed["pdfUrl"].as_str().expect("a URL").to_owned();
    // The URL says until when it is good, in seconds since 1970.
    let until: i64 = url.rsplit('.').nth(1).expect("an end").parse().expect("seconds");
    let left = until - jiff::Timestamp::now().as_second();
    assert!((880..=900).contains(&left), "{left}");
    let (status, headers, bytes) = http::fetch(&url, &[]).await;
    assert_eq!(
        (status, &headers["content-type"]),
        (200, &"application/pdf".parse().expect("a value"))
    );
    (signed, bytes)
}

#[test]
fn a_mailed_link_opens_an_agreement_and_signs_it() {
    with_company(async |c| {
        let own = format!("{}@example.com", unique("office"));
        c.post("/tenant/update", &json!({"email": own})).await.is(200);
        let ann = c.person("client", "Ann *Lee*").await;
        let agreement = c.agreement("client").await;
        let (send, twice) =
            (format!("/agreement/{agreement}/send"), json!({"userIds": [ann.id, ann.id]}));
        let sent = c.post(&send, &twice).await.is(200).json();
        assert_eq!(sent, json!({"sentTo": [ann.id], "alreadySigned": []}));

        let invited = mail::to(&c, &ann.email, 1).await.remove(0);
        assert_eq!(invited.header("X-Steward-Kind"), "agreement");
        let path = invited.path(c.base);
        let key = path.strip_prefix(&format!("/agreements/{agreement}/sign?key=")).expect("a key");

        let at = format!("/agreement/{agreement}/sign?key={key}");
        let shown = stranger("GET", &at, None).await.is(200).json();
        let body = shown["body"].as_str().expect("a text");
        let filled = format!("Dear Ann,\n\nthese are the rules of {}, with \u{2013}.", c.name);
        assert!(body.contains(&filled), "{body}");
        assert_eq!(shown["sha256"], format!("{:x}", Sha256::digest(body)));
        assert_eq!((&shown["revision"], &shown["alreadySigned"]), (&json!(1), &json!(false)));
        let signer = json!({"userId": ann.id, "name": "Ann *Lee*", "email": ann.email});
        assert_eq!(shown["signer"], signer);
        let entity = format!("/agreement/entity/{}?key={key}", ann.id);
        let entity = stranger("GET", &entity, None).await.is(200).json();
        assert_eq!((&entity["role"], &entity["tenantName"]), (&json!("client"), &json!(c.name)));
        assert_eq!(entity["fullName"], "Ann *Lee*");
        assert!(entity["clientId"].is_i64() && entity["cleanerId"].is_null(), "{entity}");

        let sign = json!({"agreementId": agreement, "token": key, "signerName": " Zoë Őry ",
            "accepted": true, "sha256": shown["sha256"]});
        let made = stranger("POST", "/signed-agreement", Some(&sign)).await.is(201);
        assert_eq!(made.header("etag"), "\"v1\"");
        let at_signed = made.header("location").to_owned();
        let made = made.json();
        let id = made["id"].as_i64().expect("an id");
        assert_eq!(at_signed, format!("/signed-agreement/{id}"));
        assert_eq!((&made["signerName"], &made["userId"]), (&json!("Zoë Őry"), &json!(ann.id)));
        assert_eq!((&made["body"], &made["sha256"]), (&shown["body"], &shown["sha256"]));
        assert_eq!(
            (&made["signatureKind"], &made["ipAddress"]),
            (&json!("typed"), &json!("127.0.0.1"))
        );
        assert_eq!((&made["pdfUrl"], &made["signatureImage"]), (&Value::Null, &Value::Null));
        problem(&stranger("POST", "/signed-agreement", Some(&sign)).await, 409, "already_signed");
        assert_eq!(stranger("GET", &at, None).await.is(200).json()["alreadySigned"], true);
        let again = c.post(&send, &twice).await.is(200).json();
        assert_eq!(again, json!({"sentTo": [], "alreadySigned": [ann.id]}));

        let (signed, bytes) = pdf(&c, id).await;
        assert_eq!(signed["version"], 2);
        let (pages, text) = text_of(&bytes);
        assert_eq!(pages, 2);
        let hash = made["sha256"].as_str().expect("a hash");
        for said in ["Houserules", "DearAnn,", "never", "ZoëŐry", "127.0.0.1", "Page2of2", hash] {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert!(String::from_utf8_lossy(&bytes).contains("/MediaBox[0 0 612 792]"), "US Letter");
        for (address, count) in [(&ann.email, 2), (&own, 1)] {
            let copy = mail::to(&c, address, count).await.pop().expect("a mail");
            assert_eq!(copy.header("X-Steward-Kind"), "signed-agreement");
            assert!(copy.parts.iter().any(|part| part == "application/pdf"), "{:?}", copy.parts);
        }
        // What it says was not sent on, and whoever signed is known by the link.
        let sql =
            "SELECT count(*) FROM platform.mails WHERE file_id IS NOT NULL OR body IS NOT NULL";
        let left = eventually("mail that is gone", Duration::from_secs(60), async || {
            (database::value(c.id, &format!("{sql} AND tenant_id = {}", c.id)).await == 0)
                .then_some(0)
        });
        assert_eq!(left.await, 0);
        let sql = format!(
            "SELECT count(*) FROM platform.events WHERE tenant_id = {} AND resource_id = '{id}'
             AND event_type = 'cleaning.signed_agreement.created'
             AND client_id = 'link:{agreement}:{}' AND strpos(resource::text, '127.0.0.1') = 0",
            c.id, ann.id
        );
        assert_eq!(database::value(c.id, &sql).await, 1);
    });
}

#[test]
fn a_new_revision_can_be_signed_again_and_what_was_signed_stays() {
    with_company(async |c| {
        let (ann, bob) = (c.person("client", "Ann Lee").await, c.person("client", "Bob").await);
        let agreement = c.agreement("client").await;
        let first = c.signs(&ann, agreement, json!({"signatureImage": PNG})).await.is(201).json();
        assert_eq!(
            (&first["signatureKind"], &first["signatureImage"]),
            (&json!("drawn"), &json!(PNG))
        );
        let at = format!("/signed-agreement/{}", first["id"]);
        let read = c.with_token(&ann.token).get(&at).await.is(200).json();
        assert_eq!((&read["signatureImage"], &read["body"]), (&json!(PNG), &first["body"]));
        problem(&c.with_token(&bob.token).get(&at).await, 403, "forbidden");
        problem(&c.with_token(&bob.token).get("/signed-agreement").await, 403, "forbidden");
        problem(&c.with_token(&ann.token).delete(&at).await, 403, "forbidden");
        let other = Company::fresh().await;
        problem(&other.get(&at).await, 404, "not_found");
        problem(&other.delete(&at).await, 404, "not_found");
        pdf(&c, first["id"].as_i64().expect("an id")).await;

        let by_bob = c.signs(&bob, agreement, json!({})).await.is(201).json();
        problem(&c.signs(&ann, agreement, json!({})).await, 409, "already_signed");
        let revised =
            with(c.get(&format!("/agreement/{agreement}")).await.json(), json!({"body": "New"}));
        c.put(&format!("/agreement/{agreement}"), &revised).await.is(200);
        let stale = json!({"sha256": first["sha256"]});
        problem(&c.signs(&ann, agreement, stale).await, 412, "version_mismatch");
        let second = c.signs(&ann, agreement, json!({})).await.is(201).json();
        assert_eq!((&second["revision"], &second["body"]), (&json!(2), &json!("New")));

        let ids = async |query: &str| -> Vec<Value> {
            let all = c.get(&format!("/signed-agreement{query}")).await.is(200).json();
            let all = all.as_array().expect("a list").clone();
            assert!(all.iter().all(|one| one["signatureImage"].is_null()), "{all:?}");
            all.into_iter().map(|one| one["id"].clone()).collect()
        };
        let (one, two, three) = (&first["id"], &by_bob["id"], &second["id"]);
        assert_eq!(ids("").await, [three.clone(), two.clone(), one.clone()]);
        assert_eq!(ids(&format!("?userId={}", ann.id)).await, [three.clone(), one.clone()]);
        let newest = ids(&format!("?agreementId={agreement}&pageSize=1")).await;
        assert_eq!((newest.len(), newest.first()), (1, Some(three)));
        let unsigned = c.agreement("client").await;
        assert_eq!(ids(&format!("?agreementId={unsigned}")).await, Vec::<Value>::new());
        problem(&c.get("/signed-agreement?agreementId=999999").await, 404, "not_found");

        // Signed copies outlive their agreement.
        c.delete(&format!("/agreement/{agreement}")).await.is(204);
        problem(&c.signs(&bob, agreement, json!({})).await, 404, "not_found");
        c.get(&at).await.is(200);
        c.delete(&at).await.is(204);
        problem(&c.get(&at).await, 404, "not_found");
        problem(&c.delete(&at).await, 404, "not_found");
        let sql = format!(
            "SELECT count(*) FROM platform.events WHERE tenant_id = {} AND resource_id = '{one}'
             AND event_type = 'cleaning.signed_agreement.deleted' AND resource ->> 'body' <> ''",
            c.id
        );
        assert_eq!(database::value(c.id, &sql).await, 1);
    });
}

#[test]
fn the_database_keeps_what_was_signed() {
    with_company(async |c| {
        let ann = c.person("client", "Ann Lee").await;
        let agreement = c.agreement("client").await;
        let id = c.signs(&ann, agreement, json!({})).await.is(201).id();
        pdf(&c, id).await;
        let row = format!("tenant_id = {} AND id = {id}", c.id);
        let owner = database::own().await;
        for change in [
            "UPDATE cleaning.signed_agreements SET body = 'x'",
            "UPDATE cleaning.signed_agreements SET signer_name = 'x'",
            "UPDATE cleaning.signed_agreements SET user_id = user_id + 1",
            "UPDATE cleaning.signed_agreements SET file_id = NULL",
            "DELETE FROM cleaning.signed_agreements",
        ] {
            let refused = owner.execute(&format!("{change} WHERE {row}"), &[]).await;
            let code = refused.expect_err(change).code().map(|code| code.code().to_owned());
            assert_eq!(code.as_deref(), Some("42501"), "{change}");
        }
        // Not even another text with its own hash.
        let sql = format!(
            "INSERT INTO cleaning.signed_agreements (tenant_id, agreement_id, agreement_name, revision,
               user_id, signer_name, signed_at, body, sha256)
             SELECT tenant_id, agreement_id, 'x', revision + 1, user_id, 'x', now(), 'x', sha256
             FROM cleaning.signed_agreements WHERE {row}"
        );
        let refused = owner.execute(&sql, &[]).await.expect_err("a wrong hash");
        assert_eq!(refused.code().map(|code| code.code()), Some("23514"));
        // Until the company is closed and its data are erased.
        let close = format!("UPDATE cleaning.tenants SET status = 5 WHERE tenant_id = {}", c.id);
        owner.execute(&close, &[]).await.expect("closed");
        let erase = format!("DELETE FROM cleaning.signed_agreements WHERE {row}");
        assert_eq!(owner.execute(&erase, &[]).await.expect("erased"), 1);
    });
}

#[test]
fn of_several_who_sign_at_once_one_has_signed() {
    with_company(async |c| {
        let ann = &c.person("client", "Ann Lee").await;
        let agreement = c.agreement("client").await;
        let answers = (0..6).map(|_| c.signs(ann, agreement, json!({})));
        let mut statuses: Vec<_> =
            join_all(answers).await.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
        let all = c.get("/signed-agreement").await.is(200).json();
        assert_eq!(all.as_array().map(Vec::len), Some(1));
        // A repeated call is answered as the first one was.
        let revised =
            with(c.get(&format!("/agreement/{agreement}")).await.json(), json!({"body": "2"}));
        c.put(&format!("/agreement/{agreement}"), &revised).await.is(200);
        let keyed = async || {
            let body = json!({"agreementId": agreement, "signerName": "Ann", "accepted": true});
            let request = c.with_token(&ann.token).request("POST", "/signed-agreement");
            http::send(request.header("idempotency-key", "once").json(&body)).await.is(201).json()
        };
        assert_eq!(keyed().await["id"], keyed().await["id"]);
    });
}

#[test]
fn keys_open_one_agreement_to_one_person_until_their_day() {
    with_company(async |c| {
        let (ann, max) = (c.person("client", "Ann Lee").await, c.person("cleaner", "Max").await);
        let agreement = c.agreement("client").await;
        let other = c.agreement("client").await;
        let later = 4_000_000_000_i64;
        let sign = "sign agreement";
        let good = key(&format!("{}.{agreement}.{}.{later}", c.id, ann.id), sign).await;
        let try_with = async |key: &str| {
            let read = format!("/agreement/{agreement}/sign?key={key}");
            let body =
                json!({"agreementId": agreement, "key": key, "signerName": "A", "accepted": true});
            let mut seen = Vec::new();
            for answer in [
                stranger("GET", &read, None).await,
                stranger("POST", "/signed-agreement", Some(&body)).await,
            ] {
                seen.push((answer.status, answer.json()["code"].as_str().unwrap_or("").to_owned()));
            }
            assert_eq!(seen[0], seen[1]);
            seen.remove(0)
        };
        let unknown = (401, "unauthenticated".to_owned());
        let foreign = Company::fresh().await;
        for (what, wrong) in [
            ("none at all", String::new()),
            ("made up", "x".to_owned()),
            ("of another person", good.replacen(&format!(".{}.", ann.id), ".1.", 1)),
            (
                "of another purpose",
                key(&format!("{}.{agreement}.{}.{later}", c.id, ann.id), "rate").await,
            ),
            (
                "for another agreement",
                key(&format!("{}.{other}.{}.{later}", c.id, ann.id), sign).await,
            ),
            ("an invitation", key(&format!("{}.{agreement}.secret", c.id), sign).await),
        ] {
            assert_eq!(try_with(&wrong).await, unknown, "{what}");
        }
        let expired = key(&format!("{}.{agreement}.{}.1700000000", c.id, ann.id), sign).await;
        assert_eq!(try_with(&expired).await, (410, "link_expired".to_owned()));
        let elsewhere = key(&format!("{}.{agreement}.{}.{later}", foreign.id, ann.id), sign).await;
        assert_eq!(try_with(&elsewhere).await, (404, "not_found".to_owned()));
        let for_cleaner = key(&format!("{}.{agreement}.{}.{later}", c.id, max.id), sign).await;
        assert_eq!(try_with(&for_cleaner).await, (403, "forbidden".to_owned()));
        let entity = format!("/agreement/entity/{}", max.id);
        problem(
            &stranger("GET", &format!("{entity}?key={good}"), None).await,
            401,
            "unauthenticated",
        );
        problem(&stranger("GET", &entity, None).await, 401, "unauthenticated");
        problem(&c.with_token(&ann.token).get(&entity).await, 403, "forbidden");
        c.with_token(&max.token).get(&entity).await.is(200);
        c.get(&entity).await.is(200);
        problem(&foreign.get(&entity).await, 404, "not_found");

        // Admins and programs sign nothing.
        let (_, admin) = c.user("tenantAdmin").await;
        for token in [&admin, &c.token] {
            let t = c.with_token(token);
            problem(&t.get(&format!("/agreement/{agreement}/sign")).await, 403, "forbidden");
            problem(&t.get("/agreement/999999999/sign").await, 404, "not_found");
        }
        // Who may not sign in any more may not sign either.
        let user = ann.id.to_string();
        let output = Server::shared().await.command(&["user", "disable", "--user", &user]);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        assert_eq!(try_with(&good).await, (403, "account_inactive".to_owned()));
    });
}

#[test]
fn what_is_no_signature_is_refused() {
    with_company(async |c| {
        let ann = c.person("client", "Ann Lee").await;
        let agreement = c.agreement("client").await;
        let empty = c.with_token(&ann.token).post("/signed-agreement", &json!({})).await;
        assert_eq!(refused(&empty), ["accepted", "agreementId", "signerName"]);
        let large = STANDARD.encode(vec![0; 200_001]);
        let cut = STANDARD.encode(&STANDARD.decode(PNG).expect("base64")[..50]);
        for (member, value) in [
            ("accepted", json!(false)),
            ("signerName", json!(" ")),
            ("signerName", json!("x".repeat(121))),
            ("signatureImage", json!(STANDARD.encode("GIF89a"))),
            ("signatureImage", json!(cut)),
            ("signatureImage", json!(large)),
            ("sha256", json!("x".repeat(65))),
        ] {
            let answer = c.signs(&ann, agreement, json!({member: value})).await;
            assert_eq!(refused(&answer), [member], "{value}");
        }
        let assigned = c.signs(&ann, agreement, json!({"clientCleanerRequestId": 1})).await;
        problem(&assigned, 404, "not_found");

        let send = format!("/agreement/{agreement}/send");
        assert_eq!(refused(&c.post(&send, &json!({})).await), ["userIds"]);
        let many: Vec<i64> = (1..=101).collect();
        assert_eq!(refused(&c.post(&send, &json!({"userIds": many})).await), ["userIds"]);
        let max = c.person("cleaner", "Max").await;
        problem(&c.post(&send, &json!({"userIds": [ann.id, max.id]})).await, 403, "forbidden");
        problem(&c.post(&send, &json!({"userIds": [ann.id, 1]})).await, 404, "not_found");
        let idle = with(agreement_of(&c, agreement).await, json!({"isActive": false}));
        c.put(&format!("/agreement/{agreement}"), &idle).await.is(200);
        problem(&c.post(&send, &json!({"userIds": [ann.id]})).await, 409, "illegal_transition");
        // Of calls that were refused as a whole, no mail is left.
        let sql = format!("SELECT count(*) FROM platform.mails WHERE tenant_id = {}", c.id);
        assert_eq!(database::value(c.id, &sql).await, 0);
        // One that is not sent any more can be signed by those who have the link.
        c.signs(&ann, agreement, json!({})).await.is(201);
    });
}

#[test]
fn whoever_signs_is_shown_with_profile_and_address() {
    with_company(async |c| {
        let address = |street: &str| {
            json!({"street": street, "city": "New York", "state": "NY",
            "zip": "10001"})
        };
        let home = json!({"location": {"address": address("1 Main St")}});
        let (ann, cleo) = (client(&c, &home).await, cleaner(&c, &json!({})).await);
        let entity = async |person: &Value| {
            c.get(&format!("/agreement/entity/{}", person["userId"])).await.is(200).json()
        };
        let shown = entity(&ann).await;
        assert_eq!((&shown["clientId"], &shown["cleanerId"]), (&ann["id"], &Value::Null));
        assert_eq!(shown["address"]["street"], "1 Main St");
        let shown = entity(&cleo).await;
        assert_eq!((&shown["cleanerId"], &shown["clientId"]), (&cleo["id"], &Value::Null));
        assert_eq!(shown["address"], Value::Null);
        let moved = json!({"cleanerId": cleo["id"], "address": address("2 Side St")});
        c.post("/cleaner/update", &moved).await.is(200);
        assert_eq!(entity(&cleo).await["address"]["street"], "2 Side St");
    });
}

async fn agreement_of(c: &Company, id: i64) -> Value {
    c.get(&format!("/agreement/{id}")).await.is(200).json()
}

#[test]
fn grpc_signs_as_json_does() {
    with_company(async |c| {
        let ann = c.person("client", "Ann Lee").await;
        let agreement = c.agreement("client").await;
        let rpc = "/steward.cleaning.v1.SignedAgreementService/SignAgreement";
        let request = pb::SignAgreementRequest {
            agreement_id: agreement,
            key: key(&format!("{}.{agreement}.{}.4000000000", c.id, ann.id), "sign agreement")
                .await,
            signer_name: Some("Ann Lee".to_owned()),
            accepted: true,
            ..pb::SignAgreementRequest::default()
        };
        let answer = grpc::call_bytes(None, rpc, request.encode_to_vec()).await.expect("an answer");
        let signed = pb::SignedAgreement::decode(answer).expect("a message");
        assert!(signed.user_agent.is_some_and(|agent| agent.contains("tonic")));
        assert_eq!((signed.user_id, signed.revision), (ann.id, 1));
        let again =
            grpc::call_bytes(None, rpc, request.encode_to_vec()).await.expect_err("a refusal");
        assert_eq!(again.code(), Code::AlreadyExists);
        assert_eq!(again.get_details_error_info().expect("info").reason, "ALREADY_SIGNED");
        let keyless = pb::SignAgreementRequest { key: String::new(), ..request };
        let refused =
            grpc::call_bytes(None, rpc, keyless.encode_to_vec()).await.expect_err("a refusal");
        assert_eq!(refused.code(), Code::Unauthenticated);
    });
}
