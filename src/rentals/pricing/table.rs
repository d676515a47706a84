//! Tables of prices: what one piece costs for a length.

use super::Length;
use crate::money::{Money, TooLarge};

/// In what a price counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
}

impl Unit {
    /// Its length in minutes.
    #[must_use]
    pub const fn minutes(self) -> u64 {
        match self {
            Self::Hour => 60,
            Self::Day => 1440,
        }
    }

    /// The name in documents and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}

/// What the price of a row is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Basis {
    /// For each begun unit.
    #[default]
    PerUnit,
    /// For the rental, whatever its length within the row.
    Flat,
}

/// A row of a table: the price of rentals up to a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The longest rental it is for, in units.
    pub up_to: u16,
    /// In what it counts.
    pub unit: Unit,
    /// The price of one piece, tax included.
    pub price: Money,
    /// What the price is for.
    pub basis: Basis,
}

impl Row {
    /// The most units a row may be up to.
    pub const LONGEST: u16 = 3650;

    /// The longest rental it is for, in minutes.
    fn minutes(&self) -> u64 {
        u64::from(self.up_to) * self.unit.minutes()
    }

    /// The price of so many of its units.
    fn price(&self, units: u32) -> Result<Money, TooLarge> {
        match self.basis {
            Basis::PerUnit => self.price.times(units),
            Basis::Flat => Ok(self.price),
        }
    }

    /// The stretch that its price buys, in minutes.
    fn interval(&self) -> u64 {
        match self.basis {
            Basis::PerUnit => self.unit.minutes(),
            Basis::Flat => self.minutes(),
        }
    }
}

/// How the time beyond the largest row is charged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Overtime {
    /// By the begun interval of the shortest row, at its price.
    #[default]
    MinimumInterval,
    /// By the begun unit, at a price of its own.
    Custom {
        /// In what it counts.
        unit: Unit,
        /// The price of one unit and piece, tax included.
        price: Money,
    },
}

/// Why a row is refused. The number is its place in what was given, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFault {
    /// There are more rows than 20; this is the first too many.
    TooMany(usize),
    /// It is up to nothing, or to more than 3,650 units.
    UpTo(usize),
    /// Its price is below nothing.
    Price(usize),
    /// An earlier row has the same length.
    SameLength(usize),
}

/// A table of prices, its rows ordered by length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PriceTable {
    rows: Vec<Row>,
    overtime: Overtime,
}

/// What one piece costs for a length, and how that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PiecePrice {
    /// The price, tax included.
    pub price: Money,
    /// In what the length is shown.
    pub unit: Unit,
    /// The length in begun units, at least 1.
    pub units: u32,
}

/// What has a price for a length.
pub trait Priced {
    /// The price of one piece for a length that is charged ([`Length::charged`]).
    ///
    /// # Errors
    /// When the price is larger than an amount may be.
    fn piece(&self, length: Length) -> Result<PiecePrice, TooLarge>;
}

impl PriceTable {
    /// The most rows a table may have.
    pub const MOST_ROWS: usize = 20;

