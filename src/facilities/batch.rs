//! Batch gets: several records by id in one statement.

use steward_kernel::Result;
use steward_kernel::validate::Violations;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_one_to_a_hundred() {
        assert!(ids("thing_ids", vec![7; MOST]).is_ok());
        for refused in [Vec::new(), vec![7; MOST + 1]] {
            let error = ids("thing_ids", refused).expect_err("refused");
            assert_eq!(error.violations()[0].field, "thing_ids");
        }
    }
}
