//! The RPC of the audit trail, and its messages.

use steward_contracts::steward::platform::v1 as pb;
use steward_contracts::steward::platform::v1::audit_service_server::{
    AuditService, AuditServiceServer,
};
use steward_kernel::Result;
use steward_kernel::page::{ListQuery, PageRequest};
use steward_kernel::validate::Violations;
use steward_transport::call;
use tonic::{Request, Response, Status};

use super::{Entries, FIELDS, MOST, Query};
use crate::App;
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
            super::list(app, &context, query(request)?).await.map(entries)
        })
        .await
    }
}

fn query(message: pb::ListAuditEntriesRequest) -> Result<Query> {
    let pb::ListAuditEntriesRequest { cursor, page_size, filter } = message;
    let mut violations = Violations::default();
    let limit = page_size.unwrap_or(MOST);
    if !(1..=MOST).contains(&limit) {
        violations.rule("page_size", "The page size is between 1 and 100.");
    }
    let page = PageRequest { number: 1, size: limit };
    let filter = ListQuery::all(page).narrow(&FIELDS, filter, None, &mut violations).filter;
    violations.finish(Query { cursor, limit, filter })
}

fn entries(entries: Entries) -> pb::ListAuditEntriesResponse {
    let Entries { items, next_cursor } = entries;
    let items = items.into_iter().map(entry).collect();
    pb::ListAuditEntriesResponse { items, next_cursor }
}

/// Writes an entry.
pub(super) fn entry(entry: Event) -> pb::Event {
    let address = entry.address.clone();
    pb::Event { address, ..events::message(entry) }
}
