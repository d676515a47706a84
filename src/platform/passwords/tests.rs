//! Choosing a password by code and link, over a real database.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use diesel_async::RunQueryDsl;
use futures_util::future::join_all;
use secrecy::SecretString;
use steward_database::Transaction;
use steward_kernel::{Error, Family, Kind, Result, Role, TenantId};
use tower::ServiceExt;

use super::{Account, check, invite, request, reset, router};
use crate::tests::{Mailed, app, mails};
use crate::users::{self, NewUser, User};
use crate::{App, sessions, tenants};

async fn user(app: &App, name: &str) -> Result<User> {
    let tenant = tenants::create(app, Family::Cleaning, "Tidy").await?.id;
    let new = NewUser::new(&format!("{name}@example.com"), "Ann", Role::Cleaner)?
        .with_username(&format!("the {name}"))?
        .with_locale(Some("pt".to_owned()));
    let new = &new;
    let made = |tx: Arc<Transaction>| async move { users::create(&tx, tenant, new).await };
    app.database.transaction(tenant, made).await
}

fn account(name: &str) -> Account {
    Account { name: format!("{name}@EXAMPLE.com"), tenant: None, family: None }
}

/// The code in the latest mail, which begins its subject.
async fn code(app: &App, tenant: TenantId) -> Result<String> {
    let mails = mails(app, tenant).await?;
    let Mailed { subject, body, language, .. } = mails.last().expect("a mail");
    let code = subject.split(' ').next().expect("a word").to_owned();
    assert!(code.len() == 6 && code.parse::<u32>().is_ok(), "{subject}");
    assert!(body.contains(&format!("\nCode: {code}\n")) && language == "pt", "{body}");
    Ok(code)
}

/// The link in the latest mail.
async fn link(app: &App, tenant: TenantId) -> Result<String> {
    let mails = mails(app, tenant).await?;
    let body = &mails.last().expect("a mail").body;
    let link = body.lines().find_map(|line| line.strip_prefix("Link: /passwords/"));
    Ok(link.expect("a link").to_owned())
}

/// Another code than this one.
fn other(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().expect("digits") + 1) % 1_000_000)
}

/// As if the latest code had been asked for that long ago.
async fn age(app: &App, user: &User, interval: &str) -> Result<()> {
    let sql = &format!(
        "UPDATE platform.password_resets SET created_at = created_at - interval '{interval}',
         expires_at = expires_at - interval '{interval}' WHERE user_id = {}",
        user.id
    );
    app.database
        .transaction(user.tenant, |tx| async move {
            diesel::sql_query(sql).execute(&mut &**tx).await.map(drop).map_err(Error::internal)
        })
        .await
}

fn fields(error: &Error) -> Vec<&str> {
    assert_eq!(error.kind(), Kind::InvalidArgument);
    error.violations().iter().map(|violation| &*violation.field).collect()
}

fn password() -> SecretString {
    "new password 1".into()
}

#[tokio::test]
async fn a_code_sets_the_password_once_and_ends_all_sessions() -> Result<()> {
    let app = &app().await;
    let user = &user(app, "reset").await?;
    let account = &account("reset");
    let session =
        app.database
            .transaction(user.tenant, |tx| async move {
                sessions::open(&tx, user.tenant, user.id).await
            })
            .await?;
    request(app, account).await?;
    let code = code(app, user.tenant).await?;
    // The name works like the e-mail; the family and the tenant must be the user's.
    let by_name = Account { name: "THE reset".to_owned(), ..account.clone() };
    assert!(check(app, &by_name, &code).await?.is_valid);
    let other_family = Account { family: Some(Family::Rentals), ..account.clone() };
    assert!(!check(app, &other_family, &code).await?.is_valid);
    let other_tenant = Account { tenant: Some(TenantId(1 << 40)), ..account.clone() };
    assert!(!check(app, &other_tenant, &code).await?.is_valid);

    for weak in ["short1", "no digits here", "the reset", "THE RESET"] {
        let error = reset(app, account, &code, weak.into()).await.expect_err(weak);
        assert!(fields(&error).iter().all(|field| *field == "new_password"), "{weak}: {error:?}");
    }
    let error = reset(app, account, &other(&code), password()).await.expect_err("wrong");
    assert_eq!(fields(&error), ["code"]);
    assert_eq!(reset(app, account, &code, password()).await?.id, user.id);
    let stored = users::find(app, user.id).await?;
    assert!(users::verify_password(stored.password.as_ref(), &password()).await?);
    let ends_now =
        app.database
            .transaction(user.tenant, |tx| async move {
                sessions::end(&tx, user.tenant, session.id).await
            })
            .await?;
    assert!(!ends_now, "it had ended before");
    let error = reset(app, account, &code, password()).await.expect_err("used");
    assert_eq!(fields(&error), ["code"]);
    assert!(!check(app, account, &code).await?.is_valid);
    Ok(())
}

