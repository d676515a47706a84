//! Tokens, keys and clients over a real database.

use std::sync::Arc;
use std::time::Duration;

use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use secrecy::SecretString;
use steward_database::embedded::{Cluster, Options};
use steward_database::{Database, PoolOptions, prepare};
use steward_kernel::{Error, Family, Kind, Result, TenantId};
use steward_transport::auth::Authenticator;
use tokio::sync::OnceCell;

use crate::App;
use crate::files::Files;
use crate::keys::{self, KeyRing};
use crate::sessions::Ended;
use crate::tokens::{Issuer, Settings, Verifier, request_token};
use crate::{clients, tenants};

/// The cluster ends with the process; the tests of the database room, which name theirs alike,
/// remove what is left.
static CLUSTER: OnceCell<(Cluster, String)> = OnceCell::const_new();

pub(crate) async fn app() -> App {
    let (_, url) = CLUSTER
        .get_or_init(|| async {
            let data_dir =
                std::env::temp_dir().join(format!("steward-test-{}", std::process::id()));
            let options = Options { data_dir, pg_bin: None };
            let cluster = Cluster::start(&options).await.expect("a cluster");
            let prepared = prepare(cluster.owner_url()).await.expect("a database");
            (cluster, prepared.app_url)
        })
        .await;
    // A pool belongs to the runtime of its test.
    let database = Database::open(url, PoolOptions::default()).expect("a pool");
    let folder = std::env::temp_dir().join(format!("steward-test-{}-files", std::process::id()));
    let files = Files::local(&folder, "").expect("a folder");
    App { database, files }
}

/// What tokens of these tests say.
pub(crate) fn settings() -> Settings {
    Settings {
        issuer: "http://127.0.0.1:1".to_owned(),
        issuer_is_public: false,
        audience: "steward".to_owned(),
    }
}

/// A mail that was written.
#[derive(diesel::QueryableByName)]
pub(crate) struct Mailed {
    #[diesel(sql_type = Text)]
    pub(crate) recipient: String,
    #[diesel(sql_type = Text)]
    pub(crate) language: String,
    #[diesel(sql_type = Text)]
    pub(crate) subject: String,
    #[diesel(sql_type = Text)]
    pub(crate) body: String,
}

/// The mails of a tenant, the latest last.
pub(crate) async fn mails(app: &App, tenant: TenantId) -> Result<Vec<Mailed>> {
    let tx = app.database.read(tenant).await?;
    diesel::sql_query("SELECT recipient, language, subject, body FROM platform.mails ORDER BY id")
        .load(&mut &*tx)
        .await
        .map_err(Error::internal)
}

/// One of several servers over the same database.
struct Server {
    issuer: Issuer,
    verifier: Verifier,
}

impl Server {
    async fn start(app: &App) -> Result<Self> {
        let ring = KeyRing::open(app.database.clone()).await?;
        let settings = settings();
        let verifier = Verifier::new(
            app.database.clone(),
            Arc::clone(&ring),
            Ended::open(app.database.clone()).await?,
            &settings,
        );
        Ok(Self { issuer: Issuer::new(app.clone(), ring, settings), verifier })
    }

    async fn token(&self, client_id: &str, secret: &SecretString) -> Result<String> {
        request_token(&self.issuer, client_id, secret).await
    }

    async fn tenant_of(&self, token: &str) -> Result<TenantId> {
        self.verifier.authenticate(token).await.map(|principal| principal.tenant)
    }
}

fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).expect("a token").kid.expect("a key id")
}

