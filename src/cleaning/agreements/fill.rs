//! Filling the fields of a text in for whoever signs it.

use jiff::tz::TimeZone;
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result};
use steward_platform::mail::Language;

/// What stands where nothing is known.
const NOTHING: &str = "\u{2013}";

/// What the fields of an agreement stand for; absent where nothing is known.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// First name of the client.
    pub client_first_name: Option<String>,
    /// Full name of the cleaner.
    pub cleaner_full_name: Option<String>,
    /// Name of the company.
    pub tenant_name: Option<String>,
    /// The day, where the company is.
    pub today: Option<String>,
}

impl Values {
    fn of(&self, field: &str) -> Option<&str> {
        match field {
            "client.firstName" => self.client_first_name.as_deref(),
            "cleaner.fullName" => self.cleaner_full_name.as_deref(),
            "tenant.name" => self.tenant_name.as_deref(),
            "today" => self.today.as_deref(),
            // Bookings and assignments fill in theirs where the agreement is about one.
            _ => None,
        }
    }

    /// A text with its fields filled in. A value shows as it is, whatever it holds.
    pub fn fill(&self, body: &str) -> String {
        let mut filled = String::with_capacity(body.len() + 100);
        let mut rest = body;
        while let Some((before, field)) = rest.split_once("{{") {
            let Some((name, after)) = field.split_once("}}") else { break };
            filled.push_str(before);
            match self.of(name.trim()).filter(|value| !value.trim().is_empty()) {
                Some(value) => filled.push_str(&steward_typeset::escape(value)),
                None => filled.push_str(NOTHING),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

/// The day of an instant in a zone, as readers of a locale write it.
///
/// # Errors
/// INTERNAL when there is no such zone.
pub fn day(instant: Timestamp, zone: &str, locale: &str) -> Result<String> {
    let form = match Language::of_tag(locale) {
        Language::English if locale.ends_with("US") => "%B %-d, %Y",
        Language::English if locale.starts_with("en") => "%-d %B %Y",
        Language::English => "%Y-%m-%d",
        Language::Dutch => "%-d-%-m-%Y",
        Language::Portuguese => "%d/%m/%Y",
    };
    clock(instant, zone, form)
}

/// An instant as the clocks of a zone show it, written as `strftime` does.
///
/// # Errors
/// INTERNAL when there is no such zone.
pub fn clock(instant: Timestamp, zone: &str, form: &str) -> Result<String> {
    let zone = TimeZone::get(zone).map_err(Error::internal)?;
    let instant = jiff::Timestamp::from_second(instant.as_second()).map_err(Error::internal)?;
    Ok(instant.to_zoned(zone).strftime(form).to_string())
}

#[cfg(test)]
mod tests {
    use steward_kernel::time;

    use super::*;

    #[test]
    fn fields_are_filled_in_as_they_are_known() {
        let values = Values {
            client_first_name: Some("*Ann*".to_owned()),
            tenant_name: Some("Acme & Sons".to_owned()),
            cleaner_full_name: Some(" ".to_owned()),
            ..Values::default()
        };
        for (body, filled) in [
            ("Dear {{client.firstName}} of {{ tenant.name }}.", "Dear \\*Ann\\* of Acme \\& Sons."),
            ("{{cleaner.fullName}}, {{booking.hours}}", "\u{2013}, \u{2013}"),
            ("No { field } and {{ no end", "No { field } and {{ no end"),
            ("", ""),
        ] {
            assert_eq!(values.fill(body), filled);
        }
    }

    #[test]
    fn the_day_is_that_of_the_company() -> Result<()> {
        let instant = time::parse("2026-03-02T02:30:00Z").expect("an instant");
        for (zone, locale, written) in [
            ("America/New_York", "en-US", "March 1, 2026"),
            ("Europe/London", "en-GB", "2 March 2026"),
            ("Europe/Amsterdam", "nl-NL", "2-3-2026"),
            ("Europe/Lisbon", "pt-PT", "02/03/2026"),
            ("Europe/Berlin", "de-DE", "2026-03-02"),
        ] {
            assert_eq!(day(instant, zone, locale)?, written);
        }
        assert!(day(instant, "Mars/Base", "en-US").is_err());
        Ok(())
    }
}
