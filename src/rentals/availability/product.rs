//! The answer for a product, a period and a quantity.

use std::num::NonZeroU32;

use steward_kernel::time::Timestamp;

use super::Shelf;
use super::shelf::pieces;
use super::timeline::union;
use crate::time::Span;

/// An item as part of a product.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The item.
    pub shelf: &'a Shelf,
    /// Pieces of it in one product.
    pub per_product: NonZeroU32,
}

impl Part<'_> {
    /// How many products so many pieces make.
    pub(super) fn products(&self, pieces: u32) -> u32 {
        pieces / self.per_product
    }

    /// How many pieces so many products take.
    pub(super) fn pieces(&self, products: u32) -> i64 {
        i64::from(self.per_product.get()) * i64::from(products)
    }
}

/// What is rented: an item, or a bundle of several.
#[derive(Debug, Clone)]
pub struct Product<'a> {
    /// Its items; a bundle without any cannot be rented.
    pub parts: Vec<Part<'a>>,
}

/// An item that sets the limit of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The item's number at its owner.
    pub item_internal_id: i64,
    /// Pieces of it in one bundle.
    pub per_bundle: u32,
    /// Pieces of it that are free.
    pub available_quantity: u32,
}

/// What a product has for a period and a quantity. Quantities are products; nothing stands for
/// any number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether the quantity is free.
    pub available: bool,
    /// Products that are free throughout.
    pub available_quantity: Option<u32>,
    /// Products that may be reserved, overbooking included.
    pub plannable_quantity: Option<u32>,
    /// Products that are missing for what is held already.
    pub overbooked_quantity: u32,
    /// The items that set the limit: those of which the fewest products can be made. None where
    /// nothing is limited.
    pub limiting_items: Vec<Limit>,
}

/// A period cut into what is available and what is not, without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Periods {
    /// Where the quantity is free.
    pub available: Vec<Span>,
    /// Where it is not.
    pub unavailable: Vec<Span>,
}

impl<'a> Product<'a> {
    /// A single item.
    #[must_use]
    pub fn item(shelf: &'a Shelf) -> Self {
        Self { parts: vec![Part { shelf, per_product: NonZeroU32::MIN }] }
    }

    /// Answers for a span and a quantity. The buffers of who asks count too, so between two
    /// rentals there are those after the one and those before the other.
    #[must_use]
    pub fn answer(&self, span: Span, quantity: u32) -> Answer {
        let mut answer = Answer {
            available: !self.parts.is_empty(),
            available_quantity: self.nothing(),
            plannable_quantity: self.nothing(),
            overbooked_quantity: 0,
            limiting_items: Vec::new(),
        };
        for part in &self.parts {
            let free = part.shelf.least_free(part.shelf.buffers.around(span));
            let plannable = part.shelf.plannable(free).map(|free| part.products(free));
            answer.plannable_quantity = fewer(answer.plannable_quantity, plannable);
            let Some(free) = free else { continue };
            answer.available &= part.pieces(quantity) <= free;
            let over = pieces(-free).div_ceil(part.per_product.get());
            answer.overbooked_quantity = answer.overbooked_quantity.max(over);

            let available = part.products(pieces(free));
            if answer.available_quantity.is_none_or(|fewest| available < fewest) {
                answer.available_quantity = Some(available);
                answer.limiting_items.clear();
            }
            if answer.available_quantity == Some(available) {
                answer.limiting_items.push(Limit {
                    item_internal_id: part.shelf.item_internal_id,
                    per_bundle: part.per_product.get(),
                    available_quantity: pieces(free),
                });
            }
        }
        answer
    }

    /// Where in a span the quantity is free and where it is not, whoever asks: without buffers.
    #[must_use]
    pub fn periods(&self, span: Span, quantity: u32) -> Periods {
        let mut unavailable: Vec<Span> = if self.parts.is_empty() && !span.is_empty() {
            vec![span]
        } else {
            let short =
                self.parts.iter().flat_map(|part| part.shelf.short_of(part.pieces(quantity), span));
            short.collect()
        };
        unavailable.sort_unstable();
        let unavailable = union(unavailable);
        let mut available = Vec::new();
        let mut from = span.from;
        for part in &unavailable {
            available.push(Span { from, till: part.from });
            from = part.till;
        }
        available.push(Span { from, till: span.till });
        available.retain(|part| !part.is_empty());
        Periods { available, unavailable }
    }

    /// Products that are free throughout a span, whoever asks: without buffers. Nothing for any
    /// number.
    #[must_use]
    pub fn least_available(&self, span: Span) -> Option<u32> {
        self.parts.iter().fold(self.nothing(), |fewest, part| {
            let free = part.shelf.least_free(span).map(|free| part.products(pieces(free)));
            fewer(fewest, free)
        })
    }

    /// Products that are free at an instant. Nothing for any number.
    #[must_use]
    pub fn free_now(&self, now: Timestamp) -> Option<u32> {
        self.parts.iter().fold(self.nothing(), |fewest, part| {
            fewer(fewest, part.shelf.free_now(now).map(|free| part.products(free)))
        })
    }

    /// How many products can be made before any part is looked at: any number, but none of a
    /// bundle without items.
    fn nothing(&self) -> Option<u32> {
        self.parts.is_empty().then_some(0)
    }
}

/// The fewer of two numbers, of which nothing stands for any number.
fn fewer(one: Option<u32>, other: Option<u32>) -> Option<u32> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
