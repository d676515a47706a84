//! The page behind the link in the mail: `/agreements/{id}/sign?key=...`, of an agreement about an
//! assignment with `&clientCleanerRequestId=...`.
//!
//! `GET` shows the agreement with a form and changes nothing, because programs that check links
//! for viruses open them; `POST` is what the form sends. The page works without a script; the one
//! it has lets people draw their signature, and its policy allows no other.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Form, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::context;
use serde::Deserialize;
use steward_kernel::error::reason;
use steward_platform::mail::Language;
use steward_platform::pages;
use steward_transport::request_id::RequestId;
use steward_transport::rpc::RpcService;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::words::PageWords;
use crate::pb;

const READ: &str = "/steward.cleaning.v1.AgreementService/GetAgreementToSign";
const SIGN: &str = "/steward.cleaning.v1.SignedAgreementService/SignAgreement";

const PAGE: &str = include_str!("page.html");
static STYLE: LazyLock<String> =
    LazyLock::new(|| format!("{}{}", pages::LOOK, include_str!("page.css")));
const SCRIPT: &str = include_str!("page.js");

/// Nothing but the style and the script above, and a form that goes back to where it came from.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let [style, script] = [&*STYLE, SCRIPT].map(pages::source);
    format!(
        "default-src 'none'; style-src {style}; script-src {script}; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
});

/// `/agreements/{id}/sign`.
pub(crate) fn router() -> Router {
    Router::new().route("/agreements/{id}/sign", get(show).post(sign))
}

/// What a link from a mail says.
#[derive(Clone)]
struct Link {
    /// Id of the agreement.
    agreement: i64,
    /// What opens it; empty without one.
    key: String,
    /// Id of the assignment that it is about; 0, which there is not, where it cannot be read.
    assignment: Option<i64>,
}

impl Link {
    fn of(agreement: i64, uri: &Uri) -> Self {
        let mut link = Self { agreement, key: String::new(), assignment: None };
        let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        for (name, value) in pairs {
            match &*name {
                "key" => link.key = value.into_owned(),
                "clientCleanerRequestId" => link.assignment = Some(value.parse().unwrap_or(0)),
                _ => {}
            }
        }
        link
    }
}

/// What the form sends.
#[derive(Default, Deserialize)]
struct Signature {
    #[serde(default)]
    name: String,
    #[serde(default)]
    accepted: String,
    #[serde(default)]
    sha256: String,
    /// The drawn signature as a `data:` URL; empty without one.
    #[serde(default)]
    image: String,
}

