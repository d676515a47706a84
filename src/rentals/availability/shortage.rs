//! Shortages: what is missing for a booking, why, and whether it may go on all the same.

use super::shelf::pieces;
use super::{Demand, Overbooking, Shelf, Source, Stock, next_start};
use crate::time::{LocalTime, Period, Span, Zone};

/// Whether an item is there for a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is.
    None,
    /// It is short, and its owner allows to overbook it this far.
    Warning,
    /// It is short.
    Blocking,
    /// It is not offered any more.
    ItemInactive,
}

impl Reason {
    /// The name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Warning => "warning",
            Self::Blocking => "blocking",
            Self::ItemInactive => "item_inactive",
        }
    }
}

/// A booking in whose hands missing pieces are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    /// The booking's number at its owner.
    pub booking_internal_id: i64,
    /// Pieces it holds in the stretches in question.
    pub quantity: u32,
    /// When the booking is, without buffers.
    pub period: Period,
}

/// The circumstances of a shortage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    /// Pieces owned.
    pub stock: u32,
    /// From the first instant at which pieces are missing to the last, within the booking and
    /// its buffers.
    pub span: Span,
    /// The bookings that hold pieces while they are missing, by start.
    pub conflicts: Vec<Conflict>,
    /// The first later start, by the owner's clock, at which the quantity is free for the same
    /// length; nothing when there is none within 90 days.
    pub next_available_at: Option<LocalTime>,
}

/// What was found out about one item of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What the booking asks of the item.
    pub demand: Demand,
    /// Whether it is there.
    pub reason: Reason,
    /// Pieces that are free throughout; nothing for any number.
    pub available_quantity: Option<u32>,
    /// Pieces that may be reserved, overbooking included; nothing for any number.
    pub plannable_quantity: Option<u32>,
    /// Pieces that are missing.
    pub missing_quantity: u32,
    /// The circumstances, where pieces are missing.
    pub short: Option<Short>,
}

/// Looks whether what a booking asks of an item is there. The shelf is without what the booking
/// itself holds ([`Shelf::without_booking`]).
#[must_use]
pub fn check(demand: Demand, shelf: &Shelf, period: &Period, zone: &Zone) -> Finding {
    let window = shelf.buffers.around(period.span());
    let free = shelf.least_free(window);
    let wanted = i64::from(demand.quantity);
    let missing = free.map_or(0, |free| (wanted - free).max(0));
    let short = match shelf.stock {
        Stock::Managed { pieces, .. } if missing > 0 => {
            let spans = shelf.short_of(wanted, window);
            Some(Short {
                stock: pieces,
                span: hull(&spans).unwrap_or(window),
                conflicts: conflicts(shelf, &spans),
                next_available_at: next_start(shelf, demand.quantity, period, zone),
            })
        }
        Stock::Managed { .. } | Stock::Unmanaged => None,
    };
    Finding {
        reason: if !shelf.active {
            Reason::ItemInactive
        } else if missing == 0 {
            Reason::None
        } else if may_overbook(shelf.stock, missing) {
            Reason::Warning
        } else {
            Reason::Blocking
        },
        available_quantity: free.map(pieces),
        plannable_quantity: shelf.plannable(free),
        missing_quantity: pieces(missing),
        short,
        demand,
    }
}

/// The bookings that hold pieces of an item in any of some spans, by start and number. Downtimes
/// hold pieces too, and are nobody to ask for them.
#[must_use]
pub fn conflicts(shelf: &Shelf, spans: &[Span]) -> Vec<Conflict> {
    let mut conflicts: Vec<Conflict> = Vec::new();
    for hold in shelf.holds().iter().filter(|hold| meets_any(hold.span, spans)) {
        let Source::Booking { booking_internal_id, period, .. } = hold.source else { continue };
        let quantity = hold.pieces;
        conflicts.push(Conflict { booking_internal_id, quantity, period });
    }
    conflicts.sort_by_key(|conflict| (conflict.period.span(), conflict.booking_internal_id));
    conflicts.dedup_by(|later, first| {
        let same = later.booking_internal_id == first.booking_internal_id;
        if same {
            first.quantity = first.quantity.saturating_add(later.quantity);
        }
        same
    });
    conflicts
}

/// The stretches of a span in which more of an item is held than there is, each with the
/// bookings that hold it.
#[must_use]
pub fn shortages(shelf: &Shelf, span: Span) -> Vec<(Span, Vec<Conflict>)> {
    let stretches = shelf.overbooked(span).into_iter();
    stretches.map(|stretch| (stretch, conflicts(shelf, &[stretch]))).collect()
}

/// What becomes of a change that takes stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is done; findings with [`Reason::Warning`] are answered as warnings.
    Done,
    /// An item is not offered any more.
    Inactive,
    /// Pieces are missing and may not be overbooked.
    Refused,
    /// Pieces are missing and may be overbooked, once somebody says so.
    ConfirmationRequired,
}

/// Decides on a change by what was found out about its items.
///
/// `confirmed` is what the caller says about shortages, `must_confirm` whether the owner wants
/// it said. What is blocking cannot be confirmed away.
#[must_use]
pub fn decide(findings: &[Finding], confirmed: Option<bool>, must_confirm: bool) -> Decision {
    let any = |reason: Reason| findings.iter().any(|finding| finding.reason == reason);
    if any(Reason::ItemInactive) {
        Decision::Inactive
    } else if any(Reason::Blocking) {
        Decision::Refused
    } else if any(Reason::Warning) && !confirmed.unwrap_or(!must_confirm) {
        Decision::ConfirmationRequired
    } else {
        Decision::Done
    }
}

/// Whether an item may be overbooked by so many pieces.
fn may_overbook(stock: Stock, missing: i64) -> bool {
    match stock {
        Stock::Unmanaged | Stock::Managed { overbooking: Overbooking::Unlimited, .. } => true,
        Stock::Managed { overbooking: Overbooking::UpTo(limit), .. } => missing <= i64::from(limit),
        Stock::Managed { overbooking: Overbooking::No, .. } => false,
    }
}

/// Whether a span meets one of several that are ordered and apart from each other.
fn meets_any(span: Span, spans: &[Span]) -> bool {
    let ahead = spans.partition_point(|other| other.till <= span.from);
    spans.get(ahead).is_some_and(|other| other.meets(&span))
}

/// From the start of the first span to the end of the last.
fn hull(spans: &[Span]) -> Option<Span> {
    Some(Span { from: spans.first()?.from, till: spans.last()?.till })
}
