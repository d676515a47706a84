//! Running an RPC that changes something: once for an idempotency key, only while the resource
//! is as the caller says, and in one transaction with all that follows from it.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, request};
use http_body_util::Full;
use serde_json::{Map, Value};
use steward_kernel::retry::longest_pause;
use steward_kernel::{Context, Error, Kind, Result, error::reason};
use tonic::Code;
use tonic::body::Body;
use tonic_types::StatusExt;

use super::RpcService;
use super::fingerprint::fingerprint;
use super::mask::Paths;
use super::merge::Merge;
use super::patch::{DOCUMENT_ID, JSON_PATCH, JsonPatch, UNREAD};
use super::reply::{Framed, Reply, frame};
use super::resource::{ChangeRule, Getter, Verb};
use super::told::{Others, Told};
use crate::call::{IDEMPOTENCY_KEY, checked_key};
use crate::changes::{Begun, Change, Event, OpenChange, Outcome};
use crate::rest::render::Part;
use crate::rest::wire::{bytes, integer, text};
use crate::status;

/// How often a change is tried when concurrent ones get in its way.
const MOST_ATTEMPTS: u32 = 5;

/// What comes with a change beyond its message.
#[derive(Default)]
struct Terms {
    /// Id of the resource that the link of the call leads to.
    linked: Option<i64>,
    key: Option<(String, [u8; 32])>,
    if_match: Option<String>,
    validate_only: bool,
    /// Whether some of the request could not be read.
    unread: bool,
    /// The fields that an update gives; none when it gives the whole resource.
    given: Option<Paths>,
    /// The steps by which an update gives a part.
    patch: Option<JsonPatch>,
    /// The id of the document that came.
    document: Option<u64>,
}

