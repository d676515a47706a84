//! Query parameters of JSON:API, turned into the fields that gRPC clients set: `page[size]`,
//! `sort`, `filter[...]`, which becomes a filter of AIP-160, and `stats[...]`. `fields[...]` is
//! the answer's business alone.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::read::{Reader, decode};
use super::route::Route;
use super::table::{Kind, Label, Message, MessageId, Output, Tables};

/// Most conditions that one list takes.
const MOST: usize = 50;

/// Reads a query into the message of a route's request.
pub(super) fn read(reader: &mut Reader<'_>, route: &Route, query: &str, out: &mut Vec<u8>) {
    let (id, taken) = (route.input, &route.taken);
    let listed = listed(reader.tables, route.output);
    let mut given = HashSet::new();
    let mut conditions: Vec<String> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let Some(name) = decode(name, true) else { continue };
        let Some(value) = decode(value, true) else {
            reader.refuse_at(name.into_owned(), "is not percent-encoded UTF-8.");
            continue;
        };
        let mut take = |reader: &mut Reader<'_>, field: &str, value: &str| {
            reader.pair(id, field, &name, value, taken, &mut given, out);
        };
        let parts = parts(&name);
        match parts.as_slice() {
            ["page", "number" | "size"] if value.is_empty() => {
                reader.refuse_at(name.to_string(), "is not a whole number.");
            }
            ["page", part @ ("number" | "size")] => {
                take(reader, &format!("page_{part}"), &bounded(&value));
            }
            ["sort"] => take(reader, "order_by", &order(&value, listed)),
            ["stats", member] => {
                for what in value.split(',') {
                    take(reader, "stats", &format!("{member}.{what}"));
                }
            }
            ["fields", json_type] => {
                if let Some(problem) = unknown_member(reader.tables, json_type, &value) {
                    reader.refuse_at(name.to_string(), &problem);
                }
            }
            // A condition that is a field of the request is more than a comparison.
            ["filter", member] if is_own(reader.tables, id, member) => {
                for one in alternatives(reader.tables, id, member, &value) {
                    take(reader, member, one);
                }
            }
            ["filter", member, rest @ ..] if rest.len() <= 1 && conditions.len() < MOST => {
                let operator = rest.first().copied().unwrap_or("");
                match condition(&in_contract(member, listed), operator, &value) {
                    Some(condition) => conditions.push(condition),
                    None => reader.refuse_at(name.to_string(), "has no such comparison."),
                }
            }
            [plain] => {
                for one in alternatives(reader.tables, id, plain, &value) {
                    take(reader, plain, one);
                }
            }
            _ => reader.refuse_unknown(name.to_string()),
        }
    }
    if !conditions.is_empty() {
        let filter = conditions.join(" AND ");
        reader.pair(id, "filter", "filter", &filter, taken, &mut given, out);
    }
}

/// A number of a page as the contract has it. One beyond that is past the end of every list, and
/// no mistake.
fn bounded(value: &str) -> Cow<'_, str> {
    let is_whole = value.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole && value.parse::<i32>().is_err() {
        i32::MAX.to_string().into()
    } else {
        value.into()
    }
}

/// The members that are asked for, by the type of their resource.
pub(super) fn sparse(query: &str) -> HashMap<String, HashSet<String>> {
    let mut sparse: HashMap<String, HashSet<String>> = HashMap::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (decode(name, true), decode(value, true)) else { continue };
        if let ["fields", json_type] = parts(&name).as_slice() {
            let members = value.split(',').map(str::to_owned);
            sparse.entry((*json_type).to_owned()).or_default().extend(members);
        }
    }
    sparse
}

/// `filter[start_at][gte]` -> `filter`, `start_at`, `gte`.
fn parts(name: &str) -> Vec<&str> {
    let mut parts = Vec::with_capacity(3);
    let (base, mut rest) = match name.find('[') {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    parts.push(base);
    while let Some((part, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        parts.push(part);
        rest = after;
    }
    if rest.is_empty() { parts } else { vec![name] }
}

/// The message of the resources that an RPC lists.
fn listed(tables: &Tables, output: Output) -> Option<&Message> {
    let Output::Message(id) = output else { return None };
    tables.messages[id].fields.iter().find_map(|field| match (field.kind, field.label) {
        (Kind::Message(id), Label::List { .. }) => Some(&tables.messages[id]),
        _ => None,
    })
}

/// What the contract calls a member that documents may call otherwise.
fn in_contract<'a>(member: &'a str, listed: Option<&'a Message>) -> Cow<'a, str> {
    let first = member.split('.').next().unwrap_or(member);
    let field = listed.and_then(|message| message.fields.iter().find(|one| *one.name == *first));
    match field {
        Some(field) if *field.proto_name != *first => {
            Cow::Owned(format!("{}{}", field.proto_name, &member[first.len()..]))
        }
        _ => Cow::Borrowed(member),
    }
}

/// Whether a member is a field of the request.
fn is_own(tables: &Tables, id: MessageId, member: &str) -> bool {
    tables.messages[id].by_name(member, usize::MAX).is_some()
}

/// What a field of the request is given: any of several values, parted by commas, where it is a
/// list.
fn alternatives<'v>(tables: &Tables, id: MessageId, member: &str, value: &'v str) -> Vec<&'v str> {
    let message = &tables.messages[id];
    let field = message.by_name(member, usize::MAX).map(|index| &message.fields[index]);
    if field.is_some_and(|field| matches!(field.label, Label::List { .. })) {
        value.split(',').collect()
    } else {
        vec![value]
    }
}

