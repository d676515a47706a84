//! What a rental costs.
//!
//! From the length of a rental and a table of prices comes the price of one piece, from that
//! the total of a line, and from the lines, services and the discount the totals of a booking.
//! Prices include tax. Amounts are rounded, half away from zero to the cent, only where a
//! function says so.

mod bundle;
mod deposit;
mod discount;
mod insurance;
mod late;
mod length;
mod line;
mod payments;
mod split;
mod table;
mod tax;
mod totals;

#[cfg(test)]
mod examples;

pub use bundle::{Bundle, BundlePricing, Component};
pub use deposit::{Deposit, DepositEdit, DepositRule, bundle_deposit};
pub use discount::{Discount, DiscountSource, GivenDiscount};
pub use insurance::{Cover, InsuranceClass, Terms, Uninsurable};
pub use late::{Late, late_return};
pub use length::Length;
pub use line::{LineEdit, LinePrice};
pub use payments::{DepositStatus, Payment, PaymentKind, PaymentStatus, Payments};
pub use split::split;
pub use table::{Basis, Overtime, PiecePrice, PriceTable, Priced, Row, RowFault, Unit};
pub use tax::{TaxedAmount, Taxes, rate_of, tax_included};
pub use totals::{
    BookingTotals, ComponentTotals, LineTotals, PricedLine, PricedService, TaxedAt, WeightedRate,
    booking_totals,
};
