//! What settings must be.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use rust_decimal::Decimal;
use steward_contracts::google::r#type::{Decimal as DecimalMessage, Money};
use steward_kernel::Result;
use steward_kernel::validate::Violations;

use super::model::{ChurnOffer, TIME_PREFERENCES, TimePreference, Weights};
use crate::{money, pb};

/// Most texts of a company's own.
const MOST_TEMPLATES: usize = 100;

/// Longest of them, in characters.
const LONGEST_TEMPLATE: usize = 20_000;

/// Checks settings, and gathers what is wrong with them.
pub struct Rules<'a>(pub Violations, &'a str);

impl<'a> Rules<'a> {
    /// Checks amounts in a currency.
    pub fn new(currency: &'a str) -> Self {
        Self(Violations::below("settings"), currency)
    }

    /// Passes `value` on when nothing was refused.
    pub fn finish<T>(self, value: T) -> Result<T> {
        self.0.finish(value)
    }

    /// A number within a range.
    pub fn range(
        &mut self,
        at: &str,
        value: Option<i32>,
        range: RangeInclusive<i32>,
        or: i32,
    ) -> i32 {
        let value = value.unwrap_or(or);
        self.0.range(at, value, range);
        value
    }

    /// One of some numbers.
    pub fn one_of(&mut self, at: &str, value: Option<i32>, known: &[i32], or: i32) -> i32 {
        let value = value.unwrap_or(or);
        if !known.contains(&value) {
            self.0.rule(at, format!("It is none of {known:?}."));
        }
        value
    }

    /// One of some words.
    pub fn word(&mut self, at: &str, value: Option<String>, known: &[&str], or: String) -> String {
        let value = value.unwrap_or(or);
        match known.iter().find(|one| one.eq_ignore_ascii_case(&value)) {
            Some(one) => (*one).to_owned(),
            None => {
                self.0.rule(at, format!("It is none of {}.", known.join(", ")));
                value
            }
        }
    }

    /// A time of the wall clock.
    pub fn clock(&mut self, at: &str, value: Option<String>, or: String) -> String {
        let value = value.unwrap_or(or);
        if !is_clock(&value) {
            self.0.format(at, "It is not a time such as 08:00.");
        }
        value
    }

    /// An amount that is not negative.
    pub fn money(&mut self, at: &str, value: Option<Money>) -> Option<i64> {
        value.map(|value| money::read(&mut self.0, at, &value, self.1))
    }

    /// An amount above zero.
    pub fn positive_money(&mut self, at: &str, value: Option<Money>) -> Option<i64> {
        let is_given = value.is_some();
        let amount = self.money(at, value);
        if is_given && amount == Some(0) {
            self.0.rule(at, "It must be more than 0.");
        }
        amount
    }

    /// A number with at most three decimals.
    pub fn decimal(
        &mut self,
        at: &str,
        value: Option<DecimalMessage>,
        (low, high): (i64, i64),
        or: Decimal,
    ) -> Decimal {
        let Some(value) = value else { return or };
        let Ok(value) = Decimal::from_str_exact(&value.value) else {
            self.0.format(at, "It is not a number.");
            return or;
        };
        if value.normalize().scale() > 3 {
            self.0.rule(at, "It has more than three decimals.");
        }
        self.0.range(at, value, Decimal::from(low)..=Decimal::from(high));
        value
    }

    /// When a day of work begins and ends.
    pub fn workday(&mut self, start: String, end: String) -> (String, String) {
        if is_clock(&start) && is_clock(&end) && start >= end {
            self.0.rule("scheduling.workday_end", "It is not after the start.");
        }
        (start, end)
    }

