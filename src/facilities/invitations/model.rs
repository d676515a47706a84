//! Invitations and what may be done with them.

use std::time::Duration;

use steward_kernel::error::reason;
use steward_kernel::page::ListQuery;
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Kind, Result};
use steward_platform::mail::Language;

use crate::users::model::{Role, Status};

/// How long a link can be followed.
pub const VALID_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// What a client writes of an invitation.
#[derive(Debug, Clone, Copy)]
pub struct InvitationInput {
    /// Id of the user.
    pub user_id: i64,
    /// Language of the mail and of the page.
    pub language: Language,
}

/// Which invitations are asked for.
#[derive(Debug, Clone)]
pub struct InvitationQuery {
    /// Which page, and what it is narrowed down to.
    pub list: ListQuery,
    /// Of this user.
    pub user_id: Option<i64>,
    /// Standing here.
    pub state: Option<State>,
}

/// Where an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its link can be followed.
    Open,
    /// Its link was followed.
    Accepted,
    /// It was taken back.
    Revoked,
    /// Its link was not followed in time.
    Expired,
}

/// An invitation of a user.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Id, unique within the tenant.
    pub id: i64,
    /// Id of the user.
    pub user_id: i64,
    /// What the user does.
    pub user_role: Role,
    /// Full name of the user.
    pub user_name: String,
    /// Where the user stands.
    pub user_status: Status,
    /// Language of the mail and of the page.
    pub language: Language,
    /// Where the latest mail went.
    pub email: String,
    /// The API client that asked for it.
    pub invited_by: String,
    /// How many mails were sent.
    pub times_sent: i32,
    /// When the user was invited.
    pub created_at: Timestamp,
    /// When the latest mail was sent.
    pub sent_at: Timestamp,
    /// Until when the link can be followed.
    pub expires_at: Timestamp,
    /// When the invitation was accepted.
    pub accepted_at: Option<Timestamp>,
    /// When the invitation was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl Invitation {
    /// Where the invitation stands at `now`.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> State {
        match (self.accepted_at, self.revoked_at) {
            (Some(_), _) => State::Accepted,
            (None, Some(_)) => State::Revoked,
            (None, None) if self.expires_at <= now => State::Expired,
            (None, None) => State::Open,
        }
    }

    /// Whether the invitation may be sent again or taken back.
    ///
    /// # Errors
    /// `FORBIDDEN_ACTION` when it was accepted or taken back.
    pub fn require_pending(&self, now: Timestamp) -> Result<()> {
        match self.state(now) {
            State::Open | State::Expired => Ok(()),
            State::Accepted => {
                Err(Error::forbidden_action("The invitation has already been accepted."))
            }
            State::Revoked => {
                Err(Error::forbidden_action("The invitation has already been revoked."))
            }
        }
    }

    /// Whether a link of the invitation can be followed; `is_latest` when it holds the secret of
    /// the latest mail.
    ///
    /// # Errors
    /// `LINK_EXPIRED`, with the reason as `state` and the `language` of the reader.
    pub fn require_followable(&self, is_latest: bool, now: Timestamp) -> Result<()> {
        let (state, message) = match self.state(now) {
            State::Accepted => ("Accepted", "The invitation has already been accepted."),
            State::Revoked => ("Revoked", "The invitation has been revoked."),
            State::Open | State::Expired if !is_latest => {
                ("Replaced", "A newer link has taken the place of this one.")
            }
            State::Expired => ("Expired", "The invitation has expired."),
            State::Open => return Ok(()),
        };
        Err(Error::new(Kind::OutOfRange, reason::LINK_EXPIRED, message)
            .with_metadata("state", state)
            .with_metadata("language", self.language.tag()))
    }
}

/// Whether a user may be invited, as far as role and status say.
///
/// # Errors
/// `FORBIDDEN_ACTION` for who is active, or a property user who is no main contact.
pub fn require_invitable(role: Role, status: Status, is_main_contact: bool) -> Result<()> {
    if status == Status::Active {
        return Err(Error::forbidden_action("The user is active already."));
    }
    require_contact(role, is_main_contact)
}

