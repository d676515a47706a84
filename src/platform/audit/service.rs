//! The RPC of the audit trail, and its messages.

use steward_contracts::steward::platform::v1 as pb;
use steward_contracts::steward::platform::v1::audit_service_server::{
    AuditService, AuditServiceServer,
};
use steward_transport::call;
use tonic::{Request, Response, Status};

use super::FIELDS;
use crate::App;
use crate::cursor::{self, CursorQuery};
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
            let page = cursor::list::<Event>(app, &context, None, &query).await?;
            let items = page.items.into_iter().map(entry).collect();
            Ok(pb::ListAuditEntriesResponse { items, next_cursor: page.next_cursor })
        })
        .await
    }
}

/// Writes an entry.
pub(super) fn entry(entry: Event) -> pb::Event {
    let address = entry.address.clone();
    pb::Event { address, ..events::message(entry) }
}