#[tokio::test]
async fn five_wrong_codes_void_the_right_one() -> Result<()> {
    let app = &app().await;
    let user = &user(app, "tries").await?;
    let account = &account("tries");
    request(app, account).await?;
    let first = code(app, user.tenant).await?;
    let wrong = &other(&first);
    // Many at once are no more than five either.
    let checks = join_all((0..9).map(|_| check(app, account, wrong))).await;
    assert!(checks.into_iter().collect::<Result<Vec<_>>>()?.iter().all(|check| !check.is_valid));
    assert!(!check(app, account, &first).await?.is_valid);
    assert!(reset(app, account, &first, password()).await.is_err());
    // One mail a minute, and the newest code alone.
    request(app, account).await?;
    assert_eq!(mails(app, user.tenant).await?.len(), 1);
    age(app, user, "61 s").await?;
    request(app, account).await?;
    assert_eq!(mails(app, user.tenant).await?.len(), 2);
    let second = code(app, user.tenant).await?;
    let checked = check(app, account, &second).await?;
    assert!(checked.is_valid && checked.expires_at.is_some());
    if first != second {
        assert!(!check(app, account, &first).await?.is_valid);
    }
    // A quarter of an hour later it is over.
    age(app, user, "15 min").await?;
    assert!(!check(app, account, &second).await?.is_valid);
    assert!(reset(app, account, &second, password()).await.is_err());
    Ok(())
}

#[tokio::test]
async fn strangers_and_disabled_users_are_mailed_nothing() -> Result<()> {
    let app = &app().await;
    let user = user(app, "silent").await?;
    users::disable(app, user.id).await?;
    for name in ["silent", "stranger"] {
        request(app, &account(name)).await?;
        assert!(!check(app, &account(name), "123456").await?.is_valid);
    }
    assert!(mails(app, user.tenant).await?.is_empty());
    Ok(())
}

async fn page(app: &App, method: Method, link: &str, body: &str) -> (StatusCode, String) {
    let request = Request::builder()
        .method(method)
        .uri(format!("/passwords/{link}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body.to_owned()))
        .expect("a request");
    let response = router(app.clone()).oneshot(request).await.expect("an answer");
    let status = response.status();
    assert_eq!(response.headers().get("cache-control").expect("a header"), "no-store");
    let body = axum::body::to_bytes(response.into_body(), 100_000).await.expect("a body");
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

#[tokio::test]
async fn an_invited_user_chooses_a_password_on_the_page() -> Result<()> {
    let app = &app().await;
    let user = &user(app, "invited").await?;
    app.database.transaction(user.tenant, |tx| async move { invite(app, &tx, user).await }).await?;
    let link = &link(app, user.tenant).await?;
    // Still good after days, and looking at it changes nothing.
    age(app, user, "6 days").await?;
    for _ in 0..2 {
        let (status, html) = page(app, Method::GET, link, "").await;
        assert_eq!(status, StatusCode::OK);
        assert!(html.contains("<form") && html.contains("palavra-passe"), "{html}");
    }
    let (status, html) = page(app, Method::POST, link, "password=short").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(html.contains("<form"), "{html}");
    let (status, html) = page(app, Method::POST, link, "password=new+password+1").await;
    assert_eq!(status, StatusCode::OK, "{html}");
    let stored = users::find(app, user.id).await?;
    assert!(users::verify_password(stored.password.as_ref(), &password()).await?);
    for (method, body) in [(Method::GET, ""), (Method::POST, "password=another1+1")] {
        assert_eq!(page(app, method, link, body).await.0, StatusCode::GONE);
    }
    let (head, tail) = link.split_at(link.len() - 5);
    let forged = format!("{head}{}", tail.chars().rev().collect::<String>());
    for link in [&*forged, "x", "1.2.3.4"] {
        assert_eq!(page(app, Method::GET, link, "").await.0, StatusCode::NOT_FOUND, "{link}");
    }
    Ok(())
}

#[tokio::test]
async fn a_code_takes_the_place_of_a_link_before() -> Result<()> {
    let app = &app().await;
    let user = &user(app, "newest").await?;
    app.database.transaction(user.tenant, |tx| async move { invite(app, &tx, user).await }).await?;
    let old = link(app, user.tenant).await?;
    // An invitation is no reason to wait a minute.
    request(app, &account("newest")).await?;
    assert_eq!(page(app, Method::GET, &old, "").await.0, StatusCode::GONE);
    let new = link(app, user.tenant).await?;
    assert_eq!(page(app, Method::POST, &new, "password=new+password+1").await.0, StatusCode::OK);
    // Link and code are one use together.
    let code = code(app, user.tenant).await?;
    assert!(!check(app, &account("newest"), &code).await?.is_valid);
    Ok(())
}
