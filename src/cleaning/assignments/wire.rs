//! Assignments between proto and model.

use steward_kernel::Result;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;

use super::actions::Dismissed;
use super::model::{Assigned, Assignment, Dismissal, Move, Wanted};
use super::reassign::Moved;
use super::repository::BY_ID;
use crate::events::wire::hour_of_path;
use crate::pb;
use crate::wire::{array, clock, day, paged, timestamp, whole};

/// Reads what a list of those who come to a booking is asked for.
pub fn query(request: pb::ListBookingCleanersRequest) -> Result<((i64, bool), ListQuery)> {
    let pb::ListBookingCleanersRequest { id, include_ended, page_number, page_size } = request;
    let mut violations = Violations::below("");
    let query = whole(&mut violations, page_number, page_size, BY_ID);
    violations.finish(((id, include_ended.unwrap_or(false)), query))
}

/// Reads who is to come to a booking.
pub fn wanted(request: pb::AssignCleanerRequest) -> Result<Wanted> {
    let pb::AssignCleanerRequest {
        request_id,
        cleaner_id,
        start_time,
        from_date,
        until_date,
        r#override,
    } = request;
    let violations = &mut Violations::below("");
    let wanted = Wanted {
        request_id: violations.required_id("request_id", request_id),
        cleaner_id: violations.required_id("cleaner_id", cleaner_id),
        start_time: clock(violations, "start_time", start_time),
        from: day(violations, "from_date", from_date),
        until: day(violations, "until_date", until_date),
        passes_over: r#override.unwrap_or(false),
    };
    std::mem::take(violations).finish(wanted)
}