/// `-start_at,internal_id` -> `start_at desc,internal_id`.
fn order(sort: &str, listed: Option<&Message>) -> String {
    let fields: Vec<String> = sort
        .split(',')
        .map(|field| match field.trim().strip_prefix('-') {
            Some(field) => format!("{} desc", in_contract(field, listed)),
            None => in_contract(field.trim(), listed).into_owned(),
        })
        .collect();
    fields.join(",")
}

/// The condition of a query, as `filter[total][gte]`, that a sentence about its filter speaks of:
/// the only one, or the one whose member the sentence names.
pub(super) fn condition_of(query: &str, sentence: &str) -> Option<Cow<'static, str>> {
    let names = query.split('&').filter_map(|pair| decode(pair.split('=').next()?, true));
    let conditions: Vec<String> = names
        .map(Cow::into_owned)
        .filter(|name| matches!(parts(name).as_slice(), ["filter", _, ..]))
        .collect();
    let is_within = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.');
    let words = |member: &str| {
        let mut words = sentence.split(|letter| !is_within(letter));
        words.any(|word| word.trim_end_matches('.') == member)
    };
    let mut meant =
        conditions.iter().filter(|name| parts(name).get(1).is_some_and(|one| words(one)));
    let found = if conditions.len() == 1 { conditions.first() } else { meant.next() };
    found.cloned().map(Cow::Owned)
}

/// A comparison as AIP-160 has it; none for an operator that there is not.
fn condition(member: &str, operator: &str, value: &str) -> Option<String> {
    // Whatever is no path is refused, with its text, by whoever reads the filter.
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    if member.is_empty() || !member.bytes().all(known) {
        return None;
    }
    let each = |sign: &str, joint: &str| {
        let all: Vec<String> =
            value.split(',').map(|one| format!("{member} {sign} {}", quoted(one))).collect();
        format!("({})", all.join(joint))
    };
    Some(match operator {
        "" if value == "null" => format!("NOT {member}:*"),
        "" => each("=", " OR "),
        "not" if value == "null" => format!("{member}:*"),
        "not" => each("!=", " AND "),
        "gte" => format!("{member} >= {}", quoted(value)),
        "gt" => format!("{member} > {}", quoted(value)),
        "lte" => format!("{member} <= {}", quoted(value)),
        "lt" => format!("{member} < {}", quoted(value)),
        "prefix" => format!("{member} = {}", quoted(&format!("{}*", value.replace('*', "\\*")))),
        "match" => format!("{member}:{}", quoted(value)),
        "null" if value == "true" => format!("NOT {member}:*"),
        "null" if value == "false" => format!("{member}:*"),
        _ => return None,
    })
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What of `fields[type]` there is not.
fn unknown_member(tables: &Tables, json_type: &str, members: &str) -> Option<String> {
    let of_type = || {
        let same = move |message: &&Message| message.json_type.as_deref() == Some(json_type);
        tables.messages.iter().filter(same)
    };
    if of_type().next().is_none() {
        return Some("names a type that there is not.".to_owned());
    }
    members
        .split(',')
        .find(|member| {
            !member.is_empty()
                && !of_type().any(|one| one.fields.iter().any(|field| *field.name == **member))
        })
        .map(|member| format!("names {member}, which {json_type} does not have."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_parts() {
        assert_eq!(parts("page[number]"), ["page", "number"]);
        assert_eq!(parts("filter[start_at][gte]"), ["filter", "start_at", "gte"]);
        assert_eq!(parts("q"), ["q"]);
        assert_eq!(parts("filter[a"), ["filter[a"]);
        assert_eq!(parts("filter[a]b"), ["filter[a]b"]);
    }

    #[test]
    fn comparisons_become_filters() {
        for (member, operator, value, expected) in [
            ("status", "", "reserved,ongoing", "(status = \"reserved\" OR status = \"ongoing\")"),
            ("status", "not", "a,b", "(status != \"a\" AND status != \"b\")"),
            ("total", "gte", "100", "total >= \"100\""),
            ("name", "prefix", "a*b", "name = \"a\\\\*b*\""),
            ("name", "match", "say \"hi\"", "name:\"say \\\"hi\\\"\""),
            ("parent_id", "", "null", "NOT parent_id:*"),
            ("parent_id", "null", "false", "parent_id:*"),
        ] {
            let made = condition(member, operator, value);
            assert_eq!(made.as_deref(), Some(expected), "{member} {operator} {value}");
        }
        assert_eq!(condition("total", "like", "1"), None);
        assert_eq!(condition("a OR b", "", "1"), None);
    }

    #[test]
    fn a_sentence_is_of_one_condition() {
        let two = "page[size]=5&filter%5Btotal%5D%5Bgte%5D=x&filter[status]=y";
        for (query, sentence, expected) in [
            ("q=a&filter[a][not]=1", "The filter is wrong.", Some("filter[a][not]")),
            (
                two,
                "The value that total is compared with is no number.",
                Some("filter[total][gte]"),
            ),
            (two, "The list cannot be filtered by status.", Some("filter[status]")),
            (two, "A filter holds at most 50 comparisons.", None),
            ("q=a", "The list cannot be filtered by q.", None),
        ] {
            assert_eq!(condition_of(query, sentence).as_deref(), expected, "{query} {sentence}");
        }
    }

    #[test]
    fn sorting_is_turned_around() {
        assert_eq!(order("-start_at,internal_id", None), "start_at desc,internal_id");
    }
}
