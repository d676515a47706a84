//! Files from announcement to collection, over a real database and a real folder.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RANGE};
use axum::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use object_store::ObjectStoreExt;
use steward_kernel::{Context, Family, Kind, Principal, Result, TenantId, time};
use tower::ServiceExt;

use super::{
    Announced, File, IMAGES, ShownFile, Upload, ask, bind, collect, release, router, show,
};
use crate::{App, tenants, tests};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and what else a picture has";

async fn start(name: &str) -> Result<(App, TenantId, Context)> {
    let app = tests::app().await;
    let tenant = tenants::create(&app, Family::Facilities, name).await?.id;
    let context = caller(tenant);
    Ok((app, tenant, context))
}

async fn announce(app: &App, context: &Context, size: usize) -> Result<Upload> {
    let file = Announced {
        filename: "Façade \"1\".png".to_owned(),
        content_type: "image/png".to_owned(),
        byte_size: i64::try_from(size).expect("small"),
    };
    ask(app, context, file, IMAGES).await
}

async fn call(app: &App, request: Request<Body>) -> (StatusCode, HeaderMap, Bytes) {
    let answer = router(app.clone()).oneshot(request).await.expect("an answer");
    let (head, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, 1 << 24).await.expect("a body");
    (head.status, head.headers, body)
}

async fn send(app: &App, upload: &Upload, bytes: &[u8]) -> StatusCode {
    let request = Request::put(&upload.url).header(CONTENT_TYPE, "image/png");
    call(app, request.body(Body::from(bytes.to_vec())).expect("a request")).await.0
}

async fn get(app: &App, url: &str, range: &str) -> (StatusCode, HeaderMap, Bytes) {
    let request = Request::get(url).header(RANGE, range);
    call(app, request.body(Body::empty()).expect("a request")).await
}

async fn use_it(app: &App, tenant: TenantId, signed_id: &str) -> Result<File> {
    app.database
        .transaction(tenant, |tx| async move {
            bind(app, &tx, tenant, "photo_id", signed_id, IMAGES).await
        })
        .await
}

async fn shown(app: &App, tenant: TenantId, file: &File) -> Result<String> {
    let mut shown = ShownFile::from(file.clone());
    show(app, tenant, vec![&mut shown]).await?;
    Ok(shown.url)
}

#[tokio::test]
async fn a_file_goes_up_is_bound_and_comes_down() -> Result<()> {
    let (app, tenant, context) = &start("Files").await?;
    let upload = announce(app, context, PNG.len()).await?;
    // Not before it is there.
    assert!(use_it(app, *tenant, &upload.signed_id).await.is_err());
    assert_eq!(send(app, &upload, PNG).await, StatusCode::NO_CONTENT);
    let file = use_it(app, *tenant, &upload.signed_id).await?;
    assert_eq!(file.filename, "Façade \"1\".png");
    // Once in use it stays as it is; it can be used again.
    assert_eq!(send(app, &upload, PNG).await, StatusCode::BAD_REQUEST);
    assert_eq!(use_it(app, *tenant, &upload.signed_id).await?.id, file.id);

    let url = shown(app, *tenant, &file).await?;
    let (status, headers, body) = get(app, &url, "").await;
    assert_eq!((status, &body[..]), (StatusCode::OK, PNG));
    assert_eq!(headers["content-type"], "image/png");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(
        headers["content-disposition"],
        "inline; filename*=UTF-8''Fa%C3%A7ade%20%221%22.png"
    );
    for (range, expected) in
        [("bytes=0-3", &PNG[..4]), ("bytes=8-", &PNG[8..]), ("bytes=-5", &PNG[PNG.len() - 5..])]
    {
        let (status, headers, body) = get(app, &url, range).await;
        assert_eq!((status, &body[..]), (StatusCode::PARTIAL_CONTENT, expected), "{range}");
        assert_eq!(headers["content-length"], expected.len().to_string());
        assert!(headers["content-range"].to_str().expect("text").ends_with(&PNG.len().to_string()));
    }
    let (status, ..) = get(app, &url, "bytes=1000-").await;
    assert_eq!(status, StatusCode::RANGE_NOT_SATISFIABLE);
    Ok(())
}

