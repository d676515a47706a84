//! Where endpoints and deliveries are listed, and what can be asked of them.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, List, Listed, Record, ResultExt};
use steward_kernel::list::{Field, Filter, Operator, Value};
use steward_kernel::{Error, Result, TenantId};

use super::model::{Delivery, Endpoint};
use super::repository::{DeliveryRow, EndpointRow};
use crate::schema::{webhook_deliveries as deliveries, webhook_endpoints as endpoints};

impl Record for Endpoint {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Webhook endpoint", id)
    }

    async fn many(mut connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<Vec<Self>> {
        let rows: Vec<EndpointRow> = endpoints::table
            .filter(endpoints::tenant_id.eq(tenant.0))
            .filter(endpoints::id.eq_any(ids))
            .select(EndpointRow::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Self::from).collect())
    }
}

impl Listed for Endpoint {
    const LIST: List = List {
        table: "platform.webhook_endpoints",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &[
            Field::integer("id", "r.id"),
            Field::text("url", "r.url"),
            Field::choice(
                "payload",
                "CASE WHEN r.thin THEN 2 ELSE 1 END",
                &[("WEBHOOK_PAYLOAD_FULL", 1), ("WEBHOOK_PAYLOAD_THIN", 2)],
            ),
            Field::boolean("active", "r.active"),
            Field::text("disabled_reason", "r.disabled_reason"),
            Field::time("created", "r.created_at"),
            Field::text("contact_email", "r.contact_email"),
            Field::text("contact_language", "r.contact_language"),
            Field::time("secret_changed", "r.secret_changed_at"),
        ],
    };
}

impl Record for Delivery {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Webhook delivery", id)
    }

    async fn many(mut connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<Vec<Self>> {
        let rows: Vec<DeliveryRow> = deliveries::table
            .filter(deliveries::tenant_id.eq(tenant.0))
            .filter(deliveries::id.eq_any(ids))
            .select(DeliveryRow::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Self::from).collect())
    }
}

impl Listed for Delivery {
    const LIST: List = List {
        table: "platform.webhook_deliveries",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &[
            Field::integer("id", "r.id"),
            Field::text("type", "r.event_type"),
            Field::integer("sequence", "r.sequence"),
            Field::choice(
                "state",
                "CASE r.state WHEN 'pending' THEN 1 WHEN 'delivered' THEN 2
                   WHEN 'failed' THEN 3 END",
                &[
                    ("WEBHOOK_DELIVERY_STATE_PENDING", 1),
                    ("WEBHOOK_DELIVERY_STATE_DELIVERED", 2),
                    ("WEBHOOK_DELIVERY_STATE_FAILED", 3),
                ],
            ),
            Field::integer("attempts", "r.attempts"),
            Field::integer("status", "r.status"),
            Field::text("error", "r.error"),
            Field::time("created", "r.created_at"),
            Field::time("attempted", "r.attempted_at"),
            Field::integer("webhook_endpoint_id", "r.endpoint_id"),
        ],
    };
}

const ENDPOINT: Field = Field::integer("endpoint_id", "r.endpoint_id");

/// The deliveries to an endpoint.
pub(super) fn to(endpoint: i64) -> Filter {
    Filter::Compare(&ENDPOINT, Operator::Equal, Value::Integer(endpoint))
}
