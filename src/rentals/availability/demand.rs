//! What a booking asks of each item, all its lines together.

use std::collections::BTreeMap;

/// Pieces that a line asks of an item: a plain line, or a component line of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The line's id.
    pub booking_item_id: i64,
    /// The item's number at its owner.
    pub item_internal_id: i64,
    /// Pieces; of an ongoing booking those that have not come back.
    pub pieces: u32,
}

/// What all lines of a booking ask of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The item's number at its owner.
    pub item_internal_id: i64,
    /// Pieces.
    pub quantity: u32,
    /// The lines, in the order they were given.
    pub booking_item_ids: Vec<i64>,
}

/// Adds up what lines ask for, by rising item, which is also the order in which to lock items.
/// Items of which nothing is asked are left out.
#[must_use]
pub fn demands(lines: impl IntoIterator<Item = Wanted>) -> Vec<Demand> {
    let mut by_item: BTreeMap<i64, Demand> = BTreeMap::new();
    for Wanted { booking_item_id, item_internal_id, pieces } in lines {
        if pieces > 0 {
            let demand = by_item.entry(item_internal_id).or_insert_with(|| Demand {
                item_internal_id,
                quantity: 0,
                booking_item_ids: Vec::new(),
            });
            demand.quantity = demand.quantity.saturating_add(pieces);
            demand.booking_item_ids.push(booking_item_id);
        }
    }
    by_item.into_values().collect()
}