#[tokio::test]
async fn what_was_not_announced_is_refused() -> Result<()> {
    let (app, tenant, context) = &start("Refused files").await?;
    for (name, kind, size) in [
        ("", "image/png", 1),
        ("a", "text/html", 1),
        ("a", "image/png", 0),
        ("a", "image/png", 10_485_761),
    ] {
        let file = Announced { filename: name.into(), content_type: kind.into(), byte_size: size };
        let refused = ask(app, context, file, IMAGES).await.expect_err("a refusal");
        assert_eq!(refused.kind(), Kind::InvalidArgument);
    }
    let upload = announce(app, context, PNG.len()).await?;
    assert_eq!(send(app, &upload, &PNG[1..]).await, StatusCode::BAD_REQUEST);
    assert_eq!(send(app, &upload, &[PNG, b"x"].concat()).await, StatusCode::BAD_REQUEST);
    let request = Request::put(&upload.url).header(CONTENT_TYPE, "image/jpeg");
    let (status, ..) = call(app, request.body(Body::from(PNG)).expect("a request")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    // Nothing of these is there.
    assert!(use_it(app, *tenant, &upload.signed_id).await.is_err());
    // What has the right size and the wrong content is found out when it is bound.
    let page = b"<!doctype html><script></script>";
    let upload = announce(app, context, page.len()).await?;
    assert_eq!(send(app, &upload, page).await, StatusCode::NO_CONTENT);
    let refused = use_it(app, *tenant, &upload.signed_id).await.expect_err("a refusal");
    assert_eq!(refused.violations()[0].field, "photo_id");
    Ok(())
}

#[tokio::test]
async fn a_link_is_good_for_one_thing() -> Result<()> {
    let (app, tenant, context) = &start("Links").await?;
    let (_, other, _) = start("Foreign files").await?;
    let upload = announce(app, context, PNG.len()).await?;
    send(app, &upload, PNG).await;
    assert!(use_it(app, other, &upload.signed_id).await.is_err(), "another tenant's file");
    let file = use_it(app, *tenant, &upload.signed_id).await?;
    let url = shown(app, *tenant, &file).await?;
    let (_, link) = url.rsplit_once('/').expect("a link");
    let (_, upload_link) = upload.url.rsplit_once('/').expect("a link");
    let (text, signature) = link.rsplit_once('.').expect("a signature");
    let later = text.replace(text.rsplit('.').next().expect("an end"), "99999999999");
    for wrong in [upload_link, &upload.signed_id, &format!("{later}.{signature}"), "x", "1.2.3.4"] {
        let (status, ..) = get(app, &format!("/files/{wrong}"), "").await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{wrong}");
    }
    for wrong in [link, &upload.signed_id] {
        let request = Request::put(format!("/files/uploads/{wrong}")).body(Body::from(PNG));
        let (status, ..) = call(app, request.expect("a request")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{wrong}");
    }
    assert!(use_it(app, *tenant, link).await.is_err());
    // It ends.
    let signer = crate::links::Signer::open(&app.database).await?;
    let read =
        |after| super::actions::read(&signer, super::actions::DOWNLOAD, link, time::now() + after);
    assert!(read(std::time::Duration::from_secs(3590)).is_some());
    assert!(read(std::time::Duration::from_secs(3601)).is_none());
    Ok(())
}

#[tokio::test]
async fn what_nobody_uses_is_collected() -> Result<()> {
    let (app, tenant, context) = &start("Orphans").await?;
    let (used, unused) =
        (announce(app, context, PNG.len()).await?, announce(app, context, PNG.len()).await?);
    // Never uploaded at all.
    announce(app, context, PNG.len()).await?;
    for upload in [&used, &unused] {
        assert_eq!(send(app, upload, PNG).await, StatusCode::NO_CONTENT);
    }
    let file = use_it(app, *tenant, &used.signed_id).await?;
    let number = unused.signed_id.split('.').nth(1).and_then(|id| id.parse().ok());
    let unused_id: i64 = number.expect("an id");
    let there = async || {
        let key = |id| app.files.key(*tenant, id);
        (
            app.files.store.head(&key(file.id)).await.is_ok(),
            app.files.store.head(&key(unused_id)).await.is_ok(),
        )
    };
    // Too young.
    assert!(
        !collect::collect(app, *tenant, time::now() - std::time::Duration::from_secs(60)).await?
    );
    assert_eq!(there().await, (true, true));
    assert!(
        !collect::collect(app, *tenant, time::now() + std::time::Duration::from_secs(60)).await?
    );
    assert_eq!(there().await, (true, false));
    assert!(use_it(app, *tenant, &unused.signed_id).await.is_err());
    // The last use taken back, it goes too.
    app.database
        .transaction(*tenant, |tx| async move { release(&tx, *tenant, file.id).await })
        .await?;
    collect::collect(app, *tenant, time::now() + std::time::Duration::from_secs(60)).await?;
    assert_eq!(there().await, (false, false));
    Ok(())
}

fn caller(tenant: TenantId) -> Context {
    let principal = Principal {
        tenant,
        family: Family::Facilities,
        client_id: "test".to_owned(),
        scopes: Vec::new(),
        user: None,
    };
    Context::new(Some(std::sync::Arc::new(principal)), "test".into(), "facilities")
}
