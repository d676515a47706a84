//! Tables of prices in the database: one `jsonb` value.

use serde::{Deserialize, Serialize};
use steward_kernel::{Error, Result};

use crate::money::Money;
use crate::pricing::{Basis, Overtime, PriceTable, Row, Unit};

/// A table as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredPrices {
    rows: Vec<StoredRow>,
    /// The price of time beyond the longest row, where it has one of its own.
    overtime: Option<StoredRate>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct StoredRow {
    up_to: u16,
    unit: StoredUnit,
    /// In cents.
    price: i64,
    basis: StoredBasis,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct StoredRate {
    unit: StoredUnit,
    /// In cents.
    price: i64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoredUnit {
    Hour,
    Day,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredBasis {
    PerUnit,
    Flat,
}

impl From<Unit> for StoredUnit {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::Hour => Self::Hour,
            Unit::Day => Self::Day,
        }
    }
}

impl From<StoredUnit> for Unit {
    fn from(unit: StoredUnit) -> Self {
        match unit {
            StoredUnit::Hour => Self::Hour,
            StoredUnit::Day => Self::Day,
        }
    }
}

impl From<&PriceTable> for StoredPrices {
    fn from(table: &PriceTable) -> Self {
        let row = |row: &Row| StoredRow {
            up_to: row.up_to,
            unit: row.unit.into(),
            price: row.price.cents(),
            basis: match row.basis {
                Basis::PerUnit => StoredBasis::PerUnit,
                Basis::Flat => StoredBasis::Flat,
            },
        };
        Self {
            rows: table.rows().iter().map(row).collect(),
            overtime: match table.overtime() {
                Overtime::MinimumInterval => None,
                Overtime::Custom { unit, price } => {
                    Some(StoredRate { unit: unit.into(), price: price.cents() })
                }
            },
        }
    }
}

impl TryFrom<StoredPrices> for PriceTable {
    type Error = Error;

    /// INTERNAL when what is stored is no table.
    fn try_from(stored: StoredPrices) -> Result<Self> {
        let money = |cents: i64| Money::from_cents(cents.into()).map_err(Error::internal);
        let row = |row: StoredRow| {
            Ok(Row {
                up_to: row.up_to,
                unit: row.unit.into(),
                price: money(row.price)?,
                basis: match row.basis {
                    StoredBasis::PerUnit => Basis::PerUnit,
                    StoredBasis::Flat => Basis::Flat,
                },
            })
        };
        let rows = stored.rows.into_iter().map(row).collect::<Result<Vec<_>>>()?;
        let overtime = match stored.overtime {
            None => Overtime::MinimumInterval,
            Some(StoredRate { unit, price }) => {
                Overtime::Custom { unit: unit.into(), price: money(price)? }
            }
        };
        Self::new(rows, overtime)
            .map_err(|faults| Error::internal(format!("stored prices are no table: {faults:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::tests::money;

    #[test]
    fn tables_are_read_back() {
        let row = |up_to, unit, price, basis| Row { up_to, unit, price: money(price), basis };
        let rows = vec![
            row(4, Unit::Hour, "15.00", Basis::Flat),
            row(3650, Unit::Day, "0.01", Basis::PerUnit),
        ];
        let custom = Overtime::Custom { unit: Unit::Hour, price: money("2.50") };
        for overtime in [Overtime::MinimumInterval, custom] {
            let table = PriceTable::new(rows.clone(), overtime).unwrap();
            let stored = StoredPrices::from(&table);
            assert_eq!(PriceTable::try_from(stored).unwrap(), table);
        }
    }

    #[test]
    fn what_is_no_table_is_a_fault() {
        let row =
            || StoredRow { up_to: 1, unit: StoredUnit::Day, price: 100, basis: StoredBasis::Flat };
        let twice = StoredPrices { rows: vec![row(), row()], overtime: None };
        PriceTable::try_from(twice).unwrap_err();
    }
}
