//! The totals of a booking.

use super::discount::Discount;
use super::split::split;
use super::tax::{TaxedAmount, Taxes};
use crate::money::{Money, Percent, TooLarge};

/// A rate with how much of a bundle's price it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightedRate {
    /// The table price of the component ([`super::Bundle::weights`]).
    pub weight: Money,
    /// The rate of the component.
    pub rate: Percent,
}

/// How a line is taxed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaxedAt {
    /// At one rate.
    Rate(Percent),
    /// As its components, between which it is split: a bundle.
    Components(Vec<WeightedRate>),
}

/// A line of a booking that is no component of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedLine {
    /// The price of all its pieces, tax included, before discount.
    pub total: Money,
    /// The fee for late pieces, tax included.
    pub late_fee: Money,
    /// The deposit for all its pieces.
    pub deposit: Money,
    /// How it is taxed.
    pub taxed: TaxedAt,
}

/// A service of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PricedService {
    /// Its price, tax included.
    pub price: Money,
    /// Its rate.
    pub rate: Percent,
}

/// What a component has of its bundle's totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComponentTotals {
    /// Its share of the total.
    pub total: Money,
    /// Its share of the discount.
    pub discount: Money,
    /// The tax in what is left.
    pub tax: Money,
}

/// What a line has of the booking's totals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTotals {
    /// Its share of the discount.
    pub discount: Money,
    /// The tax in what is left of its total.
    pub tax: Money,
    /// The tax in its late fee.
    pub late_fee_tax: Money,
    /// Its components in their order; none of a line that is no bundle.
    pub components: Vec<ComponentTotals>,
}

/// The totals of a booking, tax included unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingTotals {
    /// All lines before discount.
    pub items_total: Money,
    /// What the discount takes off.
    pub discount_total: Money,
    /// All services.
    pub services_total: Money,
    /// All late fees.
    pub late_fees_total: Money,
    /// What the booking costs.
    pub total: Money,
    /// The tax in that.
    pub tax_total: Money,
    /// What it costs without tax.
    pub net_total: Money,
    /// What is taxed at which rate, by rising rate.
    pub taxes: Vec<TaxedAmount>,
    /// All deposits, which are no part of the total.
    pub deposit_total: Money,
    /// The shares of the lines in their order.
    pub lines: Vec<LineTotals>,
}

/// Adds up a booking.
///
/// # Errors
/// When a total is larger than an amount may be.
pub fn booking_totals(
    lines: &[PricedLine],
    services: &[PricedService],
    discount: Option<Discount>,
) -> Result<BookingTotals, TooLarge> {
    let totals: Vec<Money> = lines.iter().map(|line| line.total).collect();
    let items_total = Money::sum(totals.iter().copied())?;
    let discount_total = discount.map_or(Money::ZERO, |discount| discount.of(items_total));
    let services_total = Money::sum(services.iter().map(|service| service.price))?;
    let late_fees_total = Money::sum(lines.iter().map(|line| line.late_fee))?;

    let mut taxes = Taxes::default();
    let lines_totals = lines
        .iter()
        .zip(split(discount_total, &totals))
        .map(|(line, share)| line_totals(line, share, &mut taxes))
        .collect::<Result<Vec<_>, _>>()?;
    for service in services {
        taxes.add(service.price, service.rate);
    }

    let charged =
        Money::sum([items_total, services_total, late_fees_total])?.less(discount_total)?;
    let tax_total = taxes.total()?;
    Ok(BookingTotals {
        items_total,
        discount_total,
        services_total,
        late_fees_total,
        total: charged,
        tax_total,
        net_total: charged.less(tax_total)?,
        taxes: taxes.by_rate()?,
        deposit_total: Money::sum(lines.iter().map(|line| line.deposit))?,
        lines: lines_totals,
    })
}

/// Taxes a line after its share of the discount, and its late fee.
fn line_totals(
    line: &PricedLine,
    discount: Money,
    taxes: &mut Taxes,
) -> Result<LineTotals, TooLarge> {
    match &line.taxed {
        // A bundle that lost all its components is taxed like nothing, as they would be.
        TaxedAt::Components(rates) if rates.is_empty() => {
            let tax = taxes.add(line.total.less(discount)?, Percent::ZERO);
            let late_fee_tax = taxes.add(line.late_fee, Percent::ZERO);
            Ok(LineTotals { discount, tax, late_fee_tax, components: Vec::new() })
        }
        TaxedAt::Rate(rate) => Ok(LineTotals {
            discount,
            tax: taxes.add(line.total.less(discount)?, *rate),
            late_fee_tax: taxes.add(line.late_fee, *rate),
            components: Vec::new(),
        }),
        TaxedAt::Components(rates) => {
            let weights: Vec<Money> = rates.iter().map(|rate| rate.weight).collect();
            let totals = split(line.total, &weights);
            let discounts = split(discount, &totals);
            let components = rates
                .iter()
                .zip(totals.into_iter().zip(discounts))
                .map(|(rate, (total, discount))| {
                    let tax = taxes.add(total.less(discount)?, rate.rate);
                    Ok(ComponentTotals { total, discount, tax })
                })
                .collect::<Result<Vec<_>, TooLarge>>()?;
            let late_fee_taxes = rates
                .iter()
                .zip(split(line.late_fee, &weights))
                .map(|(rate, fee)| taxes.add(fee, rate.rate));
            Ok(LineTotals {
                discount,
                late_fee_tax: Money::sum(late_fee_taxes)?,
                tax: Money::sum(components.iter().map(|component| component.tax))?,
                components,
            })
        }
    }
}
