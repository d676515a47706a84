//! The REST shim: documented JSON routes, answered by the RPCs they stand for.
//!
//! Driven by tables compiled once from the descriptors. Path, query and JSON body are written
//! straight to protobuf wire bytes (concatenation is merge: query, then body, then path), the
//! RPC is called in process through the same layers as gRPC, and its answer is written
//! straight to JSON. There is no code per message and no second way into a service.

mod answer;
mod columns;
pub(crate) mod dialect;
mod document;
pub(crate) mod failure;
mod form;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod json;
mod legacy;
mod links;
mod outgoing;
mod parameters;
mod read;
pub(crate) mod render;
pub(crate) mod route;
mod router;
mod scalar;
mod stream;
pub(crate) mod table;
pub(crate) mod wire;
mod write;

pub use columns::Columns;
pub(crate) use document::JSON_API;
pub use failure::{Refusal, RefusedMember};
pub use form::{Form, Row, RowRequest, Unreadable};
pub use render::Renderer;

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use http::header::{self, ACCEPT_LANGUAGE, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use steward_kernel::{Error, Family};
use tonic::Status;
use tonic::body::Body;
use tower::Service;

use self::answer::Shape;
use self::dialect::{Asked, Dialect};
use self::failure::{Failure, http_reason};
use self::read::decode;
use self::route::Route;
use self::router::{Found, Router};
use self::table::{Compiler, Tables};
use crate::call;
use crate::catalog::{self, Catalog, CatalogError, Streaming};
use crate::insider::OnBehalf;
use crate::limits;
use crate::request_id::RequestId;
use crate::rpc::ID_TOKEN;
use crate::services::{Answer, Answering};
use crate::status;

/// Request headers an RPC may see. Everything else of HTTP stays outside.
const FORWARDED: [HeaderName; 11] = [
    AUTHORIZATION,
    ID_TOKEN,
    ACCEPT_LANGUAGE,
    header::USER_AGENT,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    HeaderName::from_static(call::IDEMPOTENCY_KEY),
    HeaderName::from_static("prefer"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("grpc-timeout"),
];

/// Says that an answer is that of an earlier request with the same idempotency key.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static(call::REPLAYED);

/// A JSON route of the contract, for lists of routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteInfo {
    /// HTTP method.
    pub method: Method,
    /// Path as documented: `/api/public/Owners/{ownerId}`.
    pub path: String,
    /// Service and method: `steward.facilities.v1.OwnerService/GetOwner`.
    pub rpc: &'static str,
    /// Short name of the family.
    pub family: &'static str,
}

/// All JSON routes, in the order of the contract; aliases follow the documented route.
pub fn routes(catalog: &Catalog) -> impl Iterator<Item = RouteInfo> {
    catalog.faces().flat_map(|rpc| {
        rpc.bindings.iter().map(|binding| RouteInfo {
            method: binding.method.clone(),
            path: binding.template.documented(),
            rpc: rpc.path.trim_start_matches('/'),
            family: rpc.family,
        })
    })
}

/// An error as a family's JSON tells it, for requests that are no RPC's. `status` is that of the
/// answer, unless the family has one of its own for the error.
#[must_use]
pub fn problem(family: Family, error: &Error, status: StatusCode, head: &Parts) -> Response<Body> {
    let dialect = dialect::of(match family {
        Family::Facilities => catalog::Dialect::Facilities,
        Family::Rentals => catalog::Dialect::Rentals,
        Family::Cleaning => catalog::Dialect::Cleaning,
    });
    let id = head.extensions.get::<RequestId>().cloned();
    let id = id.unwrap_or_else(|| RequestId::of(&head.headers));
    let asked = Asked::of(&head.uri, id.text(), &head.headers);
    let mut failure = Failure::from_status(&status::from_error(error, family.name()));
    failure.status = Some(status);
    answer::problem(dialect, &failure, &asked)
}

/// The family by whose route an RPC is asked. Those of the platform have routes in several, each
/// for its own tenants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskedIn(pub(crate) &'static str);

/// The compiled contract: immutable, shared by all requests.
struct Compiled {
    tables: Tables,
    routes: Vec<Route>,
    router: Router,
    /// Speaks for paths that belong to no family.
    fallback: &'static Dialect,
}

/// The shim as a tower service. Cheap to clone.
#[derive(Clone)]
pub struct Rest {
    compiled: Arc<Compiled>,
    /// The service behind the shim: gRPC framing in and out.
    inner: Arc<dyn Answering>,
}

impl Rest {
    /// Compiles the tables of `catalog`; calls go to `inner`, which speaks gRPC framing.
    ///
    /// # Errors
    /// Names the field or message that has no JSON form.
    pub fn new<S>(catalog: &Catalog, inner: S) -> Result<Self, CatalogError>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future = Answer>,
        S: Clone + Send + Sync + 'static,
    {
        let compiled = Arc::new(Compiled::new(catalog)?);
        Ok(Self { compiled, inner: Arc::new(inner) })
    }

    /// Answers a JSON request. The request's [`RequestId`] is taken from its extensions.
    pub async fn call(&self, request: Request<Body>) -> Response<Body> {
        let (mut head, body) = request.into_parts();
        let id = match head.extensions.get::<RequestId>() {
            Some(id) => id.clone(),
            None => {
                let id = RequestId::of(&head.headers);
                head.extensions.insert(id.clone());
                id
            }
        };
        let uri = &head.uri;
        let path = uri.path();
        let asked = Asked::of(uri, id.text(), &head.headers);
        let compiled = &self.compiled;
        let (place, variables) = match compiled.router.find(&head.method, path) {
            Found::Route { route, variables } => (route, variables),
            Found::WrongMethod { allowed, sample } => {
                return wrong_method(&head.method, &allowed, compiled.speaker(sample), &asked);
            }
            Found::Nothing { sample } => {
                let message = "There is nothing at this path.";
                let failure = Failure::http(StatusCode::NOT_FOUND, http_reason::NOT_FOUND, message);
                return answer::problem(compiled.speaker(sample), &failure, &asked);
            }
        };
        let route = &compiled.routes[place];
        if matches!(route.streaming, Streaming::Client | Streaming::Both) {
            let message = "This stream is served over gRPC and grpc-web only.";
            let failure =
                Failure::http(StatusCode::NOT_IMPLEMENTED, http_reason::NOT_IMPLEMENTED, message);
            return answer::problem(route.dialect, &failure, &asked);
        }
        if let Some(failure) = route.legacy_get.then(|| legacy::refusal(&head)).flatten() {
            return answer::problem(route.dialect, &failure, &asked);
        }
        let Some(shape) = Shape::of(route, &head.headers, path, uri.query().unwrap_or("")) else {
            let message = "Only application/json and application/vnd.api+json are answered.";
            let reason = http_reason::NOT_ACCEPTABLE;
            let failure = Failure::http(StatusCode::NOT_ACCEPTABLE, reason, message);
            return answer::problem(route.dialect, &failure, &asked);
        };
        let is_inside = head.extensions.get::<OnBehalf>().is_some();
        let failed = Arc::new(OnceLock::new());
        let query = uri.query().unwrap_or("");
        let mut inner_request = Request::new(outgoing::body(
            compiled,
            place,
            query,
            &variables,
            &head.headers,
            body,
            &failed,
        ));
        *inner_request.method_mut() = Method::POST;
        *inner_request.version_mut() = http::Version::HTTP_2;
        *inner_request.uri_mut() = route.uri.clone();
        *inner_request.headers_mut() = forwarded(&head.headers);
        if asks_to_validate(route.dialect, query) {
            let prefer = HeaderValue::from_static("validate-only");
            inner_request.headers_mut().append("prefer", prefer);
        }
        *inner_request.extensions_mut() = head.extensions;
        inner_request.extensions_mut().insert(AskedIn(route.family));
        let response = match self.inner.answer(inner_request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let limits = [limits::POLICY, limits::LEFT]
            .map(|name| (response.headers().get(&name).cloned(), name));
        let is_refused = response.headers().contains_key(Status::GRPC_STATUS);
        if route.streaming == Streaming::Server && !is_refused {
            let form = stream::Form::of(&head.headers);
            let place = stream::Place { compiled: Arc::clone(compiled), route: place };
            let mut response = stream::answer(place, form, response, &asked);
            tell_limits(limits, &mut response);
            answer::tell_language(route, &asked, &mut response);
            if head.method == Method::HEAD {
                answer::drop_body(&mut response);
            }
            return response;
        }
        let replayed = response.headers().get(REPLAYED).cloned();
        let mut response = match answer::read(response).await {
            // Whoever answered a request that could not be read took no notice of that.
            Ok(reply) => match failed.get() {
                None => answer::success(compiled, route, &reply, &variables, &shape, uri)
                    .unwrap_or_else(|failure| answer::problem(route.dialect, &failure, &asked)),
                Some(own) => answer::problem(route.dialect, own, &asked),
            },
            Err(mut failure) => {
                // What the shim refused itself it knows in full; the rest speaks of proto fields.
                failure.localise(&compiled.tables, (route.input, &route.body), route.dialect);
                if let Some(own) = failed.get() {
                    let found = std::mem::replace(&mut failure, Failure::clone(own));
                    failure.add(found.refused);
                }
                let mut response = answer::problem(route.dialect, &failure, &asked);
                if is_inside {
                    response.extensions_mut().insert(Refusal::of(&failure, route.dialect));
                }
                response
            }
        };
        if let Some(replayed) = replayed {
            response.headers_mut().insert(REPLAYED, replayed);
        }
        tell_limits(limits, &mut response);
        answer::tell_language(route, &asked, &mut response);
        if matches!(head.method, Method::GET | Method::HEAD) {
            answer::not_modified(&head.headers, &mut response);
        }
        if route.legacy_get {
            legacy::mark(path, &mut response);
        }
        if head.method == Method::HEAD {
            answer::drop_body(&mut response);
        }
        response
    }
}

impl Service<Request<Body>> for Rest {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let rest = self.clone();
        Box::pin(async move { Ok(Self::call(&rest, request).await) })
    }
}

impl Compiled {
    fn new(catalog: &Catalog) -> Result<Self, CatalogError> {
        let mut compiler = Compiler::new(catalog);
        let mut routes = Vec::new();
        let mut router = Router::new();
        for rpc in catalog.faces() {
            for binding in &rpc.bindings {
                let route = Route::compile(rpc, binding, &mut compiler)?;
                let ignore_case = route.dialect.ignore_case_of_paths;
                router.add(&binding.method, &binding.template, ignore_case, routes.len());
                routes.push(route);
            }
        }
        Ok(Self {
            tables: compiler.tables,
            routes,
            router,
            // At the root are the routes of cleaning, which tells errors as RFC 9457 does.
            fallback: dialect::of(catalog::Dialect::Cleaning),
        })
    }

    /// The dialect errors are told in where no route was found.
    fn speaker(&self, sample: Option<usize>) -> &'static Dialect {
        sample.map_or(self.fallback, |route| self.routes[route].dialect)
    }
}

