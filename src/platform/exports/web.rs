//! The bytes of exports, for whoever has a signed link.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;

use super::actions;
use crate::App;
use crate::files::{Sent, failed, gone, send};

/// `GET /files/exports/{link}`.
pub fn router(app: App) -> Router {
    Router::new().route("/files/exports/{link}", get(download)).with_state(app)
}

async fn download(
    State(app): State<App>,
    Path(link): Path<String>,
    headers: HeaderMap,
) -> Response {
    let (tenant, export) = match actions::linked(&app, &link).await {
        Ok(Some(found)) => found,
        Ok(None) => return gone(),
        Err(error) => return failed(&error),
    };
    let sent = Sent {
        key: app.files.export_key(tenant, export.id),
        filename: &export.filename(),
        content_type: export.format.content_type(),
        byte_size: export.byte_size,
    };
    send(&app, sent, &headers).await
}
