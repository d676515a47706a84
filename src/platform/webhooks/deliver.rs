//! The job that delivers a message.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use prost::Message as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use steward_database::Transaction;
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Family, Kind, Result, TenantId, time};
use steward_transport::changes::Event;
use steward_transport::part::Part;
use steward_transport::rest::Renderer;

use super::address::Reach;
use super::model::{Attempt, Delivery, JOB, PATIENCE, PAUSES, State, Target};
use super::sender::{Message, Sender};
use super::{repository, wire};
use crate::changes;
use crate::events;
use crate::jobs::{Failure, Handler, Job, Retries};
use crate::mail::{self, Mail, Template};
use crate::{App, tenants, users};

/// What endpoints are in the contract.
const MESSAGE: &str = "steward.platform.v1.WebhookEndpoint";

/// HTTP status of an endpoint that wants nothing more.
const GONE: u16 = 410;

/// Why such an endpoint is turned off.
const GONE_REASON: &str = "gone";

/// Tells that an endpoint was turned off. Values: `url`, `gone`.
const DISABLED: Template = crate::mail_template!("templates/disabled");

/// After how many deliveries in a row that reached nobody the fault is looked for here. A single
/// endpoint that is down says nothing of the way to the others.
const TOLERANCE: u32 = 20;

/// How many deliveries are under way on one server. Most of the time they wait for an endpoint,
/// and hold nothing but a connection to it.
const CONCURRENCY: usize = 32;

/// How many of one tenant are, each to another endpoint, so that nobody's slow endpoints fill all
/// places.
const SHARE: usize = 4;

/// Delivers messages.
pub struct Deliver {
    sender: Sender,
    renderer: Arc<Renderer>,
    part: Part,
}

impl Deliver {
    /// Delivers to the addresses in reach. What becomes of endpoints is told as `renderer` writes
    /// them.
    ///
    /// # Errors
    /// INTERNAL when TLS cannot be set up.
    pub fn new(reach: Reach, renderer: Arc<Renderer>) -> Result<Self> {
        let part = Part::tolerating("webhooks", TOLERANCE);
        Ok(Self { sender: Sender::new(reach)?, renderer, part })
    }

    /// The way to the endpoints, as the last deliveries have shown it.
    #[must_use]
    pub fn part(&self) -> Part {
        self.part.clone()
    }

    /// Turns an endpoint off and tells who wanted to be told, once.
    async fn turn_off(
        &self,
        tx: &Transaction,
        (tenant, family): (TenantId, Family),
        posted_to: &Target,
        reason: &'static str,
    ) -> Result<()> {
        let Some((before, after)) = repository::turn_off(tx, tenant, posted_to, reason).await?
        else {
            return Ok(());
        };
        // Who is to be told was not said: then whoever the business belongs to.
        let email = match &after.contact.email {
            Some(email) => Some(email.clone()),
            None => users::email(tx, tenant, None).await?,
        };
        if let Some(email) = &email {
            let mail = Mail {
                to: email,
                language: after.contact.language,
                template: &DISABLED,
                values: json!({"url": after.url, "gone": reason == GONE_REASON}),
                reply_to: None,
            };
            mail::send(tx, tenant, mail).await?;
        }
        let id = after.id.to_string();
        let told = |endpoint| {
            let message = wire::endpoint(endpoint).encode_to_vec();
            self.renderer.json(MESSAGE, Some(family), &message).map(Some)
        };
        let event = Event {
            event_type: events::endpoint_disabled(family),
            resource_type: "webhook_endpoint",
            resource_id: id,
            before: told(before)?,
            after: told(after)?,
        };
        changes::found_out(tx, event).await
    }

