//! A tenant that no other test knows, with a client and its token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::RequestBuilder;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Answer, Server, database, http, unique, unique_for_good};

/// A fresh tenant, and calls in its name.
pub struct Tenant {
    pub id: i64,
    /// Short name of the family whose RPCs it uses.
    pub family: String,
    pub client_id: String,
    pub client_secret: String,
    pub token: String,
    pub base: &'static str,
}

impl Tenant {
    /// A tenant of the first family.
    pub async fn fresh() -> Self {
        Self::of("facilities").await
    }

    /// Makes a tenant of a family and a client straight in the database, which is quicker than by
    /// commands, and gets a token.
    pub async fn of(family: &str) -> Self {
        // A cleaning company has what it starts with, which the command gives it.
        if family == "cleaning" {
            return Self::founded(family, &unique_for_good("Company ")).await;
        }
        let tenant = Self::newcomer(family).await;
        // A rental business has said what it takes to start.
        if family == "rentals" {
            let sql = format!(
                "INSERT INTO rentals.owners (tenant_id, name, language, time_zone, country, currency,
                   tax_name, default_tax_rate, onboarded_at)
                 VALUES ({}, 'Test', 1, 'Europe/Lisbon', 'PT', 'EUR', 'IVA', 23, now())",
                tenant.id
            );
            database::write(tenant.id, &sql).await;
        }
        tenant
    }

    /// A tenant of a family that has nothing yet but a client.
    pub async fn newcomer(family: &str) -> Self {
        let owner = database::owner().await;
        let sql = "INSERT INTO platform.tenants (name, family) VALUES ($1, $2) RETURNING id";
        let row = owner.query_one(sql, &[&unique("Test "), &family]).await.expect("a tenant");
        Self::with_client(row.get(0), family).await
    }

    /// Makes a tenant of a family as operators do.
    pub async fn founded(family: &str, name: &str) -> Self {
        let arguments = ["tenant", "create", "--family", family, "--name", name];
        let output = Server::shared().await.command(&arguments);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        let made: Value = serde_json::from_str(output.stdout.trim()).expect("JSON");
        Self::with_client(made["id"].as_i64().expect("an id"), family).await
    }

    async fn with_client(id: i64, family: &str) -> Self {
        let server = Server::shared().await;
        let (client_id, client_secret) = Self::client(id).await;
        let mut tenant = Self {
            id,
            family: family.to_owned(),
            client_id,
            client_secret,
            token: String::new(),
            base: &server.base,
        };
        tenant.token = tenant.token_with("openid api").await;
        tenant
    }

    /// Makes a client of a tenant; answers its id and secret.
    pub async fn client(tenant: i64) -> (String, String) {
        let client_id = unique(&format!("test{tenant}x"));
        let secret = URL_SAFE_NO_PAD.encode(Sha256::digest(format!("secret of {client_id}")));
        let hash: String =
            Sha256::digest(&secret).iter().map(|byte| format!("{byte:02x}")).collect();
        database::write(
            tenant,
            &format!(
                "INSERT INTO platform.clients (tenant_id, client_id, name, secret_hash)
                 VALUES ({tenant}, '{client_id}', 'Test', '\\x{hash}')"
            ),
        )
        .await;
        (client_id, secret)
    }

    /// A token with `scope`.
    pub async fn token_with(&self, scope: &str) -> String {
        let form = [
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.client_secret.as_str()),
            ("grant_type", "client_credentials"),
            ("scope", scope),
        ];
        let request = http::request("POST", &format!("{}/api/connect/token", self.base));
        let answer = http::send(request.form(&form)).await.value();
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    /// A request with the token, for a path with its query.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        http::request(method, &format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        http::send(self.request("GET", path)).await
    }

    /// A GET with query parameters that are encoded here.
    pub async fn find(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        http::send(self.request("GET", path).query(query)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        http::send(self.request("POST", path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        http::send(self.request("PUT", path).json(body)).await
    }

    /// A PUT without a body.
    pub async fn put_nothing(&self, path: &str) -> Answer {
        http::send(self.request("PUT", path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        http::send(self.request("DELETE", path)).await
    }

    /// Sends a body as it is.
    pub async fn raw(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let request = self.request(method, path).header("content-type", content_type).body(body);
        http::send(request).await
    }
}
