//! Owner companies.

use rust_decimal::Decimal;
use steward_kernel::phone::Phone;

use crate::address::{Address, PostalAddress};

/// What a client writes of a company.
#[derive(Debug, Clone)]
pub struct OwnerCompanyInput {
    /// Name of the company.
    pub name: String,
    /// E-mail invoices go to.
    pub invoice_email: Option<String>,
    /// Amount up to which work may be ordered without asking.
    pub max_mandate_amount: Option<Decimal>,
    /// Person or team invoices are addressed to.
    pub attention_to: Option<String>,
    /// Phone number, kept only when possible.
    pub phone: Option<Phone>,
    /// Id in the client's own system.
    pub external_reference_id: Option<String>,
    /// Where invoices go.
    pub invoice_address: Option<PostalAddress>,
}

/// A company of an owner.
#[derive(Debug, Clone)]
pub struct OwnerCompany {
    /// Id, unique within the tenant.
    pub id: i64,
    /// Id of the owner it belongs to.
    pub owner_id: i64,
    /// Name of the company.
    pub name: String,
    /// E-mail invoices go to.
    pub invoice_email: Option<String>,
    /// Amount up to which work may be ordered without asking.
    pub max_mandate_amount: Option<Decimal>,
    /// Person or team invoices are addressed to.
    pub attention_to: Option<String>,
    /// Calling code in digits.
    pub country_code: Option<String>,
    /// Phone number in digits.
    pub phone_number: Option<String>,
    /// Id in the client's own system.
    pub external_reference_id: Option<String>,
    /// Where invoices go.
    pub invoice_address: Option<Address>,
}
