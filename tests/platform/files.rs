//! Files over HTTP: through the server by default, straight to a bucket by configuration.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::server::{Operator, scratch};
use crate::support::{Answer, Server, database, eventually, http, run, with_tenant};

const UPLOADS: &str = "/api/public/Attachments/uploads";
const ATTACHMENTS: &str = "/api/public/Attachments";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and what else a picture has";
const LIMIT: Duration = Duration::from_secs(60);

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} of {value}"))
}

/// A document of more than one part, and of more than a request of an RPC may have.
fn document() -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.extend((0..3_000_000_u32).map(|number| (number % 251) as u8));
    bytes
}

#[test]
fn a_large_file_goes_up_and_comes_down_in_parts() {
    with_tenant(async |t| {
        let bytes = document();
        let size = bytes.len();
        let upload = t.announced("plan.pdf", "application/pdf", size).await;
        let url = text(&upload, "url");
        // In pieces, as a browser sends a file, without a length in the head.
        let pieces: Vec<_> = bytes
            .chunks(100_000)
            .map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)))
            .collect();
        let body = reqwest::Body::wrap_stream(stream::iter(pieces));
        let put = http::request("PUT", url).header("content-type", "application/pdf").body(body);
        http::send(put).await.is(204);
        let property = t.property().await;
        let body = json!({"propertyId": property, "signedId": upload["signedId"]});
        let made = t.post(ATTACHMENTS, &body).await.is(201).json();

        let url = text(&made, "url");
        let (status, headers, body) = http::fetch(url, &[]).await;
        assert_eq!(status, 200);
        assert!(body == bytes, "{} bytes", body.len());
        let header = |name: &str| headers[name].to_str().expect("text").to_owned();
        assert_eq!(header("content-type"), "application/pdf");
        assert_eq!(header("content-length"), size.to_string());
        assert_eq!(header("content-disposition"), "inline; filename*=UTF-8''plan.pdf");
        assert_eq!(header("accept-ranges"), "bytes");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-security-policy").starts_with("sandbox"));
        for (range, expected) in [
            ("bytes=0-0", 0..1),
            ("bytes=262143-262145", 262_143..262_146),
            ("bytes=2999990-", 2_999_990..size),
            ("bytes=-7", size - 7..size),
            ("bytes=0-99999999", 0..size),
        ] {
            let (status, headers, body) = http::fetch(url, &[("range", range)]).await;
            assert_eq!(status, 206, "{range}");
            let shown = format!("bytes {}-{}/{size}", expected.start, expected.end - 1);
            assert_eq!(headers["content-range"], shown);
            assert!(body == bytes[expected], "{range}: {} bytes", body.len());
        }
        let tag = header("etag");
        let (status, headers, _) = http::fetch(url, &[("range", "bytes=9999999-")]).await;
        assert_eq!(status, 416);
        assert_eq!(headers["content-range"], format!("bytes */{size}"));
        // Several ranges, and what is none, are answered with everything.
        for range in ["bytes=0-1,5-6", "lines=1-2", "bytes=x"] {
            let (status, _, body) = http::fetch(url, &[("range", range)]).await;
            assert_eq!((status, body.len()), (200, size), "{range}");
        }
        // A download goes on with the file that it began with, or begins anew.
        for (tag, expected) in [(&*tag, 206), ("\"other\"", 200)] {
            let asked = [("range", "bytes=5-20"), ("if-range", tag)];
            assert_eq!(http::fetch(url, &asked).await.0, expected, "{tag}");
        }
    });
}

