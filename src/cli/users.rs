//! `steward user ...`: the people of a tenant.

use clap::Subcommand;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use steward_kernel::{Family, Role, TenantId};
use steward_platform::keys::KeyRing;
use steward_platform::tokens::Issuer;
use steward_platform::users::{self, NewUser};
use steward_platform::{App, sessions, tenants};

use super::failure::Failure;
use super::operate::print;
use super::session::Session;
use super::settings::Settings;
use super::values::role;

#[derive(Subcommand, Debug)]
pub enum Users {
    /// Record a user; prints a password, which cannot be shown again, and an access token (60 min)
    ///
    /// The token is made with the settings of the server: give --public-url and --audience by the
    /// environment or the configuration file, where this command finds them too.
    Create {
        /// Id of the tenant
        #[arg(long, value_name = "ID")]
        tenant: i64,
        /// E-mail address; the user name as well
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// What the user is to the tenant: owner, tenantAdmin, cleaner or client
        #[arg(long, value_parser = role)]
        role: Role,
        /// What people call the user
        #[arg(long, default_value = "")]
        name: String,
    },
    /// List users, one JSON object a line
    List {
        /// Only those of this tenant
        #[arg(long, value_name = "ID")]
        tenant: Option<i64>,
    },
    /// Let a user sign in no more, and end all sessions of theirs
    Disable {
        /// Id of the user
        #[arg(long, value_name = "ID")]
        user: i64,
    },
    /// Give a user a new password, print it, and end all sessions of theirs
    SetPassword {
        /// Id of the user
        #[arg(long, value_name = "ID")]
        user: i64,
    },
}

impl Users {
    /// Runs the command to its end.
    ///
    /// # Errors
    /// One line for the operator.
    pub async fn run(self, settings: &Settings) -> Result<(), Failure> {
        Session::with(settings, async |app, _| match self {
            Self::Create { tenant, email, role, name } => {
                let new = NewUser::new(&email, &name, role)?;
                create(settings, app, TenantId(tenant), new).await
            }
            Self::List { tenant } => list(app, tenant.map(TenantId)).await,
            Self::Disable { user } => {
                users::disable(app, user).await?;
                print(&json!({"id": user, "is_active": false}))
            }
            Self::SetPassword { user } => {
                let password = users::random_password();
                users::set_password(app, user, password.clone()).await?;
                print(&json!({"id": user, "password": password.expose_secret()}))
            }
        })
        .await
    }
}

async fn create(
    settings: &Settings,
    app: &App,
    tenant: TenantId,
    new: NewUser,
) -> Result<(), Failure> {
    let password: SecretString = users::random_password();
    let new = new.with_password(users::hash(&password).await?);
    let new = &new;
    let made = app.database.transaction(tenant, |tx| async move {
        let user = users::create(&tx, tenant, new).await?;
        if user.family == Family::Cleaning {
            steward_cleaning::joined(&tx, &user).await?;
        }
        users::get(&tx, user.id).await
    });
    let user = made.await?;
    let session = app
        .database
        .transaction(tenant, |tx| async move { sessions::open(&tx, tenant, user.id).await })
        .await?;
    let ring = KeyRing::open(app.database.clone()).await?;
    let base = settings.base_url(settings.listen);
    let issuer = Issuer::new(app.clone(), ring, settings.tokens(&base));
    let token = issuer.token_of(&user, session).await?;
    print(&json!({
        "id": user.id,
        "email": user.email,
        "password": password.expose_secret(),
        "access_token": token.access_token.expose_secret(),
    }))
}

async fn list(app: &App, tenant: Option<TenantId>) -> Result<(), Failure> {
    let tenants: Vec<_> = match tenant {
        Some(id) => vec![id],
        None => tenants::list(app).await?.into_iter().map(|tenant| tenant.id).collect(),
    };
    // One look per tenant, because nobody but the database's owner sees two at once.
    for tenant in tenants {
        for user in users::list(app, tenant).await? {
            print(&json!({
                "id": user.id,
                "tenant": user.tenant.0,
                "username": user.username,
                "email": user.email,
                "name": user.name,
                "role": user.role.name(),
                "is_active": user.is_active,
                "has_password": user.has_password(),
                "last_login_at": user.last_login_at.map(|at| at.to_string()),
            }))?;
        }
    }
    Ok(())
}
