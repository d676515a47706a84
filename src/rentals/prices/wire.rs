//! Tables of prices between proto and model.

use steward_kernel::validate::Violations;

use crate::money::Money;
use crate::pb;
use crate::pricing::{Basis, Overtime, PriceTable, Row, RowFault, Unit};
use crate::wire::{amount, choice, money};

/// Reads a table of prices from the fields `prices` and `overtime_rule` of a product.
pub(crate) fn table(
    violations: &mut Violations,
    rows: Vec<pb::PriceRow>,
    overtime: Option<pb::OvertimeRule>,
    currency: &str,
) -> PriceTable {
    let overtime =
        overtime.map_or(Overtime::default(), |rule| read_overtime(violations, rule, currency));
    // Rows that cannot be read would shift the places of the others, by which faults are told.
    let rows: Option<Vec<Row>> = rows
        .into_iter()
        .enumerate()
        .map(|(place, row)| read_row(violations, &format!("prices[{place}]"), row, currency))
        .collect::<Vec<_>>()
        .into_iter()
        .collect();
    PriceTable::new(rows.unwrap_or_default(), overtime).unwrap_or_else(|faults| {
        for fault in faults {
            refuse(violations, fault);
        }
        PriceTable::default()
    })
}

fn refuse(violations: &mut Violations, fault: RowFault) {
    match fault {
        RowFault::TooMany(_) => {
            let message = format!("There are more than {} prices.", PriceTable::MOST_ROWS);
            violations.named("prices", "TOO_LONG", message);
        }
        RowFault::UpTo(place) => {
            let message = format!("Up to is not between 1 and {}.", Row::LONGEST);
            violations.named(&format!("prices[{place}].up_to"), "OUT_OF_RANGE", message);
        }
        RowFault::Price(place) => {
            let field = format!("prices[{place}].price");
            violations.named(&field, "OUT_OF_RANGE", "Price is below nothing.");
        }
        RowFault::SameLength(place) => {
            let field = format!("prices[{place}].up_to");
            violations.named(&field, "TAKEN", "Another price is for the same length.");
        }
    }
}

fn read_row(
    violations: &mut Violations,
    at: &str,
    message: pb::PriceRow,
    currency: &str,
) -> Option<Row> {
    let pb::PriceRow { up_to, unit, price, basis } = message;
    if up_to.is_none() {
        violations.required(&format!("{at}.up_to"));
    }
    let basis = match choice(violations, &format!("{at}.basis"), basis) {
        Some(pb::PriceBasis::Flat) => Basis::Flat,
        Some(pb::PriceBasis::PerUnit | pb::PriceBasis::Unspecified) | None => Basis::PerUnit,
    };
    let unit = read_unit(violations, &format!("{at}.unit"), unit);
    let price = read_price(violations, &format!("{at}.price"), price, currency);
    // A length that no row may have is refused with the other rules.
    let up_to = u16::try_from(up_to?).unwrap_or(0);
    Some(Row { up_to, unit: unit?, price: price?, basis })
}

fn read_unit(violations: &mut Violations, field: &str, number: i32) -> Option<Unit> {
    if number == 0 {
        violations.required(field);
    }
    match choice(violations, field, number)? {
        pb::PriceUnit::Unspecified => None,
        pb::PriceUnit::Day => Some(Unit::Day),
        pb::PriceUnit::Hour => Some(Unit::Hour),
    }
}

fn read_price(
    violations: &mut Violations,
    field: &str,
    price: Option<steward_contracts::google::r#type::Money>,
    currency: &str,
) -> Option<Money> {
    if price.is_none() {
        violations.required(field);
    }
    amount(violations, field, price, currency)
}

fn read_overtime(
    violations: &mut Violations,
    message: pb::OvertimeRule,
    currency: &str,
) -> Overtime {
    let pb::OvertimeRule { mode, unit, price } = message;
    match choice(violations, "overtime_rule.mode", mode) {
        None | Some(pb::OvertimeMode::Unspecified | pb::OvertimeMode::MinimumInterval) => {
            Overtime::MinimumInterval
        }
        Some(pb::OvertimeMode::Custom) => {
            let unit = read_unit(violations, "overtime_rule.unit", unit.unwrap_or_default());
            let price = read_price(violations, "overtime_rule.price", price, currency);
            match (unit, price) {
                (Some(unit), Some(price)) => Overtime::Custom { unit, price },
                (None, _) | (_, None) => Overtime::default(),
            }
        }
    }
}

fn unit(unit: Unit) -> pb::PriceUnit {
    match unit {
        Unit::Day => pb::PriceUnit::Day,
        Unit::Hour => pb::PriceUnit::Hour,
    }
}

/// Writes the rows of a table, by rising length.
pub(crate) fn rows(table: &PriceTable, currency: &str) -> Vec<pb::PriceRow> {
    let row = |row: &Row| pb::PriceRow {
        up_to: Some(row.up_to.into()),
        unit: unit(row.unit).into(),
        price: Some(money(row.price.cents(), currency)),
        basis: match row.basis {
            Basis::PerUnit => pb::PriceBasis::PerUnit,
            Basis::Flat => pb::PriceBasis::Flat,
        }
        .into(),
    };
    table.rows().iter().map(row).collect()
}

/// Writes how the time beyond the longest row is charged.
pub(crate) fn overtime_rule(table: &PriceTable, currency: &str) -> pb::OvertimeRule {
    match table.overtime() {
        Overtime::MinimumInterval => pb::OvertimeRule {
            mode: pb::OvertimeMode::MinimumInterval.into(),
            unit: None,
            price: None,
        },
        Overtime::Custom { unit: of, price } => pb::OvertimeRule {
            mode: pb::OvertimeMode::Custom.into(),
            unit: Some(unit(of).into()),
            price: Some(money(price.cents(), currency)),
        },
    }
}