#[test]
fn an_upload_is_what_was_announced_or_nothing() {
    with_tenant(async |t| {
        let upload = t.announced("a.png", "image/png", PNG.len()).await;
        let url = text(&upload, "url");
        let put = |content_type: &str, bytes: &[u8]| {
            let put = http::request("PUT", url).header("content-type", content_type);
            http::send(put.body(bytes.to_vec()))
        };
        put("image/png", &PNG[1..]).await.problem(400, "file-upload");
        put("image/png", &[PNG, b"x"].concat()).await.problem(400, "file-upload");
        put("image/jpeg", PNG).await.problem(400, "file-upload");
        let property = t.property().await;
        let body = json!({"propertyId": property, "signedId": upload["signedId"]});
        t.post(ATTACHMENTS, &body).await.problem(400, "file-upload");
        // A page of another origin may upload.
        let preflight = http::request("OPTIONS", url)
            .header("origin", "https://app.example")
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "content-type");
        let preflight = http::send(preflight).await;
        assert_eq!(preflight.header("access-control-allow-origin"), "*", "{preflight:?}");
        put("image/png", PNG).await.is(204);
        let made = t.post(ATTACHMENTS, &body).await.is(201).json();
        let shown = text(&made, "url");
        // A link is good for one thing, as it is, and without a token.
        let (base, link) = shown.rsplit_once('/').expect("a link");
        let longer = link.replacen('.', ".1", 1);
        for wrong in
            [&*longer, "x", text(&upload, "signedId"), url.rsplit('/').next().expect("a link")]
        {
            let (status, headers, _) = http::fetch(&format!("{base}/{wrong}"), &[]).await;
            assert_eq!(
                (status, &headers["content-type"]),
                (404, &"application/problem+json".parse().expect("a header"))
            );
        }
        http::send(http::request("PUT", shown).body(PNG)).await.is(405);
        put("image/png", PNG).await.problem(400, "file-upload");
    });
}

#[test]
fn an_upload_that_ends_after_the_file_is_attached_changes_nothing() {
    with_tenant(async |t| {
        let upload = t.announced("a.png", "image/png", PNG.len()).await;
        let other = [&PNG[..PNG.len() - 1], b"!"].concat();
        let (first, rest) =
            (Bytes::copy_from_slice(&other[..10]), Bytes::copy_from_slice(&other[10..]));
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (go, may_go) = tokio::sync::oneshot::channel::<()>();
        let head = stream::once(async move {
            begun.send(()).expect("somebody waits");
            Ok::<_, std::io::Error>(first)
        });
        let tail = stream::once(async move {
            may_go.await.expect("a go");
            Ok(rest)
        });
        let body = reqwest::Body::wrap_stream(head.chain(tail));
        let put = http::request("PUT", text(&upload, "url")).header("content-type", "image/png");
        let late = tokio::spawn(http::send(put.body(body)));
        has_begun.await.expect("a beginning");
        http::upload(&upload, PNG).await.is(204);
        let body = json!({"propertyId": t.property().await, "signedId": upload["signedId"]});
        let made = t.post(ATTACHMENTS, &body).await.is(201).json();
        go.send(()).expect("somebody waits");
        late.await.expect("an answer").problem(400, "file-upload");
        assert_eq!(http::fetch(text(&made, "url"), &[]).await.2, PNG);
    });
}

/// Makes the files of the tenant a day older, and has those that nobody uses collected.
async fn collect(client: &tokio_postgres::Client, tenant: i64) {
    let age = format!(
        "BEGIN; SET LOCAL steward.tenant_id = '{tenant}';
         UPDATE platform.files SET created_at = created_at - interval '26 hours'
           WHERE tenant_id = {tenant}; COMMIT;
         BEGIN; SET LOCAL steward.tenant_id = '0';
         INSERT INTO platform.jobs (tenant_id, kind, payload) VALUES (0, 'files.collect', '{{}}');
         COMMIT"
    );
    client.batch_execute(&age).await.expect("a job");
}

/// How many files a tenant has.
async fn files(client: &tokio_postgres::Client, tenant: i64) -> i64 {
    let sql = "SELECT count(*) FROM platform.files WHERE tenant_id = $1";
    client.query_one(sql, &[&tenant]).await.expect("a count").get(0)
}

