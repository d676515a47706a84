//! Requests that cannot be read: refused whole, never half-read, never a 500.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::fixtures::person;
use crate::support::{Answer, Tenant, http, with_tenant};

const OWNERS: &str = "/api/public/Owners";
const JSON: &str = "application/json";

async fn count(t: &Tenant) -> i64 {
    t.get(OWNERS).await.is(200).json()["totalItems"].as_i64().expect("a total")
}

#[test]
fn malformed_json_is_refused() {
    with_tenant(async |t| {
        for body in [
            "",
            "{",
            "}",
            "null",
            "[]",
            "\"text\"",
            "7",
            "{\"email\":\"a@b.c\",\"name\":\"N\"",
            "{\"email\":\"a@b.c\",\"name\":\"N\"}}",
            "{\"email\":\"a@b.c\",\"name\":\"N\"} x",
            "{\"email\":\"a@b.c\",\"name\":\"N\",}",
            "{'email':'a@b.c','name':'N'}",
            "{email:\"a@b.c\"}",
            "{\"email\":\"a@b.c\",\"name\":N}",
            "{\"email\":\"a@b.c\",\"name\":\"line\nbreak\"}",
            "{\"email\":\"a@b.c\",\"name\":\"\\x\"}",
            "{\"email\":\"a@b.c\",\"name\":\"\\ud800\"}",
            "{\"email\":\"a@b.c\",\"name\":\"N\",\"authorizedAmount\":01}",
            "{\"email\":\"a@b.c\",\"name\":\"N\",\"authorizedAmount\":NaN}",
            "{\"email\":\"a@b.c\",\"name\":\"N\",\"authorizedAmount\":+1}",
            "{\"email\":\"a@b.c\",\"name\":\"N\",\"unknown\":tru}",
            "\u{feff}x",
        ] {
            let answer = t.raw("POST", OWNERS, JSON, body).await;
            let kind = answer.is(400).json()["Type"].as_str().expect("a type").to_owned();
            assert!(
                ["/problems/invalid-format", "/problems/bad-request"].contains(&&*kind),
                "{body}: {kind}"
            );
        }
        assert_eq!(count(&t).await, 0);
    });
}

#[test]
fn a_key_given_twice_is_refused() {
    with_tenant(async |t| {
        for body in [
            r#"{"email":"a@b.c","name":"N","name":"M"}"#,
            r#"{"email":"a@b.c","name":"N","address":{"city":"A","city":"B"}}"#,
            r#"{"email":"a@b.c","name":"N","n\u0061me":"M"}"#,
            r#"{"email":"a@b.c","name":"N","unknown":1,"unknown":2}"#,
            r#"{"email":"a@b.c","name":"N","unknown":{"a":1,"a":2}}"#,
        ] {
            t.raw("POST", OWNERS, JSON, body).await.problem(400, "invalid-format");
        }
        assert_eq!(count(&t).await, 0);
    });
}

