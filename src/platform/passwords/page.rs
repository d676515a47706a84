//! The page behind the link in the mail: `/passwords/{link}`.
//!
//! `GET` shows a form and changes nothing, because programs that check links for viruses open them;
//! `POST` is what the form sends. The page needs no script, and its policy allows none.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Form, Router};
use secrecy::SecretString;
use serde::Deserialize;
use steward_kernel::error::reason;
use steward_kernel::{Error, Kind};

use super::actions;
use crate::mail::{self, Language};
use crate::{App, pages};

/// Nothing but a form that goes back to where it came from, and the style of the text.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// `/passwords/{link}`.
pub fn router(app: App) -> Router {
    Router::new().route("/passwords/{link}", get(show).post(choose)).with_state(app)
}

/// What the form sends.
#[derive(Deserialize)]
struct Chosen {
    password: SecretString,
}

async fn show(State(app): State<App>, Path(link): Path<String>) -> Response {
    match actions::linked(&app, &link).await {
        Ok(user) => {
            let words = Words::of(actions::language(&user));
            page(StatusCode::OK, words, words.question, true)
        }
        Err(error) => refusal(&error, Language::English),
    }
}

async fn choose(
    State(app): State<App>,
    Path(link): Path<String>,
    Form(Chosen { password }): Form<Chosen>,
) -> Response {
    let language = match actions::linked(&app, &link).await {
        Ok(user) => actions::language(&user),
        Err(error) => return refusal(&error, Language::English),
    };
    let words = Words::of(language);
    match actions::reset_linked(&app, &link, password).await {
        Ok(_) => page(StatusCode::OK, words, words.done, false),
        Err(error) if error.kind() == Kind::InvalidArgument => {
            page(StatusCode::BAD_REQUEST, words, words.rule, true)
        }
        Err(error) => refusal(&error, language),
    }
}

fn refusal(error: &Error, language: Language) -> Response {
    let words = Words::of(language);
    if error.reason() == reason::LINK_EXPIRED {
        return page(StatusCode::GONE, words, words.expired, false);
    }
    if error.kind() == Kind::NotFound {
        return page(StatusCode::NOT_FOUND, words, words.unknown, false);
    }
    tracing::warn!(
        reason = error.reason(),
        cause = error.source_for_log().map(tracing::field::display),
        "a password cannot be chosen"
    );
    page(StatusCode::SERVICE_UNAVAILABLE, words, words.unavailable, false)
}

fn page(status: StatusCode, words: Words, text: &str, with_form: bool) -> Response {
    let html = mail::html(words.language, text);
    let html = match with_form {
        true => html.replace("</body>", &format!("{}</body>", form(words))),
        false => html,
    };
    pages::private(status, POLICY, html)
}

fn form(words: Words) -> String {
    let Words { label, button, .. } = words;
    format!(
        "<form method=\"post\"><p><label for=\"password\">{label}</label><br>\n\
         <input id=\"password\" name=\"password\" type=\"password\" minlength=\"8\" \
         maxlength=\"128\" autocomplete=\"new-password\" required></p>\n\
         <p><button>{button}</button></p></form>\n"
    )
}

/// What the page says.
#[derive(Clone, Copy)]
struct Words {
    language: Language,
    question: &'static str,
    label: &'static str,
    button: &'static str,
    rule: &'static str,
    done: &'static str,
    expired: &'static str,
    unknown: &'static str,
    unavailable: &'static str,
}

impl Words {
    const fn of(language: Language) -> Self {
        match language {
            Language::English => Self {
                language,
                question: "Please choose a new password. It has at least 8 characters, a letter and a digit among them.",
                label: "New password",
                button: "Save",
                rule: "This password cannot be used. It needs between 8 and 128 characters, a letter and a digit among them, and must not be the user name.",
                done: "The password was saved. You can sign in with it now.",
                expired: "This link was used or replaced, or has expired. Please ask for a new one where you sign in.",
                unknown: "This link is not valid.",
                unavailable: "This does not work at the moment. Please try again later.",
            },
            Language::Dutch => Self {
                language,
                question: "Kies een nieuw wachtwoord. Het heeft minstens 8 tekens, waaronder een letter en een cijfer.",
                label: "Nieuw wachtwoord",
                button: "Opslaan",
                rule: "Dit wachtwoord kan niet worden gebruikt. Het heeft tussen 8 en 128 tekens nodig, waaronder een letter en een cijfer, en mag niet de gebruikersnaam zijn.",
                done: "Het wachtwoord is opgeslagen. U kunt er nu mee aanmelden.",
                expired: "Deze link is gebruikt, vervangen of verlopen. Vraag een nieuwe aan waar u zich aanmeldt.",
                unknown: "Deze link is niet geldig.",
                unavailable: "Dit lukt op dit moment niet. Probeer het later opnieuw.",
            },
            Language::Portuguese => Self {
                language,
                question: "Escolha uma nova palavra-passe. Tem pelo menos 8 caracteres, entre eles uma letra e um algarismo.",
                label: "Nova palavra-passe",
                button: "Guardar",
                rule: "Esta palavra-passe não pode ser utilizada. Precisa de 8 a 128 caracteres, entre eles uma letra e um algarismo, e não pode ser o nome de utilizador.",
                done: "A palavra-passe foi guardada. Já pode iniciar sessão com ela.",
                expired: "Esta ligação foi utilizada, substituída ou expirou. Peça uma nova onde inicia sessão.",
                unknown: "Esta ligação não é válida.",
                unavailable: "Isto não funciona de momento. Tente novamente mais tarde.",
            },
            Language::Spanish => Self {
                language,
                question: "Elija una contraseña nueva. Tiene al menos 8 caracteres, entre ellos una letra y una cifra.",
                label: "Contraseña nueva",
                button: "Guardar",
                rule: "Esta contraseña no se puede utilizar. Necesita entre 8 y 128 caracteres, entre ellos una letra y una cifra, y no puede ser el nombre de usuario.",
                done: "La contraseña se ha guardado. Ya puede iniciar sesión con ella.",
                expired: "Este enlace se ha utilizado o sustituido, o ha caducado. Pida uno nuevo donde inicia sesión.",
                unknown: "Este enlace no es válido.",
                unavailable: "Esto no funciona en este momento. Inténtelo de nuevo más tarde.",
            },
        }
    }
}