    /// Days of a week, each once, in their order.
    pub fn work_days(&mut self, mut days: Vec<i32>, or: Vec<i32>) -> Vec<i32> {
        if days.is_empty() {
            return or;
        }
        if days.iter().any(|day| !(0..=6).contains(day)) {
            self.0.rule("scheduling.work_days", "A day is between 0 and 6.");
        }
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The hours of all four preferences.
    pub fn preferences(
        &mut self,
        given: Vec<pb::TimePreference>,
        mut preferences: Vec<TimePreference>,
    ) -> Vec<TimePreference> {
        for (index, one) in given.into_iter().enumerate() {
            let at = format!("scheduling.time_preferences[{index}]");
            let pb::TimePreference { id, name: _, start_time, end_time } = one;
            let known = preferences.iter_mut().find(|known| known.id == id);
            if known.is_none() {
                let most = TIME_PREFERENCES.len();
                self.0.rule(&format!("{at}.id"), format!("It is not between 1 and {most}."));
            }
            for (name, time) in [("start_time", &start_time), ("end_time", &end_time)] {
                if !is_clock(time) {
                    self.0.format(&format!("{at}.{name}"), "It is not a time such as 08:00.");
                }
            }
            if is_clock(&start_time) && is_clock(&end_time) && start_time >= end_time {
                self.0.rule(&format!("{at}.end_time"), "It is not after the start.");
            }
            if let Some(known) = known {
                *known = TimePreference { id, start_time, end_time };
            }
        }
        preferences
    }

    /// What clients who want to leave are offered.
    pub fn offer(&mut self, offer: Option<pb::ChurnOffer>) -> ChurnOffer {
        let pb::ChurnOffer { percent, visits } = offer.unwrap_or_default();
        ChurnOffer {
            percent: self.range("cancellation.churn_offer.percent", percent, 0..=100, 0),
            visits: self.range("cancellation.churn_offer.visits", visits, 0..=52, 0),
        }
    }

    /// What counts how much; something must.
    pub fn weights(&mut self, weights: Option<pb::CleanscoreWeights>) -> Weights {
        let or = Weights::default();
        let pb::CleanscoreWeights {
            rating,
            active_bookings,
            average_tip,
            cancellations,
            tipping_clients,
            on_time,
            feedback,
            tasks,
        } = weights.unwrap_or_default();
        let weight = |rules: &mut Self, name: &str, value, or| {
            rules.range(&format!("cleanscore.weights.{name}"), value, 0..=100, or)
        };
        let weights = Weights {
            rating: weight(self, "rating", rating, or.rating),
            active_bookings: weight(self, "active_bookings", active_bookings, or.active_bookings),
            average_tip: weight(self, "average_tip", average_tip, or.average_tip),
            cancellations: weight(self, "cancellations", cancellations, or.cancellations),
            tipping_clients: weight(self, "tipping_clients", tipping_clients, or.tipping_clients),
            on_time: weight(self, "on_time", on_time, or.on_time),
            feedback: weight(self, "feedback", feedback, or.feedback),
            tasks: weight(self, "tasks", tasks, or.tasks),
        };
        let sum = weights.rating
            + weights.active_bookings
            + weights.average_tip
            + weights.cancellations
            + weights.tipping_clients
            + weights.on_time
            + weights.feedback
            + weights.tasks;
        if sum == 0 {
            self.0.rule("cleanscore.weights", "One of the weights must be more than 0.");
        }
        weights
    }

    /// Texts by their names: those that are given among those that there are. One that is given as
    /// null goes (RFC 7396).
    pub fn templates(
        &mut self,
        json: Option<String>,
        mut templates: BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let Some(json) = json else { return BTreeMap::new() };
        let at = "messages.templates";
        let Ok(given) = serde_json::from_str::<BTreeMap<String, Option<String>>>(&json) else {
            self.0.format(at, "Templates are an object of texts.");
            return BTreeMap::new();
        };
        for (name, text) in given {
            match text {
                Some(text) => templates.insert(name, text),
                None => templates.remove(&name),
            };
        }
        if templates.len() > MOST_TEMPLATES {
            self.0.rule(at, format!("There are more than {MOST_TEMPLATES} templates."));
        }
        if templates.values().any(|text| text.chars().count() > LONGEST_TEMPLATE) {
            self.0.rule(at, format!("A template is longer than {LONGEST_TEMPLATE} characters."));
        }
        templates
    }
}

/// Whether a text is a time of the wall clock.
fn is_clock(text: &str) -> bool {
    let Some((hours, minutes)) = text.split_once(':') else { return false };
    let number = |text: &str| match text.len() {
        2 => text.parse::<u8>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit())),
        _ => None,
    };
    number(hours).is_some_and(|hours| hours < 24)
        && number(minutes).is_some_and(|minutes| minutes < 60)
}
