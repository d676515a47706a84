//! What holds for whatever clients send, checked by panicking: for fuzzers, which run it for as
//! long as one likes (`tests/fuzz`), and for tests, which run the inputs that are kept there and
//! some at random.

use std::sync::LazyLock;

use http::Method;
use prost_reflect::{DynamicMessage, MessageDescriptor};
use steward_kernel::time;

use super::dialect::{self, Dialect};
use super::read::{Reader, decode};
use super::router::{Found, Router};
use super::table::{Compiler, MessageId, Tables};
use super::write::Writer;
use crate::catalog::{self, Catalog, Template};

struct Message {
    id: MessageId,
    descriptor: MessageDescriptor,
    dialect: &'static Dialect,
}

struct Contract {
    router: Router,
    templates: Vec<Template>,
    tables: Tables,
    messages: Vec<Message>,
}

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let catalog = Catalog::load().expect("the contract is whole");
    let mut router = Router::new();
    let mut templates = Vec::new();
    let mut messages = Vec::new();
    let mut compiler = Compiler::new(&catalog);
    for rpc in catalog.faces() {
        let dialect = dialect::of(rpc.dialect);
        for binding in &rpc.bindings {
            let ignore_case = dialect.ignore_case_of_paths;
            router.add(&binding.method, &binding.template, ignore_case, templates.len());
            templates.push(binding.template.clone());
        }
        for descriptor in [&rpc.input, &rpc.output] {
            let descriptor = descriptor.clone();
            if descriptor.full_name().starts_with("steward.") {
                let id = compiler.message(&descriptor, rpc.family, dialect).expect("it has JSON");
                messages.push(Message { id, descriptor, dialect });
            }
        }
    }
    let tables = compiler.tables;
    Contract { router, templates, tables, messages }
});

/// The message that the first character stands for, and the rest of the text.
fn message(text: &str) -> Option<(&'static Message, &str)> {
    let first = text.chars().next()?;
    let messages = &CONTRACT.messages;
    let message = &messages[usize::try_from(u32::from(first)).ok()? % messages.len()];
    Some((message, &text[first.len_utf8()..]))
}

/// A path leads to a route with as many variables as its template has, or to none; one that is
/// a template is read or refused.
pub fn path(text: &str) {
    for method in [Method::GET, Method::PUT, Method::POST, Method::DELETE, Method::PATCH] {
        if let Found::Route { route, variables } = CONTRACT.router.find(&method, text) {
            assert_eq!(variables.len(), CONTRACT.templates[route].variables().count());
            for variable in variables {
                _ = decode(variable, false);
            }
        }
    }
    let input = &CONTRACT.messages[0].descriptor;
    if let Ok(template) = Template::parse(text, input, catalog::Dialect::Facilities) {
        let documented = template.documented();
        assert!(
            Template::parse(&documented, input, catalog::Dialect::Facilities).is_ok(),
            "{documented}"
        );
    }
}

/// A query makes a message or is refused; what it makes is a message.
pub fn query(text: &str) {
    let Some((message, text)) = message(text) else { return };
    let mut reader = Reader::new(&CONTRACT.tables, message.dialect, false);
    let mut wire = Vec::new();
    reader.pairs(message.id, text, &[], &mut wire);
    if reader.refused.is_empty() {
        DynamicMessage::decode(message.descriptor.clone(), &*wire).expect("a message");
    }
}

/// A body makes a message or is refused; what it makes is a message, which is written as JSON
/// that makes the same JSON again.
pub fn json(text: &str) {
    let Some((message, text)) = message(text) else { return };
    let Some(wire) = read(message, text) else { return };
    DynamicMessage::decode(message.descriptor.clone(), &*wire).expect("a message");
    let written = write(message, &wire);
    serde_json::from_str::<serde_json::Value>(&written).expect("JSON");
    if let Some(again) = read(message, &written) {
        assert_eq!(write(message, &again), written);
    }
}

