//! Facilities: where an issue must stand, and who is called what.

use prost_reflect::{FieldDescriptor, MessageDescriptor, MethodDescriptor};
use serde_json::json;

use crate::coverage::ids::Ids;
use crate::support::database;

/// Fields that lists cannot be filtered or ordered by: what is below another record that has a
/// name and an id, and what is computed when it is shown.
pub const NOT_ASKED_FOR: &[&str] = &[
    "Address.google_place_id",
    "Address.id",
    "AttachmentDetails:url",
    "Export:file_url",
    "IssueSummary:issue_manager_name",
    "IssueSummary:overall_rating.comment",
    "IssueSummary:overall_rating.last_rated_date",
    "IssueSummary:overall_rating.type",
    "IssueSummary:overall_rating.user",
    "IssueSummary:property_unit.floor",
    "IssueSummary:response_time_left",
    "ManagerSummary:role",
    "Property:property_type.can_delete",
    "Property:property_type.is_active",
    "Property:property_type.is_used",
    "PropertyUnitSummary:main_contact.additional_note",
    "PropertyUnitSummary:main_contact.company_name",
    "PropertyUnitSummary:main_contact.country_code",
    "PropertyUnitSummary:main_contact.phone_number",
    "PropertyUnitSummary:property_unit_type.can_delete",
    "PropertyUnitSummary:property_unit_type.is_used",
];

pub fn meant(name: &str) -> &str {
    match name {
        "new_owner" => "owner",
        "company" => "owner_company",
        "issue_manager" => "manager",
        "contact" | "reporter" | "author" | "rater" | "user" => "property_user",
        name => name,
    }
}

pub async fn made(ids: &Ids<'_>, resource: &str) -> Option<i64> {
    let t = ids.tenant;
    Some(match resource {
        "property_unit" => {
            let (owner, property) = (ids.id("owner").await, ids.id("property").await);
            let contact = json!({"contactId": ids.id("property_user").await});
            t.unit_with(property, owner, contact).await["id"].as_i64().expect("an id")
        }
        // In the database, where it can be made to stand anywhere, with a comment to list.
        "issue" => {
            let (unit, user) = (ids.id("property_unit").await, ids.id("property_user").await);
            let issue = t.issue(unit, user, &[]).await;
            let comment = format!(
                "INSERT INTO facilities.issue_comments (tenant_id, issue_id, author_id, text)
                 VALUES ({}, {issue}, {user}, 'Text')",
                t.id
            );
            database::write(t.id, &comment).await;
            issue
        }
        "comment" => {
            let (issue, user) = (ids.id("issue").await, ids.id("property_user").await);
            let body = json!({"authorId": user, "text": "Text"});
            t.post(&format!("/api/public/Issues/{issue}/comments"), &body).await.is(201).id()
        }
        // In the database, so that no mail goes out.
        "invitation" => t.invitation(ids.id("manager").await).await,
        "attachment" => t.attachment("propertyUnitId", ids.id("property_unit").await).await,
        _ => return None,
    })
}

pub async fn text(ids: &Ids<'_>, field: &FieldDescriptor) -> Option<String> {
    match field.name() {
        "signed_id" => Some(ids.tenant.file("note.txt", "text/plain", b"a note").await),
        "content_type" => Some("text/plain".to_owned()),
        _ => None,
    }
}

pub async fn before(ids: &Ids<'_>, rpc: &MethodDescriptor) {
    let status = match rpc.name() {
        "StartIssue" | "HoldIssue" => 2,
        "ResolveIssue" => 3,
        "ResumeIssue" => 4,
        "CloseIssue" | "ReopenIssue" | "RateIssue" => 5,
        // Whom a unit names as its contact can be invited.
        "CreateInvitation" => {
            ids.id("property_unit").await;
            return;
        }
        "DeactivateUser" => {
            let user = ids.id("property_user").await;
            let sql = format!("UPDATE facilities.users SET status = 3 WHERE id = {user}");
            return database::write(ids.tenant.id, &sql).await;
        }
        _ => return,
    };
    let issue = ids.id("issue").await;
    let sql = format!("UPDATE facilities.issues SET status = {status} WHERE id = {issue}");
    database::write(ids.tenant.id, &sql).await;
}

pub fn parents(message: &MessageDescriptor) -> &'static [&'static str] {
    match message.name() {
        "AttachmentInput" | "ListAttachmentsRequest" => {
            &["property_unit_id", "property_id", "service_provider_id", "issue_id"]
        }
        _ => &[],
    }
}

/// A property needs all parts of its address.
pub fn is_needed(field: &FieldDescriptor) -> bool {
    field.parent_message().name() == "PostalAddress" && field.name() != "google_place_id"
}
