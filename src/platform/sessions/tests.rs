//! Signing in and staying signed in, over a real database and two servers.

use std::sync::Arc;
use std::time::Duration;

use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use futures_util::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use steward_database::Transaction;
use steward_kernel::{Error, Family, Kind, Result, Role, TenantId, time};
use steward_transport::auth::Authenticator;

use super::attempts::forget;
use super::{Ended, SignIn, SignedIn, refresh, sign_in};
use crate::changes::Origin;
use crate::keys::KeyRing;
use crate::tests::{app, bearer, mails, settings};
use crate::tokens::{Issuer, Verifier};
use crate::users::{self, NewUser, User};
use crate::{App, tenants};

const ORIGIN: Origin<'static> =
    Origin { rpc: "steward.test.v1.AuthService/RefreshToken", request_id: "a-request" };

/// One of several servers over the same database.
struct Server {
    app: App,
    issuer: Issuer,
    verifier: Verifier,
    ended: Arc<Ended>,
}

impl Server {
    async fn start() -> Result<Self> {
        let app = app().await;
        let ring = KeyRing::open(app.database.clone()).await?;
        let ended = Ended::open(app.database.clone()).await?;
        let (one, other) = (Arc::clone(&ring), Arc::clone(&ended));
        let verifier = Verifier::new(app.database.clone(), one, other, &settings());
        let issuer = Issuer::new(app.clone(), ring, settings());
        Ok(Self { app, issuer, verifier, ended })
    }

    /// A user with a password of their own, and the password.
    async fn user(&self, family: Family, name: &str) -> Result<(User, SecretString)> {
        let tenant = tenants::create(&self.app, family, &format!("Tenant of {name}")).await?.id;
        let password = users::random_password();
        Ok((self.user_of(tenant, name, &password).await?, password))
    }

    async fn user_of(&self, tenant: TenantId, name: &str, password: &SecretString) -> Result<User> {
        let new = NewUser::new(&format!("{name}@example.com"), "Ann", Role::Owner)?
            .with_password(users::hash(password).await?)
            .with_locale(Some("nl-NL".to_owned()));
        let new = &new;
        let made = |tx: Arc<Transaction>| async move { users::create(&tx, tenant, new).await };
        self.app.database.transaction(tenant, made).await
    }

    async fn sign_in(&self, name: &str, password: &SecretString) -> Result<SignedIn> {
        self.sign_in_to(name, password, None, None).await
    }

    async fn sign_in_to(
        &self,
        name: &str,
        password: &SecretString,
        tenant: Option<TenantId>,
        family: Option<Family>,
    ) -> Result<SignedIn> {
        let username = format!("{name}@Example.com");
        let asked = SignIn { username, password: password.clone(), tenant, family };
        sign_in(&self.app, &self.issuer, asked).await
    }

    async fn refresh(&self, token: &SecretString) -> Result<SignedIn> {
        refresh(&self.app, &self.issuer, ORIGIN, None, token).await
    }

    async fn takes(&self, token: &SecretString) -> bool {
        self.verifier.authenticate(bearer(token.expose_secret())).await.is_ok()
    }

    async fn run(&self, tenant: TenantId, sql: &str) -> Result<()> {
        self.app
            .database
            .transaction(tenant, |tx| async move {
                diesel::sql_query(sql).execute(&mut &**tx).await.map(drop).map_err(Error::internal)
            })
            .await
    }
}

fn refusal<T>(result: Result<T>) -> (Kind, &'static str) {
    let error = result.err().expect("a refusal");
    (error.kind(), error.reason())
}

const WRONG: (Kind, &str) = (Kind::Unauthenticated, "INVALID_CREDENTIALS");
const BLOCKED: (Kind, &str) = (Kind::ResourceExhausted, "TOO_MANY_ATTEMPTS");
const INVALID: (Kind, &str) = (Kind::Unauthenticated, "REFRESH_INVALID");
const REUSED: (Kind, &str) = (Kind::Unauthenticated, "REFRESH_REUSED");
const INACTIVE: (Kind, &str) = (Kind::PermissionDenied, "ACCOUNT_INACTIVE");

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(diesel::QueryableByName)]
struct Noted {
    #[diesel(sql_type = Text)]
    event_type: String,
    #[diesel(sql_type = Text)]
    client_id: String,
    #[diesel(sql_type = Text)]
    resource_id: String,
}

