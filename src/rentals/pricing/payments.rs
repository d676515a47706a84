//! What was paid and what is held as a deposit.

use crate::money::{Money, TooLarge};

/// What a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentKind {
    /// Money for the booking.
    Payment,
    /// Money to be given back when the pieces are.
    Deposit,
    /// Money for the booking given back.
    PaymentRefund,
    /// A deposit given back.
    DepositRefund,
    /// A part of a held deposit kept as income.
    DepositCapture,
}

impl PaymentKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Payment,
        Self::Deposit,
        Self::PaymentRefund,
        Self::DepositRefund,
        Self::DepositCapture,
    ];

    /// The name in documents and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Deposit => "deposit",
            Self::PaymentRefund => "payment_refund",
            Self::DepositRefund => "deposit_refund",
            Self::DepositCapture => "deposit_capture",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether it may still be recorded when the booking is cancelled.
    #[must_use]
    pub const fn after_cancellation(self) -> bool {
        match self {
            Self::Payment | Self::Deposit => false,
            Self::PaymentRefund | Self::DepositRefund | Self::DepositCapture => true,
        }
    }
}

/// A payment of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    /// What it is.
    pub kind: PaymentKind,
    /// How much, above zero whatever the kind.
    pub amount: Money,
}

/// Whether a booking is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentStatus {
    /// More was paid than it costs.
    Overpaid,
    /// What it costs was paid.
    Paid,
    /// Something was paid.
    PartiallyPaid,
    /// What was paid was given back.
    Refunded,
    /// It costs nothing.
    NotRequired,
    /// Nothing was paid.
    Unpaid,
}

impl PaymentStatus {
    /// The name in documents and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overpaid => "overpaid",
            Self::Paid => "paid",
            Self::PartiallyPaid => "partially_paid",
            Self::Refunded => "refunded",
            Self::NotRequired => "not_required",
            Self::Unpaid => "unpaid",
        }
    }
}

/// Whether the deposit of a booking is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DepositStatus {
    /// None is asked for.
    NotRequired,
    /// It is asked for and nothing was given.
    Pending,
    /// Nothing is held any more, and something was kept.
    Captured,
    /// Nothing is held any more.
    Returned,
    /// Something was given back or kept.
    PartiallyReturned,
    /// Less was given than is asked for.
    PartiallyCollected,
    /// It is held.
    Collected,
}

impl DepositStatus {
    /// The name in documents and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotRequired => "not_required",
            Self::Pending => "pending",
            Self::Captured => "captured",
            Self::Returned => "returned",
            Self::PartiallyReturned => "partially_returned",
            Self::PartiallyCollected => "partially_collected",
            Self::Collected => "collected",
        }
    }
}

/// The payments of a booking, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Payments {
    payments: Money,
    deposits: Money,
    payment_refunds: Money,
    deposit_refunds: Money,
    captures: Money,
}

impl Payments {
    /// Adds up payments.
    ///
    /// # Errors
    /// When a sum is larger than an amount may be.
    pub fn of(rows: impl IntoIterator<Item = Payment>) -> Result<Self, TooLarge> {
        let mut sums = Self::default();
        for Payment { kind, amount } in rows {
            let sum = match kind {
                PaymentKind::Payment => &mut sums.payments,
                PaymentKind::Deposit => &mut sums.deposits,
                PaymentKind::PaymentRefund => &mut sums.payment_refunds,
                PaymentKind::DepositRefund => &mut sums.deposit_refunds,
                PaymentKind::DepositCapture => &mut sums.captures,
            };
            *sum = Money::sum([*sum, amount])?;
        }
        // So that the differences below are amounts.
        Money::sum([sums.payments, sums.captures])?;
        Money::sum([sums.deposit_refunds, sums.captures])?;
        Ok(sums)
    }

    /// What was paid and not given back: payments and captures less refunds.
    #[must_use]
    pub fn paid(&self) -> Money {
        difference([self.payments, self.captures], [self.payment_refunds, Money::ZERO])
    }