/// Whether the query asks for a call to be checked and not done, where a family has that there.
fn asks_to_validate(dialect: &Dialect, query: &str) -> bool {
    dialect.validate_only.is_some_and(|name| {
        query.split('&').filter_map(|pair| pair.split_once('=')).any(|(given, value)| {
            let is_it = decode(given, true).is_some_and(|given| given.eq_ignore_ascii_case(name));
            is_it && decode(value, true).and_then(|value| scalar::truth(&value)) == Some(true)
        })
    })
}

fn forwarded(headers: &HeaderMap) -> HeaderMap {
    let mut forwarded = HeaderMap::with_capacity(8);
    forwarded.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    forwarded.insert(header::TE, HeaderValue::from_static("trailers"));
    // A request has few headers, and comparing their names is cheaper than hashing all that may
    // come. A list may come in several lines (RFC 9110, 5.2).
    for (name, value) in headers.iter().filter(|(name, _)| FORWARDED.contains(name)) {
        forwarded.append(name, value.clone());
    }
    forwarded
}

/// Passes on what the head of an RPC's answer says of limits.
fn tell_limits(limits: [(Option<HeaderValue>, HeaderName); 2], response: &mut Response<Body>) {
    for (value, name) in limits {
        if let Some(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
}

fn wrong_method(
    method: &Method,
    allowed: &[Method],
    dialect: &'static Dialect,
    asked: &Asked<'_>,
) -> Response<Body> {
    let mut names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    names.push("OPTIONS");
    let allow = names.join(", ");
    if *method == Method::OPTIONS {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        if let Ok(allow) = HeaderValue::try_from(allow) {
            response.headers_mut().insert(header::ALLOW, allow);
        }
        return response;
    }
    let message = format!("{method} is not allowed here; {allow} are.");
    let reason = http_reason::METHOD_NOT_ALLOWED;
    let mut failure = Failure::http(StatusCode::METHOD_NOT_ALLOWED, reason, &message);
    failure.allow = Some(allow.into());
    answer::problem(dialect, &failure, asked)
}
