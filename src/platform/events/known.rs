//! Which types of events there are.

use std::collections::BTreeSet;

use steward_kernel::Family;
use steward_transport::catalog::{Catalog, CatalogError};
use steward_transport::rpc;

/// A mail that nobody could be sent.
pub(crate) const MAIL_GIVEN_UP: &str = "platform.mail.given_up";

/// A session that was ended because its refresh token was used twice.
pub(crate) const SESSION_REVOKED: &str = "platform.session.revoked";

/// What the server tells of that no RPC has changed, beside an endpoint that is switched off.
const FOUND_OUT: [&str; 2] = [MAIL_GIVEN_UP, SESSION_REVOKED];

/// An endpoint that the server has switched off, in the words of a family.
pub(crate) const fn endpoint_disabled(family: Family) -> &'static str {
    match family {
        Family::Facilities => "facilities.webhook_endpoint.disabled",
        Family::Rentals => "rentals.webhook_endpoint.disabled",
        Family::Cleaning => "cleaning.webhook_endpoint.disabled",
    }
}

/// The types of events that there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTypes(BTreeSet<&'static str>);

impl KnownTypes {
    /// Those of what RPCs change, of what the server finds out by itself, and `more` that families
    /// find out.
    ///
    /// # Errors
    /// As those of a server with the same RPCs.
    pub fn new(catalog: &Catalog, more: &[&'static str]) -> Result<Self, CatalogError> {
        let mut known = rpc::event_types(catalog)?;
        known.extend(FOUND_OUT);
        known.extend(Family::ALL.map(endpoint_disabled));
        known.extend(more);
        Ok(Self(known))
    }

    /// Whether a tenant of a family may ever be told of an event of a type, or of one that begins as
    /// `facilities.owner.*` does.
    pub(crate) fn has(&self, family: Option<Family>, text: &str) -> bool {
        let is_theirs = |known: &str| {
            let of = known.split('.').next().and_then(Family::of_name);
            of.is_none() || family.is_none() || of == family
        };
        let is_meant = |known: &str| match text.strip_suffix('*') {
            Some(beginning) => known.starts_with(beginning),
            None => known == text,
        };
        self.0.iter().any(|known| is_meant(known) && is_theirs(known))
    }
}