fn read(message: &Message, text: &str) -> Option<Vec<u8>> {
    let mut reader = Reader::new(&CONTRACT.tables, message.dialect, false);
    let mut wire = Vec::new();
    let read = reader.json_message(message.id, text, &mut wire).is_ok();
    (read && reader.refused.is_empty()).then_some(wire)
}

fn write(message: &Message, wire: &[u8]) -> String {
    let mut writer = Writer::new(&CONTRACT.tables, message.dialect, Vec::new());
    writer.message(message.id, wire).expect("what was read can be written");
    String::from_utf8(writer.out).expect("UTF-8")
}

/// A text is an instant or none, in every dialect; what is written of an instant is read as one
/// of which the same is written.
pub fn instant(text: &str) {
    _ = time::parse(text);
    for Message { dialect, .. } in &CONTRACT.messages {
        let Some(instant) = (dialect.read_time)(text) else { continue };
        let write = |instant| {
            let mut written = Vec::new();
            (dialect.write_time)(&mut written, instant);
            String::from_utf8(written).expect("UTF-8")
        };
        let written = write(instant);
        let again = (dialect.read_time)(&written).expect("what is written can be read");
        assert_eq!(write(again), written, "{text}");
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    /// Runs the inputs that are kept for a target; how many there are.
    fn replay(target: &str, check: fn(&str)) {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus");
        let mut inputs = 0;
        for entry in std::fs::read_dir(kept.join(target)).expect("a corpus") {
            let input = std::fs::read(entry.expect("an input").path()).expect("an input");
            check(&String::from_utf8_lossy(&input));
            inputs += 1;
        }
        assert!(inputs >= 5, "{target}: {inputs} inputs");
    }

    #[test]
    fn inputs_that_are_kept_do_no_harm() {
        replay("path", super::path);
        replay("query", super::query);
        replay("json", super::json);
        replay("instant", super::instant);
    }

    /// Texts that look like what the reader takes, but for some characters.
    fn resembling(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            8 => proptest::sample::select(pieces).prop_map(str::to_owned),
            1 => ".{0,3}",
        ];
        proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    const JSON: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\"id\"",
        "\"name\"",
        "\"email\"",
        "\"address\"",
        "\"filter\"",
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1e400",
        "12.50",
        "9223372036854775808",
        "\"2026-03-31T12:00:00Z\"",
        "\\u0000",
        "\\ud800",
        "\\n",
        " ",
        "\u{fffd}",
    ];
    const QUERY: &[&str] = &[
        "&",
        "=",
        "%",
        "%00",
        "%ff",
        "+",
        "pageNo",
        "pageSize",
        "searchParameter",
        "filter",
        "ids",
        "ids[]",
        ".",
        "email",
        "1",
        "-1",
        "99999999999999999999",
        "true",
        "2026-03-31",
    ];
    const PATH: &[&str] = &[
        "/",
        "/api",
        "/public",
        "/Owners",
        "/1",
        "/%2f",
        "/..",
        "/companies",
        "/{id}",
        "/{id=**}",
        "/get-by-email",
        "/issues",
        "//",
        "%",
        "?",
        "#",
        ":",
        "/batch-get",
    ];
    const INSTANT: &[&str] = &[
        "2026",
        "-",
        "03",
        "31",
        "12",
        ".",
        "T",
        "t",
        ":",
        "00",
        "59",
        "60",
        "Z",
        "+02:00",
        "-23:59",
        ".123456789",
        "0000",
        "9999",
        "1001",
        " ",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_path_does_harm(text in resembling(PATH)) {
            super::path(&text);
        }

        #[test]
        fn no_query_does_harm(message in any::<char>(), text in resembling(QUERY)) {
            super::query(&format!("{message}{text}"));
        }

        #[test]
        fn no_body_does_harm(message in any::<char>(), text in resembling(JSON)) {
            super::json(&format!("{message}{text}"));
        }

        #[test]
        fn no_time_does_harm(text in resembling(INSTANT)) {
            super::instant(&text);
        }
    }
}
