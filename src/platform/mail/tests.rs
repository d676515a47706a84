//! Mail that can be refused, over a real database.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;
use steward_kernel::{Family, Result, TenantId};
use tower::ServiceExt;

use super::{Language, Mail, SendMail, Settings, TEST, Template, Transport, refusal, router, send};
use crate::jobs::Handler;
use crate::{App, tenants, tests};

#[test]
fn a_mail_is_tried_for_a_day_and_a_half() {
    let transport = Transport::new(&Settings {
        from: "noreply@example.com".to_owned(),
        folder: std::env::temp_dir(),
        smtp_url: None,
        smtp_ca: None,
    });
    let retries = SendMail::new(Arc::new(transport.expect("a transport")), "").retries();
    let minutes = |attempt| retries.pause(attempt).map(|pause| pause.as_secs() / 60);
    let pauses: Vec<_> = (1..=7).map(minutes).collect();
    let expected = [1, 5, 30, 2 * 60, 6 * 60, 24 * 60].map(Some);
    assert_eq!(pauses, [&expected[..], &[None]].concat());
}

const NEWS: Template = TEST.optional();

async fn write(app: &App, tenant: TenantId, to: &str, template: &Template) -> Result<Option<i64>> {
    let mail = &Mail {
        to,
        language: Language::Dutch,
        template,
        values: json!({"sender": "Test"}),
        reply_to: None,
    };
    app.database
        .transaction(tenant, |tx| async move { send(&tx, tenant, mail.clone()).await })
        .await
}

async fn ask(app: &App, method: &str, path: &str) -> (StatusCode, String) {
    let request =
        Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
    let answer = router(app.clone()).oneshot(request).await.expect("an answer");
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 65536).await.expect("a body");
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

#[tokio::test]
async fn readers_refuse_what_they_can_do_without() -> Result<()> {
    let app = &tests::app().await;
    let tenant = tenants::create(app, Family::Facilities, "News").await?.id;
    let other = tenants::create(app, Family::Facilities, "Other news").await?.id;
    let id = write(app, tenant, "Reader@example.com", &NEWS).await?.expect("a mail");
    let path = refusal::url(app, "", tenant, id).await?;

    // Looking at the page changes nothing.
    let (status, page) = ask(app, "GET", &path).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        page.contains("<html lang=\"nl\">") && page.contains("<form method=\"post\">"),
        "{page}"
    );
    assert!(write(app, tenant, "reader@example.com", &NEWS).await?.is_some());

    assert_eq!(ask(app, "POST", &path).await.0, StatusCode::OK);
    assert_eq!(ask(app, "POST", &path).await.0, StatusCode::OK);
    assert!(write(app, tenant, "reader@example.com", &NEWS).await?.is_none());
    // What they need still reaches them, and so does the mail of others.
    assert!(write(app, tenant, "reader@example.com", &TEST).await?.is_some());
    assert!(write(app, other, "reader@example.com", &NEWS).await?.is_some());
    assert!(write(app, tenant, "other@example.com", &NEWS).await?.is_some());

    // A link is good for its own mail alone.
    let (_, signature) = path.rsplit_once('.').expect("a signature");
    for path in [
        format!("/mail/unsubscribe/{other}.{id}.{signature}"),
        format!("/mail/unsubscribe/{tenant}.{}.{signature}", id + 1),
        format!("/mail/unsubscribe/{tenant}.{id}."),
        "/mail/unsubscribe/x".to_owned(),
    ] {
        for method in ["GET", "POST"] {
            assert_eq!(ask(app, method, &path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }
    Ok(())
}
