//! Requests made by reflection: whatever is required is filled in.

use prost_reflect::prost::Message;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, ReflectMessage,
    Value,
};
use serde_json::json;

use super::contract::{is_email, is_required, is_uri};
use crate::support::fixtures::person;
use crate::support::{Tenant, database, unique};

/// One record of every kind in a tenant.
#[derive(Debug, Clone)]
pub struct Ids {
    owner: i64,
    company: i64,
    manager: i64,
    provider: i64,
    user: i64,
    property_type: i64,
    unit_type: i64,
    property: i64,
    unit: i64,
    tag: i64,
    issue: i64,
    invitation: i64,
    endpoint: i64,
    delivery: i64,
    export: i64,
    import: i64,
    /// The signed id of an uploaded table.
    table: String,
    attachment: i64,
    /// The signed id of an uploaded file.
    file: String,
}

impl Ids {
    pub async fn make(t: &Tenant) -> Self {
        let (owner, property, user) = (t.owner().await, t.property().await, t.user().await);
        let (endpoint, delivery) = t.webhook().await;
        let manager = t.manager().await;
        let unit = t.unit_with(property, owner, json!({"contactId": user})).await;
        let unit = unit["id"].as_i64().expect("an id");
        Self {
            owner,
            company: t.company(owner).await,
            manager,
            provider: t.provider().await,
            user,
            property_type: t.property_type().await,
            unit_type: t.unit_type().await,
            property,
            unit,
            tag: t.tag(&unique("Tag ")).await,
            issue: t.issue(unit, user, &[]).await,
            invitation: t.invitation(manager).await,
            endpoint,
            delivery,
            export: t.export().await,
            import: t.import().await,
            table: t.file("rows.csv", "text/csv", b"name\nx\n").await,
            attachment: t.attachment("propertyUnitId", unit).await,
            file: t.file("note.txt", "text/plain", b"a note").await,
        }
    }

    /// Brings the records to where `rpc` can be called.
    pub async fn make_ready(&self, t: &Tenant, rpc: &MethodDescriptor) {
        let status = match rpc.name() {
            "StartIssue" | "HoldIssue" => 2,
            "ResolveIssue" => 3,
            "ResumeIssue" => 4,
            "CloseIssue" | "ReopenIssue" | "RateIssue" => 5,
            "DeactivateUser" => {
                let sql =
                    format!("UPDATE facilities.users SET status = 3 WHERE id = {}", self.user);
                return database::write(t.id, &sql).await;
            }
            "DeleteProperty" => {
                let sql = format!(
                    "DELETE FROM facilities.issues WHERE id = {}; \
                     DELETE FROM facilities.property_units WHERE id = {}",
                    self.issue, self.unit
                );
                return database::write(t.id, &sql).await;
            }
            _ => return,
        };
        let sql =
            format!("UPDATE facilities.issues SET status = {status} WHERE id = {}", self.issue);
        database::write(t.id, &sql).await;
    }

    /// The id that a field of this name means; none when it holds no id.
    fn of(&self, field: &FieldDescriptor) -> Option<i64> {
        let name = match field.name() {
            "ids" | "tag_ids" => field.parent_message().name().to_owned(),
            name => name.strip_suffix("ids").map_or(name.to_owned(), |name| format!("{name}id")),
        };
        Some(match &*name {
            "owner_id" | "new_owner_id" => self.owner,
            "owner_company_id" | "company_id" => self.company,
            "manager_id" | "issue_manager_id" => self.manager,
            "service_provider_id" => self.provider,
            "property_user_id" | "contact_id" | "reporter_id" | "author_id" | "rater_id"
            | "user_id" => self.user,
            "invitation_id" => self.invitation,
            "issue_id" => self.issue,
            "property_type_id" => self.property_type,
            "property_unit_type_id" => self.unit_type,
            "property_id" => self.property,
            "property_unit_id" => self.unit,
            "webhook_endpoint_id" => self.endpoint,
            "webhook_delivery_id" => self.delivery,
            "export_id" => self.export,
            "import_id" => self.import,
            "attachment_id" => self.attachment,
            tags if tags.to_lowercase().contains("tag") => self.tag,
            other => {
                let is_id = other.ends_with("_id") || other.ends_with("_ids");
                let is_number = field.kind() == Kind::Int64;
                assert!(!(is_id && is_number), "{}: which id is this?", field.full_name());
                return None;
            }
        })
    }
}

/// How a request differs from one that is fine.
#[derive(Debug, Default, Clone)]
pub struct Change {
    /// Path of a field that is left out: `owner.email`.
    pub without: Option<String>,
    /// Path of a field that names a record of `1`.
    pub foreign: Option<(String, Ids)>,
    /// What `email` fields hold, instead of a fresh one.
    pub email: Option<String>,
    /// Path of a field that holds this text, whatever it is meant for.
    pub text: Option<(String, String)>,
}

impl Change {
    /// Whether a change is made to the field at `path`, or below it.
    fn is_about(&self, path: &str) -> bool {
        let foreign = self.foreign.iter().map(|(changed, _)| changed);
        let text = self.text.iter().map(|(changed, _)| changed);
        foreign.chain(text).any(|changed| is_at_or_below(changed, path))
    }
}

fn is_at_or_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// An encoded request for `rpc` that refers to `own` records.
pub fn request(rpc: &MethodDescriptor, own: &Ids, change: &Change) -> Vec<u8> {
    message(&rpc.input(), "", own, change).encode_to_vec()
}

