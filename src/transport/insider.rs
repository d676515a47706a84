//! Calls from within the server, in the name of somebody who asked for them before.
//!
//! They go through the shim and the one way into every RPC like all others, with the same checks
//! and events; only the token is not needed, because it was verified when the work was asked
//! for.

use std::any::Any;
use std::net::IpAddr;
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
#[derive(Clone)]
pub(crate) struct OnBehalf {
    pub(crate) principal: Arc<Principal>,
    pub(crate) unit: Option<Arc<dyn Any + Send + Sync>>,
    pub(crate) address: Option<IpAddr>,
}

/// Calls RPCs by their JSON routes.
#[derive(Clone)]
pub struct Insider {
    rest: Rest,
}

/// A call from within.
pub struct InsiderCall<'a> {
    /// In whose name.
    pub principal: &'a Arc<Principal>,
    /// The network address from which they asked for it.
    pub address: Option<IpAddr>,
    /// HTTP method of the route.
    pub method: Method,
    /// Path, its variables filled in.
    pub path: &'a str,
    /// The JSON body.
    pub body: &'a Value,
    /// Whether everything is checked and nothing written, or the unit of work that the change
    /// becomes a part of.
    pub aim: Aim,
}

/// What a call from within is for.
pub enum Aim {
    /// Everything is checked and nothing written.
    Check,
    /// The change becomes a part of a unit of work: it lasts when that does.
    Write(Arc<dyn Any + Send + Sync>),
    /// The call stands for itself, like one from outside.
    Alone,
}

impl Insider {
    pub(crate) fn new(rest: Rest) -> Self {
        Self { rest }
    }

    /// Makes a call. The inner result is what the RPC says: its JSON, or why it was refused.
    ///
    /// # Errors
    /// INTERNAL when the call cannot be written as a request.
    pub async fn call(&self, call: InsiderCall<'_>) -> Result<Result<Body, Refusal>> {
        let body = serde_json::to_vec(call.body).map_err(Error::internal)?;
        let mut request = Request::new(Body::new(Full::new(body.into())));
        *request.method_mut() = call.method;
        *request.uri_mut() = call.path.parse().map_err(Error::internal)?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let unit = match call.aim {
            Aim::Check => {
                let prefer = HeaderValue::from_static("validate-only");
                headers.insert(HeaderName::from_static("prefer"), prefer);
                None
            }
            Aim::Write(unit) => Some(unit),
            Aim::Alone => None,
        };
        let principal = Arc::clone(call.principal);
        request.extensions_mut().insert(OnBehalf { principal, unit, address: call.address });
        let mut response = self.rest.call(request).await;
        if response.status().is_success() {
            return Ok(Ok(response.into_body()));
        }
        response
            .extensions_mut()
            .remove::<Refusal>()
            .map(Err)
            .ok_or_else(|| Error::internal(format!("{} without a reason", response.status())))
    }
}
