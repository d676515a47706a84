//! Users of a tenant's system and the members every role has.

use rust_decimal::Decimal;
use steward_kernel::Error;
use steward_kernel::phone::Phone;

use crate::address::{Address, PostalAddress};

/// What a user does. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum Role {
    /// Owns property units.
    Owner = 1,
    /// Manages property units.
    Manager = 2,
    /// Carries out work on issues.
    ServiceProvider = 3,
    /// Lives or works in property units.
    PropertyUser = 4,
}

impl Role {
    /// The role as errors name it.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Manager => "Property manager",
            Self::ServiceProvider => "Service provider",
            Self::PropertyUser => "Property user",
        }
    }

    /// The error for an id that is no user of this role.
    pub fn not_found(self, id: i64) -> Error {
        Error::not_found(self.noun(), id)
    }

    /// Reads the stored number. The column is checked, so another number is as good as the
    /// role that may do least.
    #[must_use]
    pub const fn from_stored(number: i16) -> Self {
        match number {
            1 => Self::Owner,
            2 => Self::Manager,
            3 => Self::ServiceProvider,
            _ => Self::PropertyUser,
        }
    }

    /// What the role's rows are counted under.
    #[must_use]
    pub const fn count_kind(self) -> &'static str {
        match self {
            Self::Owner => "facilities.users.1",
            Self::Manager => "facilities.users.2",
            Self::ServiceProvider => "facilities.users.3",
            Self::PropertyUser => "facilities.users.4",
        }
    }
}

/// The error for an id that is no user of the tenant, whatever the role.
#[must_use]
pub fn user_not_found(id: i64) -> Error {
    Error::not_found("User", id)
}

/// Where a user stands. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum Status {
    /// Recorded, never invited.
    Uninvited = 1,
    /// An invitation is under way.
    Invited = 2,
    /// Accepted an invitation.
    Active = 3,
    /// Deactivated.
    Inactive = 4,
}

impl Status {
    /// Reads the stored number. The column is checked, so another number is as good as none.
    #[must_use]
    pub const fn from_stored(number: i16) -> Self {
        match number {
            2 => Self::Invited,
            3 => Self::Active,
            4 => Self::Inactive,
            _ => Self::Uninvited,
        }
    }
}

/// The writable members of every user.
#[derive(Debug, Clone)]
pub struct Profile {
    /// E-mail, unique in the tenant in any letter case.
    pub email: String,
    /// Full name.
    pub name: String,
    /// Company the person works for.
    pub company_name: Option<String>,
    /// Phone number, kept only when possible.
    pub phone: Option<Phone>,
    /// Id in the client's own system.
    pub external_reference_id: Option<String>,
    /// Free note.
    pub additional_note: Option<String>,
    /// Where the person lives or works.
    pub address: Option<PostalAddress>,
}

/// The writable members that only owners have.
#[derive(Debug, Clone, Default)]
pub struct Billing {
    /// Amount up to which work may be ordered without asking.
    pub authorized_amount: Option<Decimal>,
    /// Where invoices go, when not to the address.
    pub invoice_address: Option<PostalAddress>,
    /// Company invoices are made out to.
    pub invoice_company: Option<String>,
    /// E-mail invoices go to.
    pub invoice_email: Option<String>,
    /// Person invoices are addressed to.
    pub attention_to: Option<String>,
}

/// The stored members of every user.
#[derive(Debug, Clone)]
pub struct User {
    /// Id, from one sequence for all roles.
    pub id: i64,
    /// Where the user stands.
    pub status: Status,
    /// E-mail as written.
    pub email: String,
    /// Full name.
    pub name: String,
    /// Company the person works for.
    pub company_name: Option<String>,
    /// Calling code in digits.
    pub country_code: Option<String>,
    /// Phone number in digits.
    pub phone_number: Option<String>,
    /// Id in the client's own system.
    pub external_reference_id: Option<String>,
    /// Free note.
    pub additional_note: Option<String>,
    /// Where the person lives or works.
    pub address: Option<Address>,
}

/// A user, whatever the role.
#[derive(Debug, Clone)]
pub struct Person {
    /// Id, from one sequence for all roles.
    pub id: i64,
    /// What the user does.
    pub role: Role,
    /// Where the user stands.
    pub status: Status,
    /// E-mail as written.
    pub email: String,
    /// Full name.
    pub name: String,
}

/// How a user was rated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratings {
    /// Average of all ratings, 0 without any.
    pub average: f64,
    /// How many there are.
    pub count: i32,
}

impl Ratings {
    /// From the stored sum and count.
    #[must_use]
    pub fn new(sum: i64, count: i32) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "sums of ratings stay far below 2^53")]
        let average = if count == 0 { 0.0 } else { sum as f64 / f64::from(count) };
        Self { average, count }
    }
}
