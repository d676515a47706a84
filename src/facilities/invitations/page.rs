//! The page behind the link in the mail: `/invitations/{link}`.
//!
//! `GET` shows a page with a button and changes nothing, because programs that check links for
//! viruses open them; `POST` is what the button sends. The page needs no script, and its policy
//! allows none.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use minijinja::context;
use steward_kernel::error::reason;
use steward_platform::mail::Language;
use steward_platform::pages;
use steward_transport::request_id::RequestId;
use steward_transport::rpc::RpcService;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::words::{Occasion, Words};
use crate::pb;

const PREVIEW: &str = "/steward.facilities.v1.InvitationService/PreviewInvitation";
const ACCEPT: &str = "/steward.facilities.v1.InvitationService/AcceptInvitation";

const PAGE: &str = include_str!("page.html");
static STYLE: LazyLock<String> =
    LazyLock::new(|| format!("{}{}", pages::LOOK, include_str!("page.css")));

/// Nothing but the style above, and a form that goes back to where it came from.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = pages::source(&STYLE);
    format!(
        "default-src 'none'; style-src {style}; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
});

/// `/invitations/{link}`.
pub(crate) fn router() -> Router {
    Router::new().route("/invitations/{link}", get(show).post(accept))
}

async fn show(
    Extension(rpc): Extension<RpcService>,
    Extension(id): Extension<RequestId>,
    Path(link): Path<String>,
    headers: HeaderMap,
) -> Response {
    let request = pb::PreviewInvitationRequest { link };
    match rpc.ask::<pb::PreviewInvitationResponse>(PREVIEW, &id, &request).await {
        Ok(pb::PreviewInvitationResponse { user_name, business_name, language, expires: _ }) => {
            let occasion = Occasion::Invited { name: &user_name, business: &business_name };
            page(StatusCode::OK, Language::of_tag(&language), occasion)
        }
        Err(status) => refusal(&status, &headers),
    }
}

async fn accept(
    Extension(rpc): Extension<RpcService>,
    Extension(id): Extension<RequestId>,
    Path(link): Path<String>,
    headers: HeaderMap,
) -> Response {
    let request = pb::AcceptInvitationRequest { link };
    match rpc.ask::<pb::AcceptInvitationResponse>(ACCEPT, &id, &request).await {
        Ok(pb::AcceptInvitationResponse { user_name, business_name, language }) => {
            let occasion = Occasion::Accepted { name: &user_name, business: &business_name };
            page(StatusCode::OK, Language::of_tag(&language), occasion)
        }
        Err(status) => refusal(&status, &headers),
    }
}

/// The page of a call that failed. The failure itself is in the log by now.
fn refusal(status: &Status, headers: &HeaderMap) -> Response {
    if let Some((occasion, language)) = ended(status) {
        return page(StatusCode::GONE, language, occasion);
    }
    let language = preferred(headers);
    if matches!(status.code(), Code::NotFound | Code::InvalidArgument) {
        return page(StatusCode::NOT_FOUND, language, Occasion::Unknown);
    }
    page(StatusCode::SERVICE_UNAVAILABLE, language, Occasion::Unavailable)
}

/// Why a link that was good once is not any more, and the language of its reader.
fn ended(status: &Status) -> Option<(Occasion<'static>, Language)> {
    let info =
        status.get_details_error_info().filter(|info| info.reason == reason::LINK_EXPIRED)?;
    let occasion = match info.metadata.get("state").map(String::as_str) {
        Some("Accepted") => Occasion::Used,
        Some("Replaced") => Occasion::Replaced,
        Some("Revoked") => Occasion::Revoked,
        _ => Occasion::Expired,
    };
    let language = info.metadata.get("language").map_or("", String::as_str);
    Some((occasion, Language::of_tag(language)))
}

/// The first language of the reader's browser that there is.
fn preferred(headers: &HeaderMap) -> Language {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let tags = accepted.unwrap_or_default().split(',');
    tags.filter_map(|tag| {
        let tag = tag.split(';').next().unwrap_or_default().trim();
        let language = Language::of_tag(tag);
        // English also stands for languages there are not.
        let is_meant = tag.to_ascii_lowercase().starts_with(language.tag());
        is_meant.then_some(language)
    })
    .next()
    .unwrap_or_default()
}

fn page(status: StatusCode, language: Language, occasion: Occasion<'_>) -> Response {
    pages::shown(status, &POLICY, render(language, occasion))
}

fn render(language: Language, occasion: Occasion<'_>) -> Result<String, minijinja::Error> {
    let mark = match occasion {
        Occasion::Invited { business, .. } | Occasion::Accepted { business, .. } => {
            pages::mark(business)
        }
        Occasion::Used
        | Occasion::Replaced
        | Occasion::Revoked
        | Occasion::Expired
        | Occasion::Unknown
        | Occasion::Unavailable => None,
    };
    let Words { title, paragraphs, button, note } = Words::of(language, occasion);
    pages::render(
        PAGE,
        context! {
            language => language.tag(),
            style => &*STYLE,
            mark,
            title,
            paragraphs,
            button,
            note,
        },
    )
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn names_bring_no_markup() -> Result<(), minijinja::Error> {
        let (name, business) = ("<b onclick='x'>Eve</b>", "\"A\" & <script>alert(1)</script>");
        for occasion in
            [Occasion::Invited { name, business }, Occasion::Accepted { name, business }]
        {
            let html = render(Language::English, occasion)?;
            assert!(!html.contains("<b ") && !html.contains("<script"), "{html}");
            assert!(html.contains("&lt;b onclick=&#x27;x&#x27;&gt;Eve&lt;"), "{html}");
            assert!(html.contains("&quot;A&quot; &amp; &lt;script&gt;"), "{html}");
            // Behind the quotation mark.
            assert!(html.contains("<span class=\"mark\" aria-hidden=\"true\">A</span>"), "{html}");
        }
        Ok(())
    }

    #[test]
    fn the_policy_allows_the_style_as_it_stands_in_the_page() -> Result<(), minijinja::Error> {
        let html = render(Language::Dutch, Occasion::Unknown)?;
        let style = html
            .split_once("<style>")
            .and_then(|(_, rest)| rest.split_once("</style>"))
            .map(|(style, _)| STANDARD.encode(Sha256::digest(style)));
        let style = style.expect("a style");
        assert!(POLICY.contains(&format!("style-src 'sha256-{style}'")), "{}", *POLICY);
        assert!(html.contains("<html lang=\"nl\">"), "{html}");
        assert!(!html.contains("http://") && !html.contains("https://"), "{html}");
        assert!(!html.contains("<form") && !html.contains("<script"), "{html}");
        Ok(())
    }

    #[test]
    fn strangers_are_told_in_their_language() {
        for (accepted, language) in [
            ("nl-NL,nl;q=0.9,en;q=0.8", Language::Dutch),
            ("de, pt-BR;q=0.7, en;q=0.3", Language::Portuguese),
            ("de,fr", Language::English),
            ("EN-gb,nl", Language::English),
            ("", Language::English),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(accepted));
            assert_eq!(preferred(&headers), language, "{accepted}");
        }
        assert_eq!(preferred(&HeaderMap::new()), Language::English);
    }
}