#[test]
fn what_nobody_uses_any_more_is_deleted() {
    with_tenant(async |t| {
        let property = t.property().await;
        let mut kept = Vec::new();
        for _ in 0..2 {
            let file = t.file("a.png", "image/png", PNG).await;
            let body = json!({"propertyId": property, "signedId": file});
            kept.push(t.post(ATTACHMENTS, &body).await.is(201).json());
        }
        t.file("never-used.png", "image/png", PNG).await;
        t.announced("never-uploaded.png", "image/png", PNG.len()).await;
        let gone = kept.remove(0);
        t.delete(&format!("{ATTACHMENTS}/{}", gone["id"])).await.is(204);
        // Deleted, it is shown for as long as its URL lasts, or until it is collected.
        assert_eq!(http::fetch(text(&gone, "url"), &[]).await.2, PNG);
        let client = database::own().await;
        assert_eq!(files(&client, t.id).await, 4);
        let folder = Server::shared().await.data_dir.join("files").join(t.id.to_string());
        let stored = || std::fs::read_dir(&folder).expect("a folder").count();
        assert_eq!(stored(), 3);
        collect(&client, t.id).await;
        eventually("collected", LIMIT, async || (files(&client, t.id).await == 1).then_some(()))
            .await;
        assert_eq!(stored(), 1);
        assert_eq!(http::fetch(text(&gone, "url"), &[]).await.0, 404);
        assert_eq!(http::fetch(text(&kept[0], "url"), &[]).await.2, PNG);
    });
}

/// A real store that speaks S3 (moto), with one bucket.
struct Store {
    child: Child,
    port: u16,
}

