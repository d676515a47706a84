//! Where mail goes: a folder, or a mail server.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use steward_kernel::{Error, Result};
use steward_transport::part::Part;
use tokio::io::AsyncWriteExt;

use crate::jobs::Failure;

/// How long a mail server may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// How long to wait at least after a mail server said no for now.
const LATER: Duration = Duration::from_secs(60);

/// Where mail goes and whom it comes from.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The sender, `Name <address>`.
    pub from: String,
    /// The folder for `.eml` files, when there is no mail server.
    pub folder: PathBuf,
    /// `smtps://user:password@host:465`, or `smtp://host:587?tls=required`.
    pub smtp_url: Option<SecretString>,
    /// Certificates (PEM) that are trusted beside the public ones.
    pub smtp_ca: Option<PathBuf>,
}

/// A way for mail to leave.
pub struct Transport {
    pub(super) from: Mailbox,
    way: Way,
    part: Part,
}

enum Way {
    Folder(PathBuf),
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

impl Transport {
    /// Reads the settings; connects when there is something to send.
    ///
    /// # Errors
    /// INTERNAL when the sender, the URL or the certificate cannot be read.
    pub fn new(settings: &Settings) -> Result<Self> {
        let from: Mailbox = settings.from.parse().map_err(Error::internal)?;
        let way = match &settings.smtp_url {
            None => Way::Folder(settings.folder.clone()),
            Some(url) => Way::Smtp(smtp(url.expose_secret(), settings.smtp_ca.as_deref(), &from)?),
        };
        Ok(Self { from, way, part: Part::new("mail") })
    }

    /// Where mail goes, as the last mails have shown it.
    #[must_use]
    pub fn part(&self) -> Part {
        self.part.clone()
    }

    /// Hands a mail over. `name` is the same each time this mail is sent.
    pub(super) async fn send(&self, name: &str, message: Message) -> Result<(), Failure> {
        let sent = self.hand_over(name, message).await;
        // A server that refuses one mail for good works.
        self.part.note(!matches!(sent, Err(Failure::Again(_))));
        sent
    }

    async fn hand_over(&self, name: &str, message: Message) -> Result<(), Failure> {
        match &self.way {
            Way::Folder(folder) => {
                let path = folder.join(format!("{name}.eml"));
                write(&path, &message.formatted()).await.map_err(|error| {
                    Error::unavailable("The mail cannot be written.", LATER).with_source(error)
                })?;
                Ok(())
            }
            Way::Smtp(server) => server.send(message).await.map(drop).map_err(refusal),
        }
    }
}

fn smtp(
    url: &str,
    ca: Option<&Path>,
    from: &Mailbox,
) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let mut builder =
        AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(Error::internal)?;
    if let Some(ca) = ca {
        let parsed = url::Url::parse(url).map_err(Error::internal)?;
        let pem = std::fs::read(ca).map_err(Error::internal)?;
        let mut tls = TlsParameters::builder(parsed.host_str().unwrap_or_default().to_owned());
        tls = tls.add_root_certificate(Certificate::from_pem(&pem).map_err(Error::internal)?);
        let tls = tls.build_rustls().map_err(Error::internal)?;
        builder = builder.tls(match parsed.scheme() {
            "smtps" => Tls::Wrapper(tls),
            _ => Tls::Required(tls),
        });
    }
    // The name of this machine is nobody's business; the sender's domain says who calls.
    let hello = ClientId::Domain(from.email.domain().to_owned());
    Ok(builder.hello_name(hello).timeout(Some(TIME_LIMIT)).build())
}

/// What a mail server's answer means for the job.
fn refusal(error: lettre::transport::smtp::Error) -> Failure {
    // Permanent, except when the server refuses us rather than the mail: that is for an
    // operator to put right, and the mail is as good as before.
    let final_refusal = error.is_permanent()
        && error.status().is_none_or(|code| !matches!(u16::from(code), 530 | 534 | 535 | 538));
    if final_refusal {
        Failure::Final(
            Error::forbidden_action("The mail server refuses the mail.").with_source(error),
        )
    } else {
        let error = Error::unavailable("The mail server takes no mail.", LATER).with_source(error);
        Failure::Again(error)
    }
}

/// Writes a whole file or none. Only the server's account may read it.
async fn write(path: &Path, text: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).await?;
    }
    let part = path.with_extension("part");
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&part).await?;
    file.write_all(text).await?;
    file.sync_all().await?;
    tokio::fs::rename(&part, path).await
}