impl RpcService {
    /// Runs one change.
    pub(super) async fn change(
        &self,
        rule: &ChangeRule,
        name: &'static str,
        context: &Context,
        linked: Option<i64>,
        request: Request<Body>,
    ) -> Result<Response<Body>> {
        let framed = match Framed::read(request).await {
            Ok(framed) => framed,
            Err(status) => return Ok(status.into_http()),
        };
        let message = framed.message();
        let Framed { head, body } = framed;
        let Some(message) = message else {
            return Ok(self.pass(&head, body, context.clone()).await);
        };
        let terms = Terms { linked, ..Terms::read(&head.headers, rule, &message)? };
        let mut attempt = 1;
        loop {
            match self.attempt(rule, name, context, &head, &message, &terms).await {
                // Within a unit of work of several changes, all of it has to be done again.
                Err(error)
                    if is_conflict(&error) && attempt < MOST_ATTEMPTS && !context.has_unit() =>
                {
                    // The other one needs a moment to finish; at once, both would meet again.
                    let longest = longest_pause(attempt);
                    tokio::time::sleep(longest.mul_f64(rand::random_range(0.5..1.0))).await;
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    /// Runs one change once. A conflict with a concurrent change leaves nothing behind.
    async fn attempt(
        &self,
        rule: &ChangeRule,
        name: &'static str,
        context: &Context,
        head: &request::Parts,
        message: &Bytes,
        terms: &Terms,
    ) -> Result<Response<Body>> {
        let key = terms.key.as_ref().map(|(key, hash)| (key.as_str(), *hash));
        let conditional = terms.if_match.is_some() || terms.is_part();
        let change = Change { context, rpc: name, key, conditional };
        let open = match self.shared.changes.begin(change).await? {
            Begun::Open(open) => open,
            Begun::Replay(recorded) => {
                let mut reply = Reply::replay(recorded)?;
                self.repeat_etag(name, &mut reply);
                return Ok(reply.into_response());
            }
        };
        let others = Others::new(self);
        let inside = context.with_unit(open.unit()).watched_by(others.clone());

        let mut present = None;
        let mut present_etag = None;
        let before = match &rule.getter {
            Some(getter) if !getter.needs_response() => {
                let (request, id) = getter.request(message, &[], terms.linked);
                let reply = self.ask_inside(getter.path, &request, inside.clone()).await?;
                if reply.code() != 0 && terms.is_part() {
                    // A part of what is not there is no whole to check: it is missing, whatever
                    // else is wrong.
                    if id != 0 {
                        return refused(reply, open, terms).await;
                    }
                    // The same, told of what the request calls it.
                    if let Some(field) = rule.merge.as_ref().and_then(|m| getter.named_in(m)) {
                        open.roll_back(None).await?;
                        return Err(Error::required(field));
                    }
                }
                present = (reply.code() == 0).then_some(reply.message);
                let lasting = present.as_ref().map(|message| getter.lasting(message));
                present_etag = lasting.as_ref().map(|lasting| getter.etag(lasting));
                lasting
            }
            _ => None,
        };
        let patched = match (&terms.patch, &rule.merge, &rule.getter, &present) {
            (Some(patch), Some(merge), Some(getter), Some(present)) => {
                let name = getter.output.full_name();
                Some(merge.with_part(message, &self.patched(patch, merge, name, present)?)?)
            }
            _ => None,
        };
        let (message, given) = match &patched {
            Some((message, given)) => (message, Some(given)),
            None => (message, terms.given.as_ref()),
        };
        let message = &match (&rule.merge, given, &present) {
            (Some(merge), Some(given), Some(present)) => merge.merged(message, given, present)?,
            _ => message.clone(),
        };
        if let (Some(given), Some(present)) = (terms.document, &present)
            && rule.is_of_another(given, present)
        {
            let message = "The id is not that of the resource.";
            let error = Error::new(Kind::FailedPrecondition, reason::ID_MISMATCH, message);
            return turned_down(&error, open, context, terms).await;
        }
        if let Some(expected) = &terms.if_match {
            let present = match present_etag {
                // What is made anew has none: it is that of what it is made in.
                None if rule.verb == Verb::Create => {
                    others.etag_of_whole(rule, message, &inside).await?
                }
                present => present,
            };
            if present.is_some_and(|present| !matches(expected, &present)) {
                return turned_down(&precondition_failed(), open, context, terms).await;
            }
        }

        for also in &rule.also {
            let (getter, id) = also.changed(message, before.as_ref());
            inside.will_change(getter, id).await?;
        }
        let response = self.pass(head, frame(message), inside.clone()).await;
        let mut reply = Reply::read(response).await?;
        if reply.code() != 0 {
            if is_conflict_status(&reply) {
                open.roll_back(None).await?;
                return Err(Error::conflict());
            }
            return refused(reply, open, terms).await;
        }

        let event = self.event(rule, message, before, &reply, terms.linked, &inside).await?;
        let mut events = others.events(&inside).await?;
        if let Some(event) = event {
            // What is its own resource is told once, first of all.
            events.retain(|other| !other.is_of(&event));
            events.insert(0, event);
        }
        if rule.answers_resource || rule.answers_made || rule.verb == Verb::Read {
            self.set_etag(name, &mut reply);
        }
        if terms.validate_only {
            open.roll_back(None).await?;
            if terms.unread {
                let message = "Some of the request cannot be read.";
                return Err(Error::new(Kind::InvalidArgument, reason::INVALID_FORMAT, message));
            }
            tell_trial(&mut reply.head.headers);
            return Ok(reply.into_response());
        }
        open.commit(Outcome { answer: reply.record(), events }).await?;
        Ok(reply.into_response())
    }

    /// The part of a resource that a patch gives.
    fn patched(
        &self,
        patch: &JsonPatch,
        merge: &Merge,
        resource: &str,
        present: &Bytes,
    ) -> Result<Part> {
        let json = self.shared.renderer.json(resource, None, present)?;
        let mut document: Value = serde_json::from_slice(&json).map_err(Error::internal)?;
        let below = |error: Error| error.below(merge.name());
        let changed = patch.apply(&mut document).map_err(below)?;
        let mut members = Map::new();
        for member in changed {
            let value = document.get(&member).cloned().unwrap_or_default();
            members.insert(member, value);
        }
        self.shared.renderer.part(resource, &members).map_err(below)
    }

    /// What happened to the resource; nothing when it looks as before.
    async fn event(
        &self,
        rule: &ChangeRule,
        message: &Bytes,
        mut before: Option<Bytes>,
        reply: &Reply,
        linked: Option<i64>,
        inside: &Context,
    ) -> Result<Option<Event>> {
        let Some(getter) = &rule.getter else { return Ok(None) };
        let (request, id) = getter.request(message, &reply.message, linked);
        let after = match rule.verb {
            Verb::Delete => None,
            // What was read is told as it is, whatever it was before.
            Verb::Read => before.take(),
            Verb::Create | Verb::Update if rule.answers_resource => {
                Some(getter.lasting(&reply.message))
            }
            Verb::Create | Verb::Update => self.look(getter, &request, inside).await?,
        };
        if before == after {
            return Ok(None);
        }
        let shown = after.as_ref().or(before.as_ref());
        let (told, held_id) = rule.told(&reply.message);
        let id = held_id.unwrap_or_else(|| getter.id_of(shown, id));
        self.tell(told, id, before, after, inside).map(Some)
    }

    /// What lasts of a resource inside a change; nothing when it is not there.
    pub(super) async fn look(
        &self,
        getter: &Getter,
        request: &[u8],
        inside: &Context,
    ) -> Result<Option<Bytes>> {
        let reply = self.ask_inside(getter.path, request, inside.clone()).await?;
        Ok((reply.code() == 0).then(|| getter.lasting(&reply.message)))
    }

    /// The event of what has become of a resource.
    pub(super) fn tell(
        &self,
        told: &Told,
        id: u64,
        before: Option<Bytes>,
        after: Option<Bytes>,
        inside: &Context,
    ) -> Result<Event> {
        let family = inside.principal().map(|principal| principal.family);
        let render =
            |message: Bytes| self.shared.renderer.json(told.message.full_name(), family, &message);
        Ok(Event {
            event_type: told.event_type(family),
            resource_type: told.resource_type,
            resource_id: id.to_string(),
            before: before.map(render).transpose()?,
            after: after.map(render).transpose()?,
        })
    }

    /// Calls an RPC of our own inside a change.
    async fn ask_inside(
        &self,
        path: &'static str,
        message: &[u8],
        context: Context,
    ) -> Result<Reply> {
        let request = Request::builder()
            .method(http::Method::POST)
            .version(http::Version::HTTP_2)
            .uri(path)
            .header(http::header::CONTENT_TYPE, "application/grpc")
            .header(http::header::TE, "trailers")
            .body(())
            .map_err(Error::internal)?;
        let (head, ()) = request.into_parts();
        let reply = Reply::read(self.pass(&head, frame(message), context).await).await?;
        // What a request does not name, or not well, is not there either, nor what is out of the
        // caller's reach; the RPC itself says so.
        let told = [Code::Ok, Code::NotFound, Code::InvalidArgument, Code::PermissionDenied]
            .map(|code| code as i32);
        if !told.contains(&reply.code()) {
            return Err(Error::unavailable(
                "The resource cannot be read at present.",
                Duration::from_secs(1),
            ));
        }
        Ok(reply)
    }

    /// Hands a request to the services.
    async fn pass(&self, head: &request::Parts, body: Bytes, context: Context) -> Response<Body> {
        let mut request = Request::from_parts(head.clone(), Body::new(Full::new(body)));
        request.extensions_mut().insert(context);
        self.serve(request).await
    }
}

/// Ends a change that was refused; its key stands for that where it stands for such failures.
async fn refused(reply: Reply, open: Box<dyn OpenChange>, terms: &Terms) -> Result<Response<Body>> {
    let kept = is_kept(reply.code()) && terms.key.is_some() && !terms.validate_only;
    open.roll_back(kept.then(|| reply.record())).await?;
    Ok(reply.into_response())
}

/// Ends a change that the stack itself refuses.
async fn turned_down(
    error: &Error,
    open: Box<dyn OpenChange>,
    context: &Context,
    terms: &Terms,
) -> Result<Response<Body>> {
    let status = status::from_error(error, context.family());
    refused(Reply::read(status.into_http()).await?, open, terms).await
}

impl Terms {
    /// Whether the request gives a part of the resource.
    fn is_part(&self) -> bool {
        self.given.is_some() || self.patch.is_some()
    }

    fn read(headers: &HeaderMap, rule: &ChangeRule, message: &Bytes) -> Result<Self> {
        if rule.verb == Verb::Read {
            // It is done anew each time, so that nothing it answers is kept, and never without
            // being told.
            return Ok(Self::default());
        }
        let unread = integer(message, UNREAD) != 0;
        let key = match headers.get(IDEMPOTENCY_KEY) {
            // It stands for requests that can be read.
            Some(_) if unread => None,
            None => None,
            Some(key) => {
                let key = checked_key(key.to_str().unwrap_or_default())?;
                Some((key, fingerprint(&rule.input, message)))
            }
        };
        let by_header = headers.get(http::header::IF_MATCH).and_then(|value| value.to_str().ok());
        let by_field = rule.etag_field.and_then(|number| text(message, number));
        let by_field = by_field.filter(|etag| !etag.is_empty());
        let validate_only = unread || is_trial(headers);
        let if_match = by_header.or(by_field).map(str::to_owned);
        let given = rule.merge.as_ref().map(|merge| merge.given(message)).transpose()?.flatten();
        let patch = rule.merge.as_ref().and_then(|_| bytes(message, JSON_PATCH));
        let patch = patch.map(JsonPatch::read).transpose()?;
        let document = Some(integer(message, DOCUMENT_ID)).filter(|id| *id != 0);
        Ok(Self { linked: None, key, if_match, validate_only, unread, given, patch, document })
    }
}

/// Whether a call only asks what would come of it.
pub(super) fn is_trial(headers: &HeaderMap) -> bool {
    headers.get_all("prefer").iter().any(|value| {
        value.to_str().is_ok_and(|value| {
            let name =
                |part: &str| part.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
            value.split(',').any(|part| name(part) == "validate-only")
        })
    })
}

/// Says in an answer that nothing was written.
pub(super) fn tell_trial(headers: &mut HeaderMap) {
    headers.insert("preference-applied", HeaderValue::from_static("validate-only"));
}

/// Whether an `If-Match` (RFC 9110) names the present etag. A weak one never matches.
fn matches(expected: &str, present: &str) -> bool {
    expected.split(',').map(str::trim).any(|one| {
        let bare = one.strip_prefix('"').and_then(|one| one.strip_suffix('"')).unwrap_or(one);
        // Behind the dot is what an answer showed beside the resource.
        one == "*" || bare.split('.').next() == Some(present)
    })
}

/// Which failures a key stands for: those that the same request would meet again.
fn is_kept(code: i32) -> bool {
    matches!(
        Code::from_i32(code),
        Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::FailedPrecondition
            | Code::OutOfRange
            // A conflict of two transactions never comes this far.
            | Code::Aborted
    )
}

fn precondition_failed() -> Error {
    Error::new(
        Kind::Aborted,
        reason::PRECONDITION_FAILED,
        "The resource has changed since it was read.",
    )
}

fn is_conflict(error: &Error) -> bool {
    error.kind() == Kind::Aborted && error.reason() == reason::CONFLICT
}

/// A handler may say ABORTED for reasons of its own as well, which no further attempt does away
/// with.
fn is_conflict_status(reply: &Reply) -> bool {
    let status = reply.status().filter(|status| status.code() == Code::Aborted);
    let info = status.and_then(|status| status.get_details_error_info());
    info.is_some_and(|info| info.reason == reason::CONFLICT)
}
