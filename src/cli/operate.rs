//! Commands that change or list what the platform keeps. All work beside a running server.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::json;
use steward_cleaning::tenant_leads::{self, NewTenantLead, TenantLead};
use steward_database::Transaction;
use steward_kernel::{Error, Family, TenantId};
use steward_platform::mail::{self, Language, Mail};
use steward_platform::tenants::{self, Tenant};
use steward_platform::{App, clients, keys};

use super::failure::Failure;
use super::session::Session;
use super::settings::Settings;

/// Writes `value` as one line of JSON to standard output.
pub fn print(value: &impl Serialize) -> Result<(), Failure> {
    say(&format!("{}\n", serde_json::to_string(value)?))
}

/// Writes `text` to standard output. A reader that has gone, as with `| head`, is no failure.
pub fn say(text: &str) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// `steward migrate`
pub async fn migrate(settings: &Settings) -> Result<(), Failure> {
    Session::with(settings, async |_, prepared| print(&json!({"applied": prepared.applied}))).await
}

/// `steward tenant create`
pub async fn create_tenant(settings: &Settings, family: Family, name: &str) -> Result<(), Failure> {
    Session::with(settings, async |app, _| print(&shown(&found(app, family, name).await?))).await
}

/// Makes a tenant with what its family needs to start.
pub async fn found(app: &App, family: Family, name: &str) -> Result<Tenant, Failure> {
    let found = |tx: Arc<Transaction>| async move {
        let tenant = tenants::found(&tx, family, name).await?;
        begin(&tx, &tenant).await?;
        Ok(tenant)
    };
    Ok(app.database.transaction_platform(found).await?)
}

/// Writes what a tenant of a family needs to start.
async fn begin(tx: &Transaction, tenant: &Tenant) -> Result<(), Error> {
    match tenant.family {
        Family::Rentals => steward_rentals::owners::begin(tx, tenant.id, &tenant.name).await,
        Family::Cleaning => steward_cleaning::found(tx, tenant.id, &tenant.name).await,
        Family::Facilities => Ok(()),
    }
}

/// `steward tenant list`
pub async fn list_tenants(settings: &Settings) -> Result<(), Failure> {
    Session::with(settings, async |app, _| {
        for tenant in tenants::list(app).await? {
            print(&shown(&tenant))?;
        }
        Ok(())
    })
    .await
}

/// `steward tenant suspend` and `resume`
pub async fn suspend_tenant(
    settings: &Settings,
    tenant: i64,
    suspended: bool,
) -> Result<(), Failure> {
    let suspend = |tx: Arc<Transaction>| async move {
        let tenant = tenants::suspend(&tx, TenantId(tenant), suspended).await?;
        match tenant.family {
            Family::Cleaning => steward_cleaning::suspend(&tx, tenant.id, suspended).await?,
            Family::Facilities | Family::Rentals => {}
        }
        Ok(tenant)
    };
    Session::with(settings, async |app, _| {
        print(&shown(&app.database.transaction_platform(suspend).await?))
    })
    .await
}

fn shown(tenant: &Tenant) -> serde_json::Value {
    json!({
        "id": tenant.id.0,
        "family": tenant.family.name(),
        "name": tenant.name,
        "suspended": tenant.is_suspended,
    })
}

/// `steward client create`
pub async fn create_client(settings: &Settings, tenant: i64, name: &str) -> Result<(), Failure> {
    Session::with(settings, async |app, _| {
        let client = clients::create(app, TenantId(tenant), name).await?;
        print(&json!({
            "client_id": client.client_id,
            "client_secret": client.client_secret.expose_secret(),
        }))
    })
    .await
}

/// `steward client rotate-secret`
pub async fn rotate_secret(settings: &Settings, client: &str) -> Result<(), Failure> {
    Session::with(settings, async |app, _| {
        let secret = clients::rotate_secret(app, client).await?;
        print(&json!({"client_id": client, "client_secret": secret.expose_secret()}))
    })
    .await
}

/// `steward client disable`
pub async fn disable_client(settings: &Settings, client: &str) -> Result<(), Failure> {
    Session::with(settings, async |app, _| {
        clients::disable(app, client).await?;
        print(&json!({"client_id": client, "disabled": true}))
    })
    .await
}

/// `steward client list`
pub async fn list_clients(settings: &Settings, tenant: Option<i64>) -> Result<(), Failure> {
    Session::with(settings, async |app, _| {
        let tenants: Vec<_> = match tenant {
            Some(id) => vec![TenantId(id)],
            None => tenants::list(app).await?.into_iter().map(|tenant| tenant.id).collect(),
        };
        // One look per tenant, because nobody but the database's owner sees two at once.
        for tenant in tenants {
            for client in clients::list(app, tenant).await? {
                print(&json!({
                    "client_id": client.client_id,
                    "tenant": client.tenant.0,
                    "name": client.name,
                    "disabled": client.disabled,
                }))?;
            }
        }
        Ok(())
    })
    .await
}

/// `steward keys rotate`
pub async fn rotate_keys(settings: &Settings, delay: Duration) -> Result<(), Failure> {
    Session::with(settings, async |app, _| {
        let kid = keys::rotate(app, delay).await?;
        print(&json!({"kid": kid}))
    })
    .await
}

/// `steward mail test`
pub async fn test_mail(
    settings: &Settings,
    tenant: i64,
    to: &str,
    language: &str,
) -> Result<(), Failure> {
    if !steward_kernel::text::is_email(to) {
        return Err(Failure::new("The address is not an e-mail address."));
    }
    Session::with(settings, async |app, _| {
        let tenant = TenantId(tenant);
        let name = tenants::list(app).await?.into_iter().find(|known| known.id == tenant);
        let Some(name) = name.map(|tenant| tenant.name) else {
            return Err(Failure::new(format!("There is no tenant {tenant}.")));
        };
        let mail = &Mail {
            to,
            language: Language::of_tag(language),
            template: &mail::TEST,
            values: json!({"sender": name}),
            reply_to: None,
        };
        let id = app
            .database
            .transaction(tenant, |tx| async move { mail::send(&tx, tenant, mail.clone()).await })
            .await?;
        print(&json!({"id": id}))
    })
    .await
}

/// `steward leads list`
pub async fn list_leads(settings: &Settings) -> Result<(), Failure> {
    Session::with(settings, async |app, _| {
        tenant_leads::for_each(app, |lead| {
            let TenantLead { id, asked, created_at, mailed_at } = lead;
            let NewTenantLead { name, email, company, phone, message } = asked;
            print(&json!({
                "id": id,
                "name": name,
                "email": email,
                "company": company,
                "phone": phone,
                "message": message,
                "created_at": created_at,
                "mailed_at": mailed_at,
            }))
        })
        .await
    })
    .await
}
