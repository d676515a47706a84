//! The job that makes the PDF of a signed agreement, and mails it to the signer and the company.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;
use steward_database::{Connection, find};
use steward_kernel::{Error, Kind, Result, TenantId};
use steward_platform::files::{self, Made};
use steward_platform::jobs::{self, Failure, Handler, Job};
use steward_platform::mail::{self, Language, Mail, Template};
use steward_platform::{App, mail_template, users};
use steward_typeset::pdf;

use super::model::SignedAgreement;
use super::{paper, repository};
use crate::agreements::signing::language;
use crate::tenants::model::Tenant;

/// The kind of the jobs.
pub(super) const KIND: &str = "cleaning.signed_agreement.pdf";

/// The mail with the PDF. Values: `name`, `business`, `agreement`.
const MAIL: Template = mail_template!("templates/signed-agreement");

/// What a job knows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) signed_agreement: i64,
}

/// Makes PDFs.
pub struct MakePdf;

/// What a PDF is made of.
struct Found {
    signed: SignedAgreement,
    company: Tenant,
    image: Option<Vec<u8>>,
    /// Where a copy goes, and in which language.
    readers: Vec<(String, Language)>,
}

impl Handler for MakePdf {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        async move { Ok(make(app, job).await?) }.boxed()
    }

    fn concurrency(&self) -> usize {
        2
    }
}

async fn make(app: &App, job: &Job) -> Result<()> {
    let tenant = job.tenant()?;
    let Payload { signed_agreement: id } = job.payload()?;
    let tx = app.database.read(tenant).await?;
    let found = match gather(&tx, tenant, id).await {
        Ok(found) => found,
        // Hidden before it was made.
        Err(error) if error.kind() == Kind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    drop(tx);
    if found.signed.file_id.is_some() {
        return Ok(());
    }
    let document = paper::document(&found.signed, &found.company, found.image.as_deref())?;
    let bytes = tokio::task::spawn_blocking(move || pdf(&document)).await;
    let bytes = bytes.map_err(Error::internal)??;
    let filename = found.signed.filename();
    let made = Made { filename: &filename, content_type: "application/pdf", bytes };
    let file = files::keep(app, tenant, made).await?;
    let found = &found;
    app.database
        .transaction(tenant, |tx| async move {
            files::hold(&tx, tenant, file).await?;
            if !repository::set_file(&tx, tenant, id, file).await? {
                return Err(Error::conflict());
            }
            for (to, language) in &found.readers {
                let mail = Mail {
                    to,
                    language: *language,
                    template: &MAIL,
                    values: json!({
                        "name": found.signed.signer_name,
                        "business": found.company.name,
                        "agreement": found.signed.agreement_name,
                    }),
                    reply_to: found.company.email.as_deref(),
                };
                mail::send_with(&tx, tenant, mail, Some(file)).await?;
            }
            jobs::complete(&tx, job).await
        })
        .await
}

async fn gather(connection: &Connection, tenant: TenantId, id: i64) -> Result<Found> {
    let signed: SignedAgreement = find(connection, tenant, id).await?;
    let company: Tenant = find(connection, tenant, tenant.0).await?;
    let image = repository::image(connection, tenant, id).await?;
    let signer = users::get(connection, signed.user_id).await?;
    let own = match &company.email {
        Some(email) => Some(email.clone()),
        None => users::email(connection, tenant, None).await?,
    };
    let theirs = language(&signer, &company);
    let mut readers = Vec::new();
    readers.extend(signed.signer_email.clone().map(|email| (email, theirs)));
    // Whoever signs for their own company reads it once.
    readers.extend(
        own.filter(|own| signed.signer_email.as_ref() != Some(own))
            .map(|own| (own, Language::of_tag(&company.locale))),
    );
    Ok(Found { signed, company, image, readers })
}
