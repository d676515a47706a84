//! The words of errors, in English and in Portuguese.

use std::borrow::Cow;

use http::StatusCode;
use steward_kernel::{language, text};

use super::sentences::{SENTENCES, WORDS};

/// A language that errors are told in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Portuguese,
}

/// Their tags; the first is for everybody who reads neither.
pub(super) static TAGS: [&str; 2] = ["en", "pt"];

impl Language {
    /// The one that a client likes best, English when it reads neither.
    pub(super) fn of(languages: &str) -> Self {
        match language::preferred(languages, &TAGS) {
            "pt" => Self::Portuguese,
            _ => Self::English,
        }
    }
}

/// A code in words.
pub(super) fn title(code: &str, status: StatusCode, language: Language) -> &'static str {
    let (english, portuguese) = match code {
        "required" => ("Is missing", "Está em falta"),
        "too_long" => ("Is too long", "É demasiado longo"),
        "too_short" => ("Is too short", "É demasiado curto"),
        "invalid_format" => ("Cannot be read", "Não pode ser lido"),
        "invalid_value" => ("Is not allowed", "Não é permitido"),
        "out_of_range" => ("Is out of range", "Está fora dos limites"),
        "taken" => ("Is taken", "Já está em uso"),
        "unknown_attribute" => ("Is not known", "Não é conhecido"),
        "reference_not_found" => ("Names nothing", "Não corresponde a nada"),
        "invalid_period" => ("Is not a period", "Não é um período"),
        "quantity_order" => ("Quantities do not fit", "As quantidades não são coerentes"),
        "booking_incomplete" => ("The booking is incomplete", "A reserva está incompleta"),
        "item_inactive" => ("The item is not active", "O artigo não está ativo"),
        "category_cycle" => ("A category within itself", "Uma categoria dentro de si própria"),
        "category_too_deep" => ("Too many levels", "Demasiados níveis"),
        "invalid_attachment" => ("The file cannot be used", "O ficheiro não pode ser usado"),
        "idempotency_key_reused" => ("The key was used", "A chave já foi usada"),
        "malformed_body" => ("The body cannot be read", "O corpo não pode ser lido"),
        "unknown_parameter" => ("The parameter is not known", "O parâmetro não é conhecido"),
        "invalid_parameter" => ("The parameter is not valid", "O parâmetro não é válido"),
        "unsupported_include" => ("Cannot be included", "Não pode ser incluído"),
        "unauthenticated"
        | "invalid_token"
        | "token_expired"
        | "invalid_id_token"
        | "invalid_credentials" => ("Please sign in", "Inicie sessão"),
        "forbidden" => ("Is not allowed", "Não é permitido"),
        "onboarding_required" => ("Please register first", "Registe-se primeiro"),
        "not_found" => ("There is no such thing", "Não existe"),
        "precondition_failed" => ("It was changed meanwhile", "Foi alterado entretanto"),
        "payload_too_large" => ("The body is too large", "O corpo é demasiado grande"),
        "invalid_transition" => ("Not in this state", "Não neste estado"),
        "booking_closed" => ("The booking is closed", "A reserva está fechada"),
        "shortage" => ("There are not enough", "Não há quantidade suficiente"),
        "shortage_confirmation_required" => ("Please confirm", "Confirme, por favor"),
        "stock_below_commitments" => ("More is promised", "Há mais prometido"),
        "in_use" => ("Is in use", "Está em uso"),
        "duplicate" => ("Exists already", "Já existe"),
        "type_mismatch" => ("Another type", "Outro tipo"),
        "id_mismatch" => ("Another id", "Outro id"),
        "idempotency_in_progress" => ("Is being done", "Está em curso"),
        "already_onboarded" => ("Is registered", "Já está registado"),
        "currency_locked" => ("The currency is fixed", "A moeda está fixada"),
        "category_not_empty" => ("The category is not empty", "A categoria não está vazia"),
        "bundle_empty" => ("The bundle is empty", "O conjunto está vazio"),
        "refund_exceeds_paid" => ("More than was paid", "Mais do que foi pago"),
        "code_invalid" => ("The code is wrong", "O código está errado"),
        "code_expired" => ("The code has expired", "O código expirou"),
        "uninsurable" => ("Cannot be insured", "Não pode ser segurado"),
        "outside_store_rules" => ("The store does not allow it", "A loja não o permite"),
        "subscription_inactive" => ("No active subscription", "Sem subscrição ativa"),
        "insurance_not_enabled" => ("Insurance is not enabled", "O seguro não está ativado"),
        "link_expired" => ("The link has expired", "A ligação expirou"),
        "document_expired" => ("The document has expired", "O documento expirou"),
        "cursor_expired" => ("No longer listed", "Já não é listado"),
        "already_signed" => ("Is signed already", "Já está assinado"),
        "main_identity" => ("The main identity", "A identidade principal"),
        "verification_not_started" => ("Not started", "A verificação não começou"),
        "insurance_started" => ("The insurance has begun", "O seguro já começou"),
        "calendar_exists" => ("There is a calendar", "Já existe um calendário"),
        "tenant_suspended" => ("The business is suspended", "A empresa está suspensa"),
        "method_not_allowed" => ("Not by this method", "Não com este método"),
        "not_acceptable" => ("Not in this form", "Não neste formato"),
        "unsupported_media_type" => ("Not of this type", "Não deste tipo"),
        "provider_error" => ("A provider failed", "Um fornecedor falhou"),
        "rate_limited" | "attempts_exhausted" => ("Too many attempts", "Demasiadas tentativas"),
        "provider_unavailable" => ("Not available now", "Indisponível de momento"),
        "provider_timeout" => ("Took too long", "Demorou demasiado"),
        "internal" => ("An unexpected error", "Um erro inesperado"),
        _ => (status.canonical_reason().unwrap_or("The request failed"), "O pedido falhou"),
    };
    match language {
        Language::English => english,
        Language::Portuguese => portuguese,
    }
}

