//! Owners.

use rust_decimal::Decimal;

use crate::address::Address;
use crate::users::model::{Billing, Profile, User};

/// What a client writes of an owner.
#[derive(Debug, Clone)]
pub struct OwnerInput {
    /// The members of every user.
    pub profile: Profile,
    /// The members only owners have.
    pub billing: Billing,
}

/// An owner with all details.
#[derive(Debug, Clone)]
pub struct Owner {
    /// The members of every user.
    pub user: User,
    /// Amount up to which work may be ordered without asking.
    pub authorized_amount: Option<Decimal>,
    /// Where invoices go, when not to the address.
    pub invoice_address: Option<Address>,
    /// Company invoices are made out to.
    pub invoice_company: Option<String>,
    /// E-mail invoices go to.
    pub invoice_email: Option<String>,
    /// Person invoices are addressed to.
    pub attention_to: Option<String>,
}

/// An owner as a list shows one.
#[derive(Debug, Clone)]
pub struct OwnerSummary {
    /// The members of every user.
    pub user: User,
    /// Amount up to which work may be ordered without asking.
    pub authorized_amount: Option<Decimal>,
    /// How many property units the owner owns now.
    pub property_units: i64,
}
