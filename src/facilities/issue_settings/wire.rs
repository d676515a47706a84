//! The settings for issues between proto and model.

use steward_kernel::Result;
use steward_kernel::validate::Violations;

use super::model::ResponseTargets;
use crate::pb;

pub fn input(message: Option<pb::IssueSettingsInput>) -> Result<ResponseTargets> {
    let mut violations = Violations::below("settings");
    let pb::IssueSettingsInput { urgent_response_minutes, response_minutes } =
        violations.required_message(message);
    for (field, minutes) in [
        ("urgent_response_minutes", urgent_response_minutes),
        ("response_minutes", response_minutes),
    ] {
        if minutes.is_some_and(|minutes| !(1..=ResponseTargets::MOST).contains(&minutes)) {
            violations.rule(field, "A response target is between a minute and a year.");
        }
    }
    violations.finish(ResponseTargets {
        urgent_minutes: urgent_response_minutes,
        minutes: response_minutes,
    })
}

pub fn settings(targets: ResponseTargets) -> pb::IssueSettings {
    let ResponseTargets { urgent_minutes, minutes } = targets;
    pb::IssueSettings {
        urgent_response_minutes: ResponseTargets::or_default(true, urgent_minutes),
        response_minutes: ResponseTargets::or_default(false, minutes),
        etag: String::new(),
    }
}
