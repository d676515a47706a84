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

/// Cuts a page that was read with one item more than asked for, to know whether there are more.
/// Answers the cursor to ask with next.
pub(crate) fn cut<T>(items: &mut Vec<T>, limit: i64, id_of: impl Fn(&T) -> i64) -> Option<i64> {
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = items.len() > limit;
    items.truncate(limit);
    items.last().filter(|_| more).map(id_of)
}

/// Writes an instant.
#[must_use]
pub fn timestamp(instant: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: instant.as_second(), nanos: instant.subsec_nanosecond() }
}
