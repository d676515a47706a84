//! The one way into every RPC, for gRPC, grpc-web and JSON alike: admit, call, record.

mod admit;
mod change;
pub(crate) mod ephemeral;
mod etag;
mod fingerprint;
mod for_tenant;
mod link;
mod mask;
mod merge;
mod page;
pub(crate) mod patch;
mod record;
mod reply;
mod resource;
mod timeout;
mod told;

use std::any::Any;
use std::collections::HashMap;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use steward_kernel::{Context, Error, Family, Kind, Principal, Result, Role, error::reason};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::Service;

use self::admit::refuse_foreign;
use self::ephemeral::EphemeralFields;
use self::etag::{EtagOf, EtagRule};
use self::for_tenant::Named;
use self::link::{LinkRule, Opened, Peeked};
use self::mask::MaskRule;
use self::record::Call;
use self::reply::Reply;
use self::resource::{ChangeRule, Held};
use self::told::Other;
pub use self::told::event_types;
use crate::auth::{Authenticator, Onboarding};
use crate::body::BODY_TOO_LARGE;
use crate::caller::Caller;
use crate::catalog::{Access, Catalog, CatalogError, Dialect, Idempotency, Rpc};
use crate::changes::Changes;
use crate::config::ServerConfig;
use crate::insider::OnBehalf;
use crate::limits::{self, Asking, Counted, Limiter};
use crate::metrics::{CallMetrics, Protocol};
use crate::request_id::RequestId;
use crate::rest::AskedIn;
use crate::rest::render::Renderer;
use crate::services::Services;
use crate::stack::Parts;

/// The header of an ID token, beside the token that lets in. Clients of Auth0 know it.
pub(crate) const ID_TOKEN: HeaderName = HeaderName::from_static("auth0-idtoken");

