//! The commands of `steward`.

mod demo;
mod failure;
mod files;
mod inspect;
mod jobs;
mod logging;
mod operate;
mod secrets;
mod serve;
mod session;
mod settings;
mod users;
mod values;

use clap::{Parser, Subcommand};
use steward_kernel::Family;

pub use self::failure::Failure;
use self::settings::{CommonOptions, ServerOptions, Settings};
use self::values::{Seconds, family};

/// One backend for businesses that clean homes, maintain properties and rent out equipment:
/// gRPC, grpc-web and JSON on one port, over one PostgreSQL.
///
/// Every setting is a flag, an environment variable (STEWARD_...) and a key of the configuration
/// file, in this order of precedence. A secret can be given as a file that holds it: --smtp-url-file,
/// STEWARD_SMTP_URL_FILE, smtp_url_file. Without --database-url, the server brings up a PostgreSQL
/// of its own in the data directory.
#[derive(Parser, Debug)]
#[command(name = "steward", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: CommonOptions,
}

/// What the environment says of the server, for commands without its flags: whoever makes a user
/// gets a token of the issuer that the server is.
#[derive(Parser)]
struct Environment {
    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the server until SIGTERM or SIGINT
    Serve(ServerOptions),
    /// Bring the database up to date, and say what was done
    Migrate,
    /// Work on tenants: businesses whose data nobody else sees
    #[command(subcommand)]
    Tenant(Tenant),
    /// Work on API clients, which get tokens for a tenant
    #[command(subcommand)]
    Client(Client),
    /// Work on users: the people of a tenant, who sign in
    #[command(subcommand)]
    User(users::Users),
    /// Work on the keys that sign tokens
    #[command(subcommand)]
    Keys(Keys),
    /// Work on jobs: what the servers do in the background
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// Work on mail
    #[command(subcommand)]
    Mail(Mail),
    /// Companies that would like to be tenants
    #[command(subcommand)]
    Leads(Leads),
    /// List the JSON routes, one JSON object a line
    Routes,
    /// Print the OpenAPI 3.1 document of a family
    #[command(name = "openapi")]
    OpenApi {
        /// Short name of the family
        #[arg(value_name = "FAMILY", conflicts_with = "family")]
        name: Option<String>,
        /// Short name of the family
        #[arg(long, value_name = "FAMILY", default_value = "facilities")]
        family: String,
    },
    /// Print the URL of the database, as its owner; also beside a running server
    DatabaseUrl,
    /// Print the effective configuration as JSON, secrets masked
    Config(ServerOptions),
}

#[derive(Subcommand, Debug)]
enum Tenant {
    /// Record a tenant, and print it as JSON
    Create {
        /// The family whose RPCs it uses: facilities, rentals or cleaning
        #[arg(long, value_name = "FAMILY", default_value = "facilities", value_parser = family)]
        family: Family,
        /// What people call it
        #[arg(long)]
        name: String,
    },
    /// List the tenants, one JSON object a line
    List,
    /// Let a tenant read and change nothing; every server follows within about a second
    Suspend {
        /// Id of the tenant
        #[arg(value_name = "ID")]
        id: i64,
    },
    /// Let a suspended tenant change things again
    Resume {
        /// Id of the tenant
        #[arg(value_name = "ID")]
        id: i64,
    },
}

#[derive(Subcommand, Debug)]
enum Client {
    /// Record a client; prints its id and its secret, which cannot be shown again
    Create {
        /// Id of the tenant
        #[arg(long, value_name = "ID")]
        tenant: i64,
        /// What people call it
        #[arg(long)]
        name: String,
    },
    /// Give a client a new secret; the present one stays valid until the next time
    RotateSecret {
        /// Id of the client
        #[arg(long, value_name = "ID")]
        client: String,
    },
    /// Refuse further tokens to a client; those it has work until they expire (30 min)
    Disable {
        /// Id of the client
        #[arg(long, value_name = "ID")]
        client: String,
    },
    /// List clients, one JSON object a line
    List {
        /// Only those of this tenant
        #[arg(long, value_name = "ID")]
        tenant: Option<i64>,
    },
}

