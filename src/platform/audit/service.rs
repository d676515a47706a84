//! The RPC of the audit trail, and its messages.

use steward_contracts::steward::platform::v1 as pb;
use steward_contracts::steward::platform::v1::audit_service_server::{
    AuditService, AuditServiceServer,
};
use steward_kernel::Context;
use steward_transport::call;
use tonic::{Request, Response, Status};

use super::FIELDS;
use crate::App;
use crate::cursor::{self, CursorPage, CursorQuery};
use crate::events::{self, Event};

struct Service {
    app: App,
}

/// The service, ready to be added to the routes.
pub(crate) fn service(app: &App) -> AuditServiceServer<impl AuditService> {
    AuditServiceServer::new(Service { app: app.clone() })
}

#[tonic::async_trait]
impl AuditService for Service {
    async fn list_audit_entries(
        &self,
        request: Request<pb::ListAuditEntriesRequest>,
    ) -> Result<Response<pb::ListAuditEntriesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::ListAuditEntriesRequest { cursor, page_size, filter, order_by, read_mask: _ } =
                request;
            let query = CursorQuery::read(&FIELDS, cursor, page_size, filter, order_by)?;
            let CursorPage { items, next_cursor, total } = list(app, &context, &query).await?;
            let items = items.into_iter().map(entry).collect();
            Ok(pb::ListAuditEntriesResponse { items, next_cursor, total_count: total })
        })
        .await
    }
}

/// The entries that are asked for.
async fn list(
    app: &App,
    context: &Context,
    query: &CursorQuery,
) -> steward_kernel::Result<CursorPage<Event>> {
    let (tx, tenant) = (app.read(context).await?, context.tenant()?);
    let total = async {
        // Numbers have no gaps, and nothing is ever deleted.
        if query.is_of_all() {
            events::newest(&tx, tenant).await.map(Some)
        } else {
            cursor::total::<Event>(&tx, tenant, None, query).await
        }
    };
    cursor::list_of(&tx, tenant, None, query, total).await
}

/// Writes an entry.
pub(super) fn entry(entry: Event) -> pb::Event {
    let address = entry.address.clone();
    pb::Event { address, ..events::message(entry) }
}
