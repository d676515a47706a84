//! Which instants a visit is, by its date and the clock on the wall.

use std::time::Duration;

use steward_kernel::local::{Date, Span, TimeOfDay, Zone};

/// What a change of the clock does to a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjusted {
    /// Nothing.
    None,
    /// The clock skips it, so it moves forward by as much.
    Gap,
    /// The clock shows it twice, and the first is meant.
    Fold,
}

impl Adjusted {
    /// The name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gap => "gap",
            Self::Fold => "fold",
        }
    }
}

/// When a visit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitTime {
    /// The instants.
    pub span: Span,
    /// What the clock on the wall shows at the end.
    pub end: TimeOfDay,
    /// What a change of the clock did to the start.
    pub adjusted: Adjusted,
}

/// The visit that starts on a date at a time of the day, and lasts so many minutes that pass.
#[must_use]
pub fn visit_time(date: Date, start: TimeOfDay, minutes: u32, zone: &Zone) -> VisitTime {
    let local = start.on(date);
    let from = zone.instant(local);
    let till = from + Duration::from_secs(60 * u64::from(minutes));
    let adjusted = if !zone.shows(local) {
        Adjusted::Gap
    } else if zone.last_instant(local) != from {
        Adjusted::Fold
    } else {
        Adjusted::None
    };
    VisitTime { span: Span { from, till }, end: TimeOfDay::of(zone.local(till)), adjusted }
}
