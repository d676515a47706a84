//! Whether stock can be taken away from what is held.

use steward_kernel::time::Timestamp;

use super::{Conflict, Downtime, Shelf, Stock, conflicts};
use crate::time::Span;

/// More is held than would be left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BelowCommitments {
    /// The stretches in which it is.
    pub spans: Vec<Span>,
    /// The bookings that hold pieces then, by start.
    pub bookings: Vec<Conflict>,
}

/// Whether more than so many pieces are held at some instant from now on. To be asked when the
/// stock is lowered to them, or they begin to be counted.
#[must_use]
pub fn lowering_stock(shelf: &Shelf, to: u32, now: Timestamp) -> Option<BelowCommitments> {
    let spans = shelf.timeline().above(i64::from(to), Span::since(now));
    found(shelf, spans)
}

/// Whether from now on a downtime takes pieces that are held. The shelf is without the downtime.
#[must_use]
pub fn adding_downtime(
    shelf: &Shelf,
    downtime: &Downtime,
    now: Timestamp,
) -> Option<BelowCommitments> {
    let Stock::Managed { .. } = shelf.stock else { return None };
    let ahead = downtime.span.common(&Span::since(now))?;
    found(shelf, shelf.short_of(i64::from(downtime.pieces), ahead))
}

fn found(shelf: &Shelf, spans: Vec<Span>) -> Option<BelowCommitments> {
    let bookings = conflicts(shelf, &spans);
    (!spans.is_empty()).then_some(BelowCommitments { spans, bookings })
}
