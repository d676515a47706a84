//! Calls from within the server, in the name of somebody who asked for them before.
//!
//! They go through the shim and the one way into every RPC like all others, with the same
//! checks, idempotency and events; only the token is not needed, because it was verified when
//! the work was asked for.

use std::sync::Arc;

use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method, Request};
use http_body_util::Full;
use serde_json::Value;
use steward_kernel::{Error, Principal, Result};
use tonic::body::Body;

use crate::rest::{Refusal, Rest};

/// In whose name a request is made. Only the server itself can say so: nothing of a request
/// that comes over a connection becomes an extension of this type.
#[derive(Debug, Clone)]
pub(crate) struct OnBehalf(pub(crate) Arc<Principal>);

/// Calls RPCs by their JSON routes.
#[derive(Clone)]
pub struct Insider {
    rest: Rest,
}

/// A call from within.
#[derive(Debug)]
pub struct InsiderCall<'a> {
    /// In whose name.
    pub principal: &'a Arc<Principal>,
    /// HTTP method of the route.
    pub method: Method,
    /// Path, its variables filled in.
    pub path: &'a str,
    /// The JSON body.
    pub body: &'a Value,
    /// The idempotency key.
    pub key: &'a str,
    /// Whether everything is checked and nothing written.
    pub validate_only: bool,
}

impl Insider {
    pub(crate) fn new(rest: Rest) -> Self {
        Self { rest }
    }

    /// Makes a call. The inner result is what the RPC says: done, or refused.
    ///
    /// # Errors
    /// INTERNAL when the call cannot be written as a request.
    pub async fn call(&self, call: InsiderCall<'_>) -> Result<Result<(), Refusal>> {
        let body = serde_json::to_vec(call.body).map_err(Error::internal)?;
        let mut request = Request::new(Body::new(Full::new(body.into())));
        *request.method_mut() = call.method;
        *request.uri_mut() = call.path.parse().map_err(Error::internal)?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let key = HeaderValue::try_from(call.key).map_err(Error::internal)?;
        headers.insert(HeaderName::from_static("idempotency-key"), key);
        if call.validate_only {
            let prefer = HeaderValue::from_static("validate-only");
            headers.insert(HeaderName::from_static("prefer"), prefer);
        }
        request.extensions_mut().insert(OnBehalf(Arc::clone(call.principal)));
        let mut response = self.rest.call(request).await;
        if response.status().is_success() {
            return Ok(Ok(()));
        }
        response
            .extensions_mut()
            .remove::<Refusal>()
            .map(Err)
            .ok_or_else(|| Error::internal(format!("{} without a reason", response.status())))
    }
}
