//! Attachments between proto and model.

use steward_database::Listed;
use steward_kernel::Result;
use steward_kernel::page::{ListQuery, Page, PageRequest};
use steward_kernel::validate::Violations;
use steward_platform::files::{Announced, Facts, ShownFile, Upload};

use super::model::{Attached, Attachment, AttachmentInput, AttachmentQuery, Parent};
use crate::pb;
use crate::wire::{NAME, NOTE, PageFacts, page, timestamp};

pub fn announced(message: pb::CreateAttachmentUploadRequest) -> Announced {
    let pb::CreateAttachmentUploadRequest { filename, content_type, byte_size } = message;
    Announced { filename, content_type, byte_size }
}

pub fn upload(upload: Upload) -> pb::AttachmentUpload {
    let Upload { signed_id, url, headers, expires_at } = upload;
    let header = |(name, value): (&str, String)| {
        let name = name.to_owned();
        pb::AttachmentUploadHeader { name, value }
    };
    let headers = headers.into_iter().map(header).collect();
    pb::AttachmentUpload { signed_id, url, expires: Some(timestamp(expires_at)), headers }
}

/// Reads what a client writes of an attachment.
pub fn input(message: Option<pb::AttachmentInput>) -> Result<AttachmentInput> {
    let mut violations = Violations::below("attachment");
    let pb::AttachmentInput {
        property_unit_id,
        property_id,
        service_provider_id,
        issue_id,
        signed_id,
        title,
        description,
    } = violations.required_message(message);
    let parents = Parents { property_unit_id, property_id, service_provider_id, issue_id };
    let input = AttachmentInput {
        parent: parents.only(&mut violations),
        signed_id: violations.required_text("signed_id", signed_id, NAME),
        title: violations.text("title", title, NAME).filter(|title| !title.trim().is_empty()),
        description: violations.text("description", description, NOTE),
    };
    violations.finish(input)
}

pub fn query(message: pb::ListAttachmentsRequest) -> Result<AttachmentQuery> {
    let pb::ListAttachmentsRequest {
        page_number,
        page_size,
        property_unit_id,
        property_id,
        service_provider_id,
        issue_id,
        filter,
        order_by,
        read_mask: _,
    } = message;
    let mut violations = Violations::default();
    let page = PageRequest::read(page_number, page_size, &mut violations);
    let fields = Attachment::LIST.fields;
    let list = ListQuery::all(page).narrow(fields, filter, order_by, &mut violations);
    let parents = Parents { property_unit_id, property_id, service_provider_id, issue_id };
    let parent = parents.only(&mut violations);
    violations.finish(AttachmentQuery { list, parent })
}

/// The ids of which a client gives one.
struct Parents {
    property_unit_id: Option<i64>,
    property_id: Option<i64>,
    service_provider_id: Option<i64>,
    issue_id: Option<i64>,
}

impl Parents {
    /// The one that is given; refuses none and several.
    fn only(self, violations: &mut Violations) -> Parent {
        let Self { property_unit_id, property_id, service_provider_id, issue_id } = self;
        let given: Vec<_> = [
            ("property_unit_id", property_unit_id.map(Parent::PropertyUnit)),
            ("property_id", property_id.map(Parent::Property)),
            ("service_provider_id", service_provider_id.map(Parent::ServiceProvider)),
            ("issue_id", issue_id.map(Parent::Issue)),
        ]
        .into_iter()
        .filter_map(|(field, parent)| Some((field, parent?)))
        .collect();
        let message =
            "Exactly one of property unit, property, service provider and issue is given.";
        match given[..] {
            [(_, parent)] => return parent,
            [] => violations.rule("property_unit_id", message),
            _ => given.iter().for_each(|(field, _)| violations.rule(field, message)),
        }
        // Refused, so that nobody looks at it.
        Parent::PropertyUnit(0)
    }
}

pub fn attachment(attachment: Attachment) -> pb::AttachmentDetails {
    let Attachment { id, parent, title, description, file, created_at, created_by } = attachment;
    let ShownFile { id: _, filename, content_type, byte_size, facts, url } = file;
    let Facts { width, height, pages } = facts;
    let (mut property_unit_id, mut property_id) = (None, None);
    let (mut service_provider_id, mut issue_id) = (None, None);
    match parent {
        Parent::PropertyUnit(id) => property_unit_id = Some(id),
        Parent::Property(id) => property_id = Some(id),
        Parent::ServiceProvider(id) => service_provider_id = Some(id),
        Parent::Issue(id) => issue_id = Some(id),
    }
    pb::AttachmentDetails {
        id,
        property_unit_id,
        property_id,
        service_provider_id,
        issue_id,
        title,
        description,
        filename,
        content_type,
        size: byte_size,
        url,
        created: Some(timestamp(created_at)),
        created_by,
        etag: String::new(),
        width,
        height,
        pages,
    }
}

pub fn list(attachments: Page<Attachment>) -> pb::ListAttachmentsResponse {
    let (facts, items) = page(attachments, attachment);
    let PageFacts { number_of_pages, total_items, page_size, current_page } = facts;
    pb::ListAttachmentsResponse { number_of_pages, total_items, page_size, current_page, items }
}

/// Writes an attachment as the record shows it that it is attached to.
pub(crate) fn attached(attached: Attached) -> pb::Attachment {
    let Attached { id, title, file } = attached;
    let ShownFile { id: _, filename, content_type: _, byte_size, facts: _, url } = file;
    pb::Attachment { id, name: title.unwrap_or(filename), url, size: byte_size }
}
