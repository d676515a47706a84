//! The RPC of the audit trail, and its messages.

use steward_contracts::steward::platform::v1 as pb;
use steward_contracts::steward::platform::v1::audit_service_server::{
    AuditService, AuditServiceServer,
};
use steward_kernel::list::{Filter, Operator, Value};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, User};
use steward_transport::call;
use tonic::{Request, Response, Status};

use super::{ASKED_BY, AT, FIELDS, RESOURCE_ID, RESOURCE_TYPE};
use crate::App;
use crate::cursor::{self, Asked, CursorPage, CursorQuery, listed};
use crate::events::{self, Event};

/// Longest kind and id of a resource.
const MOST_LETTERS: usize = 100;

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
        call::run(request, |context, mut request| async move {
            let scope = scope(&mut request)?;
            let pb::ListAuditEntriesRequest {
                cursor,
                page_number,
                page_size,
                filter,
                order_by,
                ..
            } = request;
            let asked = Asked { cursor, page_number, page_size, filter, order_by };
            let query = CursorQuery::read(&context, &FIELDS, asked)?;
            let found = list(app, &context, scope.as_ref(), &query).await?;
            Ok(listed!(ListAuditEntriesResponse, found, entry))
        })
        .await
    }
}

/// The conditions that have fields of their own.
fn scope(request: &mut pb::ListAuditEntriesRequest) -> steward_kernel::Result<Option<Filter>> {
    let mut violations = Violations::default();
    let mut text = |field: &str, value: Option<String>| {
        violations.text(field, value, MOST_LETTERS).map(Value::Text)
    };
    let resource_type = text("resource_type", request.resource_type.take());
    let resource_id = text("resource_id", request.resource_id.take());
    let mut instant = |field: &str, at: Option<prost_types::Timestamp>| {
        at.and_then(|at| violations.instant(field, at.seconds, at.nanos)).map(Value::Time)
    };
    let (from, to) = (instant("from", request.from), instant("to", request.to));
    violations.finish(())?;
    let conditions = [
        (&RESOURCE_TYPE, Operator::Equal, resource_type),
        (&RESOURCE_ID, Operator::Equal, resource_id),
        (&ASKED_BY, Operator::Equal, request.by_user.map(User::caller_name).map(Value::Text)),
        (&AT, Operator::GreaterOrEqual, from),
        (&AT, Operator::Less, to),
    ];
    let given = conditions.into_iter().filter_map(|(field, operator, value)| {
        value.map(|value| Filter::Compare(field, operator, value))
    });
    let given: Vec<Filter> = given.collect();
    Ok((!given.is_empty()).then_some(Filter::All(given)))
}

/// The entries that are asked for.
async fn list(
    app: &App,
    context: &Context,
    scope: Option<&Filter>,
    query: &CursorQuery,
) -> steward_kernel::Result<CursorPage<Event>> {
    let (tx, tenant) = (app.read(context).await?, context.tenant()?);
    let total = async {
        // Numbers have no gaps, and nothing is ever deleted.
        if scope.is_none() && query.is_of_all() {
            events::newest(&tx, tenant).await.map(Some)
        } else {
            cursor::total::<Event>(&tx, tenant, scope, query).await
        }
    };
    cursor::list_of(&tx, tenant, scope, query, total).await
}

/// Writes an entry.
pub(super) fn entry(entry: Event) -> pb::Event {
    let address = entry.address.clone();
    pb::Event { address, ..events::message(entry) }
}