#[tokio::test]
async fn a_copied_refresh_token_ends_the_session_on_every_server() -> Result<()> {
    let (a, b) = (Server::start().await?, Server::start().await?);
    let (user, password) = a.user(Family::Cleaning, "reuse").await?;
    let first = a.sign_in("reuse", &password).await?;
    assert_eq!(
        (first.user.id, first.session.expires_at > first.refresh_expires_at),
        (user.id, true)
    );
    let other_session = a.sign_in("reuse", &password).await?;
    let principal = b.verifier.authenticate(bearer(first.access_token.expose_secret())).await?;
    let caller = principal.user.expect("a user");
    assert_eq!((caller.id, caller.session), (user.id, Some(first.session.id)));
    assert_eq!(
        (principal.family, &*principal.client_id),
        (Family::Cleaning, &*format!("user:{}", user.id))
    );

    let second = b.refresh(&first.refresh_token).await?;
    assert_eq!(second.session, first.session);
    assert_ne!(second.refresh_token.expose_secret(), first.refresh_token.expose_secret());
    let third = a.refresh(&second.refresh_token).await?;
    assert!(a.takes(&third.access_token).await && b.takes(&third.access_token).await);
    assert!(mails(&a.app, user.tenant).await?.is_empty());

    // The copy is used.
    assert_eq!(refusal(b.refresh(&first.refresh_token).await), REUSED);
    for server in [&a, &b] {
        server.ended.look().await?;
        for token in [&first, &second, &third].map(|signed_in| &signed_in.access_token) {
            assert!(!server.takes(token).await);
        }
        assert!(server.takes(&other_session.access_token).await, "of another session");
    }
    // A server that starts later knows it as well.
    assert!(!Server::start().await?.takes(&third.access_token).await);
    assert_eq!(refusal(a.refresh(&third.refresh_token).await), INVALID, "the session has ended");
    assert_eq!(refusal(a.refresh(&first.refresh_token).await), REUSED);

    let told = mails(&a.app, user.tenant).await?;
    assert_eq!(told.len(), 1, "told once");
    assert_eq!((&*told[0].recipient, &*told[0].language), ("reuse@example.com", "nl"));
    assert!(told[0].subject.contains("Tenant of reuse"), "{}", told[0].subject);
    let tx = a.app.database.read(user.tenant).await?;
    let noted: Vec<Noted> = diesel::sql_query(
        "SELECT event_type, client_id, resource_id FROM platform.events ORDER BY sequence",
    )
    .load(&mut &*tx)
    .await
    .map_err(Error::internal)?;
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0].event_type, "platform.session.revoked");
    assert_eq!(noted[0].client_id, format!("user:{}", user.id));
    assert_eq!(noted[0].resource_id, first.session.id.to_string());
    Ok(())
}

