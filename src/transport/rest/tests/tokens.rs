//! The tokenizer agrees with serde_json but where it is stricter on purpose.

use proptest::prelude::*;
use serde_json::Value;

use crate::rest::json::{MAX_DEPTH, Tokens, put_string};

fn accepts(text: &str) -> bool {
    let mut tokens = Tokens::new(text);
    tokens.skip().and_then(|()| tokens.end()).is_ok()
}

#[test]
fn refuses_what_is_not_json() {
    for text in [
        "",
        " ",
        "{",
        "[",
        "\"",
        "{]",
        "[}",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "01",
        "+1",
        "1.",
        ".5",
        "1e",
        "1e+",
        "-",
        "- 1",
        "0x1",
        "NaN",
        "Infinity",
        "tru",
        "nulL",
        "True",
        "1 2",
        "{} x",
        "[1 2]",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\ud800x\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"a\nb\"",
        "\"\t\"",
        "\"\\u0000\"",
        "{\"a\":1,\"a\":2}",
        "{\"x\":{\"a\":1,\"\\u0061\":2}}",
        "//",
        "\u{feff}{}",
    ] {
        assert!(!accepts(text), "{text}");
    }
    for text in [
        "null",
        " true ",
        "0",
        "-0",
        "1e5",
        "1E+5",
        "1.5e-3",
        "[]",
        "{}",
        "\"\"",
        "\"é😀\"",
        "\"\\ud83d\\ude00\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "[1,[2,{\"a\":[]}]]",
        "\n[\r\n1\t]",
    ] {
        assert!(accepts(text), "{text}");
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(accepts(&nested(MAX_DEPTH as usize)));
    assert!(!accepts(&nested(MAX_DEPTH as usize + 1)));
    assert!(!accepts(&"[".repeat(1_000_000)));
    assert!(!accepts(&"{\"a\":".repeat(1_000_000)));
}

/// Texts that look like JSON often enough to be interesting.
fn jsonish() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("\""),
        Just("\\"),
        Just("null"),
        Just("true"),
        Just("false"),
        Just("0"),
        Just("-"),
        Just("1.5"),
        Just("e"),
        Just("+"),
        Just(" "),
        Just("\n"),
        Just("\"a\""),
        Just("\"b\":1"),
        Just("\\ud83d"),
        Just("\\ude00"),
        Just("é"),
        Just("\u{1}"),
        Just("."),
        Just("\"\\u0041\""),
    ];
    proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[^\0]*".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map("[^\0]{0,6}", inner, 0..6).prop_map(Value::from_iter),
        ]
    })
}

/// Whether serde_json reads a text, and no rule of ours refuses it.
fn serde_accepts(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_accepts_what_serde_refuses(text in jsonish()) {
        // Numbers that serde finds out of range are in the grammar all the same.
        if accepts(&text) {
            prop_assert!(serde_accepts(&text), "{text}");
        } else if serde_accepts(&text) {
            // Ours refuses more: members given twice, in this alphabet.
            let twice = text.matches("\"a\"").count() + text.matches("\"b\"").count()
                + text.matches("\"\\u0041\"").count();
            prop_assert!(twice > 1, "{text}");
        }
    }

    #[test]
    fn never_panics(text in ".*") {
        _ = accepts(&text);
    }

    #[test]
    fn accepts_what_serde_writes(value in json_value()) {
        prop_assert!(accepts(&value.to_string()));
    }

    #[test]
    fn strings_go_there_and_back(text in "[^\0]*") {
        let mut written = Vec::new();
        put_string(&mut written, text.as_bytes());
        let written = String::from_utf8(written).expect("UTF-8");
        prop_assert_eq!(&serde_json::from_str::<String>(&written).expect("JSON"), &text);
        let mut tokens = Tokens::new(&written);
        prop_assert_eq!(&*tokens.string().expect("a string"), text.as_str());
        let ours = serde_json::to_string(&text).expect("JSON");
        let mut tokens = Tokens::new(&ours);
        prop_assert_eq!(&*tokens.string().expect("a string"), text.as_str());
    }
}