#[test]
fn invalid_utf8_and_nul_are_refused() {
    with_tenant(async |t| {
        let mut body = br#"{"email":"a@b.c","name":"N"#.to_vec();
        body.extend([0xff, 0xfe]);
        body.extend(br#""}"#);
        t.raw("POST", OWNERS, JSON, body).await.problem(400, "invalid-format");
        let surrogate = [br#"{"email":"a@b.c","name":""#.as_slice(), &[0xed, 0xa0, 0x80], b"\"}"];
        t.raw("POST", OWNERS, JSON, surrogate.concat()).await.problem(400, "invalid-format");
        for nul in ["\\u0000", "\0"] {
            let body = format!(r#"{{"email":"a@b.c","name":"N{nul}"}}"#);
            t.raw("POST", OWNERS, JSON, body).await.problem(400, "invalid-format");
        }
        assert_eq!(count(&t).await, 0);
        // Nor do they come in by a query.
        for query in ["searchParameter=%ff", "searchParameter=%00", "searchParameter=%ed%a0%80"] {
            t.get(&format!("{OWNERS}?{query}")).await.problem(400, "invalid-format");
        }
        let answer = t.get(&format!("{OWNERS}/get-by-email?email=a%00@b.c")).await;
        answer.problem(400, "invalid-format");
    });
}

#[test]
fn deep_nesting_is_refused() {
    with_tenant(async |t| {
        let nested = |depth: usize| {
            let (open, close) = ("[".repeat(depth), "]".repeat(depth));
            let email = &person()["email"];
            format!(r#"{{"email":{email},"name":"N","unknown":{open}{close}}}"#)
        };
        // The object itself is the first level.
        t.raw("POST", OWNERS, JSON, nested(63)).await.is(201);
        t.raw("POST", OWNERS, JSON, nested(64)).await.problem(400, "invalid-format");
        t.raw("POST", OWNERS, JSON, nested(100_000)).await.problem(400, "invalid-format");
    });
}

#[test]
fn a_body_over_the_limit_is_refused() {
    with_tenant(async |t| {
        let sized = |bytes: usize| {
            let head = format!(r#"{{"email":{},"name":"N","unknown":""#, person()["email"]);
            let filler = "x".repeat(bytes - head.len() - 2);
            format!("{head}{filler}\"}}")
        };
        let limit = 1024 * 1024;
        t.raw("POST", OWNERS, JSON, sized(limit)).await.is(201);
        let answer = t.raw("POST", OWNERS, JSON, sized(limit + 1)).await;
        assert_eq!(answer.status, 413, "{}", answer.text);
        assert_eq!(answer.json()["Status"], 413);
        // Without a length announced, the limit is found on the way.
        let chunks =
            futures_util::stream::iter([sized(limit + 1)].map(Ok::<_, std::convert::Infallible>));
        let body = reqwest::Body::wrap_stream(chunks);
        assert_eq!(t.raw("POST", OWNERS, JSON, body).await.status, 413);
    });
}

#[test]
fn who_sends_all_of_a_body_over_the_limit_sees_why_it_is_refused() {
    with_tenant(async |t| {
        let address = t.base.strip_prefix("http://").expect("plain text");
        let body = " ".repeat(5 * 1024 * 1024);
        let head = format!(
            "POST {OWNERS} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            t.token,
            body.len()
        );
        // A client that looks for the answer only when it has sent everything.
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(head.as_bytes()).await.expect("the head is sent");
        stream.write_all(body.as_bytes()).await.expect("the body is sent");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 413");
    });
}

#[test]
fn another_content_type_is_refused() {
    with_tenant(async |t| {
        let body = || person().to_string();
        for content_type in
            ["text/plain", "application/xml", "application/x-www-form-urlencoded", "nonsense"]
        {
            let answer = t.raw("POST", OWNERS, content_type, body()).await;
            answer.problem(415, "unsupported-media-type");
        }
        for content_type in [
            "application/json; charset=utf-8",
            "APPLICATION/JSON",
            "application/json;charset=UTF-8",
        ] {
            t.raw("POST", OWNERS, content_type, body()).await.is(201);
        }
    });
}

#[test]
fn a_query_is_decoded() {
    with_tenant(async |t| {
        let name = "Jürgen & Söhne + 100%";
        let mut body = person();
        body["name"] = json!(name);
        let id = t.post(OWNERS, &body).await.is(201).id();
        for query in [
            "searchParameter=J%C3%BCrgen+%26+S%C3%B6hne+%2B+100%25",
            "searchParameter=J%c3%bcrgen%20%26%20S%c3%b6hne",
            "pageNo=1&searchParameter=S%C3%B6hne&unknown=1",
            "&&searchParameter=S%C3%B6hne&",
        ] {
            let list = t.get(&format!("{OWNERS}?{query}")).await.is(200).json();
            assert_eq!(list["items"][0]["id"], id, "{query}");
            assert_eq!(list["totalItems"], 1, "{query}");
        }
        for query in
            ["pageNo=x", "pageNo=1.5", "pageSize=%zz", "pageNo=99999999999", "pageNo=1&pageNo=2"]
        {
            t.get(&format!("{OWNERS}?{query}")).await.problem(400, "invalid-format");
        }
    });
}

#[test]
fn paths_are_decoded_once() {
    with_tenant(async |t| {
        let id = t.owner().await;
        let digits: String = id.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
        assert_eq!(t.get(&format!("{OWNERS}/{digits}")).await.is(200).id(), id);
        assert_eq!(t.get(&format!("/api/public/%4Fwners/{id}")).await.is(200).id(), id);
        for path in
            ["/api/public/Owners/%31%2F%32", "/api/public/Owners/%zz", "/api/public/Owners/%ff"]
        {
            let answer: Answer = t.get(path).await;
            assert!([400, 404].contains(&answer.status), "{path}: {}", answer.text);
        }
    });
}

/// Whatever is sent, the fault is never the server's.
#[test]
fn bad_input_never_gets_a_500() {
    with_tenant(async |t| {
        let property = t.property().await;
        let paths = [
            ("POST", OWNERS.to_owned()),
            ("POST", "/api/public/Properties".to_owned()),
            ("POST", format!("/api/public/PropertyUnit/{property}")),
            ("PUT", "/api/public/Owners/1".to_owned()),
            ("PUT", "/api/public/PropertyUnit/assign-property-user/1".to_owned()),
            ("POST", "/api/public/property-categorization/unit".to_owned()),
        ];
        let values = [
            json!(null),
            json!(true),
            json!(0),
            json!(-1),
            json!(i64::MAX),
            json!(1e300),
            json!("x".repeat(300)),
            json!("\u{0}"),
            json!([]),
            json!([null]),
            json!({}),
            json!([[[]]]),
        ];
        let names = [
            "email",
            "name",
            "address",
            "ownerId",
            "propertyUserIds",
            "contactId",
            "floor",
            "contractStart",
            "hasPropertyAddress",
            "propertyTypeId",
            "customUnitId",
            "propertyUserId",
            "authorizedAmount",
            "countryCode",
        ];
        for (method, path) in &paths {
            for value in &values {
                let all: Value =
                    names.iter().map(|name| ((*name).to_owned(), value.clone())).collect();
                let answer = t.raw(method, path, JSON, all.to_string()).await;
                assert!((400..500).contains(&answer.status), "{path} {all}: {}", answer.text);
            }
        }
        let request = http::request("POST", &format!("{}{OWNERS}", t.base));
        let without_a_type = http::send(request.bearer_auth(&t.token).body("{}")).await;
        assert!((400..500).contains(&without_a_type.status), "{without_a_type:?}");
    });
}
