//! `steward serve`: puts the server together, runs it, and takes it apart.

use std::future::Future;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use steward_cleaning::{ExtendSeries, TellOperator};
use steward_database::Database;
use steward_kernel::Family;
use steward_platform::App;
use steward_platform::changes::DatabaseChanges;
use steward_platform::events::{Feed, KnownTypes};
use steward_platform::exports::{self, CollectExports, Resources, WriteExport};
use steward_platform::files::{self, Bucket, Collect, Files};
use steward_platform::identities::Followers;
use steward_platform::imports::{Forms, ReadImport};
use steward_platform::jobs::{self, Workers};
use steward_platform::keys::KeyRing;
use steward_platform::mail::{self, SendMail};
use steward_platform::oidc::{self, Provider};
use steward_platform::passwords;
use steward_platform::sessions::{Ended, ForgetAttempts};
use steward_platform::tenants::Suspended;
use steward_platform::tokens::{self, Issuer, Verifier};
use steward_platform::webhooks::{Deliver, Reach, Terms};
use steward_rentals::{LookAtStock, TellOverdue};
use steward_transport::auth::Readiness;
use steward_transport::config::{ServerConfig, TlsFiles};
use steward_transport::metrics::Metrics;
use steward_transport::part::Part;
use steward_transport::rest::Renderer;
use steward_transport::services::Services;
use steward_transport::stack::{Parts, Stack};
use steward_transport::{OnScrape, docs, server};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::demo;
use super::failure::Failure;
use super::files::make_room;
use super::inspect::load_catalog;
use super::operate::say;
use super::session::Session;
use super::settings::{Settings, reached_at};

/// The families that follow what another issuer says of people.
const FOLLOWERS: Followers = &[(Family::Rentals, steward_rentals::owners::follow)];

/// Runs the server until it is told to stop.
///
/// # Errors
/// When it cannot start.
pub async fn run(settings: Settings) -> Result<(), Failure> {
    // Asked for first, so that a signal while starting is not lost.
    let stop = stop_signal()?;
    if let Some(files) = &server_config(&settings).tls {
        server::check_tls(files).map_err(|error| Failure::during("Cannot serve", &error))?;
    }
    make_room(settings.max_connections);
    // A taken port is found out before a cluster is started for it.
    let listener = server::bind(settings.listen).await.map_err(|error| {
        Failure::during(&format!("Cannot listen on {}", settings.listen), &error)
    })?;
    let session = Session::open_own(&settings).await?;
    let result = serve(&settings, listener, &session.app, stop).await;
    session.close().await;
    tracing::info!("stopped");
    result
}

