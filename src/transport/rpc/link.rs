//! Calls that a link opens instead of a token.
//!
//! Whoever has the link has no token, so the tenant, without which nothing of the database can
//! be seen or changed, is in the link. The link is signed, and its signature is checked before
//! anything is done in the name of that tenant: a stranger who makes links up can neither reach
//! a tenant's rows nor its idempotency keys.

use http::{Request, Response};
use steward_kernel::{Family, Result};
use tonic::body::Body;

use super::RpcService;
use super::reply::Framed;
use crate::auth::{Linked, Purpose};
use crate::catalog::Rpc;
use crate::rest::wire::text;

/// Where the link of an RPC is, and what it is for.
#[derive(Clone, Copy)]
pub(super) struct LinkRule {
    /// Number of the request's field.
    field: u32,
    family: Family,
    /// A link for one purpose opens nothing of another.
    purpose: Purpose,
}

impl RpcService {
    /// Reads the text of a field of a request.
    pub(super) async fn peek(request: Request<Body>, field: u32) -> Peeked {
        let framed = match Framed::read(request).await {
            Ok(framed) => framed,
            Err(status) => return Peeked::Unreadable(status.into_http()),
        };
        let message = framed.message().unwrap_or_default();
        let found = text(&message, field).map(str::to_owned);
        Peeked::Readable(framed.into_request(), found)
    }
}

/// A request whose body was read for the text of a field.
pub(super) enum Peeked {
    /// The request as it came, and the text.
    Readable(Request<Body>, Option<String>),
    /// The answer to a body that cannot be read.
    Unreadable(Response<Body>),
}

/// A request whose body was read for its link.
pub(super) enum Opened {
    /// The request as it came, and what its link leads to; nothing when it holds none.
    Readable(Request<Body>, Option<Linked>),
    /// The answer to a body that cannot be read.
    Unreadable(Response<Body>),
}

impl LinkRule {
    pub(super) fn of(rpc: &Rpc) -> Option<Self> {
        let purpose = match rpc.purpose {
            "" => Purpose::Service(rpc.service),
            personal => Purpose::Personal(personal),
        };
        Some(Self { field: rpc.link?, family: Family::of_name(rpc.family)?, purpose })
    }
}

impl RpcService {
    /// Finds out what the link in a request leads to.
    pub(super) async fn follow(&self, rule: LinkRule, request: Request<Body>) -> Result<Opened> {
        let framed = match Framed::read(request).await {
            Ok(framed) => framed,
            Err(status) => return Ok(Opened::Unreadable(status.into_http())),
        };
        let message = framed.message().unwrap_or_default();
        let linked = match text(&message, rule.field).filter(|link| !link.is_empty()) {
            Some(link) => {
                let authenticator = &self.shared.authenticator;
                Some(authenticator.follow(rule.family, rule.purpose, link).await?)
            }
            None => None,
        };
        Ok(Opened::Readable(framed.into_request(), linked))
    }
}
