//! Who is calling, and whether the RPC is open to them.

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use steward_kernel::{Error, Kind, Principal, Result, error::reason};

use super::record::Call;
use super::{ID_TOKEN, RpcService, Rule};
use crate::auth::Credentials;
use crate::catalog::Access;
use crate::limits::{self, Asking, Counted};
use crate::rest::AskedIn;

impl RpcService {
    /// Finds out who is calling, and whether the RPC is open to them. Who was turned away for
    /// a lack of permission is in the record.
    pub(super) async fn admit(
        &self,
        call: &mut Call,
        headers: &HeaderMap,
        behalf: Option<Arc<Principal>>,
        address: Option<IpAddr>,
    ) -> Result<()> {
        let Access::Permission(permission) = call.rule.access else {
            return self.recognise(call, headers, behalf).await;
        };
        let principal = match behalf {
            Some(principal) => principal,
            None => {
                let token = bearer(headers)
                    .ok_or_else(|| Error::unauthenticated("The call needs a bearer token."))?;
                let credentials = credentials(&call.rule, token, headers);
                let known = Credentials { opens_account: None, ..credentials };
                match self.shared.authenticator.authenticate(known).await {
                    Err(error)
                        if credentials.opens_account.is_some()
                            && error.reason() == reason::ONBOARDING_REQUIRED =>
                    {
                        self.welcome(call, credentials, address).await?
                    }
                    answered => answered?,
                }
            }
        };
        let permitted = self.shared.authenticator.permits(&principal, permission, call.rule.roles);
        let principal = call.principal.insert(principal);
        if !permitted {
            return Err(Error::new(
                Kind::PermissionDenied,
                reason::FORBIDDEN_ACTION,
                "The token does not grant this call.",
            )
            .with_metadata("permission", permission));
        }
        if call.rule.before_onboarding || self.shared.onboarding.is_done(principal).await? {
            return Ok(());
        }
        Err(Error::new(
            Kind::PermissionDenied,
            reason::ONBOARDING_REQUIRED,
            "The business has not yet said what it takes to start.",
        ))
    }

    /// Makes an account for somebody who has none. How many there may be of one address is limited,
    /// because nobody there has a name yet by which calls could be counted.
    async fn welcome(
        &self,
        call: &mut Call,
        credentials: Credentials<'_>,
        address: Option<IpAddr>,
    ) -> Result<Arc<Principal>> {
        if let Some(limiter) = &self.shared.limiter {
            call.counted = limiter.count(&Asking {
                limit: limits::accounts(call.rule.family),
                is_refused: false,
                family: call.rule.family,
                principal: None,
                address,
                apart: None,
            });
            call.counted.map_or(Ok(()), Counted::admit)?;
        }
        self.shared.authenticator.authenticate(credentials).await
    }

    /// Finds out in whose name a public call is made, where it may be made in anybody's.
    async fn recognise(
        &self,
        call: &mut Call,
        headers: &HeaderMap,
        behalf: Option<Arc<Principal>>,
    ) -> Result<()> {
        if !call.rule.optional_token {
            return Ok(());
        }
        let authenticator = &self.shared.authenticator;
        let principal = match (behalf, bearer(headers)) {
            (Some(principal), _) => principal,
            (None, Some(token)) => {
                authenticator.authenticate(credentials(&call.rule, token, headers)).await?
            }
            (None, None) => return Ok(()),
        };
        // Of another family, or in another role, a caller is anybody.
        let permitted = authenticator.permits(&principal, call.rule.family, call.rule.roles);
        call.principal = permitted.then_some(principal);
        Ok(())
    }
}

/// Refuses a caller by the routes of a family that is not its own.
pub(super) fn refuse_foreign(
    principal: Option<&Principal>,
    asked_in: Option<AskedIn>,
) -> Result<()> {
    let (Some(principal), Some(AskedIn(family))) = (principal, asked_in) else { return Ok(()) };
    if principal.family.name() == family {
        return Ok(());
    }
    Err(Error::new(
        Kind::PermissionDenied,
        reason::FORBIDDEN_ACTION,
        "The route belongs to another family than the tenant.",
    ))
}

/// What a caller proves itself with.
fn credentials<'a>(rule: &Rule, token: &'a str, headers: &'a HeaderMap) -> Credentials<'a> {
    Credentials {
        token,
        id_token: headers.get(ID_TOKEN).map(|value| value.to_str().unwrap_or_default()),
        opens_account: rule.opens_account,
    }
}

/// The token of an `Authorization: Bearer` header (RFC 6750).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
