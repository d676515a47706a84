//! Why a cleaner cannot attend a visit.

use steward_kernel::local::Span;

use super::availability::working;
use super::{Exception, Place, Spans, Travel, Visit};

/// Why a cleaner cannot attend a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictKind {
    /// Another visit is at the same time.
    Overlap,
    /// The way from or to another visit is too long.
    Travel,
    /// The cleaner does not work then.
    Unavailable,
    /// The cleaner does not work at all.
    Inactive,
    /// The home is in no area of the cleaner.
    Area,
}

impl ConflictKind {
    /// The name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overlap => "overlap",
            Self::Travel => "travel",
            Self::Unavailable => "unavailable",
            Self::Inactive => "inactive",
            Self::Area => "area",
        }
    }

    /// Whether nobody may pass it over.
    #[must_use]
    pub const fn is_hard(self) -> bool {
        match self {
            Self::Overlap | Self::Inactive => true,
            Self::Travel | Self::Unavailable | Self::Area => false,
        }
    }
}

/// Why a cleaner cannot attend a visit, and what is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    /// Why.
    pub kind: ConflictKind,
    /// When the visit would be.
    pub span: Span,
    /// The visit that is in the way.
    pub with_event_id: Option<i64>,
    /// The change to the usual week that is in the way.
    pub exception_id: Option<i64>,
    /// Minutes that are missing for the way.
    pub minutes_short: Option<u32>,
}

/// A visit that somebody is asked to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// When it is.
    pub span: Span,
    /// The home.
    pub place: Place,
}

/// What is known of a cleaner who is asked.
#[derive(Debug, Clone, Copy)]
pub struct Worker<'a> {
    /// Whether the cleaner works.
    pub is_active: bool,
    /// Whether the home is in an area of the cleaner.
    pub serves_area: bool,
    /// What the usual week leaves, of the days of the visits and one more on either side.
    pub gross: &'a Spans,
    /// Changes to it.
    pub exceptions: &'a [Exception],
    /// Visits that the cleaner must attend, other than those asked for.
    pub visits: &'a [Visit],
    /// How the cleaner travels.
    pub travel: Travel,
}

/// All that keeps a cleaner from a series of visits, by visit. What keeps the cleaner from all of
/// them is said once, with the first.
#[must_use]
pub fn conflicts(worker: &Worker<'_>, candidates: &[Candidate]) -> Vec<Conflict> {
    let Some(first) = candidates.first() else { return Vec::new() };
    let working = working(worker.gross, worker.exceptions);
    let always = [
        (!worker.is_active).then_some(ConflictKind::Inactive),
        (!worker.serves_area).then_some(ConflictKind::Area),
    ];
    let always = always.into_iter().flatten().map(|kind| Conflict::new(kind, first.span));
    let each = candidates.iter().flat_map(|candidate| {
        let others =
            worker.visits.iter().filter_map(|other| beside(candidate, other, &worker.travel));
        let away = (!working.covers(candidate.span)).then(|| unavailable(worker, candidate));
        others.chain(away)
    });
    always.chain(each).collect()
}

impl Conflict {
    const fn new(kind: ConflictKind, span: Span) -> Self {
        Self { kind, span, with_event_id: None, exception_id: None, minutes_short: None }
    }
}

/// What another visit has against one.
fn beside(candidate: &Candidate, other: &Visit, travel: &Travel) -> Option<Conflict> {
    let conflict = |kind, minutes_short| Conflict {
        with_event_id: other.event_id,
        minutes_short,
        ..Conflict::new(kind, candidate.span)
    };
    if candidate.span.meets(&other.span) {
        return Some(conflict(ConflictKind::Overlap, None));
    }
    let asked = Visit { event_id: None, span: candidate.span, place: Some(candidate.place) };
    let (earlier, later) =
        if other.span.from < asked.span.from { (other, &asked) } else { (&asked, other) };
    let between = later.span.from.seconds_since(earlier.span.till);
    let needed = i64::from(earlier.minutes_to(later, travel)) * 60;
    // Whole minutes, and one that has begun is missing too.
    let short = u32::try_from((needed - between + 59).div_euclid(60)).unwrap_or(0);
    (short > 0).then(|| conflict(ConflictKind::Travel, Some(short)))
}

/// That the cleaner does not work then, with the change that says so.
fn unavailable(worker: &Worker<'_>, candidate: &Candidate) -> Conflict {
    let mut away = worker.exceptions.iter().filter(|one| !one.is_available);
    let exception = away.find(|one| one.span.meets(&candidate.span));
    Conflict {
        exception_id: exception.map(|one| one.id),
        ..Conflict::new(ConflictKind::Unavailable, candidate.span)
    }
}
