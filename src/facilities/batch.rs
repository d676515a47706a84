//! Batch gets: several records by id in one statement.

use std::collections::HashMap;

use steward_kernel::validate::Violations;
use steward_kernel::{Error, Result};

/// Most ids a batch get takes.
const MOST: usize = 100;

/// Reads the ids of a batch get.
pub(crate) fn ids(field: &'static str, ids: Vec<i64>) -> Result<Vec<i64>> {
    let mut violations = Violations::default();
    if ids.is_empty() {
        violations.required(field);
    }
    if ids.len() > MOST {
        violations.rule(field, format!("At most {MOST} ids can be asked for at once."));
    }
    violations.finish(ids)
}

/// What was found, in the order of the ids. One asked for twice is answered twice.
///
/// # Errors
/// What `not_found` answers for the first id that was not found.
pub(crate) fn in_order<T: Clone>(
    ids: &[i64],
    found: Vec<T>,
    id_of: impl Fn(&T) -> i64,
    not_found: impl Fn(i64) -> Error,
) -> Result<Vec<T>> {
    let by_id: HashMap<i64, T> = found.into_iter().map(|item| (id_of(&item), item)).collect();
    ids.iter().map(|id| by_id.get(id).cloned().ok_or_else(|| not_found(*id))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn not_found(id: i64) -> Error {
        Error::not_found("Thing", id)
    }

    #[test]
    fn answers_in_the_order_of_the_request() {
        let answer = in_order(&[3, 1, 3], vec![1, 2, 3], |id| *id, not_found);
        assert_eq!(answer.expect("all found"), [3, 1, 3]);
    }

    #[test]
    fn names_the_first_that_is_missing() {
        let error = in_order(&[1, 5, 4], vec![1], |id| *id, not_found).expect_err("missing");
        assert_eq!(error.resource(), Some(("Thing", "5")));
    }

    #[test]
    fn takes_one_to_a_hundred() {
        assert!(ids("thing_ids", vec![7; MOST]).is_ok());
        for refused in [Vec::new(), vec![7; MOST + 1]] {
            let error = ids("thing_ids", refused).expect_err("refused");
            assert_eq!(error.violations()[0].field, "thing_ids");
        }
    }
}