/// What a page shows.
enum Shown<'a> {
    /// The agreement and the form, after a refusal with what is wrong.
    Form { agreement: &'a pb::AgreementToSign, name: &'a str, refusal: &'a str },
    /// A few words.
    Note { business: &'a str, title: &'a str, text: &'a str },
}

/// A call, and whoever looks at the page.
struct Reader {
    rpc: RpcService,
    id: RequestId,
    language: Language,
}

async fn show(
    Extension(rpc): Extension<RpcService>,
    Extension(id): Extension<RequestId>,
    Path(agreement): Path<i64>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let reader = Reader { rpc, id, language: preferred(&headers) };
    reader.form(&Link::of(agreement, &uri), StatusCode::OK, "", |_| "").await
}

async fn sign(
    Extension(rpc): Extension<RpcService>,
    Extension(id): Extension<RequestId>,
    Path(agreement): Path<i64>,
    uri: Uri,
    headers: HeaderMap,
    Form(signature): Form<Signature>,
) -> Response {
    let reader = Reader { rpc, id, language: preferred(&headers) };
    let link = &Link::of(agreement, &uri);
    let Signature { name, accepted, sha256, image } = signature;
    let image = image.strip_prefix("data:image/png;base64,").filter(|image| !image.is_empty());
    let Ok(image) = image.map(|image| STANDARD.decode(image)).transpose() else {
        let incomplete = |words: PageWords| words.incomplete;
        return reader.form(link, StatusCode::BAD_REQUEST, &name, incomplete).await;
    };
    let request = pb::SignAgreementRequest {
        agreement_id: agreement,
        key: link.key.clone(),
        signer_name: Some(name.clone()),
        signature_image: image,
        client_cleaner_request_id: link.assignment,
        accepted: !accepted.is_empty(),
        sha256: Some(sha256).filter(|sha256| !sha256.is_empty()),
    };
    match reader.rpc.ask::<pb::SignedAgreement>(SIGN, &reader.id, &request).await {
        Ok(_) => reader.done(link).await,
        Err(status) if reason_of(&status) == "ALREADY_SIGNED" => {
            reader.form(link, StatusCode::OK, "", |_| "").await
        }
        Err(status) if status.code() == Code::InvalidArgument => {
            let incomplete = |words: PageWords| words.incomplete;
            reader.form(link, StatusCode::BAD_REQUEST, &name, incomplete).await
        }
        Err(status) if reason_of(&status) == reason::PRECONDITION_FAILED => {
            let changed = |words: PageWords| words.changed;
            reader.form(link, StatusCode::CONFLICT, &name, changed).await
        }
        Err(status) => reader.refusal(&status),
    }
}

impl Reader {
    async fn read(&self, link: &Link) -> Result<pb::AgreementToSign, Status> {
        let Link { agreement: id, key, assignment: client_cleaner_request_id } = link.clone();
        let request = pb::GetAgreementToSignRequest { id, key, client_cleaner_request_id };
        self.rpc.ask(READ, &self.id, &request).await
    }

    /// The agreement with its form; a few words when it is signed.
    async fn form(
        &self,
        link: &Link,
        status: StatusCode,
        name: &str,
        refusal: impl FnOnce(PageWords) -> &'static str,
    ) -> Response {
        let agreement = match self.read(link).await {
            Ok(agreement) => agreement,
            Err(status) => return self.refusal(&status),
        };
        let language = Language::of_tag(&agreement.language);
        let words = PageWords::of(language);
        if agreement.already_signed {
            let business = &*agreement.tenant_name;
            let note = Shown::Note { business, title: words.signed, text: words.signed_note };
            return page(StatusCode::OK, language, &note);
        }
        let form = Shown::Form { agreement: &agreement, name, refusal: refusal(words) };
        page(status, language, &form)
    }

    /// What whoever has signed is told.
    async fn done(&self, link: &Link) -> Response {
        let (language, business) = match self.read(link).await {
            Ok(agreement) => (Language::of_tag(&agreement.language), agreement.tenant_name),
            // It is signed all the same.
            Err(_) => (self.language, String::new()),
        };
        let words = PageWords::of(language);
        let note = Shown::Note { business: &business, title: words.thanks, text: words.copy };
        page(StatusCode::OK, language, &note)
    }

    /// The page of a call that failed. The failure itself is in the log by now.
    fn refusal(&self, status: &Status) -> Response {
        let words = PageWords::of(self.language);
        let (code, title, text) = match status.code() {
            _ if reason_of(status) == reason::LINK_EXPIRED => {
                (StatusCode::GONE, words.expired, words.ask_again)
            }
            Code::PermissionDenied => (StatusCode::FORBIDDEN, words.unknown, words.refused),
            Code::Unauthenticated | Code::NotFound | Code::InvalidArgument => {
                (StatusCode::NOT_FOUND, words.unknown, words.whole_link)
            }
            Code::Ok
            | Code::Cancelled
            | Code::Unknown
            | Code::DeadlineExceeded
            | Code::AlreadyExists
            | Code::ResourceExhausted
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss => (StatusCode::SERVICE_UNAVAILABLE, words.unavailable, words.later),
        };
        page(code, self.language, &Shown::Note { business: "", title, text })
    }
}

fn reason_of(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// The language of the reader's browser.
fn preferred(headers: &HeaderMap) -> Language {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let known = Language::ALL.map(Language::tag);
    Language::of_tag(steward_kernel::language::preferred(accepted.unwrap_or_default(), &known))
}

fn page(status: StatusCode, language: Language, shown: &Shown<'_>) -> Response {
    pages::shown(status, &POLICY, render(language, shown))
}

fn render(language: Language, shown: &Shown<'_>) -> Result<String, minijinja::Error> {
    let words = PageWords::of(language);
    let (business, title) = match shown {
        Shown::Form { agreement, .. } => (&*agreement.tenant_name, &*agreement.name),
        Shown::Note { business, title, .. } => (*business, *title),
    };
    let page = context! {
        language => language.tag(),
        style => &*STYLE,
        mark => pages::mark(business),
        business,
        title,
    };
    let inside = match shown {
        Shown::Note { text, .. } => context! { text => *text },
        Shown::Form { agreement, name, refusal } => context! {
            script => SCRIPT,
            body => steward_typeset::html(&agreement.body),
            sha256 => &*agreement.sha256,
            name => *name,
            refusal => *refusal,
            asks => words.asks,
            label => words.name,
            draw => words.draw,
            clear => words.clear,
            accept => words.accept,
            button => words.sign,
            note => words.note,
        },
    };
    pages::render(PAGE, context! { ..page, ..inside })
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    fn agreement() -> pb::AgreementToSign {
        pb::AgreementToSign {
            name: "<b>Rules</b>".to_owned(),
            body: "# Rules\n\nDear <script>alert(1)</script> **you**".to_owned(),
            tenant_name: "\"A\" & Sons".to_owned(),
            sha256: "00ff".to_owned(),
            ..pb::AgreementToSign::default()
        }
    }

    #[test]
    fn the_text_brings_its_markup_and_no_other() -> Result<(), minijinja::Error> {
        let agreement = agreement();
        let form = Shown::Form { agreement: &agreement, name: "\"><i>", refusal: "No & no" };
        let html = render(Language::English, &form)?;
        assert!(html.contains("<strong>you</strong>") && html.contains("No &amp; no"), "{html}");
        assert!(html.contains("&lt;b&gt;Rules&lt;"), "{html}");
        assert!(html.contains("value=\"&quot;&gt;&lt;i&gt;\""), "{html}");
        assert_eq!(html.matches("<script").count(), 1, "{html}");
        Ok(())
    }

    #[test]
    fn the_policy_allows_style_and_script_as_they_stand_in_the_page() -> Result<(), minijinja::Error>
    {
        let agreement = agreement();
        let form = Shown::Form { agreement: &agreement, name: "", refusal: "" };
        let html = render(Language::Dutch, &form)?;
        for (tag, directive) in [("style", "style-src"), ("script", "script-src")] {
            let inside = html
                .split_once(&format!("<{tag}>"))
                .and_then(|(_, rest)| rest.split_once(&format!("</{tag}>")))
                .map(|(inside, _)| STANDARD.encode(Sha256::digest(inside)));
            let allowed = format!("{directive} 'sha256-{}'", inside.expect(tag));
            assert!(POLICY.contains(&allowed), "{}", *POLICY);
        }
        assert!(html.contains("<html lang=\"nl\">") && !html.contains("https://"), "{html}");
        let note = Shown::Note { business: "", title: "T", text: "Done" };
        let html = render(Language::English, &note)?;
        assert!(!html.contains("<form") && !html.contains("<script"), "{html}");
        Ok(())
    }
}
