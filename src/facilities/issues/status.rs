//! Where an issue stands, and what may be done with it there.

use std::time::Duration;
use steward_kernel::Error;
use steward_kernel::time::Timestamp;

use crate::reason;

/// Where an issue stands. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum IssueStatus {
    /// Reported, not yet looked at.
    Reported = 1,
    /// Assigned to a service provider.
    Assigned = 2,
    /// Work has begun.
    InProgress = 3,
    /// Work waits for something.
    OnHold = 4,
    /// Work is done.
    Resolved = 5,
    /// Finished and accepted.
    Closed = 6,
    /// Refused.
    Rejected = 7,
}

impl IssueStatus {
    /// Reads the stored number. The column is checked, so another number is as good as new.
    #[must_use]
    pub const fn from_stored(number: i16) -> Self {
        match number {
            2 => Self::Assigned,
            3 => Self::InProgress,
            4 => Self::OnHold,
            5 => Self::Resolved,
            6 => Self::Closed,
            7 => Self::Rejected,
            _ => Self::Reported,
        }
    }

    /// The status in words.
    const fn words(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Assigned => "assigned",
            Self::InProgress => "in progress",
            Self::OnHold => "on hold",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Rejected => "rejected",
        }
    }
}

/// What may be done with an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Give it to a service provider.
    Assign,
    /// Begin the work.
    Start,
    /// Let the work wait.
    Hold,
    /// Go on as before.
    Resume,
    /// Finish the work.
    Resolve,
    /// Accept the work.
    Close,
    /// Refuse the issue.
    Reject,
    /// Give it to its service provider again.
    Reopen,
    /// Rate the work.
    Rate,
}

impl Verb {
    /// What the verb makes of an issue, in words.
    const fn participle(self) -> &'static str {
        match self {
            Self::Assign => "assigned",
            Self::Start => "started",
            Self::Hold => "put on hold",
            Self::Resume => "resumed",
            Self::Resolve => "resolved",
            Self::Close => "closed",
            Self::Reject => "rejected",
            Self::Reopen => "reopened",
            Self::Rate => "rated",
        }
    }
}

/// How long after its end an issue may be reopened.
const REOPENING: Duration = Duration::from_secs(30 * 86_400);

/// Where an issue stands, with what its next status depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub status: IssueStatus,
    /// Where an issue on hold came from.
    pub held_from: Option<IssueStatus>,
    /// Since when it stands there.
    pub since: Timestamp,
}

impl Standing {
    /// Where the issue stands after `verb`: the whole table of transitions.
    ///
    /// # Errors
    /// FAILED_PRECONDITION (`ISSUE_STATUS`) for what the table does not have.
    pub fn after(self, verb: Verb, now: Timestamp) -> Result<Self, Error> {
        use IssueStatus as S;
        let next = match (verb, self.status) {
            (Verb::Assign, S::Reported | S::Assigned) => S::Assigned,
            (Verb::Start, S::Assigned) => S::InProgress,
            (Verb::Hold, S::Assigned | S::InProgress) => S::OnHold,
            // Without a note of where it came from it needs to be started again.
            (Verb::Resume, S::OnHold) => self.held_from.unwrap_or(S::Assigned),
            (Verb::Resolve, S::InProgress) => S::Resolved,
            (Verb::Close, S::Resolved) => S::Closed,
            (Verb::Reject, S::Reported | S::Assigned) => S::Rejected,
            (Verb::Reopen, S::Resolved | S::Closed) => {
                if now > self.since + REOPENING {
                    return Err(reason::issue_status(
                        "An issue can be reopened within 30 days only.",
                    ));
                }
                S::Assigned
            }
            (Verb::Rate, S::Resolved | S::Closed) => return Ok(self),
            (verb, status) => {
                return Err(reason::issue_status(format!(
                    "An issue that is {} cannot be {}.",
                    status.words(),
                    verb.participle()
                )));
            }
        };
        Ok(Self {
            status: next,
            held_from: (next == S::OnHold).then_some(self.status),
            since: if next == self.status { self.since } else { now },
        })
    }

