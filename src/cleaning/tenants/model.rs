//! A company.

use std::time::Duration;

use steward_kernel::time::Timestamp;
use steward_kernel::{Error, TenantId};

use crate::reason;
use crate::wire::Address;

/// How long a company may try.
pub const TRIAL: Duration = Duration::from_secs(14 * 24 * 3600);

/// What an admin writes of a company.
#[derive(Debug, Clone, PartialEq)]
pub struct TenantInput {
    /// Name, which no other company has.
    pub name: String,
    /// Name on paper.
    pub legal_name: Option<String>,
    /// E-mail address; absent where it was not said yet.
    pub email: Option<String>,
    /// Telephone number, E.164.
    pub phone: Option<String>,
    /// Where its pages are.
    pub website: Option<String>,
    /// Where its logo is.
    pub logo_url: Option<String>,
    /// Where the company is.
    pub address: Option<Address>,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Currency, ISO 4217.
    pub currency: String,
    /// Language and region, BCP 47.
    pub locale: String,
}

/// A company.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Name.
    pub name: String,
    /// Name on paper.
    pub legal_name: Option<String>,
    /// E-mail address; absent until the company says it, when an operator made it.
    pub email: Option<String>,
    /// Telephone number, E.164.
    pub phone: Option<String>,
    /// Where its pages are.
    pub website: Option<String>,
    /// Where its logo is.
    pub logo_url: Option<String>,
    /// Where the company is.
    pub address: Option<Address>,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Currency, ISO 4217.
    pub currency: String,
    /// Language and region, BCP 47.
    pub locale: String,
    /// Id of the user who owns it; absent until there is one.
    pub owner_id: Option<i64>,
    /// Where it stands with its subscription, as the contract numbers it.
    pub status: i16,
    /// What it subscribed to.
    pub plan_code: Option<String>,
    /// When trying ends.
    pub trial_ends_at: Option<Timestamp>,
    /// Whether it is there for trying things out.
    pub is_sandbox: bool,
    /// Account that payments go to.
    pub stripe_account_id: Option<String>,
    /// Key that pages take cards with.
    pub stripe_publishable_key: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

/// The error for an id that is no company.
pub fn not_found(id: i64) -> Error {
    Error::not_found("Tenant", id)
}

/// The error for a name that another company has.
pub fn name_taken() -> Error {
    reason::duplicate("Another company has this name.")
}