#[tokio::test]
async fn of_many_who_use_a_refresh_token_at_once_one_gets_on_at_most() -> Result<()> {
    let a = Server::start().await?;
    let (_, password) = a.user(Family::Cleaning, "crowd").await?;
    let signed_in = a.sign_in("crowd", &password).await?;
    let answers = join_all((0..8).map(|_| a.refresh(&signed_in.refresh_token))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let next = answers.into_iter().find_map(Result::ok).expect("one");
    assert_eq!(refusal(a.refresh(&next.refresh_token).await), INVALID);
    Ok(())
}

#[tokio::test]
async fn refresh_tokens_and_sessions_end_in_time() -> Result<()> {
    let a = Server::start().await?;
    let (user, password) = a.user(Family::Cleaning, "time").await?;
    let unknown = SecretString::from("unknown");
    assert_eq!(refusal(a.refresh(&unknown).await), INVALID);

    let signed_in = a.sign_in("time", &password).await?;
    let days = |days: u64| time::now() + Duration::from_secs(days * 24 * 3600);
    assert!(signed_in.refresh_expires_at > days(29) && signed_in.refresh_expires_at < days(31));
    assert!(signed_in.session.expires_at > days(89) && signed_in.session.expires_at < days(91));
    a.run(user.tenant, "UPDATE platform.refresh_tokens SET expires_at = now() - interval '1 s'")
        .await?;
    assert_eq!(refusal(a.refresh(&signed_in.refresh_token).await), INVALID);

    // Close to the end of the session the refresh token is no longer good than the session.
    let signed_in = a.sign_in("time", &password).await?;
    a.run(user.tenant, "UPDATE platform.sessions SET expires_at = now() + interval '1 day'")
        .await?;
    let refreshed = a.refresh(&signed_in.refresh_token).await?;
    assert!(refreshed.refresh_expires_at < days(2));
    a.run(user.tenant, "UPDATE platform.sessions SET expires_at = now() - interval '1 s'").await?;
    assert_eq!(refusal(a.refresh(&refreshed.refresh_token).await), INVALID);
    // Of no use any more.
    forget(&a.app, time::now()).await?;
    let tx = a.app.database.read(user.tenant).await?;
    let Number { n } = diesel::sql_query("SELECT count(*) AS n FROM platform.refresh_tokens")
        .get_result(&mut &*tx)
        .await
        .map_err(Error::internal)?;
    assert_eq!(n, 0);

    // A family's sign-in refreshes nothing of another family's.
    let signed_in = a.sign_in("time", &password).await?;
    let token = &signed_in.refresh_token;
    let other = refresh(&a.app, &a.issuer, ORIGIN, Some(Family::Rentals), token).await;
    assert_eq!(refusal(other), INVALID);
    refresh(&a.app, &a.issuer, ORIGIN, Some(Family::Cleaning), token).await?;
    Ok(())
}

#[tokio::test]
async fn a_disabled_user_is_out() -> Result<()> {
    let a = Server::start().await?;
    let (user, password) = a.user(Family::Cleaning, "out").await?;
    let signed_in = a.sign_in("out", &password).await?;
    assert!(a.takes(&signed_in.access_token).await);
    users::disable(&a.app, user.id).await?;
    a.ended.look().await?;
    assert!(!a.takes(&signed_in.access_token).await);
    assert_eq!(refusal(a.refresh(&signed_in.refresh_token).await), INVALID);
    assert_eq!(refusal(a.sign_in("out", &password).await), INACTIVE);
    // Whoever lacks the password does not learn that.
    assert_eq!(refusal(a.sign_in("out", &users::random_password()).await), WRONG);
    Ok(())
}

#[tokio::test]
async fn guessing_ends_after_five_failures_on_all_servers() -> Result<()> {
    let (a, b) = (Server::start().await?, Server::start().await?);
    let (_, password) = a.user(Family::Cleaning, "guess").await?;
    let wrong = users::random_password();
    // Whether somebody has the name makes no difference.
    for name in ["guess", "nobody-guess"] {
        for server in [&a, &b, &a, &b, &a] {
            if name == "guess" {
                server.sign_in(name, &password).await?;
            }
            assert_eq!(refusal(server.sign_in(name, &wrong).await), WRONG);
        }
        let error = b.sign_in(name, &password).await.expect_err("blocked");
        assert_eq!((error.kind(), error.reason()), BLOCKED);
        let wait = error.retry_after().expect("a time").as_secs();
        assert!((850..=901).contains(&wait), "{wait}");
    }
    // The first failure a quarter of an hour old leaves room for one guess.
    let oldest =
        "UPDATE platform.sign_in_attempts SET attempted_at = attempted_at - interval '15 min'
                  WHERE id = (SELECT min(id) FROM platform.sign_in_attempts
                    WHERE username_hash = sha256('guess@example.com'))";
    a.app
        .database
        .transaction_platform(|tx| async move {
            diesel::sql_query(oldest).execute(&mut &**tx).await.map(drop).map_err(Error::internal)
        })
        .await?;
    a.sign_in("guess", &password).await?;
    assert_eq!(refusal(a.sign_in("guess", &wrong).await), WRONG);
    assert_eq!(refusal(a.sign_in("guess", &password).await), BLOCKED);
    Ok(())
}

#[tokio::test]
async fn many_guesses_at_once_are_no_more_than_five() -> Result<()> {
    let a = Server::start().await?;
    let wrong = users::random_password();
    let answers = join_all((0..20).map(|_| a.sign_in("storm", &wrong))).await;
    let refusals: Vec<_> = answers.into_iter().map(refusal).collect();
    assert_eq!(refusals.iter().filter(|refusal| **refusal == WRONG).count(), 5, "{refusals:?}");
    assert_eq!(refusals.iter().filter(|refusal| **refusal == BLOCKED).count(), 15);
    Ok(())
}

#[tokio::test]
async fn one_name_with_several_tenants() -> Result<()> {
    let a = Server::start().await?;
    let (one, password) = a.user(Family::Cleaning, "twin").await?;
    let (other, other_password) = a.user(Family::Rentals, "twin").await?;
    // Different passwords tell the accounts apart.
    assert_eq!(a.sign_in("twin", &password).await?.user.id, one.id);
    assert_eq!(a.sign_in("twin", &other_password).await?.user.id, other.id);
    let third = tenants::create(&a.app, Family::Cleaning, "Third").await?.id;
    let third = a.user_of(third, "twin", &password).await?;
    let error = a.sign_in("twin", &password).await.expect_err("which?");
    assert_eq!((error.kind(), error.reason()), (Kind::FailedPrecondition, "TENANT_REQUIRED"));
    let (name, listed) = &error.metadata()[0];
    let listed: serde_json::Value = serde_json::from_str(listed).map_err(Error::internal)?;
    assert_eq!((*name, listed.as_array().map(Vec::len)), ("tenants", Some(2)));
    let ids: Vec<_> =
        listed.as_array().into_iter().flatten().map(|one| one["id"].as_i64()).collect();
    assert!(ids.contains(&Some(one.tenant.0)) && ids.contains(&Some(third.tenant.0)), "{listed}");
    assert!(listed.to_string().contains("Third"), "{listed}");
    let said = a.sign_in_to("twin", &password, Some(third.tenant), None).await?;
    assert_eq!(said.user.id, third.id);
    let wrong = a.sign_in_to("twin", &password, Some(other.tenant), None).await;
    assert_eq!(refusal(wrong), WRONG);
    let family = Some(Family::Rentals);
    assert_eq!(refusal(a.sign_in_to("twin", &password, None, family).await), WRONG);
    assert_eq!(a.sign_in_to("twin", &other_password, None, family).await?.user.id, other.id);
    Ok(())
}
