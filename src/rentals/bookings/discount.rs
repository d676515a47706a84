//! What a request asks to be changed of the discount of a booking.

use rust_decimal::Decimal;
use steward_kernel::validate::Violations;
use steward_kernel::{Error, Result};

use crate::money::{Money, Percent};
use crate::pricing::Discount;

/// What a discount is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscountKind {
    /// So much of the items.
    Percentage,
    /// An amount.
    Amount,
}

/// What is given of a discount; the other half stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscountPatch {
    /// Kind and value, or that nothing is taken off.
    Set(Option<Discount>),
    /// The kind alone.
    Kind(DiscountKind),
    /// The value alone.
    Value(Decimal),
}

impl DiscountPatch {
    /// The discount that is meant where there is one, or none, at present.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for half a discount where there is none, and for a value that the kind
    /// does not have.
    pub fn on(self, present: Option<Discount>) -> Result<Option<Discount>> {
        let present = present.map(|present| match present {
            Discount::Percentage(percent) => (DiscountKind::Percentage, Decimal::from(percent)),
            Discount::Amount(amount) => (DiscountKind::Amount, Decimal::from(amount)),
        });
        let (kind, value) = match (self, present) {
            (Self::Set(discount), _) => return Ok(discount),
            (Self::Kind(kind), Some((_, value))) | (Self::Value(value), Some((kind, _))) => {
                (kind, value)
            }
            (Self::Kind(_), None) => return Err(Error::required("booking.discount_value")),
            (Self::Value(_), None) => return Err(Error::required("booking.discount_kind")),
        };
        let mut violations = Violations::below("booking");
        let discount = Self::checked(&mut violations, kind, value);
        violations.finish(discount)
    }

    /// A discount of a kind, if it has such a value.
    pub fn checked(
        violations: &mut Violations,
        kind: DiscountKind,
        value: Decimal,
    ) -> Option<Discount> {
        let field = "discount_value";
        if value.normalize().scale() > 2 {
            violations.format(field, "Discount value has more than two decimals.");
            return None;
        }
        let (discount, most) = match kind {
            DiscountKind::Percentage => {
                (Percent::try_from(value).ok().map(Discount::Percentage), "100".to_owned())
            }
            DiscountKind::Amount => {
                let amount = Money::try_from(value).ok().filter(|amount| !amount.is_negative());
                (amount.map(Discount::Amount), Money::MAX.to_string())
            }
        };
        if discount.is_none() {
            let message = format!("Discount value is not between 0 and {most}.");
            violations.named(field, "OUT_OF_RANGE", message);
        }
        discount
    }
}
