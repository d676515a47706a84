//! An item with what is held of it.

use steward_kernel::time::Timestamp;

use super::{Buffers, Hold, Timeline};
use crate::time::Span;

/// How far more may be reserved than there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Overbooking {
    /// Not at all.
    #[default]
    No,
    /// By so many pieces.
    UpTo(u32),
    /// By any number.
    Unlimited,
}

/// How many pieces of an item there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stock {
    /// As many as anybody wants.
    Unmanaged,
    /// So many.
    Managed {
        /// Pieces owned, whether they are out or not.
        pieces: u32,
        /// How far more may be reserved.
        overbooking: Overbooking,
    },
}

impl Stock {
    /// Pieces owned; nothing where they are not counted.
    #[must_use]
    pub const fn pieces(&self) -> Option<u32> {
        match self {
            Self::Unmanaged => None,
            Self::Managed { pieces, .. } => Some(*pieces),
        }
    }

    /// How many pieces more than are free may be planned with; nothing for any number.
    fn allowance(&self) -> Option<i64> {
        match self {
            Self::Unmanaged | Self::Managed { overbooking: Overbooking::Unlimited, .. } => None,
            Self::Managed { overbooking: Overbooking::No, .. } => Some(0),
            Self::Managed { overbooking: Overbooking::UpTo(limit), .. } => Some(i64::from(*limit)),
        }
    }
}

/// An item with what is held of it: what every answer about the item is made from.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// The item's number at its owner.
    pub item_internal_id: i64,
    /// Whether it is offered at all. For lines that were reserved when it was, it still is.
    pub active: bool,
    /// How many pieces there are.
    pub stock: Stock,
    /// The buffers of whoever asks for it now.
    pub buffers: Buffers,
    holds: Vec<Hold>,
    timeline: Timeline,
}

impl Shelf {
    /// An item with everything that is held of it.
    #[must_use]
    pub fn new(
        item_internal_id: i64,
        active: bool,
        stock: Stock,
        buffers: Buffers,
        holds: Vec<Hold>,
    ) -> Self {
        let timeline = Timeline::new(&holds);
        Self { item_internal_id, active, stock, buffers, holds, timeline }
    }

    /// The same item without what a booking holds, which is how that booking sees it.
    #[must_use]
    pub fn without_booking(mut self, booking_internal_id: i64) -> Self {
        self.holds.retain(|hold| hold.source.booking_internal_id() != Some(booking_internal_id));
        self.timeline = Timeline::new(&self.holds);
        self
    }

    /// The same item with something more held.
    #[must_use]
    pub fn with_hold(mut self, hold: Hold) -> Self {
        self.holds.push(hold);
        self.timeline = Timeline::new(&self.holds);
        self
    }

    /// Everything that is held of it.
    #[must_use]
    pub fn holds(&self) -> &[Hold] {
        &self.holds
    }

    /// What is held of it as a function of time.
    #[must_use]
    pub const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The holds that meet a span: its commitments, by rising start.
    #[must_use]
    pub fn commitments(&self, span: Span) -> Vec<Hold> {
        let mut meeting: Vec<Hold> =
            self.holds.iter().filter(|hold| hold.span.meets(&span)).copied().collect();
        meeting.sort_by_key(|hold| (hold.span, hold.source.booking_internal_id()));
        meeting
    }

    /// The least pieces free at any instant of a span, negative where more are held than there
    /// are; nothing where they are not counted.
    #[must_use]
    pub fn least_free(&self, span: Span) -> Option<i64> {
        Some(i64::from(self.stock.pieces()?) - self.timeline.most_held(span))
    }

    /// Pieces free at an instant, 0 where more are held than there are; nothing where they are
    /// not counted.
    #[must_use]
    pub fn free_now(&self, now: Timestamp) -> Option<u32> {
        Some(pieces(i64::from(self.stock.pieces()?) - self.timeline.held_at(now)))
    }

    /// The longest stretches of a span in which fewer than so many pieces are free.
    #[must_use]
    pub fn short_of(&self, wanted: i64, span: Span) -> Vec<Span> {
        self.stock
            .pieces()
            .map_or(Vec::new(), |owned| self.timeline.above(i64::from(owned) - wanted, span))
    }

    /// The stretches of a span in which more is held than there is.
    #[must_use]
    pub fn overbooked(&self, span: Span) -> Vec<Span> {
        self.short_of(0, span)
    }

    /// Pieces that may be planned with when so many are free; nothing for any number.
    pub(super) fn plannable(&self, free: Option<i64>) -> Option<u32> {
        Some(pieces(free? + self.stock.allowance()?))
    }
}

/// A count of pieces, of which there are not less than none.
pub(super) fn pieces(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}
