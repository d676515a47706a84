//! The lines of a booking: what is rented, and how many.

use serde::{Deserialize, Serialize};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result};

use crate::availability::{Buffers, LineState, Wanted};
use crate::money::{Money, Percent, TooLarge};
use crate::prices::{StoredPrices, StoredUnit};
use crate::pricing::{Deposit, DepositEdit, Late, Length, LineEdit, LinePrice, PriceTable, Priced};
use crate::returns::Return;
use crate::status::BookingStatus;
use crate::time::Period;

/// A line of a booking.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Id; 0 before it is recorded.
    pub id: i64,
    /// Id of the item.
    pub item_id: i64,
    /// The item's number.
    pub item_internal_id: i64,
    /// The item's title, as it was when the line was made.
    pub title: String,
    /// Place in the list.
    pub position: i32,
    /// Pieces.
    pub quantity: u32,
    /// Pieces that were picked up, those that came back included.
    pub picked_up: u32,
    /// Pieces that came back, with when.
    pub returns: Vec<Return>,
    /// The prices, as they were when the line was made.
    pub table: PriceTable,
    /// The total that the owner wrote instead.
    pub edit: Option<LineEdit>,
    /// The deposit of one piece, as it was when the line was made.
    pub deposit_per_item: Money,
    /// The deposit that the owner wrote instead.
    pub deposit_edit: Option<DepositEdit>,
    /// The rate its price is taxed at.
    pub tax_rate: Percent,
    /// What one piece is worth.
    pub item_value: Option<Money>,
    /// The fee for late pieces that is charged.
    pub late_fee: Money,
    /// How late pieces were, and the fee that is suggested.
    pub late: Late,
    /// When the first piece was picked up.
    pub picked_up_at: Option<Timestamp>,
    /// The buffers it got when it was reserved.
    pub buffers: Option<Buffers>,
    /// Notes that print under the line.
    pub notes: Option<String>,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

impl Line {
    /// Pieces that came back.
    #[must_use]
    pub fn returned(&self) -> u32 {
        self.returns.iter().map(|back| back.pieces).fold(0, u32::saturating_add)
    }

    /// When the latest piece came back.
    #[must_use]
    pub fn returned_at(&self) -> Option<Timestamp> {
        self.returns.iter().map(|back| back.at).max()
    }

    /// The price for a length that is charged; a booking without dates has none.
    ///
    /// # Errors
    /// When the total is larger than an amount may be.
    pub fn price(&self, length: Option<Length>) -> Result<LinePrice, TooLarge> {
        match &self.edit {
            Some(edit) => edit.price(length, self.quantity),
            None => self.table_price(length),
        }
    }

    /// The price by the table, whatever the owner wrote.
    ///
    /// # Errors
    /// As [`Line::price`].
    pub fn table_price(&self, length: Option<Length>) -> Result<LinePrice, TooLarge> {
        match length {
            Some(length) => LinePrice::new(self.table.piece(length)?, self.quantity),
            None => Ok(LinePrice::undated()),
        }
    }

    /// The deposit for all pieces.
    ///
    /// # Errors
    /// When the total is larger than an amount may be.
    pub fn deposit(&self) -> Result<Deposit, TooLarge> {
        match &self.deposit_edit {
            Some(edit) => edit.deposit(self.quantity),
            None => Deposit::new(self.deposit_per_item, self.quantity),
        }
    }

    /// The line in pieces, as availability judges it.
    #[must_use]
    pub fn state(&self, booking: i64, status: BookingStatus, period: Period) -> LineState {
        LineState {
            booking_internal_id: booking,
            status,
            period,
            quantity: self.quantity,
            picked_up: self.picked_up,
            picked_up_at: self.picked_up_at,
            returns: self.returns.clone(),
            buffers: self.buffers.unwrap_or_default(),
        }
    }

    /// What it asks of its item: pieces that have not come back.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        Wanted {
            booking_item_id: self.id,
            item_internal_id: self.item_internal_id,
            pieces: self.quantity.saturating_sub(self.returned()),
        }
    }
}

/// A total that is larger than an amount may be.
pub fn too_large(_: TooLarge) -> Error {
    Error::rule("items", "The total is larger than 999999999.99.")
}

/// Everything of a line that has no column of its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StoredLine {
    table: Option<StoredPrices>,
    /// Total, unit, units and pieces it was written for.
    edit: Option<(i64, StoredUnit, u32, u32)>,
    deposit_per_item: i64,
    /// Total and pieces it was written for.
    deposit_edit: Option<(i64, u32)>,
    tax_rate: u16,
    item_value: Option<i64>,
    late_fee: i64,
    late_minutes: u32,
    late_fee_suggested: i64,
    picked_up_at: Option<i64>,
    /// Minutes before and after.
    buffers: Option<(u32, u32)>,
    /// Pieces and microseconds since 1970.
    returns: Vec<(u32, i64)>,
}

impl From<&Line> for StoredLine {
    fn from(line: &Line) -> Self {
        Self {
            table: Some((&line.table).into()),
            edit: line
                .edit
                .map(|edit| (edit.total.cents(), edit.unit.into(), edit.units, edit.quantity)),
            deposit_per_item: line.deposit_per_item.cents(),
            deposit_edit: line.deposit_edit.map(|edit| (edit.total.cents(), edit.quantity)),
            tax_rate: line.tax_rate.hundredths(),
            item_value: line.item_value.map(Money::cents),
            late_fee: line.late_fee.cents(),
            late_minutes: line.late.minutes,
            late_fee_suggested: line.late.fee.cents(),
            picked_up_at: line.picked_up_at.map(Timestamp::as_microsecond),
            buffers: line.buffers.map(|buffers| (buffers.before_minutes, buffers.after_minutes)),
            returns: line
                .returns
                .iter()
                .map(|back| (back.pieces, back.at.as_microsecond()))
                .collect(),
        }
    }
}

impl StoredLine {
    /// Fills in what has no column of its own.
    ///
    /// # Errors
    /// INTERNAL when what is stored are no prices.
    pub(crate) fn fill(self, line: &mut Line) -> Result<()> {
        line.table = self.table.map(PriceTable::try_from).transpose()?.unwrap_or_default();
        line.edit = self.edit.map(|(total, unit, units, quantity)| LineEdit {
            total: money(total),
            unit: unit.into(),
            units,
            quantity,
        });
        line.deposit_per_item = money(self.deposit_per_item);
        line.deposit_edit = self
            .deposit_edit
            .map(|(total, quantity)| DepositEdit { total: money(total), quantity });
        line.tax_rate = Percent::from_hundredths(self.tax_rate).unwrap_or(Percent::ZERO);
        line.item_value = self.item_value.map(money);
        line.late_fee = money(self.late_fee);
        line.late = Late { minutes: self.late_minutes, fee: money(self.late_fee_suggested) };
        line.picked_up_at = self.picked_up_at.and_then(instant);
        line.buffers = self
            .buffers
            .map(|(before_minutes, after_minutes)| Buffers { before_minutes, after_minutes });
        line.returns = self
            .returns
            .into_iter()
            .filter_map(|(pieces, at)| Some(Return { pieces, at: instant(at)? }))
            .collect();
        Ok(())
    }
}

/// An amount that was checked before it was stored.
pub fn money(cents: i64) -> Money {
    Money::from_cents(cents.into()).unwrap_or_default()
}

/// An instant of so many microseconds since 1970.
pub fn instant(micros: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros).ok()
}