/// RPCs of the server itself, which are not in the contract and need no token.
const OWN: [&str; 4] = [
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// Answers calls in gRPC framing: the request as a client would send it over HTTP/2, its
/// [`RequestId`] in the extensions. Cheap to clone.
#[derive(Clone)]
pub struct RpcService {
    shared: Arc<Shared>,
    protocol: Protocol,
    /// Who looks at the page that calls; absent for calls of their own.
    caller: Option<Caller>,
    /// What they look at it with.
    user_agent: Option<HeaderValue>,
}

/// What all calls share.
struct Shared {
    /// By gRPC path.
    rules: HashMap<&'static str, Rule>,
    authenticator: Arc<dyn Authenticator>,
    onboarding: Arc<dyn Onboarding>,
    changes: Arc<dyn Changes>,
    services: Services,
    renderer: Arc<Renderer>,
    /// How what an RPC answers gets its etag, by the RPC's name.
    etags: HashMap<&'static str, EtagRule>,
    /// How what a call changes beside its own resource is told, by the RPC that reads it.
    others: HashMap<&'static str, Other>,
    metrics: CallMetrics,
    /// Counts the calls of each caller; none when nothing is limited.
    limiter: Option<Limiter>,
    /// Longest time a call may take.
    timeout: Duration,
}

/// What the stack needs to know of an RPC.
#[derive(Clone, Copy)]
struct Rule {
    /// Number of its metrics.
    number: usize,
    /// `package.Service/Method`, as metrics and log lines name it.
    name: &'static str,
    /// Empty for the RPCs of the server itself.
    family: &'static str,
    /// Whose codes its errors have.
    dialect: Dialect,
    access: Access,
    /// Roles of users that may call.
    roles: &'static [Role],
    /// The family in which it makes an account for somebody who has none.
    opens_account: Option<Family>,
    /// Whether it is open to businesses that have not yet said what it takes to start.
    before_onboarding: bool,
    /// Whether a public call may be made in the name of whoever has a token.
    optional_token: bool,
    /// Where the request holds a link, for RPCs that are open to whoever has one.
    link: Option<LinkRule>,
    /// The field of the request that names the tenant of a call without a token.
    tenant_field: Option<u32>,
    read: bool,
    audit: bool,
    /// By which limit its calls are counted, when that is not the usual one.
    limit: Option<usize>,
    /// Number of the field by which calls from one address are counted apart.
    limit_by: Option<u32>,
    /// How it changes a resource; nothing for an RPC that changes nothing.
    change: Option<&'static ChangeRule>,
    /// Whether it answers a resource with an etag.
    etag: bool,
    /// How parts of its items are left out; nothing for an RPC without a `read_mask`.
    mask: Option<&'static MaskRule>,
}

impl Rule {
    /// Calls to a path that no RPC has. The path is the client's and not used as a name, or it
    /// could make any number of metrics.
    const UNKNOWN: Self = Self {
        number: 0,
        name: "unknown",
        family: "",
        dialect: Dialect::Unspecified,
        access: Access::Public,
        roles: &[],
        opens_account: None,
        before_onboarding: true,
        optional_token: false,
        link: None,
        tenant_field: None,
        read: true,
        audit: false,
        limit: None,
        limit_by: None,
        change: None,
        etag: false,
        mask: None,
    };

    fn of(catalog: &Catalog, rpc: &Rpc) -> Result<Self, CatalogError> {
        // Made once, for as long as the process lives.
        let change = ChangeRule::of(catalog, rpc)?.map(|rule| &*Box::leak(Box::new(rule)));
        Ok(Self {
            number: 0,
            change,
            mask: MaskRule::of(rpc).map(|rule| &*Box::leak(Box::new(rule))),
            etag: EtagOf::of_answer(catalog, rpc).is_some(),
            name: rpc.path.trim_start_matches('/'),
            family: rpc.family,
            dialect: rpc.dialect,
            access: rpc.access,
            roles: rpc.roles,
            opens_account: rpc.opens_account.then(|| Family::of_name(rpc.family)).flatten(),
            before_onboarding: rpc.before_onboarding,
            optional_token: rpc.optional_token,
            link: LinkRule::of(rpc),
            tenant_field: rpc.tenant_field,
            read: rpc.idempotency == Idempotency::Read,
            audit: rpc.audit,
            limit: limits::place(&rpc.limit),
            limit_by: rpc.limit_by,
        })
    }
}

impl RpcService {
    /// The service in front of `services`, for calls of `protocol`.
    pub(crate) fn new(
        config: &ServerConfig,
        parts: &Parts,
        services: Services,
    ) -> Result<Self, CatalogError> {
        let catalog: &Catalog = &parts.catalog;
        let mut names = vec![Rule::UNKNOWN.name.to_owned()];
        let mut rules = HashMap::new();
        let own = OWN
            .iter()
            .map(|path| Ok((*path, Rule { name: path.trim_start_matches('/'), ..Rule::UNKNOWN })));
        let offered = catalog.rpcs().map(|rpc| Ok((rpc.path, Rule::of(catalog, rpc)?)));
        for rule in own.chain(offered) {
            let (path, rule) = rule?;
            rules.insert(path, Rule { number: names.len(), ..rule });
            names.push(rule.name.to_owned());
        }
        let metrics = CallMetrics::new(&parts.metrics, names);
        let etags = catalog
            .rpcs()
            .filter_map(|rpc| {
                let of = EtagOf::of_answer(catalog, rpc)?;
                let field = rpc.output.get_field_by_name("etag").map(|field| field.number());
                let ephemeral = EphemeralFields::of(catalog, &rpc.output);
                let ending = EphemeralFields::ending(catalog, &rpc.output);
                let held = Held::of(catalog, &rpc.output);
                let rule = EtagRule { field, of, ephemeral, ending, held };
                Some((rpc.path.trim_start_matches('/'), rule))
            })
            .collect();
        let shared = Arc::new(Shared {
            rules,
            authenticator: Arc::clone(&parts.authenticator),
            onboarding: Arc::clone(&parts.onboarding),
            changes: Arc::clone(&parts.changes),
            services,
            renderer: Arc::clone(&parts.renderer),
            etags,
            others: catalog.rpcs().filter_map(|rpc| Other::of(catalog, rpc)).collect(),
            metrics,
            limiter: Limiter::new(&config.rate_limits),
            timeout: config.request_timeout,
        });
        Ok(Self { shared, protocol: Protocol::Grpc, caller: None, user_agent: None })
    }

    /// The same service, its calls recorded as those of `protocol`.
    #[must_use]
    pub fn over(&self, protocol: Protocol) -> Self {
        Self { protocol, ..self.clone() }
    }

    /// The same service for a page that somebody looks at.
    #[must_use]
    pub(crate) fn asked_from(&self, caller: Option<Caller>, headers: &HeaderMap) -> Self {
        let user_agent = headers.get(USER_AGENT).cloned();
        Self { caller, user_agent, ..self.clone() }
    }

    /// Answers one call. Failures are answers too, with `grpc-status` in the head.
    pub async fn call(&self, mut request: Request<Body>) -> Response<Body> {
        let id = match request.extensions_mut().remove::<RequestId>() {
            Some(id) => id,
            None => RequestId::of(request.headers()),
        };
        let rule = self.shared.rules.get(request.uri().path());
        // The record begins before anything can be refused, so that refusals are counted and
        // logged too.
        let mut call = Call::begin(
            Arc::clone(&self.shared),
            *rule.unwrap_or(&Rule::UNKNOWN),
            self.protocol,
            Arc::clone(id.text()),
        );
        if rule.is_none() {
            return call.refuse(&Error::new(
                Kind::Unimplemented,
                "UNKNOWN_RPC",
                "The server has no such RPC.",
            ));
        }
        let limit = timeout::of(request.headers(), self.shared.timeout);
        // The deadline covers everything from here to the head of the answer, reading the
        // request included; a handler dropped at its end rolls its transaction back. A panic
        // stays in its call.
        let answered = {
            // Pinned where it is made: each wrapper would move it otherwise.
            let answer = pin!(self.admit_and_call(&mut call, request));
            tokio::time::timeout(limit, AssertUnwindSafe(answer).catch_unwind()).await
        };
        let counted = call.counted;
        let mut response = match answered {
            Ok(Ok(Ok(response))) => match unreadable(&response) {
                Some(error) => call.refuse(&error),
                None => call.answer(response),
            },
            Ok(Ok(Err(error))) => call.refuse(&error),
            Ok(Err(panic)) => call.refuse(&panicked(&*panic)),
            Err(_) => call.refuse(&Error::new(
                Kind::DeadlineExceeded,
                reason::DEADLINE_EXCEEDED,
                "The call took longer than it may.",
            )),
        };
        if let Some(counted) = counted {
            counted.tell(response.headers_mut());
        }
        response
    }

    async fn admit_and_call(
        &self,
        call: &mut Call,
        mut request: Request<Body>,
    ) -> Result<Response<Body>> {
        // Who is calling is settled before the body is read: strangers cost a head only.
        let behalf = request.extensions_mut().remove::<OnBehalf>();
        let caller = request.extensions_mut().remove::<Caller>().map(|caller| caller.0);
        let (behalf, unit, address) = match behalf {
            Some(OnBehalf { principal, unit, address }) => (Some(principal), unit, address),
            None => (None, None, caller),
        };
        let is_inside = behalf.is_some();
        let admitted = self.admit(call, request.headers(), behalf, address).await;
        let asked_in = request.extensions_mut().remove::<AskedIn>();
        let family = asked_in.map_or(call.rule.family, |AskedIn(family)| family);
        let admitted = admitted.and_then(|()| refuse_foreign(call.principal.as_deref(), asked_in));
        // What made an account is counted as that.
        let is_counted = call.counted.is_some();
        if let Some(limiter) = self.shared.limiter.as_ref().filter(|_| !is_inside && !is_counted) {
            let mut apart = None;
            if let Some(field) = call.rule.limit_by.filter(|_| admitted.is_ok()) {
                (request, apart) = match Self::peek(request, field).await {
                    Peeked::Readable(request, found) => (request, found),
                    Peeked::Unreadable(answer) => return Ok(answer),
                };
            }
            call.counted = limiter.count(&Asking {
                limit: call.rule.limit,
                is_refused: matches!(&admitted, Err(error) if error.kind() == Kind::Unauthenticated),
                family,
                principal: call.principal.as_deref(),
                address,
                apart: apart.as_deref(),
            });
            call.counted.map_or(Ok(()), Counted::admit)?;
        }
        admitted?;
        if call.principal.is_some() {
            // A handler has the context; with no token in reach it can leak none.
            request.headers_mut().remove(AUTHORIZATION);
            request.headers_mut().remove(ID_TOKEN);
        }
        let mut linked = None;
        if let Some(rule) = call.rule.link {
            (request, linked) = match self.follow(rule, request).await? {
                Opened::Readable(request, linked) => (request, linked),
                Opened::Unreadable(answer) => return Ok(answer),
            };
            if let Some(linked) = &linked {
                call.principal = Some(Arc::clone(&linked.principal));
            }
        }
        if let (Some(field), None) = (call.rule.tenant_field, &call.principal) {
            (request, call.principal) = match self.for_tenant(&call.rule, field, request).await? {
                Named::Readable(request, anybody) => (request, anybody),
                Named::Unreadable(answer) => return Ok(answer),
            };
        }
        let mut context =
            Context::new(call.principal.clone(), Arc::clone(&call.request_id), call.rule.family)
                .with_address(address);
        let languages = request.headers().get(http::header::ACCEPT_LANGUAGE);
        if let Some(Ok(languages)) = languages.map(HeaderValue::to_str) {
            context = context.with_languages(languages);
        }
        // What changes something may record it; reads need not carry it.
        let user_agent = request.headers().get(USER_AGENT).filter(|_| !call.rule.read);
        if let Some(Ok(user_agent)) = user_agent.map(HeaderValue::to_str) {
            context = context.with_user_agent(user_agent);
        }
        if let Some(unit) = unit {
            context = context.with_unit(unit);
        }
        let suspended = |principal: &Arc<Principal>| {
            !call.rule.read && self.shared.authenticator.is_suspended(principal.tenant)
        };
        if call.principal.as_ref().is_some_and(suspended) {
            let message = "The business is suspended: nothing can be changed.";
            return Err(Error::new(Kind::PermissionDenied, reason::TENANT_SUSPENDED, message));
        }
        // Without what should open it, the handler only says that it is missing.
        if let Some(rule) = call.rule.change.filter(|_| call.principal.is_some()) {
            let linked = linked.map(|linked| linked.id);
            // Boxed, because reads and idle connections should not carry what a change takes.
            let change = Box::pin(self.change(rule, call.rule.name, &context, linked, request));
            return change.await;
        }
        // Without a tenant there is no change around the handler that could be undone.
        let is_trial = !call.rule.read && change::is_trial(request.headers());
        if is_trial {
            context = context.on_trial();
        }
        request.extensions_mut().insert(context);
        let mut mask = None;
        if let Some(rule) = call.rule.mask {
            match rule.read(request).await {
                Ok((same, read)) => {
                    request = same;
                    mask = read?.map(|mask| (rule, mask));
                }
                // The body's own words, such as that it is too large.
                Err(status) => return Ok(status.into_http()),
            }
        }
        let mut response = self.serve(request).await;
        if is_trial && !response.headers().contains_key(Status::GRPC_STATUS) {
            change::tell_trial(response.headers_mut());
        }
        if let Some((rule, mask)) = mask
            && !response.headers().contains_key(Status::GRPC_STATUS)
        {
            let mut reply = Reply::read(response).await?;
            rule.apply(&mask, &mut reply)?;
            return Ok(reply.into_response());
        }
        if !call.rule.etag || response.headers().contains_key(Status::GRPC_STATUS) {
            return Ok(response);
        }
        let mut reply = Reply::read(response).await?;
        if reply.code() == 0 {
            self.set_etag(call.rule.name, &mut reply);
        }
        Ok(reply.into_response())
    }

    /// Hands a request to the service it is for.
    async fn serve(&self, request: Request<Body>) -> Response<Body> {
        let Some(service) = self.shared.services.of(request.uri().path()) else {
            return Status::unimplemented("The server has no such service.").into_http();
        };
        match service.answer(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

impl Service<Request<Body>> for RpcService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { Ok(Self::call(&service, request).await) })
    }
}

/// What a response says of a request that tonic could not read. Our own failures have details;
/// one without them was met before a handler, in the frame or the message of the request.
fn unreadable(response: &Response<Body>) -> Option<Error> {
    let headers = response.headers();
    let code = headers.get(Status::GRPC_STATUS)?.to_str().ok()?.parse().ok()?;
    if headers.contains_key(Status::GRPC_STATUS_DETAILS) {
        return None;
    }
    match Code::from_i32(code) {
        Code::Internal | Code::Unknown | Code::InvalidArgument | Code::DataLoss => {
            Some(Error::new(
                Kind::InvalidArgument,
                reason::INVALID_FORMAT,
                "The message of the request cannot be read.",
            ))
        }
        Code::OutOfRange | Code::ResourceExhausted => Some(Error::new(
            Kind::ResourceExhausted,
            BODY_TOO_LARGE,
            "The body of the request is too large.",
        )),
        Code::Ok
        | Code::Cancelled
        | Code::DeadlineExceeded
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::Unimplemented
        | Code::Unavailable
        | Code::Unauthenticated => None,
    }
}

/// A panic as a fault of the server; its text is for the log.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text");
    Error::internal(format!("panic: {text}"))
}
