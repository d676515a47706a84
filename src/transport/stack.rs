//! What a request passes on its way in, from the outside to the inside:
//!
//! 1. request id, answered on every response; where it comes from; body limit; a panic ends no
//!    connection
//! 2. by content type: gRPC goes straight to 5
//! 3. CORS, for requests from a page
//! 4. grpc-web, the REST shim, or a page of the server
//! 5. [`RpcService`], the same for all three protocols: look up the RPC, authenticate, check
//!    the permission, make the context, set the deadline, catch panics, count and log
//! 6. the services of the families

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{
    CONNECTION, CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, EXPECT, HeaderName,
    LINK, LOCATION, ORIGIN, RETRY_AFTER, UPGRADE, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use tonic::body::Body;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer, Service};
use tower_http::cors::{AllowHeaders, AllowOrigin, Cors, CorsLayer};

use crate::auth::{Authenticator, Onboarding, Readiness};
use crate::body::LimitedBody;
use crate::caller::{Caller, Network, Peer};
use crate::catalog::{Catalog, CatalogError};
use crate::changes::Changes;
use crate::config::ServerConfig;
use crate::health::Health;
use crate::insider::Insider;
use crate::metrics::{Metrics, Protocol};
use crate::part::Part;
use crate::request_id::{self, RequestId};
use crate::rest::{Renderer, Rest};
use crate::rpc::{RpcService, panicked};
use crate::services::Services;
use crate::status::log_cause;
use crate::web::{self, OnScrape};

/// What the stack is put together from.
pub struct Parts {
    /// The RPCs and their rules.
    pub catalog: Arc<Catalog>,
    /// Writes what lasts of resources, for events.
    pub renderer: Arc<Renderer>,
    /// The services of every family.
    pub services: Services,
    /// Who is calling.
    pub authenticator: Arc<dyn Authenticator>,
    /// Which businesses have started.
    pub onboarding: Arc<dyn Onboarding>,
    /// Does changes once.
    pub changes: Arc<dyn Changes>,
    /// Whether the server can do its work.
    pub readiness: Arc<dyn Readiness>,
    /// The parts outside of the server, whose state `/readyz` shows.
    pub parts: Vec<Part>,
    /// Where calls are counted.
    pub metrics: Metrics,
    /// Sets the gauges that are read rather than counted, before each scrape.
    pub on_scrape: OnScrape,
    /// Pages of the server. They find an [`RpcService`] in the extensions of their requests.
    pub pages: Router,
}

/// Why the stack cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// A message has no JSON form.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The descriptors cannot be served by reflection.
    #[error("the contract cannot be reflected: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// An origin of the configuration is not the value of a header.
    #[error("{0:?} is not an origin such as https://app.example")]
    Origin(String),
}

/// The whole server but for its connections. Cheap to clone; also a tower service, through
/// which tests call in process.
#[derive(Clone)]
pub struct Stack(Arc<Layers>);

/// The layers a request enters by. Shared: cloning those of CORS for each request would cost
/// more than most of them do.
struct Layers {
    rpc: RpcService,
    grpc_web: Cors<GrpcWebService<RpcService>>,
    http: Http,
    http_for_browsers: Cors<Http>,
    health: Health,
    max_body_bytes: usize,
    trusted_proxies: Vec<Network>,
}

impl Stack {
    /// For calls from within the server.
    #[must_use]
    pub fn insider(&self) -> Insider {
        Insider::new(self.0.http.rest.clone())
    }

    /// Puts the stack together.
    ///
    /// # Errors
    /// When the configuration or the contract cannot be served.
    pub async fn new(config: &ServerConfig, parts: &Parts) -> Result<Self, StackError> {
        let health = Health::new(parts.catalog.services(), &parts.metrics).await;
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(steward_contracts::DESCRIPTORS)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        let mut services = parts.services.clone();
        services
            .add_service(health.service())
            .add_service(reflection().build_v1()?)
            .add_service(reflection().build_v1alpha()?);
        let rpc = RpcService::new(config, parts, services)?;
        let cors = cors(&config.cors_origins)?;
        let http = Http {
            timeout: config.request_timeout,
            rest: Rest::new(&parts.catalog, rpc.over(Protocol::Json))?,
            rpc: rpc.over(Protocol::Page),
            pages: web::router(
                health.clone(),
                parts.metrics.clone(),
                Arc::clone(&parts.on_scrape),
                parts.parts.clone().into(),
                parts.pages.clone(),
            ),
        };
        Ok(Self(Arc::new(Layers {
            grpc_web: cors.layer(GrpcWebLayer::new().layer(rpc.over(Protocol::GrpcWeb))),
            http_for_browsers: cors.layer(http.clone()),
            http,
            rpc,
            health,
            max_body_bytes: config.max_body_bytes,
            trusted_proxies: config.trusted_proxies.clone(),
        })))
    }

    /// The health that the stack shows.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.0.health
    }

    /// Answers a request as it comes off a connection.
    pub fn handle<B>(&self, request: Request<B>) -> impl Future<Output = Response<Body>>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let limit = web::body_limit(request.uri().path(), self.0.max_body_bytes);
        let expects = request.headers().contains_key(EXPECT);
        let limited = |body| Body::new(LimitedBody::new(body, limit, expects));
        self.0.answer(request.map(limited))
    }
}

