//! What a visitor of the store sees.

use super::{Answer, Interval};

/// What the owner lets visitors see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreView {
    /// How many pieces there are.
    pub show_stock: bool,
    /// Products that are not available.
    pub show_unavailable: bool,
}

/// An [`Answer`] for visitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreAnswer {
    /// Whether the quantity may be had, overbooking included.
    pub available: bool,
    /// Products that are free; nothing for any number, and where it is not shown.
    pub available_quantity: Option<u32>,
}

impl StoreView {
    /// What visitors see of an answer for a quantity.
    #[must_use]
    pub fn answer(&self, answer: &Answer, quantity: u32) -> StoreAnswer {
        StoreAnswer {
            available: answer.plannable_quantity.is_none_or(|plannable| quantity <= plannable),
            available_quantity: answer.available_quantity.filter(|_| self.show_stock),
        }
    }

    /// What visitors see of an interval.
    #[must_use]
    pub fn interval(&self, interval: Interval) -> Interval {
        let available_quantity = interval.available_quantity.filter(|_| self.show_stock);
        Interval { available_quantity, ..interval }
    }

    /// Whether a list shows a product with this answer.
    #[must_use]
    pub const fn lists(&self, answer: &StoreAnswer) -> bool {
        self.show_unavailable || answer.available
    }
}