/// What a code means in full, for sentences that have no translation.
fn meaning(code: &str) -> Option<&'static str> {
    Some(match code {
        "required" => "Falta um valor.",
        "taken" => "O valor já está em uso.",
        "duplicate" => "Já existe.",
        "reference_not_found" => "O que é referido não existe.",
        "not_found" => "O que foi pedido não existe.",
        "unauthenticated" | "invalid_token" => "Inicie sessão para continuar.",
        "token_expired" => "O token expirou.",
        "forbidden" => "Isto não lhe é permitido.",
        "precondition_failed" => "O recurso foi alterado desde que foi lido.",
        "rate_limited" | "attempts_exhausted" => "Houve demasiados pedidos. Tente mais tarde.",
        "provider_unavailable" => "Isto não está disponível de momento. Tente mais tarde.",
        "provider_timeout" => "O pedido demorou demasiado.",
        _ => return None,
    })
}

/// A sentence that an error of this code says, in a language; in English where there is no other.
/// `field` is the path of the member that it is about, which it may name.
pub(super) fn detail<'m>(
    message: &'m str,
    code: &str,
    field: Option<&str>,
    language: Language,
) -> Cow<'m, str> {
    if language == Language::English {
        return Cow::Borrowed(message);
    }
    let said = SENTENCES.iter().find_map(|(english, portuguese)| {
        Some(filled(portuguese, &values(message, english)?, field))
    });
    said.or_else(|| meaning(code).map(str::to_owned)).map_or(Cow::Borrowed(message), Cow::Owned)
}

/// What a sentence has in the places of `{}`; none when it is another sentence.
fn values<'m>(message: &'m str, pattern: &str) -> Option<Vec<&'m str>> {
    let mut parts = pattern.split("{}");
    let mut rest = message.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let at =
            if parts.peek().is_some() { rest.find(part)? } else { rest.strip_suffix(part)?.len() };
        values.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    rest.is_empty().then_some(values)
}

/// A sentence with values in the places of `{}`. What names a member, names it as the document does.
fn filled(pattern: &str, values: &[&str], field: Option<&str>) -> String {
    let mut parts = pattern.split("{}");
    let mut sentence = parts.next().unwrap_or_default().to_owned();
    for (part, value) in parts.zip(values) {
        let member = field.filter(|field| text::sentence(field) == **value);
        let member = member.and_then(|field| field.rsplit('.').next());
        let word = || WORDS.iter().find(|(english, _)| english == value).map(|(_, word)| *word);
        sentence.push_str(member.or_else(word).unwrap_or(value));
        sentence.push_str(part);
    }
    sentence
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn portuguese<'m>(message: &'m str, code: &str, field: &str) -> Cow<'m, str> {
        detail(message, code, Some(field), Language::Portuguese)
    }

    #[test]
    fn sentences_carry_their_values_over() {
        for (message, code, field, expected) in [
            (
                "Postal code is required.",
                "required",
                "address.postal_code",
                "postal_code é obrigatório.",
            ),
            (
                "Name is longer than 160 characters.",
                "too_long",
                "name",
                "name tem mais de 160 caracteres.",
            ),
            ("Booking with id 7 not found.", "not_found", "", "Reserva com o id 7 não existe."),
            (
                "A booking that is ongoing cannot become drafting.",
                "invalid_transition",
                "",
                "Uma reserva em curso não pode passar a em rascunho.",
            ),
            ("The body must be an object.", "malformed_body", "$", "O corpo deve ser um objeto."),
            (
                "page[size] must be an integer.",
                "invalid_parameter",
                "page[size]",
                "page[size] deve ser um número inteiro.",
            ),
            // A value may be what another sentence begins with.
            (
                "Of Tenda only 2 are free only 1 are free.",
                "shortage",
                "",
                "De Tenda só estão livres 2 are free only 1.",
            ),
            // What is not there in Portuguese is told by its code, or in English.
            ("Somebody has that name.", "taken", "name", "O valor já está em uso."),
            ("A knot cannot be tied.", "invalid_value", "knot", "A knot cannot be tied."),
        ] {
            assert_eq!(portuguese(message, code, field), expected, "{message}");
            let english = detail(message, code, Some(field), Language::English);
            assert_eq!(english, message);
        }
    }

    #[test]
    fn every_sentence_is_there_once_with_all_its_values() {
        let mut seen = HashSet::new();
        for (english, portuguese) in SENTENCES.iter().chain(WORDS) {
            assert!(seen.insert(english), "{english} is there twice");
            let places = |text: &str| text.matches("{}").count();
            assert_eq!(places(english), places(portuguese), "{english}");
            assert_eq!(english.ends_with('.'), portuguese.ends_with('.'), "{portuguese}");
            assert!(english != portuguese, "{english} is not translated");
        }
        // None is hidden by one before it.
        for (at, (english, _)) in SENTENCES.iter().enumerate() {
            let said = english.replace("{}", "7");
            let first = SENTENCES.iter().position(|(pattern, _)| values(&said, pattern).is_some());
            assert_eq!(first, Some(at), "{english}");
        }
    }

    #[test]
    fn every_title_is_there_in_both_languages() {
        for code in ["required", "not_found", "unauthenticated", "shortage", "internal"] {
            let [english, portuguese] = [Language::English, Language::Portuguese]
                .map(|language| title(code, StatusCode::IM_A_TEAPOT, language));
            assert!(english != portuguese && english != "I'm a teapot", "{code}");
        }
    }
}
