//! Mail: written in the transaction of a change, sent by a job after its commit.
//!
//! Without configuration each mail becomes an `.eml` file in a folder; with it, mail goes out
//! by SMTP. A mail is tried again after 1 m, 5 m, 30 m, 2 h, 6 h and 24 h, then its job is dead.
//! Its `Message-ID` comes from its row, so one that is sent twice is recognised.

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
pub use model::{Language, Mail};
pub use refusal::router;
pub use template::Template;
pub(crate) use template::html;
pub use transport::{Settings, Transport};

use crate::jobs::{self, NewJob};

/// The kind of the jobs that send.
const KIND: &str = "mail.send";

/// A mail for operators who want to know whether mail works. Value: `sender`.
pub const TEST: Template = crate::mail_template!("templates/test");

/// Writes a mail of the transaction's tenant, to be sent once the transaction is committed. A
/// mail its reader can do without is not written when they refused such mail. Answers the id.
///
/// # Errors
/// INTERNAL when the template lacks a value.
pub async fn send(tx: &Transaction, tenant: TenantId, mail: Mail<'_>) -> Result<Option<i64>> {
    let text = template::render(mail.template, mail.language, &mail.values)?;
    if mail.template.optional && repository::is_refused(tx, tenant, mail.to).await? {
        return Ok(None);
    }
    let id = repository::insert(tx, tenant, &mail, &text).await?;
    jobs::enqueue(tx, tenant, NewJob::new(KIND, &model::Payload { mail: id })?).await?;
    Ok(Some(id))
}
