//! What several messages of the platform have in common.

use steward_kernel::Result;
use steward_kernel::time::Timestamp;
use steward_kernel::validate::Violations;

/// Most items of a page.
pub(crate) const MOST: i64 = 100;

/// Reads the parameters of a list that goes back from the latest: a cursor, and how many.
pub(crate) fn cursor_page(cursor: Option<i64>, size: Option<i32>) -> Result<(Option<i64>, i64)> {
    let mut violations = Violations::default();
    let limit = size.map_or(MOST, i64::from);
    if !(1..=MOST).contains(&limit) {
        violations.rule("page_size", "The page size is between 1 and 100.");
    }
    violations.finish((cursor, limit))
}

/// Writes an instant. protobuf counts nanoseconds forward from a second that may lie before the
/// epoch.
pub(crate) fn timestamp(instant: Timestamp) -> prost_types::Timestamp {
    let (seconds, nanos) = (instant.as_second(), instant.subsec_nanosecond());
    if nanos < 0 {
        prost_types::Timestamp { seconds: seconds - 1, nanos: nanos + 1_000_000_000 }
    } else {
        prost_types::Timestamp { seconds, nanos }
    }
}
