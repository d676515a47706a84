//! Filling the fields of a text in for whoever signs it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result};
use steward_platform::mail::Language;

use super::about::Visits;
use crate::hours::Hours;
use crate::scheduling::Recurrence;

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
    /// How often visits are.
    pub booking_frequency: Option<String>,
    /// How many hours visits take.
    pub booking_hours: Option<String>,
    /// When visits start.
    pub assignment_start_hour: Option<String>,
    /// The first date on which the cleaner comes.
    pub assignment_first_date: Option<String>,
    /// The day, where the company is.
    pub today: Option<String>,
}

impl Values {
    fn of(&self, field: &str) -> Option<&str> {
        match field {
            "client.firstName" => self.client_first_name.as_deref(),
            "cleaner.fullName" => self.cleaner_full_name.as_deref(),
            "tenant.name" => self.tenant_name.as_deref(),
            "booking.frequency" => self.booking_frequency.as_deref(),
            "booking.hours" => self.booking_hours.as_deref(),
            "assignment.startHour" => self.assignment_start_hour.as_deref(),
            "assignment.firstDate" => self.assignment_first_date.as_deref(),
            "today" => self.today.as_deref(),
            _ => None,
        }
    }

    /// Takes down how often visits are and how long, in the words of a locale.
    pub fn tell(&mut self, visits: &Visits, locale: &str) {
        self.booking_frequency = Some(frequency(visits.recurrence, locale));
        self.booking_hours = Some(hours(visits.hours, locale));
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
    clock(instant, zone, form(locale))
}

/// A date, as readers of a locale write it.
pub fn date(date: Date, locale: &str) -> String {
    date.strftime(form(locale)).to_string()
}

fn form(locale: &str) -> &'static str {
    match Language::of_tag(locale) {
        Language::English if locale.ends_with("US") => "%B %-d, %Y",
        Language::English if locale.starts_with("en") => "%-d %B %Y",
        Language::English => "%Y-%m-%d",
        Language::Dutch => "%-d-%-m-%Y",
        Language::Portuguese | Language::Spanish => "%d/%m/%Y",
    }
}

/// A number of hours, as readers of a locale write it.
fn hours(hours: Hours, locale: &str) -> String {
    let written = hours.decimal().to_string();
    match Language::of_tag(locale) {
        Language::English => written,
        Language::Dutch | Language::Portuguese | Language::Spanish => written.replace('.', ","),
    }
}

/// How often visits are, in the words of a locale.
fn frequency(recurrence: Recurrence, locale: &str) -> String {
    let words: [&str; 7] = match Language::of_tag(locale) {
        Language::English => [
            "once",
            "every week",
            "every two weeks",
            "every three weeks",
            "every four weeks",
            "every month",
            "times a week",
        ],
        Language::Dutch => [
            "eenmalig",
            "elke week",
            "elke twee weken",
            "elke drie weken",
            "elke vier weken",
            "elke maand",
            "keer per week",
        ],
        Language::Portuguese => [
            "uma vez",
            "todas as semanas",
            "a cada duas semanas",
            "a cada três semanas",
            "a cada quatro semanas",
            "todos os meses",
            "vezes por semana",
        ],
        Language::Spanish => [
            "una vez",
            "cada semana",
            "cada dos semanas",
            "cada tres semanas",
            "cada cuatro semanas",
            "cada mes",
            "veces por semana",
        ],
    };
    let [once, weekly, two, three, four, monthly, times] = words;
    match recurrence {
        Recurrence::Once => once.to_owned(),
        Recurrence::Weekly => weekly.to_owned(),
        Recurrence::EveryTwoWeeks => two.to_owned(),
        Recurrence::EveryThreeWeeks => three.to_owned(),
        Recurrence::EveryFourWeeks => four.to_owned(),
        Recurrence::NthWeekday | Recurrence::DayOfMonth => monthly.to_owned(),
        Recurrence::SeveralWeekdays(days) => match days.numbers().len() {
            1 => weekly.to_owned(),
            count => format!("{count} {times}"),
        },
    }
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
    use crate::scheduling::Weekdays;

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
    fn visits_are_told_in_the_words_of_the_company() {
        let days = Weekdays::new(&[1, 3, 5]).expect("days");
        let half = Hours::new("2.50".parse().expect("a number")).expect("hours");
        for (locale, often, weekly, long) in [
            ("en-US", "3 times a week", "every week", "2.5"),
            ("nl-NL", "3 keer per week", "elke week", "2,5"),
            ("pt-PT", "3 vezes por semana", "todas as semanas", "2,5"),
        ] {
            assert_eq!(frequency(Recurrence::SeveralWeekdays(days), locale), often);
            assert_eq!(frequency(Recurrence::Weekly, locale), weekly);
            assert_eq!(hours(half, locale), long);
        }
        assert_eq!(date(Date::constant(2026, 3, 1), "en-US"), "March 1, 2026");
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
