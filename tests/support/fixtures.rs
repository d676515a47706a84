//! Records to test with, made through the API where it has a way.

use serde_json::{Value, json};
use steward_contracts::steward::platform::v1 as pb;
use steward_contracts::steward::platform::v1::webhook_endpoint_service_client::WebhookEndpointServiceClient;

use super::{Tenant, database, http, unique};

/// The documented address.
pub fn address() -> Value {
    json!({
        "street": "Javastraat",
        "streetNumber": "1",
        "postCode": "1094 EM",
        "city": "Amsterdam",
        "country": "Netherlands",
        "googlePlaceId": "ChIJyfEW6XIJxkcRyRX1yUIDLxg",
    })
}

/// `base` with the members of `changes` in their place; `null` members are sent as null.
pub fn with(mut base: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("an object, not {changes}") };
    let members = base.as_object_mut().expect("an object");
    for (name, value) in changes {
        members.insert(name, value);
    }
    base
}

/// `base` without a member.
pub fn without(mut base: Value, name: &str) -> Value {
    base.as_object_mut().expect("an object").remove(name).expect("a member to leave out");
    base
}

/// The writable members every user needs.
pub fn person() -> Value {
    let name = unique("person");
    json!({"email": format!("{name}@example.com"), "name": format!("Test {name}")})
}

impl Tenant {
    pub async fn owner(&self) -> i64 {
        self.post("/api/public/Owners", &person()).await.is(201).id()
    }

    pub async fn manager(&self) -> i64 {
        self.post("/api/public/managers", &person()).await.is(201).id()
    }

    pub async fn provider(&self) -> i64 {
        self.post("/api/public/service-providers", &person()).await.is(201).id()
    }

    pub async fn user(&self) -> i64 {
        self.post("/api/public/property-users", &person()).await.is(201).id()
    }

    pub async fn company(&self, owner: i64) -> i64 {
        let body = json!({"name": unique("Company ")});
        self.post(&format!("/api/public/Owners/{owner}/companies"), &body).await.is(201).id()
    }

    pub async fn property_type(&self) -> i64 {
        let body = json!({"name": unique("Type ")});
        self.post("/api/public/property-categorization/property", &body).await.is(201).id()
    }

    pub async fn unit_type(&self) -> i64 {
        let body = json!({"name": unique("Type ")});
        self.post("/api/public/property-categorization/unit", &body).await.is(201).id()
    }

    pub async fn property(&self) -> i64 {
        let body = json!({"address": address()});
        self.post("/api/public/Properties", &body).await.is(201).id()
    }

    pub async fn unit(&self, property: i64, owner: i64) -> i64 {
        self.unit_with(property, owner, json!({})).await["id"].as_i64().expect("an id")
    }

    /// A unit with further members; answers all of it.
    pub async fn unit_with(&self, property: i64, owner: i64, more: Value) -> Value {
        let body = with(json!({"ownerId": owner}), more);
        self.post(&format!("/api/public/PropertyUnit/{property}"), &body).await.is(201).value()
    }

    /// A webhook endpoint that is off.
    pub async fn endpoint(&self) -> i64 {
        let input = pb::WebhookEndpointInput {
            url: "https://webhooks.invalid/".to_owned(),
            active: Some(false),
            ..pb::WebhookEndpointInput::default()
        };
        let request = pb::CreateWebhookEndpointRequest { webhook_endpoint: Some(input) };
        let mut client = WebhookEndpointServiceClient::new(self.grpc().await);
        client.create_webhook_endpoint(request).await.expect("an endpoint").into_inner().id
    }

    /// A delivery to an endpoint, which fails.
    pub async fn delivery(&self, endpoint: i64) -> i64 {
        let request = pb::TestWebhookEndpointRequest { webhook_endpoint_id: endpoint };
        let mut client = WebhookEndpointServiceClient::new(self.grpc().await);
        client.test_webhook_endpoint(request).await.expect("a delivery").into_inner().id
    }

    /// An import that says it is done.
    pub async fn import(&self) -> i64 {
        let file = format!(
            "INSERT INTO platform.files (tenant_id, filename, content_type, byte_size, uses)
             VALUES ({}, 'rows.csv', 'text/csv', 5, 1) RETURNING id",
            self.id
        );
        let file = database::value(self.id, &file).await;
        let sql = format!(
            "INSERT INTO platform.imports (tenant_id, resource, dry_run, file_id, client_id,
               scopes, state, finished_at)
             VALUES ({}, 'owners', false, {file}, 'c', '{{}}', 'done', now()) RETURNING id",
            self.id
        );
        database::value(self.id, &sql).await
    }

    /// An export that says it is done.
    pub async fn export(&self) -> i64 {
        let sql = format!(
            "INSERT INTO platform.exports (tenant_id, resource, format, filter, state, finished_at)
             VALUES ({}, 'owners', 'csv', '', 'done', now()) RETURNING id",
            self.id
        );
        database::value(self.id, &sql).await
    }

    /// Announces a file and answers where to upload it.
    pub async fn announced(&self, filename: &str, content_type: &str, size: usize) -> Value {
        let body = json!({"filename": filename, "contentType": content_type, "byteSize": size});
        self.post("/api/public/Attachments/uploads", &body).await.is(201).json()
    }

    /// Uploads a file and answers its signed id.
    pub async fn file(&self, filename: &str, content_type: &str, bytes: &[u8]) -> String {
        let upload = self.announced(filename, content_type, bytes.len()).await;
        http::upload(&upload, bytes).await.is(204);
        upload["signedId"].as_str().expect("text").to_owned()
    }

    /// A text attached to the record that `parent` names: `issueId`.
    pub async fn attachment(&self, parent: &str, id: i64) -> i64 {
        let file = self.file("note.txt", "text/plain", b"a note").await;
        let body = json!({parent: id, "signedId": file});
        self.post("/api/public/Attachments", &body).await.is(201).id()
    }

    /// A tag of service providers.
    pub async fn tag(&self, name: &str) -> i64 {
        self.post("/api/public/Tags", &json!({"name": name})).await.is(201).id()
    }

    /// An open invitation of a user, made in the database, so that no mail goes out.
    pub async fn invitation(&self, user: i64) -> i64 {
        let sql = format!("UPDATE facilities.users SET status = 2 WHERE id = {user}");
        database::write(self.id, &sql).await;
        let sql = format!(
            "INSERT INTO facilities.invitations (tenant_id, user_id, language, email, secret_hash,
               invited_by, created_at, sent_at, expires_at)
             SELECT tenant_id, id, 'en', email, sha256(''), 'test', now(), now(),
               now() + interval '7 days'
             FROM facilities.users WHERE id = {user} RETURNING id"
        );
        database::value(self.id, &sql).await
    }

    /// An issue of a unit, made in the database so that it may stand anywhere: `more` gives
    /// further columns with their values in SQL.
    pub async fn issue(&self, unit: i64, reporter: i64, more: &[(&str, &str)]) -> i64 {
        let name = unique("Issue ");
        let mut columns = "tenant_id, property_unit_id, reporter_id, name".to_owned();
        let mut values = format!("{}, {unit}, {reporter}, '{name}'", self.id);
        if !more.iter().any(|(column, _)| *column == "status") {
            columns.push_str(", status");
            values.push_str(", 1");
        }
        for (column, value) in more {
            columns = format!("{columns}, {column}");
            values = format!("{values}, {value}");
        }
        let sql =
            format!("INSERT INTO facilities.issues ({columns}) VALUES ({values}) RETURNING id");
        database::value(self.id, &sql).await
    }
}
