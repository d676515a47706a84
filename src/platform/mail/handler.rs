//! The job that sends a mail.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MessageBuilder, MultiPart};
use lettre::{Address, Message};
use serde_json::json;
use steward_kernel::{Error, Result, TenantId};
use steward_transport::changes::Event;

use super::model::{GivenUp, Language, Mail, Payload, Written};
use super::{KIND, Transport, refusal, repository, template};
use crate::App;
use crate::changes;
use crate::events;
use crate::files::{self, File};
use crate::jobs::{self, Failure, Handler, Job, Retries};

const MINUTE: Duration = Duration::from_secs(60);

/// Sends mail.
pub struct SendMail {
    transport: Arc<Transport>,
    base_url: Arc<str>,
}

impl SendMail {
    /// Sends by `transport`. Links lead to `base_url`, under which the server is reached.
    #[must_use]
    pub fn new(transport: Arc<Transport>, base_url: &str) -> Self {
        Self { transport, base_url: base_url.into() }
    }

    async fn send(&self, app: &App, job: &Job) -> Result<(), Failure> {
        let tenant = job.tenant()?;
        let Payload { mail: id } = job.payload()?;
        let mail = {
            let tx = app.database.read(tenant).await?;
            repository::find(&tx, tenant, id).await?
        };
        let Some(mail) = mail else { return Ok(()) };
        let Some(body) = &mail.body else { return Ok(()) };
        let refuse = match mail.optional {
            true => Some(refusal::url(app, &self.base_url, tenant, mail.id).await?),
            false => None,
        };
        let file = match mail.file {
            Some(file) => Some(files::contents(app, tenant, file).await?),
            None => None,
        };
        let message = self.message(tenant, &mail, body, refuse.as_deref(), file)?;
        self.transport.send(&format!("{tenant}-{id}"), message).await?;
        app.database
            .transaction(tenant, |tx| async move {
                repository::mark_sent(&tx, tenant, id).await?;
                if let Some(file) = mail.file {
                    files::release(&tx, tenant, file).await?;
                }
                jobs::complete(&tx, job).await
            })
            .await?;
        Ok(())
    }

    fn message(
        &self,
        tenant: TenantId,
        mail: &Written,
        body: &str,
        refuse: Option<&str>,
        file: Option<(File, Bytes)>,
    ) -> Result<Message, Failure> {
        let mut builder = self.transport.begin(&Envelope {
            name: &format!("mail.{tenant}.{}", mail.id),
            sender: Some(&mail.sender),
            to: &mail.recipient,
            subject: &mail.subject,
            kind: &mail.kind,
            reply_to: mail.reply_to.as_deref(),
        })?;
        if let Some(url) = refuse {
            builder = builder
                .raw_header(header("List-Unsubscribe", &format!("<{url}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        let text = both_forms(mail.language, body);
        let parts = match file {
            Some((file, bytes)) => {
                let content_type = file.content_type.parse().map_err(Error::internal)?;
                let file = Attachment::new(file.filename).body(bytes.to_vec(), content_type);
                MultiPart::mixed().multipart(text).singlepart(file)
            }
            None => text,
        };
        builder.multipart(parts).map_err(|error| Failure::Final(Error::internal(error)))
    }
}

/// What stands on a mail.
struct Envelope<'a> {
    /// The same each time it is sent, and no other mail's.
    name: &'a str,
    /// The business in whose name it comes from the system's address.
    sender: Option<&'a str>,
    to: &'a str,
    subject: &'a str,
    kind: &'a str,
    reply_to: Option<&'a str>,
}

impl Transport {
    /// Sends a mail that belongs to no tenant, and of which nothing is kept here. `name` is the
    /// same each time it is sent, and no other mail's.
    ///
    /// # Errors
    /// Final when no mail reaches the address or the template lacks a value; else to be tried
    /// again.
    pub async fn send_now(&self, name: &str, mail: &Mail<'_>) -> Result<(), Failure> {
        let text =
            template::render(mail.template, mail.language, &mail.values).map_err(Failure::Final)?;
        let message = self
            .begin(&Envelope {
                name,
                sender: None,
                to: mail.to,
                subject: &text.subject,
                kind: mail.template.short_name(),
                reply_to: mail.reply_to,
            })?
            .multipart(both_forms(mail.language, &text.body))
            .map_err(|error| Failure::Final(Error::internal(error)))?;
        self.send(name, message).await
    }

    /// A message with the headers that all mail has.
    fn begin(&self, envelope: &Envelope<'_>) -> Result<MessageBuilder, Failure> {
        let Envelope { name, sender, to, subject, kind, reply_to } = *envelope;
        let from = match sender {
            Some(sender) => Mailbox::new(Some(sender.to_owned()), self.from.email.clone()),
            None => self.from.clone(),
        };
        let builder = Message::builder()
            .from(from)
            .to(Mailbox::new(None, address(to)?))
            .subject(subject)
            .message_id(Some(format!("<{name}@{}>", self.from.email.domain())))
            .raw_header(header("X-Steward-Kind", kind))
            // Keeps out-of-office answers away (RFC 3834).
            .raw_header(header("Auto-Submitted", "auto-generated"));
        Ok(match reply_to {
            Some(reply_to) => builder.reply_to(Mailbox::new(None, address(reply_to)?)),
            None => builder,
        })
    }
}

/// The plain form of a finished text, and that in HTML.
fn both_forms(language: Language, body: &str) -> MultiPart {
    MultiPart::alternative_plain_html(body.to_owned(), template::html(language, body))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn address(text: &str) -> Result<Address, Failure> {
    text.parse().map_err(|error: lettre::address::AddressError| {
        Failure::Final(Error::forbidden_action("No mail reaches the address.").with_source(error))
    })
}

impl Handler for SendMail {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        self.send(app, job).boxed()
    }

    fn retries(&self) -> Retries {
        const PAUSES: [Duration; 6] = [
            MINUTE,
            Duration::from_secs(5 * 60),
            Duration::from_secs(30 * 60),
            Duration::from_secs(2 * 3600),
            Duration::from_secs(6 * 3600),
            Duration::from_secs(24 * 3600),
        ];
        Retries::After(&PAUSES)
    }

    fn time_limit(&self) -> Duration {
        2 * MINUTE
    }

    fn gave_up<'a>(&'a self, app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<()>> {
        gave_up(app, job)
    }
}

/// Tells in the audit trail of a mail that will not be sent.
pub(crate) fn gave_up<'a>(app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<()>> {
    async move {
        let tenant = job.tenant()?;
        let Payload { mail: id } = job.payload()?;
        app.database
            .transaction(tenant, |tx| async move {
                // Once, however often it is tried again by hand.
                let Some(mail) = repository::give_up(&tx, tenant, id).await? else {
                    return Ok(());
                };
                let GivenUp { id, template, language, recipient } = mail;
                let told = json!({
                    "id": id,
                    "template": template,
                    "language": language,
                    "recipient": recipient,
                });
                let event = Event {
                    event_type: events::MAIL_GIVEN_UP,
                    resource_type: "mail",
                    resource_id: id.to_string(),
                    before: None,
                    after: Some(serde_json::to_vec(&told).map_err(Error::internal)?),
                };
                changes::found_out(&tx, event).await
            })
            .await
    }
    .boxed()
}
