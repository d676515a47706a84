//! `steward serve --demo`: a tenant with data, and calls to copy.

use std::net::SocketAddr;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use steward_kernel::{Context, Family, Principal, TenantId};
use steward_platform::{App, clients, tenants};

use super::failure::Failure;

/// Name of the demo tenant and its client.
const NAME: &str = "Demo";

/// What is needed to call as the demo client.
pub struct Demo {
    tenant: TenantId,
    client_id: String,
    client_secret: SecretString,
}

/// Makes the demo tenant, its client and its data, unless they are there.
///
/// The client gets a new secret at each start, because only its hash is kept. A secret that is
/// the same everywhere would be easier, and a way into every installation that was ever tried
/// out in the open.
///
/// # Errors
/// When the database refuses.
pub async fn prepare(app: &App) -> Result<Demo, Failure> {
    let tenant = match seeded_tenant(app).await? {
        Some(tenant) => tenant,
        None => {
            let tenant = tenants::create(app, Family::Facilities, NAME).await?.id;
            steward_facilities::demo::seed(app, &context(tenant)).await?;
            tenant
        }
    };
    let known = clients::list(app, tenant).await?.into_iter().find(|client| client.name == NAME);
    let (client_id, client_secret) = match known {
        Some(client) => {
            let secret = clients::rotate_secret(app, &client.client_id).await?;
            (client.client_id, secret)
        }
        None => {
            let client = clients::create(app, tenant, NAME).await?;
            (client.client_id, client.client_secret)
        }
    };
    Ok(Demo { tenant, client_id, client_secret })
}

/// The demo tenant of an earlier start. One whose data was cut short is passed over.
async fn seeded_tenant(app: &App) -> Result<Option<TenantId>, Failure> {
    for tenant in tenants::list(app).await?.into_iter().filter(|tenant| tenant.name == NAME) {
        if steward_facilities::demo::is_seeded(app, &context(tenant.id)).await? {
            return Ok(Some(tenant.id));
        }
    }
    Ok(None)
}

/// The demo data is made as if a client of the tenant had asked for it.
fn context(tenant: TenantId) -> Context {
    let principal = Principal {
        tenant,
        family: Family::Facilities,
        client_id: NAME.to_owned(),
        scopes: Vec::new(),
        user: None,
    };
    Context::new(Some(Arc::new(principal)), "demo".into(), "facilities")
}

impl Demo {
    /// What a person who just started the demo wants to see.
    pub fn banner(&self, base: &str, address: SocketAddr, tls: bool) -> String {
        let Self { tenant, client_id, client_secret } = self;
        let secret = client_secret.expose_secret();
        let plaintext = if tls { "" } else { "-plaintext " };
        let request = format!(
            "curl -s {base}/api/connect/token \\\n    -d grant_type=client_credentials -d 'scope=openid api' \
             \\\n    -d client_id={client_id} -d client_secret={secret}"
        );
        format!(
            r#"steward listens on {base}

  Documentation  {base}/docs
  Demo data      tenant {tenant}; the client's secret is new at each start

Get a token, good for 30 minutes:

  {request}

Keep one, and list owners with it, as JSON and by gRPC:

  TOKEN=$({request} \
    | sed 's/.*"access_token":"\([^"]*\)".*/\1/')

  curl -s {base}/api/public/Owners -H "Authorization: Bearer $TOKEN"

  grpcurl {plaintext}-H "authorization: Bearer $TOKEN" -d '{{"page_size": 3}}' \
    {address} steward.facilities.v1.OwnerService/ListOwners

"#
        )
    }
}
