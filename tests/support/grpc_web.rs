//! A grpc-web client, written by hand to see what goes over the wire.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tonic::Status;

use super::{Server, http};

/// How messages travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `application/grpc-web+proto`
    Binary,
    /// `application/grpc-web-text`, in base64
    Text,
}

/// Marks the frame that holds the trailers.
const TRAILERS: u8 = 0x80;

/// Calls `/package.Service/Method` with an encoded message.
pub async fn call_bytes(
    form: Form,
    token: Option<&str>,
    path: &str,
    message: &[u8],
) -> Result<Bytes, Status> {
    let server = Server::shared().await;
    let mut body = vec![0];
    body.extend(u32::try_from(message.len()).expect("a small message").to_be_bytes());
    body.extend(message);
    let (content_type, body) = match form {
        Form::Binary => ("application/grpc-web+proto", body),
        Form::Text => ("application/grpc-web-text+proto", STANDARD.encode(body).into_bytes()),
    };
    let mut request = http::request("POST", &format!("{}{path}", server.base))
        .header("content-type", content_type)
        .header("accept", content_type)
        .header("x-grpc-web", "1")
        .header("origin", "https://app.example")
        .body(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 200, "errors travel in grpc-status");
    let answered = response.headers()["content-type"].to_str().expect("text").to_owned();
    assert!(answered.starts_with(&content_type[..content_type.len() - 6]), "{answered}");
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let headers = response.headers().clone();
    let body = response.bytes().await.expect("a body");
    let body = match form {
        Form::Binary => body.to_vec(),
        Form::Text => decode_chunks(&body),
    };
    let (message, trailers) = frames(&body);
    let outcome = trailers.unwrap_or(headers);
    let status = Status::from_header_map(&outcome)
        .unwrap_or_else(|| panic!("{path} {form:?}: no gRPC status in {outcome:?} {message:?}"));
    if status.code() == tonic::Code::Ok { Ok(message.expect("a message")) } else { Err(status) }
}

/// Base64 that may be padded in the middle, where a chunk ended.
fn decode_chunks(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for four in text.chunks(4) {
        bytes.extend(STANDARD.decode(four).expect("base64"));
    }
    bytes
}

fn frames(mut body: &[u8]) -> (Option<Bytes>, Option<HeaderMap>) {
    let (mut message, mut trailers) = (None, None);
    while let [flag, a, b, c, d, rest @ ..] = body {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let (frame, rest) = rest.split_at(length);
        if *flag == TRAILERS {
            trailers = Some(parse_trailers(frame));
        } else {
            assert_eq!(*flag, 0, "messages are not compressed");
            message = Some(Bytes::copy_from_slice(frame));
        }
        body = rest;
    }
    assert!(body.is_empty(), "half a frame");
    (message, trailers)
}

fn parse_trailers(frame: &[u8]) -> HeaderMap {
    let text = std::str::from_utf8(frame).expect("text");
    text.split("\r\n")
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (name, value) = line.split_once(':').expect("a trailer");
            let name: HeaderName = name.parse().expect("a name");
            (name, HeaderValue::from_str(value.trim()).expect("a value"))
        })
        .collect()
}
