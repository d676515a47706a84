//! Tokens of another issuer, which is a real one in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use steward_kernel::{Family, Kind, Principal, Result, Role};
use steward_transport::auth::Credentials;

use super::{Provider, Settings};
use crate::tests::app;
use crate::users::{self, User};
use crate::{App, tenants};

const AUDIENCE: &str = "https://api.example";

/// The issuer, and the lines it answers.
struct Issuer {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    url: String,
}

impl Issuer {
    fn start() -> Self {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests");
        let installed = tools.join("browser/node_modules/oauth2-mock-server");
        assert!(installed.exists(), "run scripts/setup.sh test, which installs the issuer");
        let mut child = Command::new("node")
            .arg(tools.join("tools/oidc_server.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut issuer = Self { child, lines, url: String::new() };
        issuer.url = issuer.answer()["issuer"].as_str().expect("a URL").to_owned();
        issuer
    }

    fn answer(&mut self) -> Value {
        let line = self.lines.next().expect("an answer").expect("a line");
        serde_json::from_str(&line).expect("JSON")
    }

    fn ask(&mut self, request: &Value) -> Value {
        let stdin = self.child.stdin.as_mut().expect("a pipe");
        writeln!(stdin, "{request}").expect("a running issuer");
        self.answer()
    }

    fn key(&mut self, alg: &str) -> String {
        self.ask(&json!({"do": "key", "alg": alg}))["kid"].as_str().expect("an id").to_owned()
    }

    fn sign(&mut self, kid: &str, expires_in: i64, claims: &Value) -> String {
        let request = json!({"do": "token", "kid": kid, "claims": claims, "expiresIn": expires_in});
        self.ask(&request)["token"].as_str().expect("a token").to_owned()
    }

    /// An access token of a person.
    fn token(&mut self, subject: &str) -> String {
        self.sign("first", 600, &json!({"sub": subject, "aud": AUDIENCE}))
    }

    /// An ID token of a person, for some program.
    fn id_token(&mut self, subject: &str, claims: &Value) -> String {
        let mut all = json!({"sub": subject, "aud": "some program"});
        all.as_object_mut().expect("claims").extend(claims.as_object().expect("claims").clone());
        self.sign("first", 600, &all)
    }

    fn provider(&self, app: &App) -> Result<Provider> {
        // Some write a slash at the end.
        let issuer = format!("{}/", self.url);
        Provider::new(app.clone(), Settings { issuer, audience: AUDIENCE.to_owned() }, &[])
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

async fn call(
    provider: &Provider,
    token: &str,
    id_token: Option<&str>,
    opens_account: Option<Family>,
) -> Result<Principal> {
    assert!(provider.claims(token), "of this issuer");
    let credentials = Credentials { token, id_token, opens_account };
    provider.authenticate(credentials).await.map(|principal| (*principal).clone())
}

/// Calls an RPC that opens accounts in the rentals family.
async fn open(provider: &Provider, token: &str, id_token: Option<&str>) -> Result<Principal> {
    call(provider, token, id_token, Some(Family::Rentals)).await
}

async fn refusal(provider: &Provider, token: &str) -> String {
    let error = open(provider, token, None).await.expect_err("a refusal");
    assert_eq!(error.kind(), Kind::Unauthenticated, "{error:?}");
    error.message().to_owned()
}

async fn user(app: &App, principal: &Principal) -> Result<User> {
    users::find(app, principal.user.expect("a user").id).await
}

#[tokio::test]
async fn somebody_new_gets_a_tenant_where_the_rpc_opens_one() -> Result<()> {
    let (app, mut issuer) = (&app().await, Issuer::start());
    let provider = &issuer.provider(app)?;
    let token = &issuer.token("auth0|new");
    let error = call(provider, token, None, None).await.expect_err("unknown");
    assert_eq!((error.kind(), error.reason()), (Kind::PermissionDenied, "ONBOARDING_REQUIRED"));

    // Many first calls at once open one account.
    let id_token = &issuer.id_token(
        "auth0|new",
        &json!({"email": "new@example.com", "name": "Ada Rent", "locale": "pt-BR",
            "picture": "https://pictures.example/ada.png"}),
    );
    let calls = join_all((0..8).map(|_| open(provider, token, Some(id_token)))).await;
    let callers = calls.into_iter().collect::<Result<Vec<_>>>()?;
    let caller = &callers[0];
    assert!(callers.iter().all(|other| other == caller), "{callers:?}");
    assert_eq!(
        (caller.family, caller.scopes.as_slice()),
        (Family::Rentals, &["api".to_owned()][..])
    );
    let known = user(app, caller).await?;
    assert_eq!((known.role, known.tenant), (Role::Owner, caller.tenant));
    assert_eq!(caller.client_id, format!("user:{}", known.id));
    assert_eq!((known.email.as_deref(), &*known.name), (Some("new@example.com"), "Ada Rent"));
    assert_eq!(known.locale.as_deref(), Some("pt-BR"));
    assert_eq!(known.picture_url.as_deref(), Some("https://pictures.example/ada.png"));
    let tenant = tenants::find(&*app.database.read(caller.tenant).await?, caller.tenant).await?;
    assert_eq!((tenant.family, &*tenant.name), (Family::Rentals, "Ada Rent"));
    assert_eq!(users::list(app, caller.tenant).await?.len(), 1);
    // From now on every RPC knows them, on every server.
    let elsewhere = &issuer.provider(app)?;
    assert_eq!(call(elsewhere, token, None, None).await?, *caller);

    // What the issuer says later is kept; what it does not say stays, and nonsense is passed over.
    let later = &issuer.id_token(
        "auth0|new",
        &json!({"email": "not an address", "name": "Ada Byron", "picture": "javascript:x"}),
    );
    call(elsewhere, token, Some(later), None).await?;
    let known = user(app, caller).await?;
    assert_eq!((&*known.name, known.email.as_deref()), ("Ada Byron", Some("new@example.com")));
    assert_eq!(known.picture_url.as_deref(), Some("https://pictures.example/ada.png"));

    users::disable(app, known.id).await?;
    let error = call(&issuer.provider(app)?, token, None, None).await.expect_err("disabled");
    assert_eq!((error.kind(), error.reason()), (Kind::PermissionDenied, "ACCOUNT_INACTIVE"));
    Ok(())
}

#[tokio::test]
async fn takes_both_algorithms_and_follows_new_keys() -> Result<()> {
    let (app, mut issuer) = (&app().await, Issuer::start());
    let provider = &issuer.provider(app)?;
    let caller = open(provider, &issuer.token("keys"), None).await?;
    // A key that is published later is looked for when its first token comes.
    let next = issuer.key("ES256");
    let claims = json!({"sub": "keys", "aud": ["other", AUDIENCE], "n": 1});
    assert_eq!(open(provider, &issuer.sign(&next, 600, &claims), None).await?, caller);
    // But not again within a minute.
    let third = issuer.key("RS256");
    let token = issuer.sign(&third, 600, &claims);
    assert_eq!(refusal(provider, &token).await, "The token is signed with an unknown key.");
    assert_eq!(open(&issuer.provider(app)?, &token, None).await?, caller);
    // What is known serves while the issuer is down; who knows nothing yet says so.
    let known = issuer.sign(&next, 600, &json!({"sub": "keys", "aud": AUDIENCE, "n": 2}));
    issuer.ask(&json!({"do": "stop"}));
    assert_eq!(open(provider, &known, None).await?, caller);
    let error = open(&issuer.provider(app)?, &known, None).await.expect_err("down");
    assert_eq!(error.kind(), Kind::Unavailable);
    issuer.ask(&json!({"do": "start"}));
    assert_eq!(open(&issuer.provider(app)?, &known, None).await?, caller);
    Ok(())
}

#[tokio::test]
async fn refuses_what_is_not_good() -> Result<()> {
    let (app, mut issuer) = (&app().await, Issuer::start());
    let provider = &issuer.provider(app)?;
    let good = issuer.token("good");
    open(provider, &good, None).await?;
    let url = issuer.url.clone();
    let claims = |changes: Value| {
        let mut claims = json!({"sub": "good", "aud": AUDIENCE});
        claims
            .as_object_mut()
            .expect("claims")
            .extend(changes.as_object().expect("claims").clone());
        claims
    };
    for (expires_in, changes, expected) in [
        (-61, json!({}), "The token is expired."),
        (600, json!({"aud": "somebody else"}), "The token is meant for another audience."),
        (600, json!({"aud": null}), "The token cannot be read."),
        (600, json!({"nbf": 9_999_999_999_i64}), "The token cannot be read."),
        (600, json!({"sub": null}), "The token cannot be read."),
        // Looks the same to whoever is careless about slashes, and is another issuer.
        (600, json!({"iss": format!("{url}//")}), "The token is from another issuer."),
    ] {
        let token = issuer.sign("first", expires_in, &claims(changes.clone()));
        assert_eq!(refusal(provider, &token).await, expected, "{changes}");
    }
    // The clocks may differ by a minute.
    open(provider, &issuer.sign("first", -55, &claims(json!({"n": 1}))), None).await?;
    // Tokens of others are none of this issuer's.
    let other = issuer.sign("first", 600, &claims(json!({"iss": "https://evil.example"})));
    assert!(!provider.claims(&other));
    assert!(!provider.claims("") && !provider.claims("a.b.c") && !provider.claims(&good[..20]));

    // Another issuer's key under the same id.
    let mut evil = Issuer::start();
    let forged = evil.sign("first", 600, &claims(json!({"iss": url})));
    assert_eq!(refusal(provider, &forged).await, "The signature of the token is wrong.");
    // Any change to a good token breaks it.
    let mut parts = good.split('.');
    let (head, signature) = (parts.next().expect("a head"), parts.nth(1).expect("a signature"));
    let body = json!({"iss": url, "aud": AUDIENCE, "sub": "root", "exp": 9_999_999_999_i64});
    let body = URL_SAFE_NO_PAD.encode(body.to_string());
    assert_eq!(
        refusal(provider, &format!("{head}.{body}.{signature}")).await,
        "The signature of the token is wrong."
    );
    for alg in ["none", "None", "NONE", ""] {
        let head = json!({"alg": alg, "kid": "first"}).to_string();
        let token = format!("{}.{body}.", URL_SAFE_NO_PAD.encode(head));
        assert_eq!(refusal(provider, &token).await, "The token cannot be read.", "{alg}");
    }
    // The public key as the secret of HS256, in the forms a forger has.
    let keys = reqwest::get(format!("{url}/jwks")).await.expect("keys");
    let keys = keys.bytes().await.expect("a body");
    let set: Value = serde_json::from_slice(&keys).expect("JSON");
    let key = set["keys"][0].to_string();
    let modulus = set["keys"][0]["n"].as_str().expect("a modulus");
    let raw = URL_SAFE_NO_PAD.decode(modulus).expect("base64");
    for secret in [&*keys, key.as_bytes(), modulus.as_bytes(), &raw] {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("first".to_owned());
        let claims = json!({"iss": url, "aud": AUDIENCE, "sub": "root", "exp": 9_999_999_999_i64});
        let token = encode(&header, &claims, &EncodingKey::from_secret(secret)).expect("a token");
        assert_eq!(refusal(provider, &token).await, "The token is not signed with RS256 or ES256.");
    }
    let long = format!("{good}{}", "A".repeat(8192));
    assert!(!provider.claims(&long));
    Ok(())
}

#[tokio::test]
async fn an_id_token_must_belong_to_the_token() -> Result<()> {
    let (app, mut issuer) = (&app().await, Issuer::start());
    let provider = &issuer.provider(app)?;
    let token = issuer.token("mine");
    let caller = open(provider, &token, None).await?;
    let own = issuer.id_token("mine", &json!({"name": "Me"}));
    assert_eq!(open(provider, &token, Some(&own)).await?.tenant, caller.tenant);
    let expired = issuer.sign("first", -61, &json!({"sub": "mine", "aud": "some program"}));
    let foreign = issuer.sign(
        "first",
        600,
        &json!({"sub": "mine", "aud": "some program", "iss": "https://evil.example"}),
    );
    let somebody_else = issuer.id_token("yours", &json!({"name": "You"}));
    let mut evil = Issuer::start();
    let forged = evil.id_token("mine", &json!({"iss": issuer.url, "name": "Evil"}));
    for id_token in [&*expired, &foreign, &somebody_else, &forged, "", "x", &own[1..]] {
        let error = open(provider, &token, Some(id_token)).await.expect_err("invalid");
        assert_eq!((error.kind(), error.reason()), (Kind::Unauthenticated, "INVALID_ID_TOKEN"));
    }
    assert_eq!(user(app, &caller).await?.name, "Me", "nothing of the others was kept");
    Ok(())
}
