//! Activities between proto and model.

use serde_json::Value;
use steward_kernel::Result;
use steward_kernel::validate::Violations;
use steward_platform::files::ShownFile;

use super::model::{Activity, CommentInput};
use crate::bookings::history::kind;
use crate::pb;
use crate::wire::timestamp;

/// Longest comment, in characters.
const LONGEST: usize = 4000;

/// Reads a comment. `given` says whether an attachment is named, or none is wanted.
pub fn input(message: Option<pb::Activity>, names_file: bool) -> Result<CommentInput> {
    let mut violations = Violations::below("activity");
    let pb::Activity {
        id: _,
        booking_internal_id: _,
        kind: _,
        properties,
        comment,
        author_name: _,
        created_at: _,
        updated_at: _,
        attachment_id,
        attachment_url: _,
        attachment_preview: _,
        attachment_filename: _,
        attachment_content_type: _,
        attachment_metadata: _,
        etag: _,
    } = violations.required_message(message);
    let within = properties
        .filter(|properties| !properties.is_empty())
        .map(|properties| serde_json::from_str::<Value>(&properties).unwrap_or_default())
        .and_then(|properties| match &properties["comment"] {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                violations.format("properties.comment", "Comment must be a text.");
                None
            }
        });
    let field = if comment.is_some() { "comment" } else { "properties.comment" };
    let comment = comment.or(within);
    if comment.as_ref().is_some_and(|text| text.chars().count() > LONGEST) {
        let message = format!("Comment is longer than {LONGEST} characters.");
        violations.named(field, "TOO_LONG", message);
    }
    let attachment_id = attachment_id.filter(|id| !id.is_empty());
    let attachment_id = (names_file || attachment_id.is_some()).then_some(attachment_id);
    violations.finish(CommentInput { comment, attachment_id })
}

/// Writes an activity.
pub fn activity(activity: Activity) -> pb::Activity {
    let Activity {
        id,
        booking_internal_id,
        kind,
        properties,
        file,
        author_name,
        created_at,
        updated_at,
    } = activity;
    pb::Activity {
        id,
        booking_internal_id: Some(booking_internal_id),
        kind: kind_of(kind).into(),
        properties: Some(properties.to_string()),
        comment: None,
        author_name,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        attachment_id: None,
        attachment_url: file.as_ref().map(|file| file.url.clone()),
        attachment_preview: file.as_ref().and_then(ShownFile::preview),
        attachment_filename: file.as_ref().map(|file| file.filename.clone()),
        attachment_content_type: file.as_ref().map(|file| file.content_type.clone()),
        attachment_metadata: file.as_ref().map(|file| file.metadata().to_string()),
        etag: String::new(),
    }
}

fn kind_of(number: i16) -> pb::ActivityKind {
    match number {
        kind::BOOKING_CREATED => pb::ActivityKind::BookingCreated,
        kind::BOOKING_CHANGED_DATES => pb::ActivityKind::BookingChangedDates,
        kind::BOOKING_CUSTOMER_SET => pb::ActivityKind::BookingCustomerSet,
        kind::BOOKING_ITEM_CREATED => pb::ActivityKind::BookingItemCreated,
        kind::BOOKING_ITEM_CHANGED => pb::ActivityKind::BookingItemChanged,
        kind::BOOKING_ITEM_REMOVED => pb::ActivityKind::BookingItemRemoved,
        kind::BOOKING_SERVICE_CREATED => pb::ActivityKind::BookingServiceCreated,
        kind::BOOKING_SERVICE_CHANGED => pb::ActivityKind::BookingServiceChanged,
        kind::BOOKING_SERVICE_REMOVED => pb::ActivityKind::BookingServiceRemoved,
        kind::BOOKING_PAYMENT_CREATED => pb::ActivityKind::BookingPaymentCreated,
        kind::BOOKING_PAYMENT_CHANGED => pb::ActivityKind::BookingPaymentChanged,
        kind::BOOKING_PAYMENT_REMOVED => pb::ActivityKind::BookingPaymentRemoved,
        kind::BOOKING_STATUS_CHANGED => pb::ActivityKind::BookingStatusChanged,
        kind::BOOKING_ITEM_PICKED_UP => pb::ActivityKind::BookingItemPickedUp,
        kind::BOOKING_ITEM_RETURNED => pb::ActivityKind::BookingItemReturned,
        kind::BOOKING_EMAIL_SENT => pb::ActivityKind::BookingEmailSent,
        kind::BOOKING_DISCOUNT_CHANGED => pb::ActivityKind::BookingDiscountChanged,
        kind::COMMENT => pb::ActivityKind::Comment,
        _ => pb::ActivityKind::Unspecified,
    }
}