    /// A table of rows in any order.
    ///
    /// # Errors
    /// Every row that is refused.
    pub fn new(rows: Vec<Row>, overtime: Overtime) -> Result<Self, Vec<RowFault>> {
        let mut faults = Vec::new();
        if rows.len() > Self::MOST_ROWS {
            faults.push(RowFault::TooMany(Self::MOST_ROWS));
        }
        for (place, row) in rows.iter().enumerate() {
            if !(1..=Row::LONGEST).contains(&row.up_to) {
                faults.push(RowFault::UpTo(place));
            }
            if row.price.is_negative() {
                faults.push(RowFault::Price(place));
            }
            if rows.iter().take(place).any(|earlier| earlier.minutes() == row.minutes()) {
                faults.push(RowFault::SameLength(place));
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut rows = rows;
        rows.sort_by_key(Row::minutes);
        Ok(Self { rows, overtime })
    }

    /// The rows by rising length.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How the time beyond the largest row is charged.
    #[must_use]
    pub const fn overtime(&self) -> Overtime {
        self.overtime
    }

    /// The price of time beyond the largest row.
    fn beyond(&self, excess_minutes: u64, shortest: &Row) -> Result<Money, TooLarge> {
        let (interval, price) = match self.overtime {
            Overtime::MinimumInterval => (shortest.interval(), shortest.price),
            Overtime::Custom { unit, price } => (unit.minutes(), price),
        };
        let count = excess_minutes.div_ceil(interval.max(1));
        price.times(u32::try_from(count).map_err(|_| TooLarge)?)
    }
}

impl Priced for PriceTable {
    /// The shortest row that is long enough, or beyond all of them the largest with overtime.
    /// The table is applied as written: a longer rental may cost less than a shorter one. A
    /// table without rows makes everything free, by the day.
    fn piece(&self, length: Length) -> Result<PiecePrice, TooLarge> {
        let (Some(shortest), Some(largest)) = (self.rows.first(), self.rows.last()) else {
            let unit = Unit::Day;
            return Ok(PiecePrice { price: Money::ZERO, unit, units: length.units(unit) });
        };
        let row = self.rows.iter().find(|row| row.minutes() >= length.minutes());
        let unit = row.unwrap_or(largest).unit;
        let units = length.units(unit);
        let price = match row {
            Some(row) => row.price(units)?,
            None => Money::sum([
                largest.price(u32::from(largest.up_to))?,
                self.beyond(length.minutes() - largest.minutes(), shortest)?,
            ])?,
        };
        Ok(PiecePrice { price, unit, units })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::tests::money;

    fn row(up_to: u16, unit: Unit, price: &str) -> Row {
        Row { up_to, unit, price: money(price), basis: Basis::PerUnit }
    }

    #[test]
    fn rows_are_ordered_by_length() {
        let rows = vec![row(2, Unit::Day, "9"), row(30, Unit::Hour, "2"), row(1, Unit::Day, "10")];
        let table = PriceTable::new(rows, Overtime::default()).unwrap();
        let lengths: Vec<_> = table.rows().iter().map(Row::minutes).collect();
        assert_eq!(lengths, [1440, 1800, 2880]);
    }

    #[test]
    fn says_all_that_is_wrong_with_rows() {
        let rows = vec![
            row(24, Unit::Hour, "5"),
            row(1, Unit::Day, "5"),
            row(0, Unit::Day, "-1"),
            row(3651, Unit::Hour, "5"),
        ];
        assert_eq!(
            PriceTable::new(rows, Overtime::default()),
            Err(vec![
                RowFault::SameLength(1),
                RowFault::UpTo(2),
                RowFault::Price(2),
                RowFault::UpTo(3),
            ])
        );
        let many: Vec<_> = (1..=21).map(|up_to| row(up_to, Unit::Day, "1")).collect();
        assert_eq!(PriceTable::new(many, Overtime::default()), Err(vec![RowFault::TooMany(20)]));
    }

    #[test]
    fn no_rows_cost_nothing() {
        let piece = PriceTable::default().piece(Length::from_minutes(3000)).unwrap();
        assert_eq!(piece, PiecePrice { price: Money::ZERO, unit: Unit::Day, units: 3 });
    }

    #[test]
    fn prices_that_no_amount_can_say_are_an_error() {
        let table =
            PriceTable::new(vec![row(3650, Unit::Day, "999999999.99")], Overtime::default());
        let table = table.unwrap();
        assert_eq!(table.piece(Length::from_minutes(1441)), Err(TooLarge));
        assert_eq!(table.piece(Length::from_minutes(u64::MAX)), Err(TooLarge));
    }

    #[test]
    fn overtime_may_count_by_another_unit_than_the_row() {
        let overtime = Overtime::Custom { unit: Unit::Hour, price: money("3") };
        let table = PriceTable::new(vec![row(1, Unit::Day, "20")], overtime).unwrap();
        let piece = table.piece(Length::from_minutes(1440 + 61)).unwrap();
        assert_eq!(piece, PiecePrice { price: money("26"), unit: Unit::Day, units: 2 });
    }
}
