//! Templates: one text a language, from which both forms of a mail are made.
//!
//! A template is plain text with `{{ values }}` (Jinja); its first line is the subject. The
//! HTML form is made from the finished text, so that the two never differ and no value can
//! bring markup with it: paragraphs are kept, and a line that is nothing but a URL, or `Link: `
//! and a URL, is a link.

use minijinja::{Environment, UndefinedBehavior};
use serde_json::Value;
use steward_kernel::{Error, Result};

use super::Language;

/// What stands before the link of a mail, for programs that read it.
const LINK: &str = "Link: ";

/// A text in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Its name, kept with each mail. The last part is the kind that mail says it is of.
    pub name: &'static str,
    /// In English.
    pub english: &'static str,
    /// In Dutch.
    pub dutch: &'static str,
    /// In Portuguese.
    pub portuguese: &'static str,
    /// In Spanish.
    pub spanish: &'static str,
    /// Whether its reader can do without it: news rather than what they asked for or need to get
    /// in. Such mail carries a link to refuse more of it (RFC 8058).
    pub optional: bool,
}

/// A template from files beside the caller: `mail_template!("templates/test")` reads
/// `templates/test.en.txt`, `.nl.txt`, `.pt.txt` and `.es.txt`. It is not optional until
/// `.optional()`.
#[macro_export]
macro_rules! mail_template {
    ($path:literal) => {
        $crate::mail::Template {
            name: $path,
            english: include_str!(concat!($path, ".en.txt")),
            dutch: include_str!(concat!($path, ".nl.txt")),
            portuguese: include_str!(concat!($path, ".pt.txt")),
            spanish: include_str!(concat!($path, ".es.txt")),
            optional: false,
        }
    };
}

impl Template {
    /// The same text, as mail that its reader can do without.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    const fn text(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::Dutch => self.dutch,
            Language::Portuguese => self.portuguese,
            Language::Spanish => self.spanish,
        }
    }

    /// The name without the folder it was read from.
    pub(super) fn short_name(&self) -> &'static str {
        self.name.rsplit('/').next().unwrap_or(self.name)
    }
}

/// A mail with all values in place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) subject: String,
    pub(super) body: String,
}

/// Puts values into a template.
pub(super) fn render(template: &Template, language: Language, values: &Value) -> Result<Text> {
    let mut environment = Environment::new();
    // A forgotten value is a fault of the program, and must not reach a reader as a gap.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let (subject, body) = template
        .text(language)
        .split_once('\n')
        .and_then(|(first, body)| Some((first.strip_prefix("Subject:")?, body)))
        .ok_or_else(|| Error::internal("a template begins with its subject"))?;
    let values = minijinja::Value::from(minijinja::value::Serde(values));
    let fill = |source: &str| {
        environment
            .render_named_str(template.short_name(), source, &values)
            .map_err(Error::internal)
    };
    // A value with line breaks stays within the subject.
    let subject = fill(subject)?.split_whitespace().collect::<Vec<_>>().join(" ");
    let body = format!("{}\n", fill(body)?.trim());
    Ok(Text { subject, body })
}

/// The HTML form of a finished text.
pub(crate) fn html(language: Language, body: &str) -> String {
    let paragraphs: Vec<_> = body.split("\n\n").map(paragraph).collect();
    format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"></head>\n\
         <body style=\"font-family:sans-serif;line-height:1.5;max-width:40em;margin:1em auto;\
         padding:0 1em\">\n{}\n</body></html>\n",
        language.tag(),
        paragraphs.join("\n"),
    )
}

fn paragraph(text: &str) -> String {
    let lines: Vec<_> = text.trim().lines().map(line).collect();
    format!("<p>{}</p>", lines.join("<br>\n"))
}

fn line(text: &str) -> String {
    let (label, url) = match text.strip_prefix(LINK) {
        Some(url) => (LINK, url),
        None => ("", text),
    };
    let is_url = url.starts_with("https://") || url.starts_with("http://");
    if is_url && !url.contains(char::is_whitespace) {
        let url = escape(url);
        return format!("{label}<a href=\"{url}\">{url}</a>");
    }
    escape(text)
}

/// `text` as it may stand in HTML.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const INVITED: Template = Template {
        name: "link",
        english: "Subject: {{ who }} invites you\n\nHello {{ who }},\nopen\n\n{{ url }}\n",
        dutch: "Subject: x\n\ny",
        portuguese: "no subject",
        spanish: "Subject: z\n\nw",
        optional: false,
    };

    #[test]
    fn values_bring_no_markup_and_no_header() -> Result<()> {
        let values = json!({"who": "<b>Eve</b>\nBcc: all", "url": "https://a.example/?a=1&b=\"2"});
        let text = render(&INVITED, Language::English, &values)?;
        assert_eq!(text.subject, "<b>Eve</b> Bcc: all invites you");
        let values = json!({"who": "<b>Eve</b>", "url": "https://a.example/?a=1&b=\"2"});
        let text = render(&INVITED, Language::English, &values)?;
        assert_eq!(text.body, "Hello <b>Eve</b>,\nopen\n\nhttps://a.example/?a=1&b=\"2\n");
        let html = html(Language::Dutch, &text.body);
        assert!(html.contains("<p>Hello &lt;b&gt;Eve&lt;/b&gt;,<br>\nopen</p>"), "{html}");
        let url = "https://a.example/?a=1&amp;b=&quot;2";
        assert!(html.contains(&format!("<p><a href=\"{url}\">{url}</a></p>")), "{html}");
        assert!(html.contains("<html lang=\"nl\">"), "{html}");
        let labelled = super::html(Language::English, "Link: https://a.example/?a=1&b=2");
        let url = "https://a.example/?a=1&amp;b=2";
        assert!(
            labelled.contains(&format!("<p>Link: <a href=\"{url}\">{url}</a></p>")),
            "{labelled}"
        );
        Ok(())
    }

    #[test]
    fn a_gap_is_a_fault() {
        assert!(render(&INVITED, Language::English, &json!({"who": "Eve"})).is_err());
        assert!(render(&INVITED, Language::Portuguese, &json!({})).is_err());
    }

    #[test]
    fn every_language_is_there() -> Result<()> {
        for language in Language::ALL {
            let text = render(&super::super::TEST, language, &json!({"sender": "Test"}))?;
            assert!(text.body.contains("Test"), "{text:?}");
            assert_eq!(Language::of_tag(language.tag()), language);
        }
        assert_eq!(Language::of_tag("pt-PT"), Language::Portuguese);
        assert_eq!(Language::of_tag("es_MX"), Language::Spanish);
        assert_eq!(Language::of_tag("de"), Language::English);
        Ok(())
    }
}