/// Whether a user of this role may get an invitation.
///
/// # Errors
/// `FORBIDDEN_ACTION` for a property user who is no main contact.
pub fn require_contact(role: Role, is_main_contact: bool) -> Result<()> {
    if role == Role::PropertyUser && !is_main_contact {
        let message = "Only a property user who is the main contact of a unit can be invited.";
        return Err(Error::forbidden_action(message));
    }
    Ok(())
}

/// What a page says to whoever follows a link.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Full name of the user.
    pub user_name: String,
    /// Name of the business.
    pub business_name: String,
    /// Language of the page.
    pub language: Language,
    /// Until when the link can be followed.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn invitation(sent_at: Timestamp) -> Invitation {
        Invitation {
            id: 1,
            user_id: 2,
            user_role: Role::Owner,
            user_name: String::new(),
            user_status: Status::Invited,
            language: Language::Dutch,
            email: String::new(),
            invited_by: String::new(),
            times_sent: 1,
            created_at: sent_at,
            sent_at,
            expires_at: sent_at + VALID_FOR,
            accepted_at: None,
            revoked_at: None,
        }
    }

    fn refusal(invitation: &Invitation, is_latest: bool, now: Timestamp) -> Option<String> {
        let error = invitation.require_followable(is_latest, now).err()?;
        assert_eq!((error.kind(), error.reason()), (Kind::OutOfRange, reason::LINK_EXPIRED));
        assert!(error.metadata().contains(&("language", "nl".to_owned())), "{error:?}");
        error.metadata().iter().find(|(key, _)| *key == "state").map(|(_, state)| state.clone())
    }

    #[test]
    fn an_invitation_is_open_for_seven_days() {
        let sent = Timestamp::default();
        let open = invitation(sent);
        let last = sent + (VALID_FOR - Duration::from_micros(1));
        assert_eq!(open.state(sent), State::Open);
        assert_eq!(open.state(last), State::Open);
        assert_eq!(open.state(sent + VALID_FOR), State::Expired);
        assert_eq!(refusal(&open, true, last), None);
        assert_eq!(refusal(&open, true, sent + 7 * DAY).as_deref(), Some("Expired"));
        for now in [sent, sent + 8 * DAY] {
            assert!(open.require_pending(now).is_ok());
            assert_eq!(refusal(&open, false, now).as_deref(), Some("Replaced"));
        }
    }

    #[test]
    fn what_ended_stays_ended() {
        let sent = Timestamp::default();
        let accepted = Invitation { accepted_at: Some(sent + DAY), ..invitation(sent) };
        let revoked = Invitation { revoked_at: Some(sent + DAY), ..invitation(sent) };
        for now in [sent + 2 * DAY, sent + 8 * DAY] {
            for (ended, state, said) in
                [(&accepted, State::Accepted, "Accepted"), (&revoked, State::Revoked, "Revoked")]
            {
                assert_eq!(ended.state(now), state);
                let error = ended.require_pending(now).expect_err("it has ended");
                assert_eq!(error.reason(), reason::FORBIDDEN_ACTION);
                for is_latest in [true, false] {
                    assert_eq!(refusal(ended, is_latest, now).as_deref(), Some(said));
                }
            }
        }
    }

    #[test]
    fn who_may_be_invited() {
        for role in [Role::Owner, Role::Manager, Role::ServiceProvider, Role::PropertyUser] {
            for status in [Status::Uninvited, Status::Invited, Status::Active, Status::Inactive] {
                for is_main_contact in [true, false] {
                    let allowed = require_invitable(role, status, is_main_contact).is_ok();
                    let is_contact = role != Role::PropertyUser || is_main_contact;
                    assert_eq!(allowed, status != Status::Active && is_contact);
                    assert_eq!(require_contact(role, is_main_contact).is_ok(), is_contact);
                }
            }
        }
    }
}
