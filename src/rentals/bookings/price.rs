//! What a booking costs: its lines, its discount and their totals.

use steward_kernel::Result;

use super::line::{Line, too_large};
use super::model::{Booking, Summary};
use crate::booking_payments::model::sums;
use crate::owners::Terms;
use crate::pricing::{
    Late, Length, LinePrice, Payments, PricedLine, PricedService, TaxedAt, booking_totals,
    late_return,
};

/// The length that is charged; none without dates.
pub fn length(booking: &Booking, terms: &Terms) -> Option<Length> {
    let period = booking.period(&terms.zone)?;
    Some(Length::of(&period).charged(terms.settings.leeway_minutes))
}

/// The price of a line of a booking.
///
/// # Errors
/// INVALID_ARGUMENT when it is larger than an amount may be.
pub fn line_price(line: &Line, length: Option<Length>) -> Result<LinePrice> {
    line.price(length).map_err(too_large)
}

/// Adds a booking up.
///
/// # Errors
/// INVALID_ARGUMENT when a total is larger than an amount may be.
pub fn summary(booking: &Booking, terms: &Terms) -> Result<Summary> {
    let length = length(booking, terms);
    let lines = booking
        .lines
        .iter()
        .map(|line| {
            Ok(PricedLine {
                total: line_price(line, length)?.total,
                late_fee: line.late_fee,
                deposit: line.deposit().map_err(too_large)?.total,
                taxed: TaxedAt::Rate(line.tax_rate),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let discount = booking.discount.map(|given| given.discount);
    let services = booking.services.iter();
    let services: Vec<PricedService> = services
        .map(|service| PricedService { price: service.price, rate: service.tax_rate })
        .collect();
    let totals = booking_totals(&lines, &services, discount).map_err(too_large)?;
    let payments: Payments = sums(booking)?;
    Ok(Summary {
        paid: payments.paid(),
        balance: payments.balance(totals.total).map_err(too_large)?,
        deposit_held: payments.held(),
        payment_status: payments.payment_status(totals.total),
        deposit_status: payments.deposit_status(totals.deposit_total),
        totals,
    })
}

/// Judges how late the pieces of a line came back, and charges the fee where the owner has that
/// done.
///
/// # Errors
/// INVALID_ARGUMENT when the fee is larger than an amount may be.
pub fn judge_returns(booking: &mut Booking, terms: &Terms) -> Result<()> {
    let Some(period) = booking.period(&terms.zone) else { return Ok(()) };
    let length = length(booking, terms);
    for line in &mut booking.lines {
        let edited = match &line.edit {
            None => None,
            Some(_) => Some((
                line_price(line, length)?.total,
                line.table_price(length).map_err(too_large)?.total,
            )),
        };
        let leeway = terms.settings.leeway_minutes;
        let late = late_return(&line.table, &period, &line.returns, leeway, &terms.zone, edited)
            .map_err(too_large)?;
        if late != line.late {
            line.late = late;
            if terms.settings.late_fee_automatic {
                line.late_fee = Late::default().fee.max(late.fee);
            }
        }
    }
    Ok(())
}
