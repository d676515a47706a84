//! A small server: two services of the contract, of which one does what a header says, and one
//! authenticator that knows two tokens.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::routing::get;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use prost::Message;
use steward_contracts::steward::facilities::v1 as pb;
use steward_contracts::steward::facilities::v1::country_code_service_server::{
    CountryCodeService, CountryCodeServiceServer,
};
use steward_contracts::steward::facilities::v1::property_type_service_server::{
    PropertyTypeService, PropertyTypeServiceServer,
};
use steward_kernel::{Error, Family, Principal, Role, TenantId};
use tokio::sync::Notify;
use tonic::{Code, Status};

use crate::auth::{Authenticator, Credentials, Linked, Onboarding, Purpose, Readiness};
use crate::call;
use crate::catalog::Catalog;
use crate::changes::{Begun, Change, Changes, OpenChange, Outcome, Recorded};
use crate::config::ServerConfig;
use crate::metrics::Metrics;
use crate::part::Part;
use crate::rest::Renderer;
use crate::services::Services;
use crate::stack::{Parts, Stack};

/// The RPC that the service offers.
pub const LIST: &str = "/steward.facilities.v1.CountryCodeService/ListCountryCodes";
/// A token that grants the RPC.
pub const TOKEN: &str = "Bearer reader";

/// What the service and the tests tell each other.
#[derive(Default)]
pub struct Signals {
    /// A call that was asked to wait has begun.
    pub entered: Notify,
    /// It may finish.
    pub release: Notify,
    /// What the authenticator was asked.
    pub tokens: Mutex<Vec<String>>,
    /// The readiness check fails.
    pub broken: AtomicBool,
    /// A check has been made.
    pub checked: Notify,
}

struct Service(Arc<Signals>);

#[tonic::async_trait]
impl CountryCodeService for Service {
    async fn list_country_codes(
        &self,
        request: tonic::Request<pb::ListCountryCodesRequest>,
    ) -> Result<tonic::Response<pb::ListCountryCodesResponse>, Status> {
        let wish = request.metadata().get("x-wish").and_then(|value| value.to_str().ok());
        let wish = wish.unwrap_or_default().to_owned();
        let token = request.metadata().contains_key("authorization");
        let signals = Arc::clone(&self.0);
        call::run(request, |context, _| async move {
            match &*wish {
                "panic" => panic!("as asked"),
                "hang" => {
                    signals.entered.notify_one();
                    signals.release.notified().await;
                }
                "fail" => return Err(Error::internal("the cause of it all")),
                "miss" => return Err(Error::not_found("Country", 7)),
                _ => {}
            }
            let country = format!("{} {} {token}", context.tenant()?, context.request_id());
            let code = pb::CountryCode { id: 1, code: "31".into(), country };
            Ok(pb::ListCountryCodesResponse { country_codes: vec![code] })
        })
        .await
    }
}

#[tonic::async_trait]
impl PropertyTypeService for Service {
    async fn create_property_type(
        &self,
        request: tonic::Request<pb::CreatePropertyTypeRequest>,
    ) -> Result<tonic::Response<pb::PropertyType>, Status> {
        call::run(request, |_, request| async move {
            let name = request.property_type.unwrap_or_default().name;
            Ok(pb::PropertyType { id: 5, name, ..Default::default() })
        })
        .await
    }
}

struct Tokens(Arc<Signals>);

impl Authenticator for Tokens {
    fn authenticate<'a>(
        &'a self,
        credentials: Credentials<'a>,
    ) -> BoxFuture<'a, steward_kernel::Result<Arc<Principal>>> {
        let Credentials { token, .. } = credentials;
        Box::pin(async move {
            self.0.tokens.lock().expect("tokens").push(token.to_owned());
            match token {
                "reader" | "stranger" => Ok(Arc::new(Principal {
                    tenant: TenantId(7),
                    family: Family::Facilities,
                    client_id: token.to_owned(),
                    scopes: vec![],
                    user: None,
                })),
                _ => Err(Error::unauthenticated("The token is forged.")),
            }
        })
    }

    fn follow<'a>(
        &'a self,
        _: Family,
        _: Purpose,
        _: &'a str,
    ) -> BoxFuture<'a, steward_kernel::Result<Linked>> {
        Box::pin(async { Err(Error::not_found("Link", "")) })
    }

    fn anybody(
        &self,
        _: Family,
        tenant: TenantId,
    ) -> BoxFuture<'_, steward_kernel::Result<Arc<Principal>>> {
        Box::pin(async move { Err(Error::not_found("Tenant", tenant)) })
    }

    fn is_suspended(&self, _: TenantId) -> bool {
        false
    }

    fn permits(&self, principal: &Principal, permission: &str, _: &[Role]) -> bool {
        let granted = ["facilities.country_codes.read", "facilities.property_types.write"];
        principal.client_id == "reader" && granted.contains(&permission)
    }
}

/// Every business has started.
struct Started;

impl Onboarding for Started {
    fn is_done<'a>(&'a self, _: &'a Principal) -> BoxFuture<'a, steward_kernel::Result<bool>> {
        Box::pin(async { Ok(true) })
    }
}