fn message(descriptor: &MessageDescriptor, at: &str, own: &Ids, change: &Change) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    // Where several records may be meant, exactly one is: the foreign one, if one of them is.
    let parents = parents(descriptor);
    let foreign = change.foreign.as_ref().map(|(path, _)| path.rsplit('.').next());
    let foreign = foreign.flatten().filter(|name| parents.contains(name));
    let parent = foreign.or(parents.first().copied());
    for field in descriptor.fields() {
        let path = join(at, field.name());
        let wanted = match parents.contains(&field.name()) {
            true => parent == Some(field.name()),
            false => is_wanted(&field) || change.is_about(&path),
        };
        if !wanted || change.without.as_deref() == Some(&*path) {
            continue;
        }
        let foreign = change.foreign.as_ref().filter(|(foreign, _)| *foreign == path);
        let ids = foreign.map_or(own, |(_, ids)| ids);
        let value = value(&field, &path, own, ids, change);
        message.set_field(&field, if field.is_list() { Value::List(vec![value]) } else { value });
    }
    message
}

/// The fields of a message of which exactly one names what something is attached to.
fn parents(descriptor: &MessageDescriptor) -> &'static [&'static str] {
    match descriptor.name() {
        "AttachmentInput" | "ListAttachmentsRequest" => {
            &["property_unit_id", "property_id", "service_provider_id", "issue_id"]
        }
        _ => &[],
    }
}

/// Required fields, and the parts of an address, which a property needs all of.
fn is_wanted(field: &FieldDescriptor) -> bool {
    is_required(field)
        || (field.parent_message().name() == "PostalAddress" && field.name() != "google_place_id")
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign, open list")]
fn value(field: &FieldDescriptor, path: &str, own: &Ids, ids: &Ids, change: &Change) -> Value {
    if let Some((_, text)) = change.text.as_ref().filter(|(at, _)| at == path) {
        return Value::String(text.clone());
    }
    match field.kind() {
        Kind::Int64 if field.name() == "byte_size" => Value::I64(3),
        Kind::Int64 => Value::I64(ids.of(field).expect("an id")),
        // What can be exported has a name.
        Kind::String if field.name() == "resource" => Value::String("owners".to_owned()),
        Kind::String if field.name() == "file_id" => Value::String(ids.table.clone()),
        Kind::String if field.name() == "signed_id" => Value::String(ids.file.clone()),
        Kind::String if field.name() == "content_type" => Value::String("text/plain".to_owned()),
        Kind::String if is_email(field) => Value::String(match &change.email {
            Some(email) => email.clone(),
            None => person()["email"].as_str().expect("text").to_owned(),
        }),
        // A name that is never resolved (RFC 6761).
        Kind::String if is_uri(field) => Value::String(unique("https://webhooks.invalid/")),
        Kind::String => Value::String(unique("Text ")),
        Kind::Int32 => Value::I32(3),
        Kind::Message(inner) if inner.full_name() == "google.protobuf.Timestamp" => {
            let mut time = DynamicMessage::new(inner);
            time.set_field_by_name("seconds", Value::I64(1_600_000_000));
            Value::Message(time)
        }
        Kind::Message(inner) => Value::Message(message(&inner, path, own, change)),
        kind => panic!("{}: no value for {kind:?}", field.full_name()),
    }
}

/// A field below a request message.
pub struct Place {
    /// `owner.email`
    pub path: String,
    pub field: FieldDescriptor,
    /// It and everything around it is required.
    pub required: bool,
}

/// Every field of a request, those of nested messages too.
pub fn places(rpc: &MethodDescriptor) -> Vec<Place> {
    let mut found = Vec::new();
    collect(&rpc.input(), "", true, &mut found);
    found
}

fn collect(descriptor: &MessageDescriptor, at: &str, required: bool, found: &mut Vec<Place>) {
    for field in descriptor.fields() {
        let path = join(at, field.name());
        let required = required && is_required(&field);
        if let Kind::Message(inner) = field.kind()
            && inner.full_name().starts_with("steward.")
        {
            collect(&inner, &path, required, found);
        }
        found.push(Place { path, field, required });
    }
}

/// Every field that holds the id of a record.
pub fn id_places(rpc: &MethodDescriptor, ids: &Ids) -> Vec<String> {
    let numbers = places(rpc).into_iter().filter(|place| place.field.kind() == Kind::Int64);
    numbers.filter(|place| ids.of(&place.field).is_some()).map(|place| place.path).collect()
}

/// Every field that holds a text, amounts and the paths of masks among them.
pub fn text_places(rpc: &MethodDescriptor) -> Vec<String> {
    let mut found = Vec::new();
    for Place { path, field, .. } in places(rpc) {
        if field.kind() == Kind::String {
            found.push(path);
        } else if let Kind::Message(inner) = field.kind()
            && !inner.full_name().starts_with("steward.")
        {
            let texts = inner.fields().filter(|field| field.kind() == Kind::String);
            found.extend(texts.map(|text| join(&path, text.name())));
        }
    }
    found
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

/// Reads an answer.
pub fn decode(rpc: &MethodDescriptor, bytes: &[u8]) -> DynamicMessage {
    let message = DynamicMessage::decode(rpc.output(), bytes).expect("an answer");
    assert_eq!(message.descriptor(), rpc.output());
    message
}
