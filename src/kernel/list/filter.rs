//! Which records are listed.

use super::field::{Field, Kind, Value};
use super::token::{Token, tokens};
use crate::text;
use crate::time::{self, Timestamp};

/// Most comparisons of a filter.
const MOST: usize = 50;

/// Most parentheses and negations within each other.
const DEEPEST: usize = 20;

/// A condition on records. One on a member that a record does not have is not met.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of these are met.
    All(Vec<Filter>),
    /// At least one of these is met.
    Any(Vec<Filter>),
    /// This is not met.
    Not(Box<Filter>),
    /// A field compares so with a value.
    Compare(&'static Field, Operator, Value),
    /// A text matches a LIKE pattern, letter by letter.
    Like(&'static Field, String),
    /// A text, folded, matches a LIKE pattern.
    Contains(&'static Field, String),
    /// One of several texts, folded, is this.
    Has(&'static Field, String),
    /// A whole number is one of these. Only the program asks so: no filter reads as this.
    Among(&'static Field, Vec<i64>),
    /// A record has the member.
    Present(&'static Field),
}

/// How a field compares with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Is the same.
    Equal,
    /// Is another one.
    NotEqual,
    /// Is smaller or earlier.
    Less,
    /// Is not larger or later.
    LessOrEqual,
    /// Is larger or later.
    Greater,
    /// Is not smaller or earlier.
    GreaterOrEqual,
}

impl Filter {
    /// Reads a filter; nothing for an empty one.
    ///
    /// # Errors
    /// A sentence that says what is wrong and where.
    pub fn read(text: &str, fields: &'static [Field]) -> Result<Option<Self>, String> {
        Self::read_by(text, fields, &|_, text| time::parse(text))
    }

    /// Reads a filter in which `clock` says what instant is meant where a time is written by a
    /// clock on the wall.
    ///
    /// # Errors
    /// As [`Filter::read`].
    pub fn read_by(
        text: &str,
        fields: &'static [Field],
        clock: &Clock<'_>,
    ) -> Result<Option<Self>, String> {
        let tokens = tokens(text)
            .map_err(|(place, what)| format!("What begins at character {place} {what}."))?;
        if tokens.is_empty() {
            return Ok(None);
        }
        let mut reader =
            Reader { tokens: &tokens, place: 0, fields, clock, comparisons: 0, depth: 0 };
        let filter = reader.expression()?;
        match reader.tokens.get(reader.place) {
            None => Ok(Some(filter)),
            Some((place, _)) => Err(format!("Character {place} follows after a whole filter.")),
        }
    }
}

/// The instant that is meant by what was written of a field; none when that is no time.
pub type Clock<'a> = dyn Fn(&'static Field, &str) -> Option<Timestamp> + 'a;

struct Reader<'a> {
    tokens: &'a [(usize, Token)],
    place: usize,
    fields: &'static [Field],
    clock: &'a Clock<'a>,
    comparisons: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.place).map(|(_, token)| token)
    }

    fn takes(&mut self, wanted: &Token) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.place += 1;
        }
        found
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.takes(&Token::Word(word.to_owned()))
    }

    /// Where the next word begins, for an error.
    fn here(&self) -> String {
        match self.tokens.get(self.place) {
            Some((place, _)) => format!("at character {place}"),
            None => "at the end".to_owned(),
        }
    }

    /// Factors with AND, or nothing, between them.
    fn expression(&mut self) -> Result<Filter, String> {
        let mut all = vec![self.factor()?];
        loop {
            if self.takes_word("AND") {
                all.push(self.factor()?);
            } else if matches!(self.peek(), None | Some(Token::Close)) {
                break;
            } else {
                all.push(self.factor()?);
            }
        }
        Ok(one_or(all, Filter::All))
    }

    /// Terms with OR between them: OR binds more closely than AND.
    fn factor(&mut self) -> Result<Filter, String> {
        let mut any = vec![self.term()?];
        while self.takes_word("OR") {
            any.push(self.term()?);
        }
        Ok(one_or(any, Filter::Any))
    }

    fn term(&mut self) -> Result<Filter, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("The filter is nested too deeply.".to_owned());
        }
        let filter = if self.takes_word("NOT") || self.takes(&Token::Minus) {
            Filter::Not(Box::new(self.term()?))
        } else if self.takes(&Token::Open) {
            let filter = self.expression()?;
            if !self.takes(&Token::Close) {
                return Err(format!("A parenthesis is not closed {}.", self.here()));
            }
            filter
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn comparison(&mut self) -> Result<Filter, String> {
        self.comparisons += 1;
        if self.comparisons > MOST {
            return Err(format!("A filter holds at most {MOST} comparisons."));
        }
        let here = self.here();
        let path = match self.peek() {
            Some(Token::Word(word)) if !matches!(word.as_str(), "AND" | "OR" | "NOT") => {
                word.clone()
            }
            _ => return Err(format!("A field is missing {here}.")),
        };
        self.place += 1;
        let Some(Token::Comparator(comparator)) = self.peek() else {
            let here = self.here();
            return Err(format!("After {path} a comparison such as = is missing {here}."));
        };
        let comparator = *comparator;
        self.place += 1;
        let (value, quoted) = match self.peek() {
            Some(Token::Word(word)) => (word.clone(), false),
            Some(Token::Quoted(value)) => (value.clone(), true),
            _ => return Err(format!("A value is missing {}.", self.here())),
        };
        self.place += 1;
        let fields = self.fields;
        let field = fields
            .iter()
            .find(|field| field.is_called(&path) && field.filters)
            .ok_or_else(|| format!("The list cannot be filtered by {path}."))?;
        if comparator == ":" {
            return if value == "*" && !quoted {
                Ok(Filter::Present(field))
            } else {
                let folded = || text::folded(&value.replace("\\*", "*"));
                match field.kind {
                    Kind::Text => Ok(Filter::Contains(field, text::contains_pattern(&folded()))),
                    Kind::Texts => Ok(Filter::Has(field, folded())),
                    Kind::Integer
                    | Kind::Decimal
                    | Kind::Boolean
                    | Kind::Time
                    | Kind::Local
                    | Kind::Choice(_)
                    | Kind::Word(_) => self.compare(field, Operator::Equal, &value),
                }
            };
        }
        match (comparator, field.kind) {
            ("=", Kind::Text) => Ok(like_or_equal(field, value)),
            ("!=", Kind::Text) => Ok(Filter::All(vec![
                Filter::Present(field),
                Filter::Not(Box::new(like_or_equal(field, value))),
            ])),
            // Of several, one is the same.
            ("=", Kind::Texts) => Ok(Filter::Has(field, text::folded(&value))),
            ("!=", Kind::Texts) => {
                Ok(Filter::Not(Box::new(Filter::Has(field, text::folded(&value)))))
            }
            (_, Kind::Texts) => Err(format!("{path} holds several; ask for one of them with :.")),
            ("=", _) => self.compare(field, Operator::Equal, &value),
            ("!=", _) => self.compare(field, Operator::NotEqual, &value),
            (_, Kind::Boolean | Kind::Choice(_) | Kind::Word(_)) => {
                Err(format!("{path} has no order; compare it with = or !=."))
            }
            ("<", _) => self.compare(field, Operator::Less, &value),
            ("<=", _) => self.compare(field, Operator::LessOrEqual, &value),
            (">", _) => self.compare(field, Operator::Greater, &value),
            _ => self.compare(field, Operator::GreaterOrEqual, &value),
        }
    }

    fn compare(
        &self,
        field: &'static Field,
        operator: Operator,
        value: &str,
    ) -> Result<Filter, String> {
        let read = if field.kind == Kind::Local {
            (self.clock)(field, value)
                .map(Value::Time)
                .ok_or_else(|| "is not a time such as 2026-03-31T12:00:00".to_owned())
        } else {
            field.kind.read(value)
        };
        let value = read.map_err(|what| {
            let path = field.path;
            format!("The value that {path} is compared with {what}.")
        })?;
        Ok(Filter::Compare(field, operator, value))
    }
}