/// Reads who is to come to a booking at an hour that is a part of a path.
pub fn wanted_at(request: pb::AssignCleanerToRequestRequest) -> Result<Wanted> {
    let pb::AssignCleanerToRequestRequest { cleaner_id, request_id, hour, r#override } = request;
    let violations = &mut Violations::below("");
    let wanted = Wanted {
        request_id: violations.required_id("request_id", request_id),
        cleaner_id: violations.required_id("cleaner_id", cleaner_id),
        start_time: hour_of_path(violations, "hour", &hour),
        from: None,
        until: None,
        passes_over: r#override.unwrap_or(false),
    };
    std::mem::take(violations).finish(wanted)
}

/// Reads what a cleaner claims.
pub fn claimed(request: pb::AcceptJobRequestRequest) -> Result<Wanted> {
    let pb::AcceptJobRequestRequest { clean_home_request_id, cleaner_id, start_time } = request;
    let violations = &mut Violations::below("");
    let wanted = Wanted {
        request_id: violations.required_id("clean_home_request_id", clean_home_request_id),
        cleaner_id: violations.required_id("cleaner_id", cleaner_id),
        start_time: hour_of_path(violations, "start_time", &start_time),
        from: None,
        until: None,
        passes_over: false,
    };
    std::mem::take(violations).finish(wanted)
}

/// Reads who is to come no more.
pub fn dismissal(request: pb::DismissAndReassignRequest) -> Result<Dismissal> {
    let pb::DismissAndReassignRequest {
        request_id,
        cleaner_id,
        new_cleaner_id,
        from_date,
        reason,
        r#override,
    } = request;
    let violations = &mut Violations::below("");
    let dismissal = Dismissal {
        request_id: violations.required_id("request_id", request_id),
        cleaner_id: violations.required_id("cleaner_id", cleaner_id),
        new_cleaner_id,
        from: day(violations, "from_date", from_date),
        reason: violations.tidy("reason", reason, 500),
        passes_over: r#override.unwrap_or(false),
    };
    std::mem::take(violations).finish(dismissal)
}

/// Writes an assignment.
pub fn assignment(assignment: Assignment) -> pb::Assignment {
    let Assignment {
        id,
        request_id,
        client_id,
        cleaner_id,
        cleaner: _,
        is_lead,
        start_time,
        from,
        until,
        status,
        source,
        held_until,
        assigned_by,
        end_reason,
        created_at,
        updated_at,
        version,
    } = assignment;
    pb::Assignment {
        id,
        request_id,
        client_id,
        cleaner_id,
        is_lead,
        start_hour: start_time.to_string(),
        from_date: from.to_string(),
        until_date: until.map(|until| until.to_string()),
        status: status.into(),
        source,
        assigned_by,
        end_reason,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
        held_until: held_until.map(timestamp),
    }
}

/// Writes the cleaner of an assignment in a few words.
pub fn brief(assignment: &Assignment) -> pb::CleanerBrief {
    let Assigned { user_id, first_name, last_name, image_url, status } = assignment.cleaner.clone();
    let (id, status) = (assignment.cleaner_id, status.into());
    pb::CleanerBrief { id, user_id, first_name, last_name, image_url, status }
}

fn assigned(one: Assignment) -> pb::AssignedCleaner {
    pb::AssignedCleaner { cleaner: Some(brief(&one)), assignment: Some(assignment(one)) }
}

/// Writes who comes to a booking.
pub fn list(page: Page<Assignment>) -> pb::ListBookingCleanersResponse {
    let (items, total_count, page_number, page_size) = array(page, assigned);
    pb::ListBookingCleanersResponse { items, total_count, page_number, page_size }
}

/// Reads what a list of claims is asked for.
pub fn query_of_claims(request: &pb::ListHeldClaimsRequest) -> Result<ListQuery> {
    let pb::ListHeldClaimsRequest { page_number, page_size } = *request;
    let mut violations = Violations::below("");
    let query = paged(&mut violations, page_number, page_size, BY_ID);
    violations.finish(query)
}

/// Writes claims that wait to be approved.
pub fn claims(page: Page<Assignment>) -> pb::ListHeldClaimsResponse {
    let total_pages = page.pages();
    let (items, total_count, page_number, page_size) = array(page, assigned);
    pb::ListHeldClaimsResponse {
        items,
        page_number,
        page_size,
        total_count,
        total_pages,
        has_previous_page: page_number > 1,
        has_next_page: page_number < total_pages,
    }
}

/// Reads why a claim is rejected.
pub fn rejection(request: pb::RejectClaimRequest) -> Result<(i64, Option<String>)> {
    let pb::RejectClaimRequest { id, reason } = request;
    let mut violations = Violations::below("");
    let reason = violations.tidy("reason", reason, 500);
    violations.finish((id, reason))
}

/// Most visits that a cleaner is sent to one by one.
const MOST_VISITS: usize = 366;

/// Reads in whose place a cleaner is to come.
pub fn moved(request: pb::ReassignCleanerRequest) -> Result<Move> {
    let pb::ReassignCleanerRequest {
        request_id,
        from_cleaner_id,
        to_cleaner_id,
        from_date,
        mut event_ids,
        start_time,
        r#override,
    } = request;
    let violations = &mut Violations::below("");
    if event_ids.len() > MOST_VISITS {
        violations.rule("event_ids", "At most 366 visits are moved at once.");
    }
    event_ids.sort_unstable();
    event_ids.dedup();
    if from_cleaner_id == to_cleaner_id && to_cleaner_id != 0 {
        violations.rule("to_cleaner_id", "This is the same cleaner.");
    }
    let moved = Move {
        request_id: violations.required_id("request_id", request_id),
        from_cleaner_id: violations.required_id("from_cleaner_id", from_cleaner_id),
        to_cleaner_id: violations.required_id("to_cleaner_id", to_cleaner_id),
        from: day(violations, "from_date", from_date),
        event_ids,
        start_time: clock(violations, "start_time", start_time),
        passes_over: r#override.unwrap_or(false),
    };
    std::mem::take(violations).finish(moved)
}

/// Writes who comes in whose place.
pub fn reassigned(moved: Moved) -> pb::ReassignCleanerResponse {
    let Moved { ended, assignment: instead, event_ids } = moved;
    pb::ReassignCleanerResponse {
        id: instead.id,
        ended: Some(assignment(ended)),
        assignment: Some(assignment(instead)),
        moved_event_ids: event_ids,
    }
}

/// Writes who comes no more, and who comes instead.
pub fn dismissed(done: Dismissed) -> pb::DismissAndReassignResponse {
    let Dismissed { dismissed, assignment: instead } = done;
    pb::DismissAndReassignResponse {
        id: dismissed.id,
        dismissed: Some(assignment(dismissed)),
        reopened: instead.is_none(),
        assignment: instead.map(assignment),
    }
}
