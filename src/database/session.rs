//! One connection of the pool, and what is left set on it between its uses.

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use diesel::connection::CacheSize;
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::pooled_connection::PoolableConnection;
use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use steward_kernel::{Result, TenantId};

use crate::setup::Server;
use crate::{Connection, PoolMode, PoolOptions, ResultExt};

/// A connection, alone in the hands of whoever took it from the pool.
pub(crate) struct Session {
    connection: Connection,
    /// The tenant that the session is known to be set to.
    tenant: Option<TenantId>,
}

impl Session {
    /// Lets every statement outside a transaction see the rows of `tenant`, until another is
    /// set. Costs a round trip when another tenant used the session last.
    ///
    /// Only for [`PoolMode::Session`].
    ///
    /// # Errors
    /// When it could not be set, or is not known to be.
    pub(crate) async fn belong_to(&mut self, tenant: TenantId) -> Result<()> {
        if self.tenant != Some(tenant) {
            // Given up halfway, the session counts as nobody's.
            self.tenant = None;
            // The id is an integer, so there is nothing to escape.
            let set = format!("SET steward.tenant_id = '{tenant}'");
            self.connection.batch_execute(&set).await.or_internal()?;
            self.tenant = Some(tenant);
        }
        Ok(())
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// Makes the sessions of a pool.
pub(crate) struct Sessions {
    pub(crate) server: Server,
    pub(crate) options: PoolOptions,
}

impl Manager for Sessions {
    type Type = Session;
    type Error = ConnectionError;

    async fn create(&self) -> ConnectionResult<Session> {
        let connection = establish(&self.server, self.options).await?;
        Ok(Session { connection, tenant: None })
    }

    /// Asks the server nothing, which would cost a third of a read. A connection whose server
    /// is gone is noticed by the task that reads from it.
    async fn recycle(&self, session: &mut Session, _: &Metrics) -> RecycleResult<ConnectionError> {
        if session.connection.is_broken() {
            return Err(RecycleError::message("the connection is lost"));
        }
        Ok(())
    }
}

/// Makes one connection.
async fn establish(server: &Server, options: PoolOptions) -> ConnectionResult<Connection> {
    let refused = |error: tokio_postgres::Error| {
        ConnectionError::BadConnection(crate::setup::describe(&error))
    };
    let (client, connection) = server.config.connect(server.tls.clone()).await.map_err(refused)?;
    if options.mode == PoolMode::Session {
        // What is not in a transaction is a read. Queued here, it is answered before what
        // diesel-async sets up, whose failure would show that the server is gone.
        let read_only = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY";
        let _ = client.batch_execute(read_only).now_or_never();
    }
    if options.prepared_statements {
        return Connection::try_from_client_and_connection(client, connection).await;
    }
    // diesel-async sets the connection up with statements it prepares. A pooler keeps one
    // server for them only within a transaction. Queued here, it begins before they do.
    let _ = client.batch_execute("BEGIN").now_or_never();
    let mut connection = Connection::try_from_client_and_connection(client, connection).await?;
    connection.set_prepared_statement_cache_size(CacheSize::Disabled);
    connection.batch_execute("COMMIT").await.map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}
