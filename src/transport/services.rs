//! The gRPC services of the server, found by name.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::{Request, Response};
use tonic::body::Body;
use tonic::server::NamedService;
use tower::Service;

/// What an answer comes as.
pub(crate) type Answer = BoxFuture<'static, Result<Response<Body>, Infallible>>;

/// A service that many calls use at once.
pub(crate) trait Answering: Send + Sync {
    /// Answers a call in gRPC framing.
    fn answer(&self, request: Request<Body>) -> Answer;
}

/// What tonic generates is always ready and cheap to clone, and boxes its answers already.
impl<S> Answering for S
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future = Answer>,
    S: Clone + Send + Sync,
{
    fn answer(&self, request: Request<Body>) -> Answer {
        self.clone().call(request)
    }
}

/// All services, by name. A call needs one look-up and nothing is allocated for it; tonic's own
/// `Routes` is a router for paths with variables in them, which costs a read by id a tenth.
#[derive(Clone, Default)]
pub struct Services(HashMap<&'static str, Arc<dyn Answering>>);

impl Services {
    /// Adds a service that was generated from the contract.
    pub fn add_service<S>(&mut self, service: S) -> &mut Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future = Answer>,
        S: NamedService + Clone + Send + Sync + 'static,
    {
        self.0.insert(S::NAME, Arc::new(service));
        self
    }

    /// The service of a path such as `/steward.facilities.v1.OwnerService/GetOwner`.
    pub(crate) fn of(&self, path: &str) -> Option<&dyn Answering> {
        let (name, _) = path.strip_prefix('/')?.split_once('/')?;
        self.0.get(name).map(|service| &**service)
    }
}