fn one_or(mut filters: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.len() {
        1 => filters.remove(0),
        _ => many(filters),
    }
}

/// Equality of text, where a star at the beginning or the end stands for anything.
fn like_or_equal(field: &'static Field, value: String) -> Filter {
    let (from, rest) = match value.strip_prefix('*') {
        Some(rest) => ("%", rest),
        None => ("", value.as_str()),
    };
    let (middle, to) = match rest.strip_suffix('*') {
        Some(middle) if !middle.ends_with('\\') => (middle, "%"),
        _ => (rest, ""),
    };
    let middle = middle.replace("\\*", "*");
    if from.is_empty() && to.is_empty() {
        return Filter::Compare(field, Operator::Equal, Value::Text(middle));
    }
    Filter::Like(field, format!("{from}{}{to}", text::escaped_pattern(&middle)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Operator::{Equal, Greater, NotEqual};
    use super::*;

    static FIELDS: [Field; 8] = [
        Field::integer("id", "r.id"),
        Field::text("name", "r.name"),
        Field::boolean("urgent", "r.urgent"),
        Field::time("created", "r.created_at"),
        Field::choice("status", "r.status", &[("OPEN", 1), ("SHUT", 2)]),
        Field::texts("tags", "r.tags"),
        Field::word("state", "r.state", &["new", "old"]),
        Field::integer("rank", "r.rank").only_orders(),
    ];

    fn read(text: &str) -> Result<Option<Filter>, String> {
        Filter::read(text, &FIELDS)
    }

    fn id(operator: Operator, value: i64) -> Filter {
        Filter::Compare(&FIELDS[0], operator, Value::Integer(value))
    }

    #[test]
    fn or_binds_more_closely_than_and() {
        let expected = Filter::All(vec![
            id(Equal, 1),
            Filter::Any(vec![id(Equal, 2), id(Equal, 3)]),
            Filter::Not(Box::new(id(Greater, 4))),
        ]);
        for text in [
            "id = 1 AND id = 2 OR id = 3 AND NOT id > 4",
            "id=1 (id=2 OR id=3) -id>4",
            "((id = 1)) AND (id = 2 OR id = 3) AND -(id > 4)",
        ] {
            assert_eq!(read(text), Ok(Some(expected.clone())), "{text}");
        }
        assert_eq!(read("  "), Ok(None));
    }

    #[test]
    fn members_are_called_as_in_json_too() {
        static FIELDS: [Field; 1] = [Field::integer("unit.post_code_id", "r.x")];
        for (text, is_known) in [
            ("unit.post_code_id = 1", true),
            ("unit.postCodeId = 1", true),
            ("unit.postcodeid = 1", false),
            ("unit.PostCodeId = 1", false),
            ("unit.post_codeId = 1", false),
            ("unit.postCodeI = 1", false),
        ] {
            assert_eq!(Filter::read(text, &FIELDS).is_ok(), is_known, "{text}");
        }
    }

    #[test]
    fn values_are_of_the_field() {
        let status = &FIELDS[4];
        assert_eq!(
            read("status != SHUT"),
            Ok(Some(Filter::Compare(status, NotEqual, Value::Choice(2))))
        );
        assert_eq!(
            read("urgent:true"),
            Ok(Some(Filter::Compare(&FIELDS[2], Equal, Value::Boolean(true))))
        );
        let old = Filter::Compare(&FIELDS[6], Equal, Value::Text("old".to_owned()));
        assert_eq!(read("state = OLD"), Ok(Some(old)));
        let instant = time::parse("2026-03-31T12:00:00Z").expect("a time");
        let after = Filter::Compare(&FIELDS[3], Greater, Value::Time(instant));
        assert_eq!(read("created > 2026-03-31T12:00:00Z"), Ok(Some(after.clone())));
        assert_eq!(read("created > \"2026-03-31T12:00:00Z\""), Ok(Some(after)));
    }

    #[test]
    fn text_may_be_matched_in_part() {
        let name = &FIELDS[1];
        for (text, expected) in [
            ("name = \"Jan\"", Filter::Compare(name, Equal, Value::Text("Jan".to_owned()))),
            ("name = Jan*", Filter::Like(name, "Jan%".to_owned())),
            ("name = \"*50%\"", Filter::Like(name, "%50\\%".to_owned())),
            (r#"name = "a\*""#, Filter::Compare(name, Equal, Value::Text("a*".to_owned()))),
            ("name:Zoë", Filter::Contains(name, "%zoe%".to_owned())),
            ("name:*", Filter::Present(name)),
            ("tags:Zoë", Filter::Has(&FIELDS[5], "zoe".to_owned())),
            ("tags = Zoë", Filter::Has(&FIELDS[5], "zoe".to_owned())),
        ] {
            assert_eq!(read(text), Ok(Some(expected)), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, message) in [
            ("city = 1", "The list cannot be filtered by city."),
            ("id", "After id a comparison such as = is missing at the end."),
            ("id = ", "A value is missing at the end."),
            ("= 3", "A field is missing at character 1."),
            ("(id = 1", "A parenthesis is not closed at the end."),
            ("id = 1)", "Character 7 follows after a whole filter."),
            ("id = x", "The value that id is compared with is not a whole number."),
            ("urgent = yes", "The value that urgent is compared with is neither true nor false."),
            ("urgent > true", "urgent has no order; compare it with = or !=."),
            ("tags > a", "tags holds several; ask for one of them with :."),
            ("status = LOST", "The value that status is compared with is not one of OPEN, SHUT."),
            ("state = lost", "The value that state is compared with is not one of new, old."),
            ("state > new", "state has no order; compare it with = or !=."),
            ("rank = 1", "The list cannot be filtered by rank."),
            ("id = 1 OR", "A field is missing at the end."),
        ] {
            assert_eq!(read(text), Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn has_bounds() {
        let long = vec!["id = 1"; MOST + 1].join(" AND ");
        assert!(read(&long).is_err_and(|message| message.contains("at most 50")));
        let deep = format!("{}id = 1{}", "(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(read(&deep), Err("The filter is nested too deeply.".to_owned()));
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,60}") {
            let _ = read(&text);
        }

        #[test]
        fn never_panics_on_its_own_words(words in proptest::collection::vec(
            prop_oneof![
                Just("id"), Just("name"), Just("="), Just(":"), Just("("), Just(")"), Just("-"),
                Just("NOT"), Just("AND"), Just("OR"), Just("1"), Just("*"), Just("\"a*\""),
            ], 0..20)) {
            let _ = read(&words.join(" "));
        }
    }
}