    async fn deliver(&self, app: &App, job: &Job) -> Result<(), Failure> {
        let tenant = job.tenant()?;
        let Payload { delivery } = job.payload()?;
        let tx = app.database.read(tenant).await?;
        let delivery = match repository::delivery(&tx, tenant, None, delivery).await {
            // Deleted with its endpoint.
            Err(error) if error.kind() == Kind::NotFound => return Ok(()),
            found => found?,
        };
        let now = time::now();
        let target = repository::target(&tx, tenant, delivery.endpoint_id, now).await?;
        let event = match delivery.sequence {
            Some(sequence) => Some(events::get(&tx, tenant, sequence).await?),
            None => None,
        };
        let family = tenants::find(&tx, tenant).await?.family;
        drop(tx);

        let attempt = if target.endpoint.active || event.is_none() {
            let message = message((tenant, family), &delivery, event.as_ref(), &target, now)?;
            let attempt = self.sender.post(&target.endpoint.url, &message).await;
            // Whatever an endpoint answers, the way to it works.
            self.part.note(attempt.status.is_some());
            attempt
        } else {
            Attempt::failed("The endpoint is turned off.".to_owned())
        };
        let verdict = Verdict::of(&attempt, &target, event.is_none(), job.attempt, time::now());
        let (noted, delivery, target) = (&attempt, delivery.id, &target);
        // A test says nothing, and neither does what was not sent.
        let tells = event.is_some() && target.endpoint.active;
        let verdict_ref = &verdict;
        app.database
            .transaction(tenant, |tx| async move {
                let Verdict { state, failing_since, disabled } = *verdict_ref;
                let now = time::now();
                repository::note_attempt(&tx, tenant, delivery, noted, state, now).await?;
                if !tells {
                    return Ok(());
                }
                match disabled {
                    Some(reason) => self.turn_off(&tx, (tenant, family), target, reason).await,
                    None => repository::note_health(&tx, tenant, target, failing_since).await,
                }
            })
            .await?;
        match verdict.state {
            // What became of it is told by the delivery; the job has done its part.
            State::Delivered | State::Failed => Ok(()),
            State::Pending => {
                let pause = attempt.retry_after.unwrap_or(PAUSES[0]);
                let why = attempt.error.unwrap_or_default();
                Err(Failure::Again(Error::unavailable(why, pause)))
            }
        }
    }
}

impl Handler for Deliver {
    fn kind(&self) -> &'static str {
        JOB
    }

    fn run<'a>(&'a self, app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        self.deliver(app, job).boxed()
    }

    fn retries(&self) -> Retries {
        Retries::After(&PAUSES)
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    fn share(&self) -> Option<usize> {
        Some(SHARE)
    }

    fn gave_up<'a>(&'a self, app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<()>> {
        gave_up(app, job)
    }
}

/// Ends the delivery of a job that will not be done.
pub(crate) fn gave_up<'a>(app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<()>> {
    async move {
        let tenant = job.tenant()?;
        let Payload { delivery } = job.payload()?;
        app.database
            .transaction(tenant, |tx| async move {
                repository::give_up(&tx, tenant, delivery, "The server gave up.").await
            })
            .await
    }
    .boxed()
}

/// What a job is queued with.
#[derive(Deserialize)]
struct Payload {
    delivery: i64,
}

/// What follows from an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Verdict {
    state: State,
    failing_since: Option<Timestamp>,
    disabled: Option<&'static str>,
}

impl Verdict {
    fn of(attempt: &Attempt, target: &Target, test: bool, number: u32, now: Timestamp) -> Self {
        if attempt.succeeded() {
            return Self { state: State::Delivered, failing_since: None, disabled: None };
        }
        // A test is tried once, and tells nothing but its own outcome. What is turned off is
        // not tried again.
        if test || !target.endpoint.active {
            let failing_since = target.failing_since;
            return Self { state: State::Failed, failing_since, disabled: None };
        }
        let since = target.failing_since.unwrap_or(now);
        let patience = i64::try_from(PATIENCE.as_secs()).unwrap_or(i64::MAX);
        let disabled = if attempt.status == Some(GONE) {
            Some(GONE_REASON)
        } else if now.as_second() - since.as_second() >= patience {
            Some("failing")
        } else {
            None
        };
        let last = usize::try_from(number).is_ok_and(|number| number > PAUSES.len());
        let state = if disabled.is_some() || last { State::Failed } else { State::Pending };
        Self { state, failing_since: Some(since), disabled }
    }
}