#[derive(Subcommand, Debug)]
enum Mail {
    /// Have the servers send a mail that says that mail works
    Test {
        /// Id of the tenant in whose name it is sent
        #[arg(long, value_name = "ID")]
        tenant: i64,
        /// Address to send it to
        #[arg(long, value_name = "ADDRESS")]
        to: String,
        /// Language: en, nl, pt or es
        #[arg(long, value_name = "TAG", default_value = "en")]
        language: String,
    },
}

#[derive(Subcommand, Debug)]
enum Leads {
    /// List who asked, oldest first, one JSON object a line
    List,
}

#[derive(Subcommand, Debug)]
enum Keys {
    /// Publish a new key and sign with it; the present one verifies until its tokens are expired
    Rotate {
        /// Publish the new key this long before it signs, for verifiers that keep keys for long
        #[arg(long, value_name = "TIME", default_value = "0s")]
        publish_first: Seconds,
    },
}

impl Cli {
    /// The settings in effect for this command.
    fn settings(&self) -> Result<Settings, Failure> {
        match &self.command {
            Command::Serve(server) | Command::Config(server) => {
                Settings::resolve(&self.common, server)
            }
            Command::Migrate
            | Command::Tenant(_)
            | Command::Client(_)
            | Command::User(_)
            | Command::Keys(_)
            | Command::Jobs(_)
            | Command::Mail(_)
            | Command::Leads(_)
            | Command::Routes
            | Command::OpenApi { .. }
            | Command::DatabaseUrl => {
                let told = Environment::try_parse_from(["steward"]);
                let told = told.map_err(|error| Failure::new(error.to_string()))?;
                Settings::resolve(&self.common, &told.server)
            }
        }
    }

    /// Runs the command to its end.
    ///
    /// # Errors
    /// One line for the operator.
    pub async fn run(self) -> Result<(), Failure> {
        let settings = self.settings()?;
        let is_server = matches!(self.command, Command::Serve(_));
        logging::start(settings.log.as_deref().unwrap_or(if is_server {
            "info"
        } else {
            "error"
        }))?;
        match self.command {
            Command::Serve(_) => serve::run(settings).await,
            Command::Migrate => operate::migrate(&settings).await,
            Command::Tenant(Tenant::Create { family, name }) => {
                operate::create_tenant(&settings, family, &name).await
            }
            Command::Tenant(Tenant::List) => operate::list_tenants(&settings).await,
            Command::Tenant(Tenant::Suspend { id }) => {
                operate::suspend_tenant(&settings, id, true).await
            }
            Command::Tenant(Tenant::Resume { id }) => {
                operate::suspend_tenant(&settings, id, false).await
            }
            Command::Client(Client::Create { tenant, name }) => {
                operate::create_client(&settings, tenant, &name).await
            }
            Command::Client(Client::RotateSecret { client }) => {
                operate::rotate_secret(&settings, &client).await
            }
            Command::Client(Client::Disable { client }) => {
                operate::disable_client(&settings, &client).await
            }
            Command::Client(Client::List { tenant }) => {
                operate::list_clients(&settings, tenant).await
            }
            Command::Keys(Keys::Rotate { publish_first }) => {
                operate::rotate_keys(&settings, publish_first.duration()).await
            }
            Command::User(command) => command.run(&settings).await,
            Command::Jobs(command) => command.run(&settings).await,
            Command::Mail(Mail::Test { tenant, to, language }) => {
                operate::test_mail(&settings, tenant, &to, &language).await
            }
            Command::Leads(Leads::List) => operate::list_leads(&settings).await,
            Command::Routes => inspect::routes(),
            Command::OpenApi { name, family } => {
                inspect::openapi(&settings, name.as_deref().unwrap_or(&family))
            }
            Command::DatabaseUrl => inspect::database_url(&settings).await,
            Command::Config(_) => inspect::config(&settings),
        }
    }
}
