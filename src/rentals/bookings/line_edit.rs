//! What a request asks to be changed of a line of a booking, applied to the line as it is.

use steward_kernel::time::Timestamp;
use steward_kernel::validate::Violations;
use steward_kernel::{Error, Result};

use super::edit::Facts;
use super::line::{Line, too_large};
use super::model::Booking;
use super::price;
use super::rules::{Part, editable, invalid_transition};
use crate::availability::Buffers;
use crate::money::{Money, Percent};
use crate::pricing::{DepositEdit, LineEdit, rate_of};
use crate::returns::Return;
use crate::status::BookingStatus;

/// What is given of a line; what is not given stays.
#[derive(Debug, Clone, Default)]
pub struct LinePatch {
    /// Number of the item. A new line has one; one that is there keeps its own.
    pub item_internal_id: Option<i64>,
    /// Pieces.
    pub quantity: Option<u32>,
    /// Pieces that were picked up.
    pub picked_up: Option<u32>,
    /// Pieces that came back.
    pub returned: Option<u32>,
    /// Price of a unit and piece.
    pub unit_price: Option<Money>,
    /// Price of all pieces.
    pub total: Option<Money>,
    /// Only false: back to the table.
    pub price_edited: Option<bool>,
    /// The rate its price is taxed at.
    pub tax_rate: Option<Percent>,
    /// Deposit of one piece.
    pub deposit_per_item: Option<Money>,
    /// Deposit of all pieces.
    pub deposit_total: Option<Money>,
    /// Fee for late pieces.
    pub late_fee: Option<Money>,
    /// Notes.
    pub notes: Option<Option<String>>,
    /// Place in the list.
    pub position: Option<i32>,
    /// What the caller says about shortages.
    pub confirm_shortage: Option<bool>,
    /// What of it cannot be, which is told along with what else is refused.
    pub refused: Violations,
}

