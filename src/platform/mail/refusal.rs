//! Refusing mail: the link in mail that its reader can do without (RFC 8058).
//!
//! `GET` shows a page with a button, because programs that check links for viruses open them;
//! `POST` is what the button and mail programs send.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, REFERRER_POLICY};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use steward_kernel::{Error, Result, TenantId};

use super::model::{Language, Written};
use super::{repository, template};
use crate::App;
use crate::links::Signer;

const PURPOSE: &str = "mail refusal";

/// The link to refuse mail like this one.
pub(super) async fn url(app: &App, base: &str, tenant: TenantId, mail: i64) -> Result<String> {
    let text = format!("{tenant}.{mail}");
    let signature = Signer::open(&app.database).await?.sign(PURPOSE, &text);
    Ok(format!("{base}/mail/unsubscribe/{text}.{signature}"))
}

/// `/mail/unsubscribe/{link}`.
pub fn router(app: App) -> Router {
    Router::new().route("/mail/unsubscribe/{link}", get(show).post(refuse)).with_state(app)
}

async fn show(State(app): State<App>, Path(link): Path<String>) -> Response {
    match find(&app, &link).await {
        Ok(Some((_, mail))) => {
            let Words { question, button, .. } = Words::of(mail.language);
            let form = format!("<form method=\"post\"><button>{button}</button></form>");
            page(StatusCode::OK, mail.language, question, &form)
        }
        Ok(None) => unknown(),
        Err(error) => failed(&error),
    }
}

async fn refuse(State(app): State<App>, Path(link): Path<String>) -> Response {
    let refused = async {
        let Some((tenant, mail)) = find(&app, &link).await? else { return Ok(None) };
        let recipient = mail.recipient.as_str();
        app.database
            .transaction(
                tenant,
                |tx| async move { repository::refuse(&tx, tenant, recipient).await },
            )
            .await?;
        Ok(Some(mail))
    };
    match refused.await {
        Ok(Some(mail)) => page(StatusCode::OK, mail.language, Words::of(mail.language).done, ""),
        Ok(None) => unknown(),
        Err(error) => failed(&error),
    }
}

/// The mail that a link is about; nothing when the signature is not ours.
async fn find(app: &App, link: &str) -> Result<Option<(TenantId, Written)>> {
    let Some((text, signature)) = link.rsplit_once('.') else { return Ok(None) };
    if !Signer::open(&app.database).await?.verify(PURPOSE, text, signature) {
        return Ok(None);
    }
    let Some((tenant, mail)) = text.split_once('.') else { return Ok(None) };
    let (Ok(tenant), Ok(mail)) = (tenant.parse(), mail.parse()) else { return Ok(None) };
    let tenant = TenantId(tenant);
    let tx = app.database.read(tenant).await?;
    Ok(repository::find(&tx, tenant, mail).await?.map(|mail| (tenant, mail)))
}

/// What the page says.
struct Words {
    question: &'static str,
    button: &'static str,
    done: &'static str,
}

impl Words {
    const fn of(language: Language) -> Self {
        match language {
            Language::English => Self {
                question: "Do you want no more messages like this one?",
                button: "Unsubscribe",
                done: "You will get no more messages like this one.",
            },
            Language::Dutch => Self {
                question: "Wilt u geen berichten zoals dit meer ontvangen?",
                button: "Afmelden",
                done: "U ontvangt geen berichten zoals dit meer.",
            },
            Language::Portuguese => Self {
                question: "Não quer receber mais mensagens como esta?",
                button: "Cancelar subscrição",
                done: "Não receberá mais mensagens como esta.",
            },
            Language::Spanish => Self {
                question: "¿No quiere recibir más mensajes como este?",
                button: "Cancelar la suscripción",
                done: "No recibirá más mensajes como este.",
            },
        }
    }
}

fn page(status: StatusCode, language: Language, text: &str, form: &str) -> Response {
    let page = template::html(language, text).replace("</body>", &format!("{form}</body>"));
    (status, [(CACHE_CONTROL, "no-store"), (REFERRER_POLICY, "no-referrer")], Html(page))
        .into_response()
}

fn unknown() -> Response {
    page(StatusCode::NOT_FOUND, Language::English, "This link is not valid.", "")
}

fn failed(error: &Error) -> Response {
    tracing::warn!(
        reason = error.reason(),
        cause = error.source_for_log().map(tracing::field::display),
        "mail cannot be refused"
    );
    let text = "This does not work at the moment. Please try again later.";
    page(StatusCode::SERVICE_UNAVAILABLE, Language::English, text, "")
}