impl Store {
    fn start(port: u16, tls: &[&Path]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join(".cache/python/bin/python");
        assert!(python.exists(), "run scripts/setup.sh test, which installs the store");
        let mut child = Command::new(python)
            .arg(root.join("tests/tools/s3_server.py"))
            .args(["bucket", &port.to_string()])
            .args(tls)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("python");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let port = lines.next().expect("a port").expect("a line").parse().expect("a port");
        Self { child, port }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What is in the bucket.
    async fn keys(&self) -> Vec<String> {
        let url = format!("http://127.0.0.1:{}/bucket?list-type=2", self.port);
        let login = "AWS4-HMAC-SHA256 Credential=test/20130524/us-east-1/s3/aws4_request, \
                     SignedHeaders=host, Signature=0";
        let list = http::send(http::request("GET", &url).header("authorization", login)).await;
        let list = list.is(200).text;
        let keys = list.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
        keys.map(|(key, _)| key.to_owned()).collect()
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A server that keeps its files in the bucket of a store.
async fn server_of(name: &str, endpoint: &str, more: &[&str]) -> Server {
    let flags = [
        "--files-url",
        "s3://bucket/all/files",
        "--files-endpoint",
        endpoint,
        "--files-region",
        "eu-west-1",
        "--files-access-key-id",
        "key-id",
        "--files-secret-access-key",
        "very-secret",
    ];
    Server::own(name, &[&flags, more].concat()).await
}

async fn announce(t: &Operator, size: usize) -> Answer {
    let body = json!({"filename": "Façade.png", "contentType": "image/png", "byteSize": size});
    t.send("POST", UPLOADS, Some(&body)).await
}

async fn attach(t: &Operator, property: i64, upload: &Value) -> Answer {
    let body = json!({"propertyId": property, "signedId": upload["signedId"]});
    t.send("POST", ATTACHMENTS, Some(&body)).await
}

async fn property(t: &Operator) -> i64 {
    let address = crate::support::fixtures::address();
    t.send("POST", "/api/public/Properties", Some(&json!({"address": address}))).await.is(201).id()
}

/// The value of a parameter of a URL.
fn parameter(url: &str, name: &str) -> String {
    let url = reqwest::Url::parse(url).expect("a URL");
    let found = url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    found.unwrap_or_else(|| panic!("no {name} in {url}"))
}

#[test]
fn a_bucket_takes_files_and_hands_them_out() {
    run(async {
        let store = tokio::task::block_in_place(|| Store::start(0, &[]));
        let server = server_of("files-bucket", &store.url(), &[]).await;
        let t = Operator::of(&server).await;
        let property = property(&t).await;
        let upload = announce(&t, PNG.len()).await.is(201).json();
        let url = text(&upload, "url");
        let start = format!("http://127.0.0.1:{}/bucket/all/files/", store.port);
        assert!(url.starts_with(&start), "{url}");
        // Good for 15 minutes, for this type, and for what is not there yet.
        assert_eq!(parameter(url, "X-Amz-Expires"), "900");
        let headers = parameter(url, "X-Amz-SignedHeaders");
        assert_eq!(headers, "content-type;host;if-none-match");
        assert!(parameter(url, "X-Amz-Credential").starts_with("key-id/"), "{url}");

        attach(&t, property, &upload).await.problem(400, "file-upload");
        http::upload(&upload, PNG).await.is(200);
        // What a record shows must not change behind its back.
        http::upload(&upload, PNG).await.is(412);
        let made = attach(&t, property, &upload).await.is(201).json();
        assert_eq!(made["size"], PNG.len());
        let shown = text(&made, "url");
        assert!(shown.starts_with(&start), "{shown}");
        assert_eq!(parameter(shown, "X-Amz-Expires"), "3600");
        let (status, headers, body) = http::fetch(shown, &[]).await;
        assert_eq!((status, &*body), (200, PNG));
        assert_eq!(headers["content-type"], "image/png");
        assert_eq!(headers["content-disposition"], "inline; filename*=UTF-8''Fa%C3%A7ade.png");
        let (status, _, body) = http::fetch(shown, &[("range", "bytes=1-3")]).await;
        assert_eq!((status, &*body), (206, &PNG[1..4]));

        // Something else than announced is found out when it is attached.
        let wrong = announce(&t, PNG.len()).await.is(201).json();
        http::upload(&wrong, &vec![b'<'; PNG.len()]).await.is(200);
        attach(&t, property, &wrong).await.problem(400, "file-upload");
        let shorter = announce(&t, PNG.len()).await.is(201).json();
        http::upload(&shorter, &PNG[1..]).await.is(200);
        attach(&t, property, &shorter).await.problem(400, "file-upload");

        // What nobody uses any more leaves the bucket.
        let second = announce(&t, PNG.len()).await.is(201).json();
        http::upload(&second, PNG).await.is(200);
        let gone = attach(&t, property, &second).await.is(201).json();
        let path = format!("{ATTACHMENTS}/{}", gone["id"]);
        t.send("DELETE", &path, None).await.is(204);
        assert_eq!(http::fetch(text(&gone, "url"), &[]).await.2, PNG);
        let client = database::connect(&database::url(&server)).await;
        let tenant = client.query_one("SELECT max(id) FROM platform.tenants", &[]).await;
        let tenant: i64 = tenant.expect("a tenant").get(0);
        assert_eq!((files(&client, tenant).await, store.keys().await.len()), (4, 4));
        collect(&client, tenant).await;
        let one = async || (files(&client, tenant).await == 1).then_some(());
        eventually("collected", LIMIT, one).await;
        assert_ne!(http::fetch(text(&gone, "url"), &[]).await.0, 200);
        assert_eq!(http::fetch(shown, &[]).await.2, PNG);
        let kept = reqwest::Url::parse(shown).expect("a URL").path().replace("/bucket/", "");
        assert_eq!(store.keys().await, [kept]);

        // The key is nowhere to be seen.
        let config = server.command(&[
            "config",
            "--files-access-key-id",
            "key-id",
            "--files-secret-access-key",
            "very-secret",
        ]);
        assert!(config.stdout.contains("key-id") && config.stdout.contains("***"), "{config:?}");
        assert!(!config.stdout.contains("very-secret"), "{config:?}");
        assert!(!server.process.logged().contains("very-secret"));
        assert!(server.process.stop().success());
    });
}

/// Checks that a call was refused because the store is away.
fn is_away(answer: &Answer) {
    answer.problem(503, "unavailable");
    assert_eq!(answer.header("retry-after"), "5", "{answer:?}");
}

#[test]
fn while_the_store_is_away_everything_else_works() {
    run(async {
        let store = tokio::task::block_in_place(|| Store::start(0, &[]));
        let port = store.port;
        let server = server_of("files-away", &store.url(), &[]).await;
        let t = Operator::of(&server).await;
        let property = property(&t).await;
        let upload = announce(&t, PNG.len()).await.is(201).json();
        http::upload(&upload, PNG).await.is(200);
        let made = attach(&t, property, &upload).await.is(201);
        let waiting = announce(&t, PNG.len()).await.is(201).json();
        http::upload(&waiting, PNG).await.is(200);
        let client = database::connect(&database::url(&server)).await;
        let written = async || {
            let sql = "SELECT (SELECT count(*) FROM platform.files), (SELECT sum(uses) FROM platform.files),
                       (SELECT count(*) FROM facilities.attachments), (SELECT count(*) FROM platform.events)";
            let row = client.query_one(sql, &[]).await.expect("counts");
            (0..4).map(|column| row.get(column)).collect::<Vec<i64>>()
        };
        let before = written().await;
        tokio::task::block_in_place(|| drop(store));
        is_away(&announce(&t, PNG.len()).await);
        is_away(&attach(&t, property, &waiting).await);
        assert_eq!(written().await, before);
        // URLs are signed without the store.
        let list = format!("{ATTACHMENTS}?propertyId={property}");
        let list = t.send("GET", &list, None).await.is(200).json();
        assert!(!text(&list["items"][0], "url").is_empty());
        t.send("GET", made.header("location"), None).await.is(200);
        t.send("GET", &format!("/api/public/Properties/{property}"), None).await.is(200);
        self::property(&t).await;
        // Back again, it is found again.
        let store = tokio::task::block_in_place(|| Store::start(port, &[]));
        let upload = eventually("an upload", LIMIT, async || {
            let answer = announce(&t, PNG.len()).await;
            (answer.status == 201).then(|| answer.json())
        })
        .await;
        http::upload(&upload, PNG).await.is(200);
        attach(&t, property, &upload).await.is(201);
        assert!(server.process.stop().success());
        drop(store);
    });
}

#[test]
fn a_store_that_never_answers_is_given_up_before_the_call_ends() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let silent = tokio::spawn(async move {
            let mut callers = Vec::new();
            while let Ok((caller, _)) = listener.accept().await {
                callers.push(caller);
            }
        });
        let server = server_of("files-silent", &format!("http://127.0.0.1:{port}"), &[]).await;
        let t = Operator::of(&server).await;
        // A call that took longer than it may would be answered with 504.
        is_away(&announce(&t, PNG.len()).await);
        property(&t).await;
        silent.abort();
        assert!(server.process.stop().success());
    });
}

#[test]
fn a_store_is_reached_over_tls_when_it_is_trusted() {
    run(async {
        let folder = scratch("files-tls-certificates");
        std::fs::create_dir_all(&folder).expect("a folder");
        let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        let issued = issued.expect("a certificate");
        let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        std::fs::write(&certificate, issued.cert.pem()).expect("a file");
        std::fs::write(&key, issued.signing_key.serialize_pem()).expect("a file");
        let store = tokio::task::block_in_place(|| Store::start(0, &[&certificate, &key]));
        let endpoint = format!("https://localhost:{}", store.port);
        let ca = ["--files-ca", certificate.to_str().expect("a path in UTF-8")];
        for (name, flags, status) in [("files-trusted", &ca[..], 201), ("files-strange", &[], 503)]
        {
            let server = server_of(name, &endpoint, flags).await;
            let t = Operator::of(&server).await;
            let upload = announce(&t, PNG.len()).await.is(status).json();
            if status == 201 {
                assert!(text(&upload, "url").starts_with(&endpoint), "{upload}");
            }
            assert!(server.process.stop().success());
        }
    });
}
