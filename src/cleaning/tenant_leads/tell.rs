//! The recurring job that mails leads to the operator.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;
use steward_platform::App;
use steward_platform::jobs::{Every, Failure, Handler, Job};
use steward_platform::mail::{Language, Mail, Template, Transport};
use steward_platform::mail_template;

use super::model::{NewTenantLead, TenantLead};
use super::repository;

/// How often it is looked for leads.
const PERIOD: Duration = Duration::from_secs(30);

/// The mail. Values: `name`, `email`, `company`, `phone`, `message`, each of the last three absent
/// when it was not said.
const MAIL: Template = mail_template!("templates/tenant-lead");

/// Mails leads to the operator, each once.
pub struct TellOperator {
    transport: Arc<Transport>,
    to: String,
}

impl TellOperator {
    /// Mails to the address `to`.
    #[must_use]
    pub fn new(transport: Arc<Transport>, to: String) -> Self {
        Self { transport, to }
    }

    async fn tell(&self, app: &App) -> Result<(), Failure> {
        loop {
            let found = {
                let tx = app.database.read_platform().await?;
                repository::unmailed(&tx).await?
            };
            let Some(TenantLead { id, asked, .. }) = found else { return Ok(()) };
            let NewTenantLead { name, email, company, phone, message } = asked;
            let mail = Mail {
                to: &self.to,
                language: Language::English,
                template: &MAIL,
                values: json!({
                    "name": name,
                    "email": email,
                    "company": company,
                    "phone": phone,
                    "message": message,
                }),
                reply_to: Some(&email),
            };
            // Its name is that of no tenant's mail, and the same should it be sent again.
            self.transport.send_now(&format!("lead-{id}"), &mail).await?;
            app.database
                .transaction_platform(|tx| async move { repository::mark_mailed(&tx, id).await })
                .await?;
        }
    }
}

impl Handler for TellOperator {
    fn kind(&self) -> &'static str {
        "cleaning.tell_operator"
    }

    fn every(&self) -> Option<Every> {
        Some(Every(PERIOD))
    }

    fn run<'a>(&'a self, app: &'a App, _: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        self.tell(app).boxed()
    }
}
