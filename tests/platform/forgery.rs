//! Tokens that are not what they seem.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::pkcs8::EncodePrivateKey;
use serde_json::{Value, json};

use crate::support::{Tenant, database, grpc, http, with_tenant};

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
}

/// The header of a token, unverified.
pub fn header(token: &str) -> Value {
    part(token, 0)
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Signs claims like those of the tenant's token, with changes, by a key.
pub fn sign(t: &Tenant, header: &Header, changes: Value, key: &EncodingKey) -> String {
    let claims = crate::support::fixtures::with(claims(&t.token), changes);
    jsonwebtoken::encode(header, &claims, key).expect("a token")
}

/// The header of the tenant's own token.
pub fn genuine_header(t: &Tenant) -> Header {
    let genuine = header(&t.token);
    let mut header = Header::new(Algorithm::ES256);
    header.kid = genuine["kid"].as_str().map(str::to_owned);
    header.typ = genuine["typ"].as_str().map(str::to_owned);
    header
}

/// The key that signed the tenant's token, as only the database's owner can read it.
pub async fn genuine_key(t: &Tenant) -> EncodingKey {
    let kid = header(&t.token)["kid"].as_str().expect("a key id").to_owned();
    let sql = "SELECT private_key FROM platform.signing_keys WHERE kid = $1";
    let row = database::owner().await.query_one(sql, &[&kid]).await.expect("a key");
    EncodingKey::from_ec_der(row.get(0))
}

async fn status_of(t: &Tenant, token: &str) -> u16 {
    let request = http::request("GET", &format!("{}/api/public/Owners", t.base));
    http::send(request.bearer_auth(token)).await.status
}

async fn refused(t: &Tenant, what: &str, token: &str) {
    let request = http::request("GET", &format!("{}/api/public/Owners", t.base));
    let answer = http::send(request.bearer_auth(token)).await;
    assert_eq!(answer.status, 401, "{what}: {}", answer.text);
    answer.problem(401, "authorization-error");
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer"), "{what}: {challenge}");
    assert!(challenge.contains("invalid_token"), "{what}: {challenge}");
    let path = "/steward.facilities.v1.OwnerService/ListOwners";
    let status = grpc::call_bytes(Some(token), path, Vec::new()).await.expect_err("a refusal");
    assert_eq!(status.code(), tonic::Code::Unauthenticated, "{what}");
}

#[test]
fn claims_are_checked_even_when_the_signature_is_genuine() {
    with_tenant(async |t| {
        let (header, key) = (genuine_header(&t), genuine_key(&t).await);
        let iat = claims(&t.token)["iat"].as_i64().expect("seconds");
        let signed = |changes: Value| sign(&t, &header, changes, &key);
        assert_eq!(status_of(&t, &signed(json!({"jti": "other"}))).await, 200, "the control");
        refused(&t, "expired", &signed(json!({"exp": iat - 60}))).await;
        refused(&t, "another audience", &signed(json!({"aud": "others"}))).await;
        refused(&t, "no audience", &signed(json!({"aud": null}))).await;
        refused(&t, "no expiry", &signed(json!({"exp": null}))).await;
        refused(&t, "no tenant", &signed(json!({"tenantId": null}))).await;
        refused(&t, "a tenant that is none", &signed(json!({"tenantId": "1 OR 1"}))).await;
        // One that is good for nothing else.
        let answer = t.raw_token_answer().await;
        let identity = answer["id_token"].as_str().expect("a token");
        refused(&t, "an identity token", identity).await;
        refused(&t, "for this client", &signed(json!({"aud": t.client_id}))).await;
    });
}

#[test]
fn signatures_are_checked() {
    with_tenant(async |t| {
        let header = genuine_header(&t);
        let own = p256::SecretKey::from_slice(&[7; 32]).expect("a key");
        let own = own.to_pkcs8_der().expect("DER");
        let own = EncodingKey::from_ec_der(own.as_bytes());
        refused(&t, "another key", &sign(&t, &header, json!({}), &own)).await;
        let mut unknown = header.clone();
        unknown.kid = Some("unheard-of".into());
        refused(&t, "an unknown key", &sign(&t, &unknown, json!({}), &own)).await;

        let parts: Vec<&str> = t.token.split('.').collect();
        let other = crate::support::fixtures::with(claims(&t.token), json!({"tenantId": "1"}));
        let tampered = format!("{}.{}.{}", parts[0], encode(&other), parts[2]);
        refused(&t, "changed claims", &tampered).await;
        refused(&t, "no signature", &format!("{}.{}.", parts[0], parts[1])).await;
        refused(&t, "two parts", &format!("{}.{}", parts[0], parts[1])).await;
        let mut signature = URL_SAFE_NO_PAD.decode(parts[2]).expect("base64");
        signature[10] ^= 1;
        let signature = URL_SAFE_NO_PAD.encode(signature);
        refused(&t, "a changed signature", &format!("{}.{}.{signature}", parts[0], parts[1])).await;
        let zero = URL_SAFE_NO_PAD.encode([0; 64]);
        refused(&t, "a signature of zeroes", &format!("{}.{}.{zero}", parts[0], parts[1])).await;
    });
}

#[test]
fn other_algorithms_are_refused() {
    with_tenant(async |t| {
        let parts: Vec<&str> = t.token.split('.').collect();
        let kid = header(&t.token)["kid"].clone();
        for alg in ["none", "None", "NONE", "HS256", "RS256"] {
            let head = encode(&json!({"alg": alg, "typ": "at+jwt", "kid": kid}));
            refused(&t, alg, &format!("{head}.{}.", parts[1])).await;
            refused(&t, alg, &format!("{head}.{}.{}", parts[1], parts[2])).await;
        }
        // The public key taken for the secret of a symmetric algorithm.
        let url = format!("{}/.well-known/jwks.json", t.base);
        let keys = http::send(http::request("GET", &url)).await.is(200);
        let mut header = genuine_header(&t);
        header.alg = Algorithm::HS256;
        let secret = EncodingKey::from_secret(keys.text.as_bytes());
        refused(&t, "the public key as a secret", &sign(&t, &header, json!({}), &secret)).await;
    });
}

#[test]
fn nonsense_is_refused() {
    with_tenant(async |t| {
        for token in ["x", "a.b.c", "..", &"x".repeat(20_000), "null"] {
            let request = http::request("GET", &format!("{}/api/public/Owners", t.base));
            let answer = http::send(request.bearer_auth(token)).await;
            assert_eq!(answer.status, 401, "{}", answer.text);
        }
        for header in ["Bearer", "Bearer ", "bearer", "Basic dTpw", "Token x", &*t.token] {
            let request = http::request("GET", &format!("{}/api/public/Owners", t.base));
            let answer = http::send(request.header("authorization", header)).await;
            answer.problem(401, "authorization-error");
        }
        // The scheme has no case (RFC 9110, 11.1).
        let request = http::request("GET", &format!("{}/api/public/Owners", t.base));
        let header = format!("bEARER {}", t.token);
        http::send(request.header("authorization", header)).await.is(200);
    });
}

impl Tenant {
    /// The whole answer of the token endpoint.
    async fn raw_token_answer(&self) -> Value {
        let form = [
            ("client_id", &*self.client_id),
            ("client_secret", &*self.client_secret),
            ("scope", "openid api"),
            ("grant_type", "client_credentials"),
        ];
        let request = http::request("POST", &format!("{}/api/connect/token", self.base));
        http::send(request.form(&form)).await.is(200).json()
    }
}
