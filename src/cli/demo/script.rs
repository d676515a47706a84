//! Demo data as calls of the JSON routes, one after the other, as a client would make them.

use std::collections::HashMap;
use std::sync::Arc;

use http::Method;
use http_body_util::BodyExt;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;
use steward_kernel::{Principal, time};
use steward_transport::insider::{Aim, Insider, InsiderCall};

use crate::cli::failure::Failure;

/// A call of a script.
#[derive(Deserialize)]
struct Step {
    /// Method and path: `POST /room/add`.
    call: String,
    /// The JSON body.
    #[serde(default)]
    body: Value,
    /// What to keep of the answer: names for the values at JSON pointers.
    #[serde(default)]
    keep: HashMap<String, String>,
}

/// Makes the calls of a script in the name of `principal`.
///
/// Texts of a step may hold `{name}` for a value kept before, `{tenant}` for the id of the
/// tenant, and `{+3}` or `{-3}` for the day so many days from today. A text that is nothing but
/// a name stands for the value itself, so that numbers stay numbers.
///
/// # Errors
/// The first call that is refused, and why.
pub async fn run(
    insider: &Insider,
    principal: &Arc<Principal>,
    script: &str,
) -> Result<(), Failure> {
    let steps: Vec<Step> = serde_json::from_str(script)
        .map_err(|error| Failure::during("The script of the demo", &error))?;
    let mut kept = HashMap::from([("tenant".to_owned(), Value::from(principal.tenant.0))]);
    for (number, step) in (1..).zip(steps) {
        let answer = make(insider, principal, &step, &kept)
            .await
            .map_err(|failure| Failure::new(format!("Step {number} of the demo: {failure}")))?;
        for (name, pointer) in step.keep {
            let value = answer.pointer(&pointer).cloned().ok_or_else(|| {
                Failure::new(format!("{} of the demo answered nothing at {pointer}", step.call))
            })?;
            kept.insert(name, value);
        }
    }
    Ok(())
}

async fn make(
    insider: &Insider,
    principal: &Arc<Principal>,
    step: &Step,
    kept: &HashMap<String, Value>,
) -> Result<Value, Failure> {
    let failed = |why: &str| Failure::new(format!("{}: {why}", step.call));
    let Value::String(call) = filled(&Value::from(&*step.call), kept) else {
        return Err(failed("not a call"));
    };
    let (method, path) = call.split_once(' ').ok_or_else(|| failed("not a call"))?;
    let call = InsiderCall {
        principal,
        address: None,
        method: method.parse::<Method>().map_err(|_| failed("not a method"))?,
        path,
        body: &filled(&step.body, kept),
        aim: Aim::Alone,
    };
    match insider.call(call).await? {
        Ok(body) => {
            let bytes = body.collect().await.map_err(|_| failed("no answer"))?.to_bytes();
            Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
        }
        Err(refusal) => Err(failed(&format!("{} {:?}", refusal.message, refusal.members))),
    }
}

/// A value with its names and days filled in.
fn filled(value: &Value, kept: &HashMap<String, Value>) -> Value {
    match value {
        Value::String(text) => {
            let name = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            match name.and_then(|name| kept.get(name)) {
                Some(value) => value.clone(),
                None => Value::String(written(text, kept)),
            }
        }
        Value::Array(values) => values.iter().map(|value| filled(value, kept)).collect(),
        Value::Object(members) => {
            let filled = |(name, value): (&String, &Value)| (name.clone(), filled(value, kept));
            Value::Object(members.iter().map(filled).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// A text with the names and days in it written out; braces around anything else stay.
fn written(text: &str, kept: &HashMap<String, Value>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let inside = after.split_once('}').and_then(|(name, after)| {
            let value = match kept.get(name) {
                Some(Value::String(text)) => text.clone(),
                Some(value) => value.to_string(),
                None => day(name)?,
            };
            Some((value, after))
        });
        match inside {
            Some((value, after)) => {
                out.push_str(&value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The day that `+3` or `-3` stands for: `2026-11-25`.
fn day(offset: &str) -> Option<String> {
    let days: i64 = offset.strip_prefix('+').unwrap_or(offset).parse().ok()?;
    let now = jiff::Timestamp::from_second(time::now().as_second()).ok()?;
    let today = now.to_zoned(TimeZone::UTC).date();
    Some(today.checked_add(days.days()).ok()?.to_string())
}