struct Check(Arc<Signals>);

impl Readiness for Check {
    fn check(&self) -> BoxFuture<'_, steward_kernel::Result<()>> {
        Box::pin(async {
            self.0.checked.notify_one();
            if self.0.broken.load(Ordering::Relaxed) {
                return Err(Error::unavailable("No database.", Duration::from_secs(1)));
            }
            Ok(())
        })
    }
}

/// Changes without a database: nothing is remembered.
struct Memoryless;

impl Changes for Memoryless {
    fn begin<'a>(&'a self, _: Change<'a>) -> BoxFuture<'a, steward_kernel::Result<Begun>> {
        Box::pin(async { Ok(Begun::Open(Box::new(Self))) })
    }
}

impl OpenChange for Memoryless {
    fn unit(&self) -> Arc<dyn std::any::Any + Send + Sync> {
        Arc::new(())
    }

    fn commit(self: Box<Self>, _: Outcome) -> BoxFuture<'static, steward_kernel::Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn roll_back(
        self: Box<Self>,
        _: Option<Recorded>,
    ) -> BoxFuture<'static, steward_kernel::Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

/// What a server is made from, and the signals of its service.
pub fn parts() -> (Parts, Arc<Signals>) {
    let signals = Arc::new(Signals::default());
    let service = Arc::new(Service(Arc::clone(&signals)));
    let metrics = Metrics::new();
    let mut services = Services::default();
    services
        .add_service(CountryCodeServiceServer::from_arc(Arc::clone(&service)))
        .add_service(PropertyTypeServiceServer::from_arc(service));
    let catalog = Arc::new(Catalog::load().expect("the contract"));
    let parts = Parts {
        renderer: Arc::new(Renderer::new(&catalog).expect("every resource has JSON")),
        catalog,
        services,
        authenticator: Arc::new(Tokens(Arc::clone(&signals))),
        onboarding: Arc::new(Started),
        changes: Arc::new(Memoryless),
        readiness: Arc::new(Check(Arc::clone(&signals))),
        parts: vec![Part::new("mail"), Part::new("files")],
        on_scrape: {
            let gauge = metrics.gauge("test_pool_size");
            Arc::new(move || gauge.set(3.0))
        },
        metrics,
        pages: axum::Router::new()
            .route("/docs/panic", get(async || -> &'static str { panic!("as asked") }))
            .route("/docs/hang", get(std::future::pending::<&'static str>)),
    };
    (parts, signals)
}

/// A server in process.
pub struct Server {
    pub stack: Stack,
    pub metrics: Metrics,
    pub signals: Arc<Signals>,
}

impl Server {
    pub async fn start() -> Self {
        Self::with(ServerConfig::default()).await
    }

    pub async fn with(config: ServerConfig) -> Self {
        let (parts, signals) = parts();
        let stack = Stack::new(&config, &parts).await.expect("a stack");
        Self { stack, metrics: parts.metrics, signals }
    }

    /// Sends a request and reads the answer to its end.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        Answer::read(self.stack.handle(request).await).await
    }

    /// Calls the RPC by gRPC, with a `wish` and an `authorization`.
    pub async fn call(&self, wish: &str, authorization: &str) -> Answer {
        self.send(grpc(wish, authorization)).await
    }
}

/// A gRPC request to the RPC.
pub fn grpc(wish: &str, authorization: &str) -> Request<Full<Bytes>> {
    let mut request = Request::post(LIST)
        .version(Version::HTTP_2)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("x-wish", wish);
    if !authorization.is_empty() {
        request = request.header("authorization", authorization);
    }
    request.body(Full::new(frame(b""))).expect("a request")
}

/// A message in gRPC framing.
pub fn frame(message: &[u8]) -> Bytes {
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).expect("a small message").to_be_bytes());
    frame.extend(message);
    frame.into()
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub http: StatusCode,
    pub headers: HeaderMap,
    pub trailers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub async fn read<B>(response: Response<B>) -> Self
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: std::fmt::Debug,
    {
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a body");
        Self {
            http: head.status,
            headers: head.headers,
            trailers: body.trailers().cloned().unwrap_or_default(),
            body: body.to_bytes(),
        }
    }

    /// The gRPC status, wherever it is.
    pub fn status(&self) -> Status {
        Status::from_header_map(&self.trailers)
            .or_else(|| Status::from_header_map(&self.headers))
            .expect("a gRPC status")
    }

    pub fn code(&self) -> Code {
        self.status().code()
    }

    /// The text that the service answers: tenant, request id, whether it saw a token.
    pub fn text(&self) -> String {
        text(&self.body)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// The text in a framed answer of the service.
pub fn text(framed: &[u8]) -> String {
    let message = pb::ListCountryCodesResponse::decode(&framed[5..]).expect("a message");
    message.country_codes[0].country.clone()
}

/// The body of the port, for whoever builds requests by hand.
pub fn empty() -> Full<Bytes> {
    Full::default()
}
