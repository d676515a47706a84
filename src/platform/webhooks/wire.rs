//! Webhooks between proto and model.

use steward_contracts::steward::platform::v1 as pb;
use steward_database::Listed;
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result};

use super::address::Reach;
use super::model::{Contact, Delivery, Endpoint, NewEndpoint, State};
use super::signature::Keys;
use crate::cursor::{Asked, CursorPage, CursorQuery, listed};
use crate::events::{KnownTypes, Types};
use crate::mail::Language;
use crate::wire::timestamp;

/// Most characters of an address.
const URL: usize = 2000;

/// Where webhooks may go, and what they may tell of.
pub struct Terms {
    /// Which addresses they may reach.
    pub reach: Reach,
    /// Which types of events there are.
    pub known: KnownTypes,
}

pub(super) fn new_endpoint(
    terms: &Terms,
    context: &Context,
    input: Option<pb::WebhookEndpointInput>,
) -> Result<NewEndpoint> {
    let mut violations = Violations::below("webhook_endpoint");
    let pb::WebhookEndpointInput { url, types, payload, active, contact_email, contact_language } =
        input.unwrap_or_default();
    let thin = payload == i32::from(pb::WebhookPayload::Thin);
    if pb::WebhookPayload::try_from(payload).is_err() {
        violations.format("payload", "The payload is full or thin.");
    }
    let url = url.trim().to_owned();
    if url.is_empty() {
        violations.required("url");
    } else if url.chars().count() > URL {
        violations.rule("url", "The address has at most 2000 characters.");
    } else if let Err(problem) = terms.reach.url(&url) {
        violations.rule("url", problem);
    }
    let family = context.principal().map(|principal| principal.family);
    let patterns = Types::known(&types, (&terms.known, family), &mut violations);
    let email = violations.email("contact_email", contact_email).filter(|email| !email.is_empty());
    let tag = contact_language.unwrap_or_else(|| Language::default().tag().to_owned());
    let language = Language::ALL.into_iter().find(|language| language.tag() == tag);
    if language.is_none() {
        violations.rule("contact_language", "The language is en, nl, pt or es.");
    }
    let contact = Contact { email, language: language.unwrap_or_default() };
    let active = active.unwrap_or(true);
    violations.finish(NewEndpoint { url, types, patterns, thin, active, contact })
}

pub(super) fn endpoint(endpoint: Endpoint) -> pb::WebhookEndpoint {
    let Endpoint {
        id,
        url,
        types,
        thin,
        active,
        disabled_reason,
        created_at,
        contact,
        secret_changed_at,
    } = endpoint;
    let payload = if thin { pb::WebhookPayload::Thin } else { pb::WebhookPayload::Full };
    pb::WebhookEndpoint {
        id,
        url,
        types,
        payload: payload.into(),
        active,
        disabled_reason,
        created: Some(timestamp(created_at)),
        etag: String::new(),
        contact_email: contact.email,
        contact_language: contact.language.tag().to_owned(),
        secret_changed: secret_changed_at.map(timestamp),
    }
}

pub(super) fn endpoints(page: CursorPage<Endpoint>) -> pb::ListWebhookEndpointsResponse {
    // There are never too many to be counted.
    listed!(ListWebhookEndpointsResponse, page, endpoint, Option::unwrap_or_default)
}

pub(super) fn secret(id: i64, keys: &Keys) -> Result<pb::WebhookEndpointSecret> {
    Ok(pb::WebhookEndpointSecret {
        secret: keys.secret_text(),
        public_key: keys.public_key_text()?,
        id,
    })
}

pub(super) fn delivery(delivery: Delivery) -> pb::WebhookDelivery {
    let Delivery {
        id,
        endpoint_id,
        sequence,
        event_type,
        state,
        attempts,
        status,
        error,
        created_at,
        attempted_at,
    } = delivery;
    let state = match state {
        State::Pending => pb::WebhookDeliveryState::Pending,
        State::Delivered => pb::WebhookDeliveryState::Delivered,
        State::Failed => pb::WebhookDeliveryState::Failed,
    };
    pb::WebhookDelivery {
        id,
        r#type: event_type,
        sequence,
        state: state.into(),
        attempts,
        status,
        error,
        created: Some(timestamp(created_at)),
        attempted: attempted_at.map(timestamp),
        webhook_endpoint_id: endpoint_id,
    }
}

pub(super) fn deliveries(page: CursorPage<Delivery>) -> pb::ListWebhookDeliveriesResponse {
    listed!(ListWebhookDeliveriesResponse, page, delivery)
}

/// The endpoint that a request names, if it names one.
pub(super) fn endpoint_id(id: i64) -> Option<i64> {
    (id != 0).then_some(id)
}

/// Reads which endpoints are asked for; the oldest come first.
pub(super) fn endpoint_query(
    context: &Context,
    message: pb::ListWebhookEndpointsRequest,
) -> Result<CursorQuery> {
    let pb::ListWebhookEndpointsRequest {
        filter,
        order_by,
        read_mask: _,
        cursor,
        page_size,
        page_number,
    } = message;
    let order_by = order_by.filter(|order| !order.trim().is_empty());
    let order_by = order_by.or_else(|| Some("id".to_owned()));
    let asked = Asked { cursor, page_number, page_size, filter, order_by };
    CursorQuery::read(context, Endpoint::LIST.fields, asked)
}

pub(super) fn delivery_query(
    context: &Context,
    message: pb::ListWebhookDeliveriesRequest,
) -> Result<CursorQuery> {
    let pb::ListWebhookDeliveriesRequest {
        cursor, page_number, page_size, filter, order_by, ..
    } = message;
    let asked = Asked { cursor, page_number, page_size, filter, order_by };
    CursorQuery::read(context, Delivery::LIST.fields, asked)
}