    /// Whether the facts of the issue may change.
    ///
    /// # Errors
    /// FAILED_PRECONDITION (`FORBIDDEN_ACTION`) once the issue is closed.
    pub fn require_open(self) -> Result<(), Error> {
        if self.status == IssueStatus::Closed {
            return Err(Error::forbidden_action("The facts of a closed issue cannot be changed."));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::IssueStatus::{Assigned, Closed, InProgress, OnHold, Rejected, Reported, Resolved};
    use super::*;

    const STATUSES: [IssueStatus; 7] =
        [Reported, Assigned, InProgress, OnHold, Resolved, Closed, Rejected];
    const VERBS: [Verb; 9] = [
        Verb::Assign,
        Verb::Start,
        Verb::Hold,
        Verb::Resume,
        Verb::Resolve,
        Verb::Close,
        Verb::Reject,
        Verb::Reopen,
        Verb::Rate,
    ];

    fn standing(status: IssueStatus, held_from: Option<IssueStatus>) -> Standing {
        Standing { status, held_from, since: Timestamp::default() }
    }

    #[test]
    fn every_pair_of_status_and_verb_is_as_contracted() {
        let allowed = [
            (Reported, Verb::Assign, Assigned),
            (Assigned, Verb::Assign, Assigned),
            (Assigned, Verb::Start, InProgress),
            (Assigned, Verb::Hold, OnHold),
            (InProgress, Verb::Hold, OnHold),
            (OnHold, Verb::Resume, InProgress),
            (InProgress, Verb::Resolve, Resolved),
            (Resolved, Verb::Close, Closed),
            (Reported, Verb::Reject, Rejected),
            (Assigned, Verb::Reject, Rejected),
            (Resolved, Verb::Reopen, Assigned),
            (Closed, Verb::Reopen, Assigned),
            (Resolved, Verb::Rate, Resolved),
            (Closed, Verb::Rate, Closed),
        ];
        let now = Timestamp::default() + Duration::from_secs(3_600);
        for status in STATUSES {
            for verb in VERBS {
                let held_from = (status == OnHold).then_some(InProgress);
                let result = standing(status, held_from).after(verb, now);
                let expected = allowed.iter().find(|(from, by, _)| (*from, *by) == (status, verb));
                match (result, expected) {
                    (Ok(after), Some((.., next))) => {
                        assert_eq!(after.status, *next, "{status:?} {verb:?}");
                        let since = if after.status == status { Timestamp::default() } else { now };
                        assert_eq!(after.since, since, "{status:?} {verb:?}");
                        assert_eq!(after.held_from, (*next == OnHold).then_some(status));
                    }
                    (Err(error), None) => {
                        assert_eq!(error.reason(), reason::ISSUE_STATUS, "{status:?} {verb:?}");
                    }
                    (result, expected) => panic!("{status:?} {verb:?}: {result:?}, {expected:?}"),
                }
            }
        }
    }

    #[test]
    fn a_hold_ends_where_it_began() {
        let now = Timestamp::default();
        for from in [Assigned, InProgress] {
            let held = standing(from, None).after(Verb::Hold, now).expect("held");
            let resumed = held.after(Verb::Resume, now).expect("resumed");
            assert_eq!((resumed.status, resumed.held_from), (from, None));
        }
        let resumed = standing(OnHold, None).after(Verb::Resume, now).expect("resumed");
        assert_eq!(resumed.status, Assigned);
    }

    #[test]
    fn reopening_ends_after_thirty_days() {
        let last = Timestamp::default() + REOPENING;
        for status in [Resolved, Closed] {
            let standing = standing(status, None);
            assert!(standing.after(Verb::Reopen, last).is_ok());
            let late = last + Duration::from_secs(1);
            assert!(standing.after(Verb::Reopen, late).is_err());
            assert!(standing.after(Verb::Rate, late).is_ok());
        }
    }

    #[test]
    fn only_a_closed_issue_keeps_its_facts() {
        for status in STATUSES {
            assert_eq!(standing(status, None).require_open().is_err(), status == Closed);
        }
    }
}
