//! Tables of prices as they are sent and stored. What they cost is in `pricing`.

mod stored;
mod wire;

pub(crate) use stored::{StoredPrices, StoredUnit};
pub(crate) use wire::{overtime_rule, rows, table};
