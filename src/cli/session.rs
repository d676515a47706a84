//! The database a command works on: one given by URL, the embedded one of a running server, or
//! an embedded one brought up for as long as the command runs.

use steward_database::embedded::{self, Cluster};
use steward_database::{Database, PoolOptions, Prepared, prepare};
use steward_platform::App;
use steward_platform::files::Files;

use super::failure::Failure;
use super::settings::Settings;

/// An open database, with the cluster behind it if this process runs it.
pub struct Session {
    /// What actions are handed.
    pub app: App,
    /// What was found and done when it was opened.
    pub prepared: Prepared,
    cluster: Option<Cluster>,
}

impl Session {
    /// Opens the database for a command: beside a running server, if there is one.
    ///
    /// # Errors
    /// When it cannot be reached, started or prepared.
    pub async fn open(settings: &Settings) -> Result<Self, Failure> {
        if let Some(url) = &settings.database_url {
            return Self::prepare(settings, url.expose(), None).await;
        }
        match embedded::url_if_running(&settings.data_dir).await? {
            Some(url) => Self::prepare(settings, &url, None).await,
            None => Self::open_own(settings).await,
        }
    }

    /// Opens the database for a server, which insists on a data directory of its own.
    ///
    /// # Errors
    /// When it cannot be reached, started or prepared, or another process works on the data
    /// directory.
    pub async fn open_own(settings: &Settings) -> Result<Self, Failure> {
        if let Some(url) = &settings.database_url {
            return Self::prepare(settings, url.expose(), None).await;
        }
        let options = embedded::Options {
            data_dir: settings.data_dir.clone(),
            pg_bin: settings.pg_bin.clone(),
        };
        let cluster = Cluster::start(&options).await?;
        let url = cluster.owner_url().to_owned();
        Self::prepare(settings, &url, Some(cluster)).await
    }

    async fn prepare(
        settings: &Settings,
        url: &str,
        cluster: Option<Cluster>,
    ) -> Result<Self, Failure> {
        let opened = async {
            let prepared = prepare(url).await?;
            let options = PoolOptions {
                size: settings.pool_size.into(),
                wait: settings.pool_wait.duration(),
                prepared_statements: settings.prepared_statements,
                mode: settings.pool_mode().into(),
            };
            let database = Database::open(&prepared.app_url, options)?;
            // The server brings its own; commands touch none.
            let files = Files::in_memory();
            Ok::<_, Failure>((prepared, App { database, files }))
        };
        match opened.await {
            Ok((prepared, app)) => Ok(Self { app, prepared, cluster }),
            Err(failure) => {
                if let Some(cluster) = cluster {
                    cluster.stop().await;
                }
                Err(failure)
            }
        }
    }

    /// Lets go of the database, and stops the cluster if this process runs it.
    pub async fn close(self) {
        let Self { app, prepared: _, cluster } = self;
        drop(app);
        if let Some(cluster) = cluster {
            cluster.stop().await;
        }
    }

    /// Runs `work` on the database of a command, and closes it whatever comes out.
    ///
    /// # Errors
    /// Those of opening and of `work`.
    pub async fn with<T>(
        settings: &Settings,
        work: impl AsyncFnOnce(&App, &Prepared) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let session = Self::open(settings).await?;
        let result = work(&session.app, &session.prepared).await;
        session.close().await;
        result
    }
}
