//! What is agreed with a cleaner, between proto and model.

use rust_decimal::Decimal;
use secrecy::SecretString;
use steward_contracts::google::r#type::Decimal as DecimalMessage;
use steward_database::Transaction;
use steward_kernel::local::Date;
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result, TenantId};

use super::model::{Cleaner, Contract, EmergencyContact};
use crate::agreements::model::trigger::ON_CLEANER_HIRE;
use crate::agreements::repository as agreements;
use crate::caller::required_of_admins;
use crate::signed_agreements::repository as signed;
use crate::wire::day;
use crate::{money, pb};

/// How cleaners are taxed.
const TAX_CLASSIFICATIONS: [&str; 2] = ["w2", "1099"];

/// The label of those who signed on paper.
const CONTRACT_SIGNED: i16 = 4;

/// Most hours of a week.
const WEEK: i64 = 168;

/// What is to be agreed with a cleaner.
#[derive(Debug)]
pub struct NewContract {
    /// What is kept as it is.
    pub contract: Contract,
    /// The tax number, which is sealed.
    pub tax_id: Option<SecretString>,
    /// What an hour is paid in smallest units.
    pub hourly_rate: Option<i64>,
}

/// Reads what is to be agreed, and the id of the cleaner; amounts are in `currency`.
pub fn read(
    request: pb::AddContractDetailsRequest,
    context: &Context,
    currency: &str,
) -> Result<(i64, NewContract)> {
    let pb::AddContractDetailsRequest {
        cleaner_id,
        legal_name,
        tax_classification,
        tax_id,
        start_date,
        end_date,
        hourly_rate,
        weekly_hours,
        emergency_contact,
    } = request;
    let mut violations = Violations::below("");
    required_of_admins(&mut violations, context, "cleaner_id", cleaner_id);
    let legal_name = violations.required_tidy("legal_name", Some(legal_name), 160);
    let taxed = violations.required_tidy("tax_classification", Some(tax_classification), 4);
    let taxed = taxed.to_ascii_lowercase();
    if !taxed.is_empty() && !TAX_CLASSIFICATIONS.contains(&&*taxed) {
        violations.rule("tax_classification", "Tax classification is w2 or 1099.");
    }
    if start_date.trim().is_empty() {
        violations.required("start_date");
    }
    let start = day(&mut violations, "start_date", Some(start_date));
    let end = day(&mut violations, "end_date", end_date);
    if start.zip(end).is_some_and(|(start, end)| end < start) {
        violations.rule("end_date", "The end date is before the start date.");
    }
    let tax_id = violations.tidy("tax_id", tax_id, 20);
    let is_number = |text: &String| {
        text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if tax_id.as_ref().is_some_and(|text| !is_number(text)) {
        violations.format("tax_id", "A tax number is 4 to 20 letters, digits or hyphens.");
    }
    let last4 = tax_id.as_ref().and_then(|text| text.get(text.len().checked_sub(4)?..));
    let contract = Contract {
        legal_name,
        tax_classification: taxed,
        tax_id_last4: last4.map(str::to_owned),
        start_date: start.as_ref().map(Date::to_string).unwrap_or_default(),
        end_date: end.as_ref().map(Date::to_string),
        weekly_hours: weekly_hours.and_then(|hours| weekly(&mut violations, &hours)),
        emergency_contact: emergency_contact.map(|contact| emergency(&mut violations, contact)),
    };
    let hourly_rate =
        hourly_rate.map(|rate| money::read(&mut violations, "hourly_rate", &rate, currency));
    let tax_id = tax_id.map(SecretString::from);
    violations.finish((cleaner_id, NewContract { contract, tax_id, hourly_rate }))
}

/// Whether a cleaner has signed the contract: on paper, which admins note, or as an agreement.
pub async fn is_signed(tx: &Transaction, tenant: TenantId, cleaner: &Cleaner) -> Result<bool> {
    if cleaner.labels.iter().any(|label| label.action_id == CONTRACT_SIGNED && label.is_active) {
        return Ok(true);
    }
    let agreements = agreements::on(tx, tenant, ON_CLEANER_HIRE).await?;
    signed::has_signed(tx, tenant, cleaner.user_id, &agreements).await
}

fn weekly(violations: &mut Violations, hours: &DecimalMessage) -> Option<Decimal> {
    let quarter = Decimal::new(25, 2);
    let read = Decimal::from_str_exact(&hours.value).ok().filter(|hours| {
        (quarter..=Decimal::from(WEEK)).contains(hours) && (hours % quarter).is_zero()
    });
    if read.is_none() {
        let message = "Weekly hours is not a number from 0.25 to 168 in quarters.";
        violations.rule("weekly_hours", message);
    }
    read.map(|hours| hours.normalize())
}

fn emergency(violations: &mut Violations, contact: pb::EmergencyContact) -> EmergencyContact {
    let pb::EmergencyContact { name, phone } = contact;
    let name = violations.required_tidy("emergency_contact.name", name, 120);
    let phone = violations.phone("emergency_contact.phone", phone);
    if phone.is_none() {
        violations.required("emergency_contact.phone");
    }
    EmergencyContact { name, phone: phone.unwrap_or_default() }
}

/// Writes what was agreed; the rate is that of the cleaner, where the caller may see it.
pub fn contract(
    contract: Contract,
    hourly_rate: Option<steward_contracts::google::r#type::Money>,
) -> pb::CleanerContract {
    let Contract {
        legal_name,
        tax_classification,
        tax_id_last4,
        start_date,
        end_date,
        weekly_hours,
        emergency_contact,
    } = contract;
    pb::CleanerContract {
        legal_name,
        tax_classification,
        tax_id_last4,
        start_date,
        end_date,
        hourly_rate,
        weekly_hours: weekly_hours.map(|hours| DecimalMessage { value: hours.to_string() }),
        emergency_contact: emergency_contact.map(|EmergencyContact { name, phone }| {
            pb::EmergencyContact { name: Some(name), phone: Some(phone) }
        }),
    }
}
