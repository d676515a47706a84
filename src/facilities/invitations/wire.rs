//! Invitations between proto and model.

use steward_database::Listed;
use steward_kernel::page::{ListQuery, Page, PageRequest};
use steward_kernel::time::Timestamp;
use steward_kernel::validate::Violations;
use steward_kernel::{Result, time};
use steward_platform::links::LONGEST;
use steward_platform::mail::Language;

use super::model::{Invitation, InvitationInput, InvitationQuery, Letter, State};
use crate::pb;
use crate::users::wire::{role, status};
use crate::wire::{PageFacts, page, timestamp};

pub fn input(message: pb::CreateInvitationRequest) -> Result<InvitationInput> {
    let pb::CreateInvitationRequest { user_id, language } = message;
    let mut violations = Violations::default();
    let user_id = violations.required_id("user_id", user_id);
    let language = match language.as_deref() {
        None => Some(Language::default()),
        Some(tag) => Language::ALL.into_iter().find(|language| language.tag() == tag),
    };
    if language.is_none() {
        violations.rule("language", "The language is en, nl, pt or es.");
    }
    violations.finish(InvitationInput { user_id, language: language.unwrap_or_default() })
}

pub fn query(message: pb::ListInvitationsRequest) -> Result<InvitationQuery> {
    let pb::ListInvitationsRequest {
        page_number,
        page_size,
        user_id,
        state,
        filter,
        order_by,
        read_mask: _,
    } = message;
    let mut violations = Violations::default();
    let page = PageRequest::read(page_number, page_size, &mut violations);
    let fields = Invitation::LIST.fields;
    let list = ListQuery::all(page).narrow(fields, filter, order_by, &mut violations);
    let wanted = state.map(asked_state);
    if wanted == Some(None) {
        violations.rule("state", "There is no such state.");
    }
    violations.finish(InvitationQuery { list, user_id, state: wanted.flatten() })
}

/// Reads the link that a call came by.
pub fn link(link: String) -> Result<String> {
    let mut violations = Violations::default();
    let link = violations.required_text("link", link, LONGEST);
    violations.finish(link)
}

pub fn invitation(invitation: Invitation) -> pb::Invitation {
    shown(invitation, time::now())
}

pub fn list(invitations: Page<Invitation>) -> pb::ListInvitationsResponse {
    let now = time::now();
    let (facts, items) = page(invitations, |invitation| shown(invitation, now));
    let PageFacts { number_of_pages, total_items, page_size, current_page } = facts;
    pb::ListInvitationsResponse { number_of_pages, total_items, page_size, current_page, items }
}

fn shown(invitation: Invitation, now: Timestamp) -> pb::Invitation {
    let state = invitation.state(now);
    let Invitation {
        id,
        user_id,
        user_role,
        user_name,
        user_status,
        language,
        email,
        invited_by,
        times_sent,
        created_at,
        sent_at,
        expires_at,
        accepted_at,
        revoked_at,
    } = invitation;
    pb::Invitation {
        id,
        user_id,
        user_role: role(user_role),
        user_name,
        user_status: status(user_status),
        email,
        language: language.tag().to_owned(),
        state: shown_state(state),
        invited_by,
        times_sent,
        created: Some(timestamp(created_at)),
        sent: Some(timestamp(sent_at)),
        expires: Some(timestamp(expires_at)),
        accepted: accepted_at.map(timestamp),
        revoked: revoked_at.map(timestamp),
        etag: String::new(),
    }
}

pub fn preview(letter: Letter) -> pb::PreviewInvitationResponse {
    let Letter { user_name, business_name, language, expires_at } = letter;
    pb::PreviewInvitationResponse {
        user_name,
        business_name,
        language: language.tag().to_owned(),
        expires: Some(timestamp(expires_at)),
    }
}

pub fn accepted(letter: Letter) -> pb::AcceptInvitationResponse {
    let Letter { user_name, business_name, language, expires_at: _ } = letter;
    let language = language.tag().to_owned();
    pb::AcceptInvitationResponse { user_name, business_name, language }
}

fn shown_state(state: State) -> i32 {
    let state = match state {
        State::Open => pb::InvitationState::Open,
        State::Accepted => pb::InvitationState::Accepted,
        State::Revoked => pb::InvitationState::Revoked,
        State::Expired => pb::InvitationState::Expired,
    };
    state.into()
}

/// The state a client names; nothing for one that is none.
fn asked_state(number: i32) -> Option<State> {
    Some(match pb::InvitationState::try_from(number).ok()? {
        pb::InvitationState::Unspecified => return None,
        pb::InvitationState::Open => State::Open,
        pb::InvitationState::Accepted => State::Accepted,
        pb::InvitationState::Revoked => State::Revoked,
        pb::InvitationState::Expired => State::Expired,
    })
}
