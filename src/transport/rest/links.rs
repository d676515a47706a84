//! What a request says of how its answer looks, and where the other parts of a list are.

use std::collections::{HashMap, HashSet};

use super::parameters;

/// The parameters that say which part of a list is asked for.
const PLACES: [&str; 4] = ["page[number]", "page%5Bnumber%5D", "cursor", "after"];

/// What a request says of how its answer looks.
pub(super) struct Shape {
    /// Path and query as sent, for links to other pages.
    path: String,
    query: String,
    /// The members that are asked for, by the type of their resource.
    sparse: HashMap<String, HashSet<String>>,
}

impl Shape {
    pub(super) fn of(path: &str, query: &str) -> Self {
        Self { path: path.to_owned(), query: query.to_owned(), sparse: parameters::sparse(query) }
    }

    pub(super) fn shows(&self, json_type: &str, member: &str) -> bool {
        self.sparse.get(json_type).is_none_or(|members| members.contains(member))
    }

    /// This list at another page.
    fn page(&self, number: u64) -> String {
        self.at(Some(&format!("page%5Bnumber%5D={number}")))
    }

    /// This list after a cursor, or from the first on.
    fn after(&self, cursor: Option<u64>) -> String {
        self.at(cursor.map(|cursor| format!("cursor={cursor}")).as_deref())
    }

    /// This list at another place.
    fn at(&self, place: Option<&str>) -> String {
        let mut link = self.path.clone();
        let mut separator = '?';
        let others = self.query.split('&').filter(|pair| {
            let name = pair.split('=').next().unwrap_or("");
            !pair.is_empty() && !PLACES.contains(&name)
        });
        for pair in others.chain(place) {
            link.push(separator);
            link.push_str(pair);
            separator = '&';
        }
        link
    }

    /// Where in the list its parts are, as JSON:API names them.
    pub(super) fn links(&self, place: &Place) -> [(&'static str, Option<String>); 5] {
        let itself = match &*self.query {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        };
        let [first, prev, next, last] = match *place {
            Place::Page(Page { number, last }) => {
                let end = last.max(1);
                [
                    Some(self.page(1)),
                    (number > 1).then(|| self.page((number - 1).min(end))),
                    (number < last).then(|| self.page(number + 1)),
                    Some(self.page(end)),
                ]
            }
            // A cursor leads on alone: what was before it, it does not know.
            Place::Before(next) => {
                [Some(self.after(None)), None, next.map(|next| self.after(Some(next))), None]
            }
        };
        [("self", Some(itself)), ("first", first), ("prev", prev), ("next", next), ("last", last)]
    }
}

/// Where in a list an answer is.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// At a page of it.
    Page(Page),
    /// Before what comes after this cursor; at the end without one.
    Before(Option<u64>),
}

/// Where in a list a page is.
#[derive(Clone, Copy, Default)]
pub(super) struct Page {
    pub(super) number: u64,
    pub(super) last: u64,
}