async fn serve(
    settings: &Settings,
    listener: TcpListener,
    app: &App,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), Failure> {
    let address = reached_at(listener.local_addr()?);
    let base = settings.base_url(address);
    // The port may be known only now.
    let app = &App { files: files_of(settings, &base)?, ..app.clone() };
    let ring = KeyRing::open(app.database.clone()).await?;
    let ended = Ended::open(app.database.clone()).await?;
    let suspended = Suspended::open(app.database.clone()).await?;
    let tokens = settings.tokens(&base);
    let issuer = Arc::new(Issuer::new(app.clone(), Arc::clone(&ring), tokens.clone()));

    let provider = match (&settings.oidc_issuer, &settings.oidc_audience) {
        (Some(issuer), Some(audience)) => {
            let settings = oidc::Settings { issuer: issuer.clone(), audience: audience.clone() };
            Some(Provider::new(app.clone(), settings, FOLLOWERS)?)
        }
        _ => None,
    };
    let issuer_part = provider.as_ref().map(Provider::part);
    let verifier =
        Verifier::new(app.database.clone(), Arc::clone(&ring), Arc::clone(&ended), &tokens)
            .with_provider(provider)
            .with_suspended(Arc::clone(&suspended));

    // Found out before anybody is told that the server listens.
    let (workers, mail_part) = workers(settings, app, &base)?;
    let catalog = Arc::new(load_catalog()?);
    let mut services = Services::default();
    let feed = Feed::new(app.database.clone());
    let reach = if settings.webhook_private { Reach::Any } else { Reach::Public };
    let exports = [
        steward_facilities::exports(),
        steward_rentals::exports(),
        steward_cleaning::exports(),
        steward_platform::audit_exports(),
    ]
    .concat();
    let resources = Resources::new(&catalog, exports);
    let resources = Arc::new(resources.map_err(|error| Failure::during("The contract", &error))?);
    let imports =
        [steward_facilities::IMPORTS, steward_rentals::IMPORTS, steward_cleaning::IMPORTS].concat();
    let forms = Forms::new(&catalog, &imports);
    let forms = Arc::new(forms.map_err(|error| Failure::during("The contract", &error))?);
    let known = KnownTypes::new(&catalog, steward_rentals::EVENTS);
    let known = known.map_err(|error| Failure::during("The contract", &error))?;
    let terms = Arc::new(Terms { reach, known });
    steward_platform::services(app, &issuer, &feed, &resources, &forms, &terms, &mut services);
    let renderer = Renderer::new(&catalog);
    let renderer = renderer.map_err(|error| Failure::during("The contract", &error))?;
    let renderer = Arc::new(renderer);
    let deliver = Deliver::new(reach, Arc::clone(&renderer))?;
    let outer = [app.files.part(), mail_part, deliver.part()];
    let workers = workers
        .with(deliver)
        .with(TellOverdue::new(Arc::clone(&renderer)))
        .with(ExtendSeries::new(Arc::clone(&renderer)))
        .with(LookAtStock)
        .with(WriteExport::new(Arc::clone(&resources)))
        .with(CollectExports)
        .with(ForgetAttempts)
        .with(steward_cleaning::MakePdf)
        .with(steward_cleaning::ReleaseClaim);
    steward_facilities::services(app, &feed, &mut services);
    steward_rentals::services(app, &mut services);
    let registration = match settings.registration_closed {
        false => steward_cleaning::Registration::Open,
        true => steward_cleaning::Registration::Closed,
    };
    steward_cleaning::services(app, &issuer, registration, &mut services);

    let metrics = Metrics::new();
    metrics.install().map_err(|error| Failure::during("Metrics", &error))?;
    let parts = Parts {
        pages: tokens::well_known(issuer)
            .merge(docs::router(Arc::clone(&catalog)))
            .merge(mail::router(app.clone()))
            .merge(files::router(app.clone()))
            .merge(exports::router(app.clone()))
            .merge(passwords::router(app.clone()))
            .merge(steward_facilities::pages())
            .merge(steward_cleaning::pages()),
        catalog,
        renderer,
        services,
        authenticator: Arc::new(verifier),
        onboarding: Arc::new(steward_rentals::Started::new(app)),
        changes: Arc::new(DatabaseChanges::new(app, Arc::clone(&feed))),
        readiness: Arc::new(DatabaseReadiness(app.database.clone())),
        parts: outer.into_iter().chain(issuer_part).collect(),
        metrics,
        on_scrape: pool_gauges(app.database.clone()),
    };

    let config = server_config(settings);
    let stack = Stack::new(&config, &parts)
        .await
        .map_err(|error| Failure::during("Cannot serve", &error))?;
    let reader = ReadImport::new(forms, resources, stack.insider(), Arc::clone(&feed));
    let workers = workers.with(reader);

    let demo = if settings.demo { Some(demo::prepare(app, &stack.insider()).await?) } else { None };
    let banner = match &demo {
        Some(demo) => demo.banner(&base, address, settings.tls_key.is_some()),
        None => format!("steward listens on {base}\n"),
    };
    say(&banner)?;

    tracing::info!(%address, "serving");
    let follower = tokio::spawn(ring.follow());
    let ends = tokio::spawn(ended.follow());
    let suspensions = tokio::spawn(suspended.follow());
    let watcher = tokio::spawn(Arc::clone(&feed).follow());
    // Watches would last longer than the server waits for calls.
    let stop = async {
        stop.await;
        feed.stop();
    };
    // Requests and jobs finish side by side.
    let stop = stop.shared();
    let (result, ()) = tokio::join!(
        server::serve(listener, config, parts, stack, stop.clone()),
        workers.run(stop),
    );
    follower.abort();
    ends.abort();
    suspensions.abort();
    watcher.abort();
    result.map_err(|error| Failure::during("Cannot serve", &error))
}