impl Layers {
    async fn answer(&self, mut request: Request<Body>) -> Response<Body> {
        let id = RequestId::of(request.headers());
        let header = id.header();
        request.extensions_mut().insert(id.clone());
        if let Some(peer) = request.extensions_mut().remove::<Peer>() {
            let caller = Caller::of(peer, request.headers(), &self.trusted_proxies);
            request.extensions_mut().insert(caller);
        }
        let mut response = match Class::of(request.headers()) {
            Class::Grpc if request.version() == Version::HTTP_2 => self.rpc.call(request).await,
            Class::Grpc => upgrade_required(),
            Class::GrpcWeb => match self.grpc_web.clone().call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            },
            Class::Other => self.answer_http(request, &id).await,
        };
        response.headers_mut().insert(request_id::HEADER, header);
        response
    }

    /// Calls catch their panics in [`RpcService`]; what lies in front of it for HTTP is caught
    /// here.
    async fn answer_http(&self, request: Request<Body>, id: &RequestId) -> Response<Body> {
        let answer = pin!(self.answer_browsers_too(request));
        AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(|panic| {
            log_cause(&panicked(&*panic), id.text());
            let detail = "An unexpected error occurred.";
            web::problem(StatusCode::INTERNAL_SERVER_ERROR, detail).map(Body::new)
        })
    }

    /// Only requests from a page have an origin, so that others need not pass CORS.
    async fn answer_browsers_too(&self, request: Request<Body>) -> Response<Body> {
        if !request.headers().contains_key(ORIGIN) {
            return self.http.handle(request).await;
        }
        match self.http_for_browsers.clone().call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

impl<B> Service<Request<B>> for Stack
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let stack = self.clone();
        Box::pin(async move { Ok(stack.handle(request).await) })
    }
}

/// What a request speaks.
enum Class {
    Grpc,
    GrpcWeb,
    Other,
}

impl Class {
    fn of(headers: &HeaderMap) -> Self {
        let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        match kind.strip_prefix(b"application/grpc") {
            Some([] | [b'+' | b';' | b' ', ..]) => Self::Grpc,
            Some([b'-', b'w', b'e', b'b', ..]) => Self::GrpcWeb,
            _ => Self::Other,
        }
    }
}

/// JSON routes and pages.
#[derive(Clone)]
struct Http {
    rest: Rest,
    pages: Router,
    /// For pages that are clients of the server themselves.
    rpc: RpcService,
    /// Longest time a page may take.
    timeout: Duration,
}

impl Http {
    async fn handle(&self, mut request: Request<Body>) -> Response<Body> {
        if !web::owns(request.uri().path()) {
            return self.rest.call(request).await;
        }
        // The shim has the deadline of its call; pages need one of their own.
        let mut pages = self.pages.clone();
        let caller = request.extensions().get::<Caller>().copied();
        let rpc = self.rpc.asked_from(caller, request.headers());
        request.extensions_mut().insert(rpc);
        match tokio::time::timeout(self.timeout, Service::call(&mut pages, request)).await {
            Ok(Ok(response)) => response.map(Body::new),
            Ok(Err(never)) => match never {},
            Err(_) => {
                let detail = "The answer took longer than it may.";
                web::problem(StatusCode::GATEWAY_TIMEOUT, detail).map(Body::new)
            }
        }
    }
}

impl Service<Request<Body>> for Http {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let http = self.clone();
        Box::pin(async move { Ok(http.handle(request).await) })
    }
}

/// gRPC needs trailers, and HTTP/1.1 clients do not get to see them: the status of the call
/// would be lost.
fn upgrade_required() -> Response<Body> {
    let detail = "gRPC needs HTTP/2; over HTTP/1.1 use grpc-web or JSON.";
    let mut response = web::problem(StatusCode::UPGRADE_REQUIRED, detail).map(Body::new);
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("h2c"));
    // The body was not read, so the connection cannot serve another request.
    headers.insert(CONNECTION, HeaderValue::from_static("close, upgrade"));
    response
}

/// Lets pages of `origins` call the server, and read what clients need of its answers.
/// Credentials stay out: browsers shall send no cookies, and the server reads none.
fn cors(origins: &[String]) -> Result<CorsLayer, StackError> {
    let origin = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        let header = |origin: &String| {
            HeaderValue::from_str(origin).map_err(|_| StackError::Origin(origin.clone()))
        };
        AllowOrigin::list(origins.iter().map(header).collect::<Result<Vec<_>, _>>()?)
    };
    let exposed = [
        HeaderName::from_static("grpc-status"),
        HeaderName::from_static("grpc-message"),
        HeaderName::from_static("grpc-status-details-bin"),
        request_id::HEADER,
        RETRY_AFTER,
        LOCATION,
        ETAG,
        crate::rest::REPLAYED,
        crate::limits::POLICY,
        crate::limits::LEFT,
        WWW_AUTHENTICATE,
        LINK,
        CONTENT_LANGUAGE,
        CONTENT_DISPOSITION,
        HeaderName::from_static("x-total-count"),
        HeaderName::from_static("deprecation"),
        HeaderName::from_static("preference-applied"),
    ];
    Ok(CorsLayer::new()
        .allow_origin(origin)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        // `*` would not include Authorization.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed)
        .max_age(Duration::from_secs(7200)))
}
