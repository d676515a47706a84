//! What the page behind a link says, in every language.

use steward_platform::mail::Language;

/// What there is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion<'a> {
    /// Somebody may accept.
    Invited { name: &'a str, business: &'a str },
    /// Somebody just accepted.
    Accepted { name: &'a str, business: &'a str },
    /// The link was used before.
    Used,
    /// A newer mail has another link.
    Replaced,
    /// The business took the invitation back.
    Revoked,
    /// The time of the link is over.
    Expired,
    /// There is no such link.
    Unknown,
    /// The server cannot tell at present.
    Unavailable,
}

/// The parts of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) title: String,
    pub(super) paragraphs: Vec<String>,
    pub(super) button: Option<&'static str>,
    pub(super) note: Option<String>,
}

impl Words {
    pub(super) fn of(language: Language, occasion: Occasion<'_>) -> Self {
        match language {
            Language::English => english(occasion),
            Language::Dutch => dutch(occasion),
            Language::Portuguese => portuguese(occasion),
            Language::Spanish => spanish(occasion),
        }
    }

    fn plain(title: &str, paragraph: &str) -> Self {
        Self {
            title: title.to_owned(),
            paragraphs: vec![paragraph.to_owned()],
            button: None,
            note: None,
        }
    }
}

fn english(occasion: Occasion<'_>) -> Words {
    match occasion {
        Occasion::Invited { name, business } => Words {
            title: format!("Invitation from {business}"),
            paragraphs: vec![
                format!("Hello {name},"),
                format!("{business} invites you to its online service for the care of properties."),
            ],
            button: Some("Accept the invitation"),
            note: Some(format!(
                "Are you not {name}, or do you not know {business}? Then just close this page."
            )),
        },
        Occasion::Accepted { name, business } => Words::plain(
            &format!("Thank you, {name}"),
            &format!(
                "You have accepted the invitation from {business}. You can close this page now."
            ),
        ),
        Occasion::Used => Words::plain(
            "This invitation has already been accepted",
            "There is nothing left for you to do.",
        ),
        Occasion::Replaced => Words::plain(
            "There is a newer link",
            "The invitation was sent to you again. Please use the link in the latest e-mail.",
        ),
        Occasion::Revoked => Words::plain(
            "This invitation has been withdrawn",
            "If you think that this is a mistake, please ask the business that invited you.",
        ),
        Occasion::Expired => Words::plain(
            "This invitation has expired",
            "Please ask the business that invited you to send it again.",
        ),
        Occasion::Unknown => Words::plain(
            "This link is not valid",
            "Please check that you have opened the whole link from the e-mail.",
        ),
        Occasion::Unavailable => Words::plain(
            "This does not work at the moment",
            "Your invitation is not lost. Please try again in a few minutes.",
        ),
    }
}

fn dutch(occasion: Occasion<'_>) -> Words {
    match occasion {
        Occasion::Invited { name, business } => Words {
            title: format!("Uitnodiging van {business}"),
            paragraphs: vec![
                format!("Beste {name},"),
                format!("{business} nodigt u uit voor de online dienst voor vastgoedbeheer."),
            ],
            button: Some("Uitnodiging accepteren"),
            note: Some(format!(
                "Bent u niet {name}, of kent u {business} niet? Dan kunt u deze pagina sluiten."
            )),
        },
        Occasion::Accepted { name, business } => Words::plain(
            &format!("Bedankt, {name}"),
            &format!(
                "U hebt de uitnodiging van {business} geaccepteerd. U kunt deze pagina nu sluiten."
            ),
        ),
        Occasion::Used => {
            Words::plain("Deze uitnodiging is al geaccepteerd", "U hoeft niets meer te doen.")
        }
        Occasion::Replaced => Words::plain(
            "Er is een nieuwere link",
            "De uitnodiging is opnieuw naar u verstuurd. Gebruik de link in de laatste e-mail.",
        ),
        Occasion::Revoked => Words::plain(
            "Deze uitnodiging is ingetrokken",
            "Denkt u dat dit een vergissing is? Neem dan contact op met het bedrijf dat u heeft \
             uitgenodigd.",
        ),
        Occasion::Expired => Words::plain(
            "Deze uitnodiging is verlopen",
            "Vraag het bedrijf dat u heeft uitgenodigd om de uitnodiging opnieuw te versturen.",
        ),
        Occasion::Unknown => Words::plain(
            "Deze link is niet geldig",
            "Controleer of u de volledige link uit de e-mail hebt geopend.",
        ),
        Occasion::Unavailable => Words::plain(
            "Dit lukt op dit moment niet",
            "Uw uitnodiging is niet verloren. Probeer het over een paar minuten opnieuw.",
        ),
    }
}