    /// What is held as a deposit: deposits less what was given back or kept.
    #[must_use]
    pub fn held(&self) -> Money {
        difference([self.deposits, Money::ZERO], [self.deposit_refunds, self.captures])
    }

    /// Whether more was given back or kept than there was. A change of the payments after which
    /// this is so is refused.
    #[must_use]
    pub fn exceeded(&self) -> bool {
        self.paid().is_negative() || self.held().is_negative()
    }

    /// What is still to be paid; negative when more was.
    ///
    /// # Errors
    /// When it is larger than an amount may be.
    pub fn balance(&self, total: Money) -> Result<Money, TooLarge> {
        total.less(self.paid())
    }

    /// What a payment of a kind is about when nothing is said: what is open for that kind, or
    /// nothing when there is none.
    ///
    /// # Errors
    /// When it is larger than an amount may be.
    pub fn open(
        &self,
        kind: PaymentKind,
        total: Money,
        deposit_total: Money,
    ) -> Result<Option<Money>, TooLarge> {
        let open = match kind {
            PaymentKind::Payment => self.balance(total)?,
            PaymentKind::Deposit => deposit_total.less(self.deposits)?,
            PaymentKind::PaymentRefund => self.paid(),
            PaymentKind::DepositRefund | PaymentKind::DepositCapture => self.held(),
        };
        Ok((open > Money::ZERO).then_some(open))
    }

    /// Whether a booking of this total is paid. The first that is so counts.
    #[must_use]
    pub fn payment_status(&self, total: Money) -> PaymentStatus {
        let paid = self.paid();
        if paid > total {
            PaymentStatus::Overpaid
        } else if paid == total && total > Money::ZERO {
            PaymentStatus::Paid
        } else if paid > Money::ZERO {
            PaymentStatus::PartiallyPaid
        } else if !self.payment_refunds.is_zero() {
            PaymentStatus::Refunded
        } else if total.is_zero() {
            PaymentStatus::NotRequired
        } else {
            PaymentStatus::Unpaid
        }
    }

    /// Whether the deposit of a booking that asks for this much is held. The first that is so
    /// counts.
    #[must_use]
    pub fn deposit_status(&self, deposit_total: Money) -> DepositStatus {
        let held = self.held();
        if self.deposits.is_zero() {
            if deposit_total.is_zero() {
                DepositStatus::NotRequired
            } else {
                DepositStatus::Pending
            }
        } else if held.is_zero() && !self.captures.is_zero() {
            DepositStatus::Captured
        } else if held.is_zero() {
            DepositStatus::Returned
        } else if !self.deposit_refunds.is_zero() || !self.captures.is_zero() {
            DepositStatus::PartiallyReturned
        } else if self.deposits < deposit_total {
            DepositStatus::PartiallyCollected
        } else {
            DepositStatus::Collected
        }
    }
}

/// What two amounts have more than two others. Their sums were checked when they were made.
fn difference(more: [Money; 2], less: [Money; 2]) -> Money {
    let cents = |amounts: [Money; 2]| amounts.map(|amount| i128::from(amount.cents())).iter().sum();
    let (more, less): (i128, i128) = (cents(more), cents(less));
    Money::from_cents(more - less).unwrap_or(Money::MAX)
}

#[cfg(test)]
mod tests {
    use super::PaymentKind::{Deposit, DepositCapture, DepositRefund, PaymentRefund};
    use super::*;
    use crate::money::tests::money;

    fn payments(rows: &[(PaymentKind, &str)]) -> Payments {
        let rows = rows.iter().map(|&(kind, amount)| Payment { kind, amount: money(amount) });
        Payments::of(rows).unwrap()
    }

