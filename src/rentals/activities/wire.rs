//! Activities between proto and model.

use std::io;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};
use steward_kernel::Result;
use steward_kernel::validate::Violations;

use super::model::{Activity, CommentInput};
use crate::bookings::history::kind;
use crate::pb;
use crate::wire::{FileMembers, timestamp};

/// Longest comment, in characters.
const LONGEST: usize = 4000;

/// Reads a comment. `given` says whether an attachment is named, or none is wanted.
pub fn input(message: Option<pb::Activity>, names_file: bool) -> Result<CommentInput> {
    let mut violations = Violations::below("activity");
    let pb::Activity {
        id: _,
        booking_internal_id: _,
        kind,
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
    // Those of what is no comment are not the caller's, and it cannot be changed at all.
    let is_comment = matches!(
        pb::ActivityKind::try_from(kind),
        Ok(pb::ActivityKind::Unspecified | pb::ActivityKind::Comment)
    );
    let within = properties
        .filter(|properties| is_comment && !properties.is_empty())
        .and_then(|properties| within(&mut violations, &properties));
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

/// Reads the properties of a comment, which are its text.
fn within(violations: &mut Violations, properties: &str) -> Option<String> {
    let Ok(Value::Object(members)) = serde_json::from_str(properties) else {
        violations.format("properties", "Properties must be an object.");
        return None;
    };
    let mut comment = None;
    for (name, value) in members {
        match (name.as_str(), value) {
            ("comment", Value::String(text)) => comment = Some(text),
            ("comment", Value::Null) => {}
            ("comment", _) => violations.format("properties.comment", "Comment must be a text."),
            (_, _) => {
                let field = format!("properties.{name}");
                violations.named(&field, "UNKNOWN_ATTRIBUTE", format!("{name} is not known here."));
            }
        }
    }
    comment
}

/// Writes JSON in which numbers with a fraction have two decimals: those of activities are amounts
/// and percentages.
struct Hundredths;

impl Formatter for Hundredths {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        write!(writer, "{value:.2}")
    }
}

fn properties_text(properties: &Value) -> String {
    let mut out = Vec::new();
    let written = properties.serialize(&mut Serializer::with_formatter(&mut out, Hundredths));
    let text = written.ok().and_then(|()| String::from_utf8(out).ok());
    // The text of a value is always one; this is how it is stored, whose amounts are as true.
    text.unwrap_or_else(|| properties.to_string())
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
    let FileMembers { url, preview, filename, content_type, metadata } = file.into();
    pb::Activity {
        id,
        booking_internal_id: Some(booking_internal_id),
        kind: kind_of(kind).into(),
        properties: Some(properties_text(&properties)),
        comment: None,
        author_name,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        attachment_id: None,
        attachment_url: url,
        attachment_preview: preview,
        attachment_filename: filename,
        attachment_content_type: content_type,
        attachment_metadata: metadata,
        etag: String::new(),
    }
}

pub fn kind_of(number: i16) -> pb::ActivityKind {
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