impl LinePatch {
    /// Adds a new line to a booking.
    ///
    /// # Errors
    /// INVALID_ARGUMENT (`REFERENCE_NOT_FOUND`, `ITEM_INACTIVE`), and as [`LinePatch::apply`].
    pub fn add(&self, booking: &mut Booking, facts: &Facts) -> Result<()> {
        editable(booking, Part::Extent)?;
        let number = self.item_internal_id;
        let refused = |name: &'static str, message: &str| {
            Err(Error::named("item_internal_id", name, message))
        };
        let mut items = facts.items.iter();
        let Some(item) = items.find(|item| Some(item.stocked.internal_id) == number) else {
            refused("REFERENCE_NOT_FOUND", "There is no such item.")?;
            return Ok(());
        };
        if !item.stocked.active {
            refused("ITEM_INACTIVE", "The item is not offered any more.")?;
        }
        let last = booking.lines.iter().map(|line| line.position).max();
        let terms = &facts.terms;
        let settings = &terms.settings;
        let stocked = &item.stocked;
        let buffers = Buffers {
            before_minutes: stocked.buffer_before_minutes.unwrap_or(settings.buffer_before_minutes),
            after_minutes: stocked.buffer_after_minutes.unwrap_or(settings.buffer_after_minutes),
        };
        let mut line = Line {
            id: 0,
            item_id: stocked.id,
            item_internal_id: stocked.internal_id,
            title: stocked.title.clone(),
            position: last.map_or(0, |last| last.saturating_add(1)),
            quantity: 1,
            picked_up: 0,
            returns: Vec::new(),
            table: item.table.clone(),
            edit: None,
            deposit_per_item: item.deposit.per_piece(item.value),
            deposit_edit: None,
            tax_rate: rate_of(item.taxable, item.tax_rate, terms.default_tax_rate),
            item_value: item.value,
            late_fee: Money::ZERO,
            late: crate::pricing::Late::default(),
            picked_up_at: None,
            // A booking that is not reserved yet gets its buffers when it is.
            buffers: booking.holds().then_some(buffers),
            notes: None,
            created_at: facts.now,
            updated_at: facts.now,
        };
        self.write(&mut line, booking, facts)?;
        booking.lines.push(line);
        Ok(())
    }

    /// Applies what is given to a line of a booking.
    ///
    /// # Errors
    /// NOT_FOUND when there is no such line; INVALID_ARGUMENT for what cannot be,
    /// FAILED_PRECONDITION for what may not be where the booking stands.
    pub fn apply(&self, booking: &mut Booking, id: i64, facts: &Facts) -> Result<()> {
        let place = booking
            .lines
            .iter()
            .position(|line| line.id == id)
            .ok_or_else(|| line_not_found(id))?;
        let mut line = booking.lines[place].clone();
        let before = line.clone();
        if self.item_internal_id.is_some_and(|given| given != line.item_internal_id) {
            let message = "A line keeps its item: add another line for another one.";
            return Err(Error::rule("item_internal_id", message));
        }
        self.write(&mut line, booking, facts)?;
        self.move_pieces(&mut line, booking, facts)?;
        let extent = line.quantity != before.quantity
            || line.edit != before.edit
            || line.deposit_edit != before.deposit_edit
            || line.tax_rate != before.tax_rate
            || line.position != before.position;
        if extent {
            editable(booking, Part::Extent)?;
        }
        if line.late_fee != before.late_fee {
            let ended = matches!(booking.status, BookingStatus::Ongoing | BookingStatus::Completed);
            if !ended {
                return Err(invalid_transition(booking, None));
            }
            editable(booking, Part::LateFees)?;
        }
        if line.notes != before.notes {
            editable(booking, Part::Notes)?;
        }
        booking.lines[place] = line;
        Ok(())
    }

    /// Writes everything but the moves of pieces.
    fn write(&self, line: &mut Line, booking: &Booking, facts: &Facts) -> Result<()> {
        let mut violations = Violations::default();
        let length = price::length(booking, &facts.terms);
        let price = line.price(length).map_err(too_large)?;
        let deposit = line.deposit().map_err(too_large)?;
        let (unit_price, total) =
            written((self.unit_price, price.unit_price), (self.total, price.total));
        let (deposit_per_item, deposit_total) =
            written((self.deposit_per_item, deposit.per_item), (self.deposit_total, deposit.total));
        if let Some(quantity) = self.quantity {
            violations.range("quantity", quantity, 1..=100_000);
            line.quantity = quantity.clamp(1, 100_000);
        }
        if let Some(notes) = &self.notes {
            line.notes.clone_from(notes);
        }
        if let Some(position) = self.position {
            violations.range("position", position, 0..=100_000);
            line.position = position;
        }
        if let Some(rate) = self.tax_rate {
            line.tax_rate = rate;
        }
        if let Some(fee) = self.late_fee {
            line.late_fee = fee;
        }
        if unit_price.is_some() && total.is_some() {
            violations.rule("total", "Either the price of a unit or the total can be written.");
        }
        if deposit_per_item.is_some() && deposit_total.is_some() {
            let message = "Either the deposit of a piece or of all can be written.";
            violations.rule("deposit_total", message);
        }
        for (field, money) in [
            ("unit_price", self.unit_price),
            ("total", self.total),
            ("deposit_per_item", self.deposit_per_item),
            ("deposit_total", self.deposit_total),
            ("late_fee", self.late_fee),
        ] {
            if money.is_some_and(Money::is_negative) {
                violations.named(field, "OUT_OF_RANGE", "An amount is not negative.");
            }
        }
        if self.price_edited == Some(true)
            && line.edit.is_none()
            && unit_price.is_none()
            && total.is_none()
        {
            violations.rule("price_edited", "Only false can be given, which means the table.");
        }
        violations.finish(())?;
        if self.price_edited == Some(false) && line.edit.take().is_some() {
            // Today's table; that of an item which is gone is the one that was copied.
            let today = facts.items.iter().find(|item| item.stocked.id == line.item_id);
            if let Some(today) = today {
                line.table.clone_from(&today.table);
            }
        }
        if let Some(total) = total {
            let shown = line.table_price(length).map_err(too_large)?;
            line.edit = Some(LineEdit::of_total(&shown, line.quantity, total));
        }
        if let Some(unit_price) = unit_price {
            let shown = line.table_price(length).map_err(too_large)?;
            let edit = LineEdit::of_unit_price(&shown, line.quantity, unit_price);
            line.edit = Some(edit.map_err(too_large)?);
        }
        if let Some(deposit) = deposit_per_item {
            line.deposit_edit = Some(DepositEdit::of_piece(deposit));
        }
        if let Some(total) = deposit_total {
            line.deposit_edit = Some(DepositEdit { total, quantity: line.quantity });
        }
        Ok(())
    }

    /// Notes what was picked up and what came back.
    fn move_pieces(&self, line: &mut Line, booking: &Booking, facts: &Facts) -> Result<()> {
        let picked_up = self.picked_up.unwrap_or(line.picked_up);
        let returned = self.returned.unwrap_or_else(|| line.returned());
        if picked_up > line.quantity || returned > picked_up {
            let message =
                "No more can come back than was picked up, nor be picked up than is booked.";
            let field = if self.returned.is_some() {
                "returned_quantity"
            } else if self.picked_up.is_some() {
                "picked_up_quantity"
            } else {
                "quantity"
            };
            return Err(Error::named(field, "QUANTITY_ORDER", message));
        }
        let moved = picked_up != line.picked_up || returned != line.returned();
        if moved && !booking.holds() {
            return Err(invalid_transition(booking, None));
        }
        if line.picked_up == 0 && picked_up > 0 {
            line.picked_up_at = Some(facts.now);
        }
        if picked_up == 0 {
            line.picked_up_at = None;
        }
        line.picked_up = picked_up;
        set_returned(line, returned, facts.now);
        Ok(())
    }
}

/// What is written of two amounts that follow from each other, each beside what it is at present.
/// Where both are given, one that is as it was has only come back with the rest of the line.
fn written(
    (one, one_was): (Option<Money>, Money),
    (other, other_was): (Option<Money>, Money),
) -> (Option<Money>, Option<Money>) {
    if one.is_none() || other.is_none() {
        return (one, other);
    }
    (one.filter(|one| *one != one_was), other.filter(|other| *other != other_was))
}

/// Notes that so many pieces are back; the latest returns are taken back first.
pub fn set_returned(line: &mut Line, returned: u32, now: Timestamp) {
    let present = line.returned();
    if returned > present {
        line.returns.push(Return { pieces: returned - present, at: now });
    }
    let mut less = present.saturating_sub(returned);
    while less > 0 {
        let Some(last) = line.returns.last_mut() else { break };
        let taken = last.pieces.min(less);
        last.pieces -= taken;
        less -= taken;
        if last.pieces == 0 {
            line.returns.pop();
        }
    }
}

/// The error for an id that is no line of the booking.
pub fn line_not_found(id: i64) -> Error {
    Error::not_found("Booking item", id)
}
