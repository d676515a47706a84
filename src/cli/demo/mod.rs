//! `steward serve --demo`: a tenant of each family with data, and calls to copy.

mod script;

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use steward_kernel::{Family, Principal, TenantId};
use steward_platform::tokens::API;
use steward_platform::{App, clients, tenants};
use steward_transport::insider::Insider;

use super::failure::Failure;
use super::operate;

/// Name of the API client of each demo tenant.
const CLIENT: &str = "Demo";

/// A tenant of the demo.
struct Business {
    family: Family,
    /// Its name, by which it is known again.
    name: &'static str,
    /// What it is, for the banner.
    what: &'static str,
    /// A list to begin with.
    path: &'static str,
    /// The same list over gRPC.
    rpc: &'static str,
}

const BUSINESSES: [Business; 3] = [
    Business {
        family: Family::Facilities,
        name: "Demo",
        what: "a manager of properties",
        path: "/api/public/Owners",
        rpc: "steward.facilities.v1.OwnerService/ListOwners",
    },
    Business {
        family: Family::Rentals,
        name: "Lumen Rentals",
        what: "a shop that rents cameras out",
        path: "/api/saas/me/bookings",
        rpc: "steward.rentals.v1.BookingsService/ListBookings",
    },
    Business {
        family: Family::Cleaning,
        name: "Bright & Tidy",
        what: "a company that cleans homes",
        path: "/client",
        rpc: "steward.cleaning.v1.ClientService/ListClients",
    },
];

/// What is needed to call as the demo clients.
pub struct Demo(Vec<Access>);

/// The client of one tenant.
struct Access {
    business: &'static Business,
    tenant: TenantId,
    client_id: String,
    client_secret: SecretString,
}

/// Makes the demo tenants, their clients and their data, unless they are there.
///
/// The clients get new secrets at each start, because only hashes are kept. Secrets that are the
/// same everywhere would be easier, and a way into every installation that was ever tried out in
/// the open.
///
/// # Errors
/// When the database refuses.
pub async fn prepare(app: &App, insider: &Insider) -> Result<Demo, Failure> {
    let mut accesses = Vec::new();
    for business in &BUSINESSES {
        accesses.push(open(app, insider, business).await?);
    }
    Ok(Demo(accesses))
}

async fn open(
    app: &App,
    insider: &Insider,
    business: &'static Business,
) -> Result<Access, Failure> {
    let mut known = tenants::list(app).await?;
    known.retain(|one| one.family == business.family && one.name.starts_with(business.name));
    for tenant in &known {
        // The client is made last: one whose data was cut short has none, and is passed over.
        let clients = clients::list(app, tenant.id).await?;
        if let Some(client) = clients.into_iter().find(|client| client.name == CLIENT) {
            let client_secret = clients::rotate_secret(app, &client.client_id).await?;
            let client_id = client.client_id;
            return Ok(Access { business, tenant: tenant.id, client_id, client_secret });
        }
    }
    // Names of companies are unique, those of what is passed over too.
    let name = match known.len() {
        0 => business.name.to_owned(),
        others => format!("{} {}", business.name, others + 1),
    };
    let tenant = operate::found(app, business.family, &name).await?.id;
    let principal = principal(business.family, tenant);
    let script = match business.family {
        Family::Facilities => include_str!("facilities.json"),
        Family::Rentals => include_str!("rentals.json"),
        Family::Cleaning => include_str!("cleaning.json"),
    };
    script::run(insider, &principal, script).await?;
    let client = clients::create(app, tenant, CLIENT).await?;
    let clients::NewClient { client_id, client_secret, .. } = client;
    Ok(Access { business, tenant, client_id, client_secret })
}

/// The demo data is made as if the client of the tenant had asked for it.
fn principal(family: Family, tenant: TenantId) -> Arc<Principal> {
    Arc::new(Principal {
        tenant,
        family,
        client_id: CLIENT.to_owned(),
        scopes: vec![API.to_owned()],
        user: None,
    })
}

impl Demo {
    /// What a person who just started the demo wants to see.
    pub fn banner(&self, base: &str, address: SocketAddr, tls: bool) -> String {
        let plaintext = if tls { "" } else { "-plaintext " };
        let mut text = format!(
            "steward listens on {base}\n\n  Documentation  {base}/docs\n\n\
             Each family has a business to look at. Its client's secret is new at each start; a \
             token\nis good for 30 minutes.\n"
        );
        for Access { business, tenant, client_id, client_secret } in &self.0 {
            let Business { family, what, path, rpc, .. } = business;
            let secret = client_secret.expose_secret();
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                r#"
{}: tenant {tenant}, {what}

  TOKEN=$(curl -s {base}/api/connect/token -d grant_type=client_credentials \
    -d 'scope=openid api' -d client_id={client_id} \
    -d client_secret={secret} | sed 's/.*"access_token":"\([^"]*\)".*/\1/')

  curl -s {base}{path} -H "Authorization: Bearer $TOKEN"

  grpcurl {plaintext}-H "authorization: Bearer $TOKEN" {address} \
    {rpc}
"#,
                family.name(),
            );
        }
        text.push('\n');
        text
    }
}
