//! Mail: written in the transaction of a change, sent by a job after its commit.
//!
//! Without configuration each mail becomes an `.eml` file in a folder; with it, mail goes out
//! by SMTP. A mail is tried again after 1 m, 5 m, 30 m, 2 h, 6 h and 24 h, then its job is dead and
//! the audit trail of its tenant says so.
//! It comes from the system's address under the name of its tenant, and answers go where it says.
//! Its `Message-ID` comes from its row, so one that is sent twice is recognised.
//!
//! The header `X-Steward-Kind` is the name of the template. A link stands on a line of its own,
//! bare or after `Link: `, and a code after `Code: `, for programs that read mail.

mod handler;
mod model;
mod refusal;
mod repository;
mod template;
#[cfg(test)]
mod tests;
mod transport;

use steward_database::Transaction;
use steward_kernel::{Result, TenantId};

pub use handler::SendMail;
pub(crate) use handler::gave_up;
pub use model::{Language, Mail};
pub use refusal::router;
pub use template::Template;
pub(crate) use template::html;
pub use transport::{Settings, Transport};

use crate::files;
use crate::jobs::{self, NewJob};

/// The kind of the jobs that send.
pub(crate) const KIND: &str = "mail.send";

/// A mail for operators who want to know whether mail works. Value: `sender`.
pub const TEST: Template = crate::mail_template!("templates/test");

/// Writes a mail of the transaction's tenant, to be sent once the transaction is committed. A
/// mail its reader can do without is not written when they refused such mail. Answers the id.
///
/// # Errors
/// INTERNAL when the template lacks a value.
pub async fn send(tx: &Transaction, tenant: TenantId, mail: Mail<'_>) -> Result<Option<i64>> {
    send_with(tx, tenant, mail, None).await
}

/// As [`send`], with a file of the tenant's that the mail carries.
///
/// # Errors
/// As [`send`], and NOT_FOUND when there is no such file.
pub async fn send_with(
    tx: &Transaction,
    tenant: TenantId,
    mail: Mail<'_>,
    file: Option<i64>,
) -> Result<Option<i64>> {
    let text = template::render(mail.template, mail.language, &mail.values)?;
    if mail.template.optional && repository::is_refused(tx, tenant, mail.to).await? {
        return Ok(None);
    }
    if let Some(file) = file {
        files::hold(tx, tenant, file).await?;
    }
    let id = repository::insert(tx, tenant, &mail, &text, file).await?;
    jobs::enqueue(tx, tenant, NewJob::new(KIND, &model::Payload { mail: id })?).await?;
    Ok(Some(id))
}