    #[test]
    fn the_first_payment_status_that_is_so_counts() {
        let paid = PaymentKind::Payment;
        for (rows, total, expected) in [
            (&[(paid, "100.01")][..], "100", PaymentStatus::Overpaid),
            (&[(paid, "1")], "0", PaymentStatus::Overpaid),
            (&[(paid, "60"), (paid, "40")], "100", PaymentStatus::Paid),
            (&[(paid, "120"), (PaymentRefund, "20")], "100", PaymentStatus::Paid),
            (&[(paid, "60")], "100", PaymentStatus::PartiallyPaid),
            (&[(paid, "60"), (PaymentRefund, "60")], "100", PaymentStatus::Refunded),
            (&[(paid, "60"), (PaymentRefund, "60")], "0", PaymentStatus::Refunded),
            (&[], "0", PaymentStatus::NotRequired),
            (&[(Deposit, "50")], "100", PaymentStatus::Unpaid),
            // What is kept of a deposit is a payment.
            (&[(Deposit, "50"), (DepositCapture, "50")], "50", PaymentStatus::Paid),
        ] {
            assert_eq!(payments(rows).payment_status(money(total)), expected, "{rows:?}");
        }
    }

    #[test]
    fn the_first_deposit_status_that_is_so_counts() {
        for (rows, asked, expected) in [
            (&[][..], "0", DepositStatus::NotRequired),
            (&[], "50", DepositStatus::Pending),
            (&[(Deposit, "50"), (DepositCapture, "50")], "50", DepositStatus::Captured),
            (
                &[(Deposit, "50"), (DepositRefund, "30"), (DepositCapture, "20")],
                "50",
                DepositStatus::Captured,
            ),
            (&[(Deposit, "50"), (DepositRefund, "50")], "50", DepositStatus::Returned),
            (&[(Deposit, "50"), (DepositRefund, "20")], "80", DepositStatus::PartiallyReturned),
            (&[(Deposit, "50"), (DepositCapture, "20")], "50", DepositStatus::PartiallyReturned),
            (&[(Deposit, "50")], "80", DepositStatus::PartiallyCollected),
            (&[(Deposit, "50")], "50", DepositStatus::Collected),
            (&[(Deposit, "50")], "0", DepositStatus::Collected),
        ] {
            assert_eq!(payments(rows).deposit_status(money(asked)), expected, "{rows:?}");
        }
    }

    #[test]
    fn nobody_gets_back_more_than_there_is() {
        let paid = PaymentKind::Payment;
        for (rows, exceeded) in [
            (&[(paid, "10"), (PaymentRefund, "10")][..], false),
            (&[(paid, "10"), (PaymentRefund, "10.01")], true),
            (&[(Deposit, "10"), (DepositRefund, "4"), (DepositCapture, "6")], false),
            (&[(Deposit, "10"), (DepositRefund, "5"), (DepositCapture, "6")], true),
            (&[(Deposit, "10"), (DepositCapture, "6"), (PaymentRefund, "6")], false),
        ] {
            assert_eq!(payments(rows).exceeded(), exceeded, "{rows:?}");
        }
    }

    #[test]
    fn says_what_is_open() {
        let rows = [
            (PaymentKind::Payment, "60"),
            (Deposit, "50"),
            (DepositRefund, "10"),
            (DepositCapture, "15"),
        ];
        let sums = payments(&rows);
        assert_eq!(sums.paid(), money("75"));
        assert_eq!(sums.held(), money("25"));
        assert_eq!(sums.balance(money("70")), Ok(money("-5")));
        let open = |kind| sums.open(kind, money("100"), money("80")).unwrap();
        assert_eq!(open(PaymentKind::Payment), Some(money("25")));
        assert_eq!(open(Deposit), Some(money("30")));
        assert_eq!(open(PaymentRefund), Some(money("75")));
        assert_eq!(open(DepositRefund), Some(money("25")));
        assert_eq!(open(DepositCapture), Some(money("25")));
        assert_eq!(sums.open(PaymentKind::Payment, money("75"), Money::ZERO), Ok(None));
    }

    #[test]
    fn names_are_read_back() {
        for kind in PaymentKind::ALL {
            assert_eq!(PaymentKind::named(kind.as_str()), Some(kind));
        }
        assert!(DepositCapture.after_cancellation());
        assert!(!PaymentKind::Payment.after_cancellation());
    }
}