#[tokio::test]
async fn servers_agree_on_keys_through_rotations() -> Result<()> {
    let app = &app().await;
    let tenant = tenants::create(app, Family::Facilities, "Keys").await?.id;
    let client = clients::create(app, tenant, "Keys").await?;
    let (id, secret) = (&client.client_id, &client.client_secret);

    // Started at once over an empty table, they make one key together.
    let (a, b, c) = tokio::try_join!(Server::start(app), Server::start(app), Server::start(app))?;
    let first = a.token(id, secret).await?;
    assert_eq!(kid(&b.token(id, secret).await?), kid(&first));
    assert_eq!(b.tenant_of(&first).await?, tenant);

    // The next token is signed with the new key, and a server that has not heard of it asks.
    let rotated = keys::rotate(app, Duration::ZERO).await?;
    let second = a.token(id, secret).await?;
    assert_eq!(kid(&second), rotated);
    assert_ne!(kid(&second), kid(&first));
    assert_eq!(c.tenant_of(&second).await?, tenant);
    assert_eq!(c.tenant_of(&first).await?, tenant);

    // A key that is to follow later is published, but does not sign; another rotation
    // overtakes it.
    let later = keys::rotate(app, Duration::from_secs(3600)).await?;
    assert_eq!(kid(&a.token(id, secret).await?), rotated);
    let overtaking = keys::rotate(app, Duration::ZERO).await?;
    assert_eq!(kid(&a.token(id, secret).await?), overtaking);
    let fresh = Server::start(app).await?;
    assert!(fresh.issuer.ring().current().find(&later).is_none());

    // Rotations at once leave one key that signs, and it does not retire.
    let at_once = (0..4).map(|_| keys::rotate(app, Duration::ZERO));
    let made = futures_util::future::try_join_all(at_once).await?;
    let last = b.token(id, secret).await?;
    assert!(made.contains(&kid(&last)));
    let fresh = Server::start(app).await?;
    let known = fresh.issuer.ring().current();
    let signing = known.find(&kid(&last)).expect("published");
    assert_eq!(signing.retired_at, None);
    assert_eq!(known.living().filter(|key| key.retired_at.is_none()).count(), 1);
    assert_eq!(fresh.tenant_of(&first).await?, tenant);
    Ok(())
}

#[tokio::test]
async fn two_secrets_live_while_one_is_exchanged() -> Result<()> {
    let app = &app().await;
    let tenant = tenants::create(app, Family::Facilities, "Secrets").await?.id;
    let client = clients::create(app, tenant, "Secrets").await?;
    let server = Server::start(app).await?;
    let works = async |secret: &SecretString| server.token(&client.client_id, secret).await.is_ok();

    let one = &client.client_secret;
    let two = &clients::rotate_secret(app, &client.client_id).await?;
    assert!(works(one).await && works(two).await);
    let three = &clients::rotate_secret(app, &client.client_id).await?;
    assert!(!works(one).await && works(two).await && works(three).await);

    clients::disable(app, &client.client_id).await?;
    assert!(!works(two).await && !works(three).await);
    let listed = clients::list(app, tenant).await?;
    assert!(listed.len() == 1 && listed[0].disabled);
    Ok(())
}

#[tokio::test]
async fn guessing_is_stopped_after_ten_failures() -> Result<()> {
    let app = &app().await;
    let tenant = tenants::create(app, Family::Facilities, "Guesses").await?.id;
    let client = clients::create(app, tenant, "Guesses").await?;
    let server = Server::start(app).await?;
    let wrong = SecretString::from("wrong");
    for _ in 0..10 {
        // Successes in between do not count.
        server.token(&client.client_id, &client.client_secret).await?;
        let error = server.token(&client.client_id, &wrong).await.expect_err("refused");
        assert_eq!((error.kind(), error.reason()), (Kind::Unauthenticated, "INVALID_CREDENTIALS"));
    }
    let error = server.token(&client.client_id, &wrong).await.expect_err("blocked");
    assert_eq!((error.kind(), error.reason()), (Kind::ResourceExhausted, "TOO_MANY_ATTEMPTS"));
    assert!(error.retry_after().is_some_and(|wait| wait <= Duration::from_secs(60)));
    // Who has the secret is not locked out by somebody who guesses.
    server.token(&client.client_id, &client.client_secret).await?;

    // A client that does not exist is treated alike.
    for _ in 0..10 {
        let error = server.token("nobody", &wrong).await.expect_err("refused");
        assert_eq!(error.reason(), "INVALID_CREDENTIALS");
    }
    let error = server.token("nobody", &wrong).await.expect_err("blocked");
    assert_eq!(error.reason(), "TOO_MANY_ATTEMPTS");
    Ok(())
}

#[tokio::test]
async fn clients_need_a_tenant_and_a_name() -> Result<()> {
    let app = &app().await;
    let error = clients::create(app, TenantId(i64::MAX), "X").await.expect_err("no tenant");
    assert_eq!((error.kind(), error.resource().map(|r| r.0)), (Kind::NotFound, Some("Tenant")));
    assert_eq!(
        tenants::create(app, Family::Facilities, " ").await.expect_err("no name").kind(),
        Kind::InvalidArgument
    );
    let error = clients::rotate_secret(app, "nobody").await.expect_err("no client");
    assert_eq!(error.kind(), Kind::NotFound);
    Ok(())
}
