//! Mails about a booking to its customer.

use serde_json::json;
use steward_database::Transaction;
use steward_kernel::{Result, TenantId};
use steward_platform::mail::{self, Mail, Template};
use steward_platform::{mail_template, tenants, users};

use super::change::Answer;
use super::history::kind;
use crate::activities;
use crate::onboarding::mail_language;
use crate::pricing::Length;

static BOOKING: Template = mail_template!("templates/booking");
static CUSTOM: Template = mail_template!("templates/custom");

/// What a customer is told about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The booking is offered.
    Quote,
    /// It is agreed.
    Reserved,
    /// The first piece was picked up.
    PickedUp,
    /// Everything is back.
    Completed,
    /// It is called off.
    Cancelled,
    /// It ends soon.
    Reminder,
}

impl Occasion {
    /// Its name in documents and templates.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Quote => "quote",
            Self::Reserved => "reservation",
            Self::PickedUp => "pick_up",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Reminder => "reminder",
        }
    }

    /// The occasion of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [
            Self::Quote,
            Self::Reserved,
            Self::PickedUp,
            Self::Completed,
            Self::Cancelled,
            Self::Reminder,
        ]
        .into_iter()
        .find(|occasion| occasion.as_str() == name)
    }
}

/// A mail that the owner sends.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// What it is about; none for one in the owner's own words.
    pub occasion: Option<Occasion>,
    /// Subject, of one in the owner's own words.
    pub subject: Option<String>,
    /// Text, of one in the owner's own words.
    pub text: Option<String>,
    /// Where it goes; the customer's address when it is not said.
    pub to: Option<String>,
}

/// Tells the customer of a booking what happened to it, where the owner has that done and there
/// is an address.
pub async fn tell(
    tx: &Transaction,
    tenant: TenantId,
    answer: &Answer,
    occasion: Occasion,
) -> Result<()> {
    if !is_wanted(answer, occasion) {
        return Ok(());
    }
    let message = Message { occasion: Some(occasion), ..Message::default() };
    send(tx, tenant, answer, &message).await.map(drop)
}

/// As [`tell`], unless the customer was mailed on this occasion before.
pub async fn tell_once(
    tx: &Transaction,
    tenant: TenantId,
    answer: &Answer,
    occasion: Occasion,
) -> Result<()> {
    let id = answer.booking.id;
    if is_wanted(answer, occasion)
        && !activities::was_mailed(tx, tenant, id, occasion.as_str()).await?
    {
        tell(tx, tenant, answer, occasion).await?;
    }
    Ok(())
}

/// Whether the owner has customers mailed on an occasion.
fn is_wanted(answer: &Answer, occasion: Occasion) -> bool {
    let emails = &answer.terms.settings.emails;
    match occasion {
        Occasion::Quote => emails.quote,
        Occasion::Reserved => emails.reserved,
        Occasion::PickedUp => emails.picked_up,
        Occasion::Completed => emails.completed,
        Occasion::Cancelled => emails.cancelled,
        Occasion::Reminder => emails.return_reminder,
    }
}

/// Sends a mail about a booking; answers whether there was an address.
pub async fn send(
    tx: &Transaction,
    tenant: TenantId,
    answer: &Answer,
    message: &Message,
) -> Result<bool> {
    let booking = &answer.booking;
    let customer = booking.customer.clone().unwrap_or_default();
    let Some(to) = message.to.as_ref().or(customer.email.as_ref()) else { return Ok(false) };
    let name = message.occasion.map_or("custom", Occasion::as_str);
    let business = tenants::name(tx, tenant).await?;
    let days = booking.period(&answer.terms.zone).map(|period| Length::of(&period).days());
    let time = |local: crate::time::LocalTime| local.strftime("%Y-%m-%d %H:%M").to_string();
    let lines: Vec<_> = booking
        .lines
        .iter()
        .map(|line| json!({"quantity": line.quantity, "title": line.title}))
        .collect();
    let values = json!({
        "occasion": name,
        "business": business,
        "name": customer.name.unwrap_or_default(),
        "number": booking.internal_id,
        "start": booking.dates.map_or_else(String::new, |dates| time(dates.start)),
        "end": booking.dates.map_or_else(String::new, |dates| time(dates.end)),
        "days": days.unwrap_or_default(),
        "lines": lines,
        "total": format!("{} {}", answer.summary.totals.total, booking.currency),
        "reason": booking.progress.cancellation_reason.clone().unwrap_or_default(),
        "subject": message.subject.clone().unwrap_or_default(),
        "text": message.text.clone().unwrap_or_default(),
    });
    let template = if message.occasion.is_some() { &BOOKING } else { &CUSTOM };
    let language = mail_language(booking.language);
    let owner = users::email(tx, tenant, None).await?;
    let reply_to = owner.as_deref();
    mail::send(tx, tenant, Mail { to, language, template, values, reply_to }).await?;
    let sent = super::history::Recorded {
        kind: kind::BOOKING_EMAIL_SENT,
        properties: json!({
            "attrs": ["created_at"],
            "params": {"email_kind": name, "to": to},
        }),
    };
    activities::record(tx, tenant, booking.id, &[sent]).await?;
    Ok(true)
}