/// Where uploaded files are kept: in a bucket if one is named, else in a folder.
fn files_of(settings: &Settings, base: &str) -> Result<Files, Failure> {
    let Some(url) = &settings.files_url else {
        return Ok(Files::local(&settings.files_folder(), base)?);
    };
    let bucket = Bucket {
        url: url.clone(),
        endpoint: settings.files_endpoint.clone(),
        region: settings.files_region.clone(),
        access_key_id: settings.files_access_key_id.clone(),
        secret_access_key: settings.files_secret_access_key.as_ref().map(|key| key.expose().into()),
        ca: settings.files_ca.clone(),
    };
    Ok(Files::bucket(&bucket, base)?)
}

/// Everything that is done in the background, by the handlers of its kinds, and where mail goes.
/// Links lead to `base`.
fn workers(settings: &Settings, app: &App, base: &str) -> Result<(Workers, Part), Failure> {
    let transport = Arc::new(mail::Transport::new(&mail::Settings {
        from: settings.mail_from.clone(),
        folder: settings.mail_folder.clone().unwrap_or_else(|| settings.data_dir.join("outbox")),
        smtp_url: settings.smtp_url.as_ref().map(|url| url.expose().into()),
        smtp_ca: settings.smtp_ca.clone(),
    })?);
    let options = jobs::Options {
        concurrency: settings.job_concurrency.into(),
        lease: settings.job_lease.duration(),
        grace: settings.drain_timeout.duration(),
    };
    let part = transport.part();
    let workers = Workers::new(app.clone(), options).with(Collect);
    let workers = match &settings.leads_to {
        Some(to) => workers.with(TellOperator::new(Arc::clone(&transport), to.clone())),
        None => workers,
    };
    Ok((workers.with(SendMail::new(transport, base)), part))
}

/// Reads how busy the pool is, for whoever collects the metrics.
fn pool_gauges(database: Database) -> OnScrape {
    let gauge = |state| metrics::gauge!("steward_database_connections", "state" => state);
    let (idle, busy) = (gauge("idle"), gauge("busy"));
    let limit = metrics::gauge!("steward_database_connections_limit");
    let waiting = metrics::gauge!("steward_database_waiting_calls");
    Arc::new(move || {
        let status = database.status();
        let set = |gauge: &metrics::Gauge, number: usize| {
            gauge.set(f64::from(u32::try_from(number).unwrap_or(u32::MAX)));
        };
        set(&idle, status.available);
        set(&busy, status.size.saturating_sub(status.available));
        set(&limit, status.limit);
        set(&waiting, status.waiting);
    })
}

fn server_config(settings: &Settings) -> ServerConfig {
    let tls = settings.tls_certificate.clone().zip(settings.tls_key.clone());
    ServerConfig {
        max_body_bytes: usize::try_from(settings.max_body_bytes).unwrap_or(usize::MAX),
        max_header_bytes: settings.max_header_bytes,
        header_read_timeout: settings.header_read_timeout.duration(),
        request_timeout: settings.request_timeout.duration(),
        idle_timeout: settings.idle_timeout.duration(),
        keep_alive_interval: settings.keep_alive_interval.duration(),
        keep_alive_timeout: settings.keep_alive_timeout.duration(),
        max_concurrent_streams: settings.max_concurrent_streams,
        max_connections: usize::try_from(settings.max_connections).unwrap_or(usize::MAX),
        max_connection_age: settings.max_connection_age.map(super::values::Seconds::duration),
        drain_timeout: settings.drain_timeout.duration(),
        drain_delay: settings.drain_delay.duration(),
        rate_limits: settings.rate_limits.clone(),
        readiness_interval: settings.readiness_interval.duration(),
        cors_origins: settings.cors_origins.clone(),
        trusted_proxies: settings.trusted_proxies.clone(),
        tls: tls.map(|(certificate, key)| TlsFiles { certificate, key }),
    }
}

/// Ends at the first SIGTERM or SIGINT, to drain and stop. A second one ends the process at
/// once; PostgreSQL then recovers at the next start.
fn stop_signal() -> Result<impl Future<Output = ()> + Send, Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (first, stopped) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        next().await;
        tracing::info!("stopping; a second signal ends the process at once");
        // Nobody listens when the server failed to start, and then the process ends anyway.
        let _ = first.send(());
        next().await;
        std::process::exit(130);
    });
    Ok(stopped.map(drop))
}

/// Ready means that the database answers and has the migrations of this program.
struct DatabaseReadiness(Database);

impl Readiness for DatabaseReadiness {
    fn check(&self) -> BoxFuture<'_, steward_kernel::Result<()>> {
        self.0.check_ready().boxed()
    }
}
