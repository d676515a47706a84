//! Calls without a token that name the tenant they are for.
//!
//! Whoever applies for work or asks to be called back has no account. What they leave is a change
//! of that tenant all the same, with an idempotency key and an event, so the tenant is known before
//! the change begins. Such a call can do what its own RPC does, and no more.

use std::sync::Arc;

use http::{Request, Response};
use steward_kernel::{Family, Principal, Result, TenantId};
use tonic::body::Body;

use super::reply::Framed;
use super::{RpcService, Rule};
use crate::rest::wire::integer;

/// A request whose body was read for the tenant that it names.
pub(super) enum Named {
    /// The request as it came, and who calls; nobody when it names no tenant.
    Readable(Request<Body>, Option<Arc<Principal>>),
    /// The answer to a body that cannot be read.
    Unreadable(Response<Body>),
}

impl RpcService {
    /// Finds out which tenant a request names.
    pub(super) async fn for_tenant(
        &self,
        rule: &Rule,
        field: u32,
        request: Request<Body>,
    ) -> Result<Named> {
        let framed = match Framed::read(request).await {
            Ok(framed) => framed,
            Err(status) => return Ok(Named::Unreadable(status.into_http())),
        };
        let tenant = framed.message().map_or(0, |message| integer(&message, field));
        let anybody = match (Family::of_name(rule.family), tenant) {
            (None, _) | (_, 0) => None,
            (Some(family), id) => {
                let tenant = TenantId(id.cast_signed());
                Some(self.shared.authenticator.anybody(family, tenant).await?)
            }
        };
        Ok(Named::Readable(framed.into_request(), anybody))
    }
}