fn portuguese(occasion: Occasion<'_>) -> Words {
    match occasion {
        Occasion::Invited { name, business } => Words {
            title: format!("Convite de {business}"),
            paragraphs: vec![
                format!("Olá {name},"),
                format!(
                    "Recebeu um convite de {business} para utilizar o serviço online de gestão de \
                     imóveis."
                ),
            ],
            button: Some("Aceitar o convite"),
            note: Some(format!(
                "O seu nome não é {name}, ou não conhece {business}? Então basta fechar esta \
                 página."
            )),
        },
        Occasion::Accepted { name, business } => Words::plain(
            &format!("Agradecemos, {name}"),
            &format!("Aceitou o convite de {business}. Já pode fechar esta página."),
        ),
        Occasion::Used => {
            Words::plain("Este convite já foi aceite", "Não precisa de fazer mais nada.")
        }
        Occasion::Replaced => Words::plain(
            "Existe uma ligação mais recente",
            "O convite voltou a ser enviado. Utilize a ligação da mensagem mais recente.",
        ),
        Occasion::Revoked => Words::plain(
            "Este convite foi retirado",
            "Se pensa que se trata de um engano, contacte a empresa que enviou o convite.",
        ),
        Occasion::Expired => Words::plain(
            "Este convite expirou",
            "Peça à empresa que enviou o convite que o envie novamente.",
        ),
        Occasion::Unknown => Words::plain(
            "Esta ligação não é válida",
            "Verifique se abriu a ligação completa da mensagem.",
        ),
        Occasion::Unavailable => Words::plain(
            "De momento não é possível continuar",
            "O seu convite não se perdeu. Tente novamente dentro de alguns minutos.",
        ),
    }
}

fn spanish(occasion: Occasion<'_>) -> Words {
    match occasion {
        Occasion::Invited { name, business } => Words {
            title: format!("Invitación de {business}"),
            paragraphs: vec![
                format!("Hola, {name}:"),
                format!(
                    "{business} le invita a utilizar su servicio en línea de gestión de inmuebles."
                ),
            ],
            button: Some("Aceptar la invitación"),
            note: Some(format!(
                "¿No se llama {name} o no conoce {business}? Entonces basta con cerrar esta página."
            )),
        },
        Occasion::Accepted { name, business } => Words::plain(
            &format!("Gracias, {name}"),
            &format!("Ha aceptado la invitación de {business}. Ya puede cerrar esta página."),
        ),
        Occasion::Used => {
            Words::plain("Esta invitación ya se ha aceptado", "No tiene que hacer nada más.")
        }
        Occasion::Replaced => Words::plain(
            "Hay un enlace más reciente",
            "La invitación se ha vuelto a enviar. Utilice el enlace del último mensaje.",
        ),
        Occasion::Revoked => Words::plain(
            "Esta invitación se ha retirado",
            "Si cree que es un error, póngase en contacto con la empresa que le ha invitado.",
        ),
        Occasion::Expired => Words::plain(
            "Esta invitación ha caducado",
            "Pida a la empresa que le ha invitado que la envíe de nuevo.",
        ),
        Occasion::Unknown => Words::plain(
            "Este enlace no es válido",
            "Compruebe que ha abierto el enlace completo del mensaje.",
        ),
        Occasion::Unavailable => Words::plain(
            "Esto no funciona en este momento",
            "Su invitación no se ha perdido. Inténtelo de nuevo dentro de unos minutos.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_says_something_of_its_own_in_every_language() {
        let (name, business) = ("Noor Peters", "Jansen Beheer");
        let occasions = [
            Occasion::Invited { name, business },
            Occasion::Accepted { name, business },
            Occasion::Used,
            Occasion::Replaced,
            Occasion::Revoked,
            Occasion::Expired,
            Occasion::Unknown,
            Occasion::Unavailable,
        ];
        let mut titles = std::collections::HashSet::new();
        for language in Language::ALL {
            for occasion in occasions {
                let words = Words::of(language, occasion);
                assert!(titles.insert(words.title.clone()), "{words:?}");
                let text = format!("{} {}", words.title, words.paragraphs.join(" "));
                let names_both = text.contains(name) && text.contains(business);
                let is_personal =
                    matches!(occasion, Occasion::Invited { .. } | Occasion::Accepted { .. });
                assert_eq!(names_both, is_personal, "{words:?}");
                let can_accept = matches!(occasion, Occasion::Invited { .. });
                assert_eq!(words.button.is_some(), can_accept, "{words:?}");
            }
        }
    }
}
