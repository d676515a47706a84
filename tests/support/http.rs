//! The JSON client.

use std::sync::LazyLock;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

/// Connections shared by all tests. A call that hangs fails its test.
pub static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    // The client asks for a provider of cryptography even where it never uses one. Who came
    // first may stay.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(60))
        .build()
        .expect("a client")
});

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// What was asked, to show in failures.
    pub asked: String,
    /// Path as sent, without the query.
    pub path: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

/// Sends a request; `asked` names it in failures.
pub async fn send(request: RequestBuilder) -> Answer {
    let request = request.build().expect("a request");
    let asked = format!("{} {}", request.method(), request.url());
    let path = request.url().path().to_owned();
    let response =
        CLIENT.execute(request).await.unwrap_or_else(|error| panic!("{asked}: {error:?}"));
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let body = response.bytes().await.unwrap_or_else(|error| panic!("{asked}: {error:?}"));
    let text = String::from_utf8(body.to_vec()).expect("UTF-8");
    Answer { asked, path, status, headers, text }
}

/// A request without a token.
pub fn request(method: &str, url: &str) -> RequestBuilder {
    CLIENT.request(Method::from_bytes(method.as_bytes()).expect("a method"), url)
}

/// Uploads bytes as the answer to an announcement says.
pub async fn upload(upload: &Value, bytes: &[u8]) -> Answer {
    let mut put = request("PUT", upload["url"].as_str().expect("a URL")).body(bytes.to_vec());
    for header in upload["headers"].as_array().expect("headers") {
        let text = |name: &str| header[name].as_str().expect("text");
        put = put.header(text("name"), text("value"));
    }
    send(put).await
}

/// Fetches bytes without a token: the status, the headers and the body.
pub async fn fetch(url: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
    let mut get = request("GET", url);
    for (name, value) in headers {
        get = get.header(*name, *value);
    }
    let answer = get.send().await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = answer.bytes().await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
    (status, headers, body.to_vec())
}

impl Answer {
    /// The value of a header, empty without one.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The part of the `ETag` that is of the resource, without what else the answer shows.
    #[track_caller]
    pub fn resource_etag(&self) -> &str {
        let etag = self.header("etag").strip_prefix('"').expect("a strong etag");
        etag.split(['.', '"']).next().expect("a part")
    }

    /// Fails the test unless the status is `status`.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        self
    }

    /// The body, which must be JSON and say so.
    #[track_caller]
    pub fn json(&self) -> Value {
        let content_type = self.header(CONTENT_TYPE.as_str());
        assert!(content_type.contains("json"), "{}: {content_type}: {}", self.asked, self.text);
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.asked, self.text))
    }

    /// The body of an answer that must be a success.
    #[track_caller]
    pub fn value(&self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {} {}", self.asked, self.status, self.text);
        self.json()
    }

    /// The `id` of what was created or answered.
    #[track_caller]
    pub fn id(&self) -> i64 {
        let value = self.value();
        value["id"].as_i64().unwrap_or_else(|| panic!("{}: no id in {value}", self.asked))
    }

    /// Checks that the answer is a whole problem of `kind`, and answers its body.
    #[track_caller]
    pub fn problem(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.asked);
        let body = self.json();
        let members: Vec<&str> =
            body.as_object().expect("an object").keys().map(|k| &**k).collect();
        let documented = ["Detail", "Extensions", "Instance", "Status", "Title", "Type"];
        let more: Vec<_> = members.iter().filter(|name| !documented.contains(name)).collect();
        assert!(
            documented.iter().all(|name| members.contains(name))
                && more.iter().all(|name| name.starts_with("error")),
            "{}: {body}",
            self.asked
        );
        assert_eq!(body["Type"], format!("/problems/{kind}"), "{}: {body}", self.asked);
        assert_eq!(body["Status"], status, "{}", self.asked);
        assert_eq!(body["Instance"], self.path, "{}", self.asked);
        assert!(body["Title"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
        assert!(body["Detail"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
        let trace = body["Extensions"]["traceId"].as_str().unwrap_or_default();
        assert!(!trace.is_empty(), "{}: {body}", self.asked);
        assert_eq!(trace, self.header("x-request-id"), "{}", self.asked);
        body
    }

    /// The paths of the refused members of a problem, sorted.
    #[track_caller]
    pub fn refused(&self, status: u16, kind: &str) -> Vec<String> {
        let body = self.problem(status, kind);
        let Some(errors) = body["Extensions"]["errors"].as_object() else { return Vec::new() };
        for (path, messages) in errors {
            let messages = messages.as_array().expect("a list of messages");
            assert!(!messages.is_empty(), "{path}: {body}");
            assert!(messages.iter().all(Value::is_string), "{path}: {body}");
        }
        let mut paths: Vec<String> = errors.keys().cloned().collect();
        paths.sort();
        paths
    }
}
