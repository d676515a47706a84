//! Numbered pages, as the facilities family documents them.

use crate::list::{Clock, Field, Filter, Order};
use crate::text;
use crate::time;
use crate::validate::Violations;

/// Which page of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Page from 1.
    pub number: i32,
    /// Items a page.
    pub size: i32,
}

impl PageRequest {
    /// Items a page when the caller does not say.
    pub const DEFAULT_SIZE: i32 = 15;
    /// Most items a page may hold.
    pub const MAX_SIZE: i32 = 100;

    /// Reads the documented parameters; refusals go to `violations`.
    pub fn read(number: Option<i32>, size: Option<i32>, violations: &mut Violations) -> Self {
        let number = number.unwrap_or(1);
        let size = size.unwrap_or(Self::DEFAULT_SIZE);
        if number < 1 {
            violations.rule("page_number", "The page number starts at 1.");
        }
        if !(1..=Self::MAX_SIZE).contains(&size) {
            violations.rule("page_size", "The page size is between 1 and 100.");
        }
        Self { number, size }
    }

    /// Rows before the page.
    #[must_use]
    pub fn offset(self) -> i64 {
        (i64::from(self.number) - 1) * i64::from(self.size)
    }

    /// Most rows on the page.
    #[must_use]
    pub fn limit(self) -> i64 {
        i64::from(self.size)
    }
}

/// Which part of a list is asked for, and in which order.
#[derive(Debug, Clone, PartialEq)]
pub struct ListQuery {
    /// Which page.
    pub page: PageRequest,
    /// LIKE patterns that the folded text of an item must match, each of them; none: all items.
    pub patterns: Vec<String>,
    /// Condition that an item must meet; absent: all items.
    pub filter: Option<Filter>,
    /// What the items are ordered by, before their ids.
    pub order: Vec<Order>,
}

impl ListQuery {
    /// Most characters of a search.
    pub const MAX_SEARCH: usize = 200;

    /// Most characters of a filter, and of an order.
    pub const MAX_FILTER: usize = 2000;

    /// All items of a page, ordered by id.
    #[must_use]
    pub const fn all(page: PageRequest) -> Self {
        Self { page, patterns: Vec::new(), filter: None, order: Vec::new() }
    }

    /// Keeps only what contains a text, which requests have in `field`; refusals go to
    /// `violations`.
    #[must_use]
    pub fn search(
        mut self,
        field: &str,
        search: Option<String>,
        violations: &mut Violations,
    ) -> Self {
        self.patterns = violations
            .text(field, search, Self::MAX_SEARCH)
            .filter(|search| !search.is_empty())
            .map(|search| text::contains_pattern(&text::folded(&search)))
            .into_iter()
            .collect();
        self
    }

    /// Keeps only what contains every word of a text, in any order and wherever it is searched;
    /// refusals go to `violations`.
    #[must_use]
    pub fn search_words(
        mut self,
        field: &str,
        search: Option<String>,
        violations: &mut Violations,
    ) -> Self {
        let search = violations.text(field, search, Self::MAX_SEARCH).unwrap_or_default();
        let folded = text::folded(&search);
        self.patterns = folded.split_whitespace().map(text::contains_pattern).collect();
        self
    }

    /// Keeps only what meets a condition on `fields`, and orders it by some of them; refusals go
    /// to `violations`.
    #[must_use]
    pub fn narrow(
        self,
        fields: &'static [Field],
        filter: Option<String>,
        order_by: Option<String>,
        violations: &mut Violations,
    ) -> Self {
        self.narrow_by(fields, filter, order_by, &|_, text| time::parse(text), violations)
    }

    /// The same, where `clock` says what instant is meant by a time of the clock on the wall.
    #[must_use]
    pub fn narrow_by(
        mut self,
        fields: &'static [Field],
        filter: Option<String>,
        order_by: Option<String>,
        clock: &Clock<'_>,
        violations: &mut Violations,
    ) -> Self {
        if let Some(filter) = violations.text("filter", filter, Self::MAX_FILTER) {
            match Filter::read_by(&filter, fields, clock) {
                Ok(filter) => self.filter = filter,
                Err(message) => violations.rule("filter", message),
            }
        }
        if let Some(order_by) = violations.text("order_by", order_by, Self::MAX_FILTER) {
            match Order::read(&order_by, fields) {
                Ok(order) => self.order = order,
                Err(message) => violations.rule("order_by", message),
            }
        }
        self
    }
}

/// One page of a list, with the total over all pages.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// What was asked for.
    pub request: PageRequest,
    /// Items on all pages.
    pub total: i64,
    /// Items of this page.
    pub items: Vec<T>,
}

impl<T> Page<T> {
    /// How many pages there are.
    #[must_use]
    pub fn pages(&self) -> i32 {
        let size = i64::from(self.request.size);
        i32::try_from((self.total + size - 1) / size).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_pages() {
        let request = PageRequest { number: 3, size: 15 };
        assert_eq!(request.offset(), 30);
        for (total, pages) in [(0, 0), (1, 1), (15, 1), (16, 2), (30, 2)] {
            assert_eq!(Page::<()> { request, total, items: vec![] }.pages(), pages);
        }
    }
}
