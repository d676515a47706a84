//! Services of bookings.

use steward_kernel::time::Timestamp;
use steward_kernel::validate::Violations;
use steward_kernel::{Error, Kind, Result};

use crate::bookings::edit::Facts;
use crate::bookings::line::too_large;
use crate::bookings::model::Booking;
use crate::bookings::price;
use crate::bookings::rules::{Part, editable};
use crate::money::{Money, Percent};
use crate::pricing::{Cover, InsuranceClass};

/// What a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceKind {
    /// Bringing and fetching.
    Transport = 1,
    /// Putting up and taking down.
    Setup = 2,
    /// Insurance of the items, once for each booking.
    Insurance = 3,
    /// Something else.
    Other = 4,
}

impl ServiceKind {
    /// The kind with a number, as the contract and the database number them.
    #[must_use]
    pub const fn of_number(number: i32) -> Option<Self> {
        match number {
            1 => Some(Self::Transport),
            2 => Some(Self::Setup),
            3 => Some(Self::Insurance),
            4 => Some(Self::Other),
            _ => None,
        }
    }

    /// The name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Setup => "setup",
            Self::Insurance => "insurance",
            Self::Other => "other",
        }
    }
}

/// A service of a booking.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Id; 0 before it is recorded.
    pub id: i64,
    /// What it is.
    pub kind: ServiceKind,
    /// Own wording.
    pub title: Option<String>,
    /// Its price, tax included.
    pub price: Money,
    /// The rate it is taxed at.
    pub tax_rate: Percent,
    /// Notes.
    pub notes: Option<String>,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// What is given of a service; what is not given stays, and null stands for the usual.
#[derive(Debug, Clone, Default)]
pub struct ServicePatch {
    /// What it is.
    pub kind: Option<ServiceKind>,
    /// Own wording.
    pub title: Option<Option<String>>,
    /// Its price.
    pub price: Option<Option<Money>>,
    /// The rate it is taxed at.
    pub tax_rate: Option<Option<Percent>>,
    /// Notes.
    pub notes: Option<Option<String>>,
}

/// The error for an id that is no service of the booking.
pub fn not_found(id: i64) -> Error {
    Error::not_found("Booking service", id)
}

impl ServicePatch {
    /// Whether the premium of the booking has to be known.
    #[must_use]
    pub fn asks_for_premium(&self) -> bool {
        !matches!(self.price, Some(Some(_)))
    }

    /// Adds a new service to a booking.
    ///
    /// # Errors
    /// ALREADY_EXISTS (`DUPLICATE`) for a second insurance, FAILED_PRECONDITION (`BOOKING_CLOSED`)
    /// when the booking is cancelled.
    pub fn add(&self, booking: &mut Booking, facts: &Facts) -> Result<()> {
        editable(booking, Part::Services)?;
        // Without a kind the request is refused before.
        let kind = self.kind.unwrap_or(ServiceKind::Other);
        let insured =
            || booking.services.iter().any(|service| service.kind == ServiceKind::Insurance);
        if kind == ServiceKind::Insurance && insured() {
            let message = "The booking has an insurance already.";
            return Err(Error::new(Kind::AlreadyExists, "DUPLICATE", message));
        }
        let service = Service {
            id: 0,
            kind,
            title: self.title.clone().flatten(),
            price: match self.price.flatten() {
                Some(price) => price,
                None => usual_price(kind, booking, facts)?,
            },
            tax_rate: self.tax_rate.flatten().unwrap_or_else(|| usual_rate(kind, facts)),
            notes: self.notes.clone().flatten(),
            created_at: facts.now,
            updated_at: facts.now,
        };
        booking.services.push(service);
        Ok(())
    }

    /// Applies what is given to a service of a booking.
    ///
    /// # Errors
    /// NOT_FOUND when there is no such service, INVALID_ARGUMENT for another kind,
    /// FAILED_PRECONDITION (`BOOKING_CLOSED`) when the booking is cancelled.
    pub fn apply(&self, booking: &mut Booking, id: i64, facts: &Facts) -> Result<()> {
        let place = booking.services.iter().position(|service| service.id == id);
        let place = place.ok_or_else(|| not_found(id))?;
        editable(booking, Part::Services)?;
        let mut service = booking.services[place].clone();
        let kind = service.kind;
        if self.kind.is_some_and(|given| given != kind) {
            let mut violations = Violations::below("booking_service");
            violations.rule("kind", "The kind of a service is fixed.");
            return violations.finish(());
        }
        if let Some(title) = &self.title {
            service.title.clone_from(title);
        }
        if let Some(notes) = &self.notes {
            service.notes.clone_from(notes);
        }
        if let Some(price) = self.price {
            service.price = match price {
                Some(price) => price,
                None => usual_price(kind, booking, facts)?,
            };
        }
        if let Some(rate) = self.tax_rate {
            service.tax_rate = rate.unwrap_or_else(|| usual_rate(kind, facts));
        }
        booking.services[place] = service;
        Ok(())
    }
}

fn usual_price(kind: ServiceKind, booking: &Booking, facts: &Facts) -> Result<Money> {
    if kind == ServiceKind::Insurance { premium(booking, facts) } else { Ok(Money::ZERO) }
}

/// The tax of the account; insurance has none.
fn usual_rate(kind: ServiceKind, facts: &Facts) -> Percent {
    if kind == ServiceKind::Insurance { Percent::ZERO } else { facts.terms.default_tax_rate }
}

/// What it costs to insure the items of a booking: those that can be.
///
/// # Errors
/// INVALID_ARGUMENT when it is more than an amount may be.
pub fn premium(booking: &Booking, facts: &Facts) -> Result<Money> {
    let length = price::length(booking, &facts.terms);
    let premiums = booking.lines.iter().filter_map(|line| {
        let class = facts.classes.get(&line.item_id).copied().unwrap_or(InsuranceClass::Other);
        let cover = Cover::new(class, line.item_value, length).ok()?;
        Some(cover.premium(line.quantity))
    });
    let premiums = premiums.collect::<Result<Vec<_>, _>>().map_err(too_large)?;
    Money::sum(premiums).map_err(too_large)
}
