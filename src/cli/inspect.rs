//! Commands that only show something.

use serde_json::{Value, json};
use steward_database::embedded;
use steward_transport::catalog::Catalog;

use super::failure::Failure;
use super::operate::{print, say};
use super::session::Session;
use super::settings::Settings;

/// `steward routes`: needs no database.
pub fn routes() -> Result<(), Failure> {
    for rpc in load_catalog()?.faces() {
        for binding in &rpc.bindings {
            print(&json!({
                "method": binding.method.as_str(),
                "path": binding.template.documented(),
                "rpc": rpc.path.trim_start_matches('/'),
                "family": rpc.family,
            }))?;
        }
    }
    Ok(())
}

/// `steward openapi`: needs no database.
pub fn openapi(settings: &Settings, family: &str) -> Result<(), Failure> {
    let catalog = load_catalog()?;
    let server = settings.base_url(settings.listen);
    let Some(document) = steward_transport::openapi::document(&catalog, family, &server) else {
        let known: Vec<_> = catalog.families().iter().map(|family| family.name).collect();
        let known = known.join(", ");
        return Err(Failure::new(format!("There is no family {family:?}; there is {known}.")));
    };
    pretty(&document)
}

/// `steward database-url`: of the embedded database, or the one that was given.
///
/// The URL answers while a server runs. Without one, the cluster is started for a moment, so
/// that a URL is only printed for a cluster that works.
pub async fn database_url(settings: &Settings) -> Result<(), Failure> {
    let url = match &settings.database_url {
        Some(url) => url.expose().to_owned(),
        None => match embedded::url_if_running(&settings.data_dir).await? {
            Some(url) => url,
            None => {
                let session = Session::open_own(settings).await?;
                let url = session.prepared.owner_url.clone();
                session.close().await;
                url.ok_or_else(|| Failure::new("The embedded database has no owner."))?
            }
        },
    };
    say(&format!("{url}\n"))
}

/// `steward config`
pub fn config(settings: &Settings) -> Result<(), Failure> {
    let mut shown = serde_json::to_value(settings)?;
    for (name, url) in [("database_url", &settings.database_url), ("smtp_url", &settings.smtp_url)]
    {
        if let Some(url) = url {
            shown[name] = Value::String(url.to_string());
        }
    }
    if let Some(secret) = &settings.files_secret_access_key {
        shown["files_secret_access_key"] = Value::String(format!("{secret:?}"));
    }
    pretty(&shown)
}

/// Reads the contract that is compiled in.
pub fn load_catalog() -> Result<Catalog, Failure> {
    Catalog::load().map_err(|error| Failure::during("The contract cannot be served", &error))
}

fn pretty(value: &Value) -> Result<(), Failure> {
    say(&format!("{value:#}\n"))
}
