//! Steps of the work on an issue, and its rating.

use std::collections::BTreeMap;

use crate::issues::model::Verb;
use crate::users::model::Role;

/// A step of the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Give the issue to a service provider.
    Assign {
        /// Id of the provider.
        service_provider_id: i64,
    },
    /// Refuse the issue.
    Reject {
        /// Why.
        comment: String,
    },
    /// A step that says no more than where it leads.
    Plain(Verb),
}

impl Step {
    /// What is done.
    #[must_use]
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Assign { .. } => Verb::Assign,
            Self::Reject { .. } => Verb::Reject,
            Self::Plain(verb) => *verb,
        }
    }
}

/// What a client writes of a rating.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatingInput {
    /// Id of who rates.
    pub rater_id: i64,
    /// Points, 1 to 5.
    pub points: i16,
    /// Remark of the rater.
    pub comment: Option<String>,
}

/// Which kind of rater a role is: 1 manager, 2 property user, 3 owner. Providers do not rate.
#[must_use]
pub const fn rater_kind(role: Role) -> Option<i16> {
    match role {
        Role::Manager => Some(1),
        Role::PropertyUser => Some(2),
        Role::Owner => Some(3),
        Role::ServiceProvider => None,
    }
}

/// A rating as the averages of the rated hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credit {
    /// Points, 1 to 5.
    pub points: i16,
    /// The manager whose average holds it.
    pub manager_id: Option<i64>,
    /// The service provider whose average holds it.
    pub provider_id: Option<i64>,
}

/// What the ratings of each user change by, points and count, ordered by user, when one rating
/// takes the place of another.
#[must_use]
pub fn rating_changes(before: Option<Credit>, after: Credit) -> BTreeMap<i64, (i64, i32)> {
    let mut changes: BTreeMap<i64, (i64, i32)> = BTreeMap::new();
    let credits = before.map(|credit| (credit, -1)).into_iter().chain([(after, 1)]);
    for (credit, sign) in credits {
        for user in [credit.manager_id, credit.provider_id].into_iter().flatten() {
            let (points, count) = changes.entry(user).or_default();
            *points += i64::from(credit.points) * i64::from(sign);
            *count += sign;
        }
    }
    changes.retain(|_, change| *change != (0, 0));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credit(points: i16, manager_id: Option<i64>, provider_id: Option<i64>) -> Credit {
        Credit { points, manager_id, provider_id }
    }

    fn changes(before: Option<Credit>, after: Credit) -> Vec<(i64, (i64, i32))> {
        rating_changes(before, after).into_iter().collect()
    }

    #[test]
    fn a_first_rating_counts_for_both() {
        let after = credit(4, Some(9), Some(2));
        assert_eq!(changes(None, after), [(2, (4, 1)), (9, (4, 1))]);
        assert_eq!(changes(None, credit(4, None, None)), []);
    }

    #[test]
    fn a_later_rating_takes_the_place_of_the_first() {
        let before = credit(4, Some(9), Some(2));
        assert_eq!(
            changes(Some(before), credit(1, Some(9), Some(2))),
            [(2, (-3, 0)), (9, (-3, 0))]
        );
        assert_eq!(changes(Some(before), before), []);
    }

    #[test]
    fn a_rating_moves_with_who_is_rated() {
        let (before, after) = (credit(4, Some(9), Some(2)), credit(5, None, Some(3)));
        assert_eq!(changes(Some(before), after), [(2, (-4, -1)), (3, (5, 1)), (9, (-4, -1))]);
    }
}