/// The body of a message.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Default, Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<&'a RawValue>,
}

/// A signed message. Its id is that of the event, so that a receiver knows it again.
fn message(
    (tenant, family): (TenantId, Family),
    delivery: &Delivery,
    event: Option<&events::Event>,
    target: &Target,
    now: Timestamp,
) -> Result<Message> {
    let raw = |text| serde_json::from_str::<&RawValue>(text).map_err(Error::internal);
    let (id, happened, data) = match event {
        None => (format!("test_{tenant}_{}", delivery.id), delivery.created_at, Data::default()),
        Some(event) => {
            let mut data = Data { id: Some(&event.resource_id), ..Data::default() };
            if !target.endpoint.thin {
                data.sequence = Some(event.sequence);
                // Businesses of rentals are owners, and ids are texts there.
                data.owner_id = (family == Family::Rentals).then(|| tenant.to_string());
                data.resource = Some(raw(&event.resource)?);
                data.changes = event.changes.as_deref().map(raw).transpose()?;
            }
            (format!("evt_{tenant}_{}", event.sequence), event.occurred_at, data)
        }
    };
    let timestamp = time::format_millis(happened);
    let body = Body { r#type: &delivery.event_type, timestamp, data };
    let body = serde_json::to_vec(&body).map_err(Error::internal)?;
    let timestamp = now.as_second();
    let mut signature = target.keys.sign(&id, timestamp, &body)?;
    if let Some(previous) = &target.previous {
        signature = format!("{signature} {}", previous.sign(&id, timestamp, &body)?);
    }
    Ok(Message { id, timestamp, signature, body: Bytes::from(body) })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::model::{Contact, Endpoint};
    use super::super::signature::Keys;
    use super::*;

    fn target(failing_since: Option<Timestamp>) -> Target {
        Target {
            endpoint: Endpoint {
                id: 1,
                url: String::new(),
                types: Vec::new(),
                thin: false,
                active: true,
                disabled_reason: None,
                created_at: Timestamp::default(),
                contact: Contact { email: None, language: mail::Language::English },
                secret_changed_at: None,
            },
            keys: Keys::generate(),
            previous: None,
            failing_since,
        }
    }

    #[test]
    fn an_endpoint_is_turned_off_when_it_is_gone_or_fails_for_long() {
        let now = Timestamp::default() + Duration::from_secs(3_600_000);
        let days = |days: u64| Some(now - Duration::from_secs(days * 86_400));
        let failed = |status| Attempt { status, ..Attempt::failed("no".to_owned()) };
        let of = |attempt, since, number| {
            let verdict = Verdict::of(&attempt, &target(since), false, number, now);
            (verdict.state, verdict.failing_since, verdict.disabled)
        };
        assert_eq!(of(failed(Some(500)), None, 1), (State::Pending, Some(now), None));
        assert_eq!(of(failed(None), days(4), 9), (State::Pending, days(4), None));
        assert_eq!(of(failed(None), days(4), 10), (State::Failed, days(4), None));
        assert_eq!(of(failed(None), days(5), 2), (State::Failed, days(5), Some("failing")));
        assert_eq!(of(failed(Some(410)), None, 1), (State::Failed, Some(now), Some("gone")));
        let fine = Attempt { status: Some(204), error: None, retry_after: None };
        assert_eq!(of(fine, days(5), 3), (State::Delivered, None, None));
    }

    #[test]
    fn the_pauses_are_the_promised_ones() {
        let seconds: Vec<u64> = PAUSES.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]);
    }
}
