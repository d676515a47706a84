//! Bundles: the price of several items rented as one.

use super::{Length, PiecePrice, PriceTable, Priced, Unit};
use crate::money::{Money, Percent, TooLarge};

/// How a bundle gets its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BundlePricing {
    /// What its items cost, less a percentage.
    Items {
        /// What is taken off.
        discount: Percent,
    },
    /// A table of its own.
    Own(PriceTable),
}

/// An item of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// What a piece of the item costs.
    pub table: PriceTable,
    /// Pieces in one bundle, at least 1.
    pub per_bundle: u32,
}

impl Component {
    /// The table price of its pieces in one bundle.
    fn price(&self, length: Length) -> Result<Money, TooLarge> {
        self.table.piece(length)?.price.times(self.per_bundle)
    }
}

/// A bundle as it is priced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// How it gets its price.
    pub pricing: BundlePricing,
    /// Its items in their order.
    pub components: Vec<Component>,
}

impl Bundle {
    /// By what the price of the bundle is split over its components: their table prices.
    ///
    /// # Errors
    /// When one of them is larger than an amount may be.
    pub fn weights(&self, length: Length) -> Result<Vec<Money>, TooLarge> {
        self.components.iter().map(|component| component.price(length)).collect()
    }
}

impl Priced for Bundle {
    /// By its items: their sum less the percentage, rounded, by the day. Otherwise as its own
    /// table says.
    fn piece(&self, length: Length) -> Result<PiecePrice, TooLarge> {
        match &self.pricing {
            BundlePricing::Own(table) => table.piece(length),
            BundlePricing::Items { discount } => {
                let sum = Money::sum(self.weights(length)?)?;
                let unit = Unit::Day;
                Ok(PiecePrice { price: discount.rest().of(sum), unit, units: length.units(unit) })
            }
        }
    }
}
