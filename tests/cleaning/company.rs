//! A cleaning company that no other test knows.

use std::time::Duration;

use serde_json::Value;

use crate::support::{Answer, Server, Tenant, http, run, unique, unique_for_good};

/// A company, and calls in the name of its admins.
pub struct Company {
    pub tenant: Tenant,
    pub id: i64,
    pub name: String,
}

impl std::ops::Deref for Company {
    type Target = Tenant;

    fn deref(&self) -> &Tenant {
        &self.tenant
    }
}

/// What a command prints.
pub fn command(server: &Server, arguments: &[&str]) -> Value {
    let output = server.command(arguments);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    serde_json::from_str(output.stdout.trim()).expect("JSON")
}

impl Company {
    pub async fn fresh() -> Self {
        let name = unique_for_good("Company ");
        let tenant = Tenant::founded("cleaning", &name).await;
        Self { id: tenant.id, tenant, name }
    }

    /// Makes a user; answers the id and a token.
    pub async fn user(&self, role: &str) -> (i64, String) {
        let email = format!("{}@example.com", unique(role));
        let id = self.id.to_string();
        let arguments = ["user", "create", "--tenant", &id, "--email", &email, "--role", role];
        let name = ["--name", "Ann Lee"];
        let made = command(Server::shared().await, &[&arguments[..], &name[..]].concat());
        let token = made["access_token"].as_str().expect("a token").to_owned();
        (made["id"].as_i64().expect("an id"), token)
    }

    /// The company, its calls made with another token.
    pub fn with_token(&self, token: &str) -> Tenant {
        let Tenant { id, client_id, client_secret, base, .. } = &self.tenant;
        let (client_id, client_secret) = (client_id.clone(), client_secret.clone());
        let family = "cleaning".to_owned();
        Tenant { id: *id, family, client_id, client_secret, token: token.to_owned(), base }
    }
}

/// Runs a test with a fresh company on the shared server.
pub fn with_company(test: impl AsyncFnOnce(Company)) {
    run(async { test(Company::fresh().await).await });
}

/// A request of somebody without a token.
pub async fn stranger(method: &str, path: &str, body: Option<&Value>) -> Answer {
    let request = http::request(method, &format!("{}{path}", Server::shared().await.base));
    http::send(match body {
        Some(body) => request.json(body),
        None => request,
    })
    .await
}

/// Posts until the server is not too busy to say how that went.
pub async fn heard(t: &Tenant, path: &str, body: &Value) -> Answer {
    loop {
        let answer = t.post(path, body).await;
        if answer.status != 503 {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The body of a problem of RFC 9457 with a code.
#[track_caller]
pub fn problem(answer: &Answer, status: u16, code: &str) -> Value {
    assert_eq!(answer.status, status, "{}: {}", answer.asked, answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.asked);
    let body = answer.json();
    assert_eq!(body["code"], code, "{}: {body}", answer.asked);
    assert_eq!(body["status"], status, "{}: {body}", answer.asked);
    assert_eq!(body["type"], format!("/problems/{code}"), "{}", answer.asked);
    assert_eq!(body["instance"], answer.path, "{}", answer.asked);
    body
}

/// The paths of the members that a request is refused for, sorted.
#[track_caller]
pub fn refused(answer: &Answer) -> Vec<String> {
    let body = problem(answer, 400, "validation");
    let mut paths: Vec<_> = body["errors"].as_object().expect("errors").keys().cloned().collect();
    paths.sort();
    paths
}

/// How many changes of a type there were.
pub async fn told_of(c: &Company, of: &str) -> usize {
    let path = format!("/changes?cursor=0&pageSize=100&types={of}");
    let page = c.get(&path).await.is(200).json();
    page["items"].as_array().expect("changes").len()
}
