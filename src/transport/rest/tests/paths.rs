//! The router against a plain search over all templates, and percent-decoding.

use std::sync::LazyLock;

use http::Method;
use proptest::prelude::*;

use crate::catalog::{Catalog, Rpc, Segment, Template};
use crate::rest::read::decode;
use crate::rest::router::{Found, Router};

static CONTRACT: LazyLock<(Router, Vec<(Method, Template)>)> = LazyLock::new(|| {
    let catalog = Catalog::load().expect("the contract is whole");
    let bindings = catalog.faces().flat_map(|rpc: &Rpc| rpc.bindings.clone());
    let mut router = Router::new();
    let mut routes = Vec::new();
    for binding in bindings {
        router.add(&binding.method, &binding.template, true, routes.len());
        routes.push((binding.method, binding.template));
    }
    (router, routes)
});

/// How a template matches the segments of a path: none, or the literals from left to right,
/// which is what a better match has more of, earlier.
fn matches(template: &Template, words: &[&str]) -> Option<Vec<bool>> {
    let same = template.segments.len() == words.len();
    let each = template.segments.iter().zip(words).map(|(segment, word)| match segment {
        Segment::Literal(literal) => literal.eq_ignore_ascii_case(word).then_some(true),
        Segment::Variable(_) | Segment::Rest(_) => (!word.is_empty()).then_some(false),
    });
    each.collect::<Option<Vec<_>>>().filter(|_| same)
}

fn path() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("api"),
        Just("PUBLIC"),
        Just("Owners"),
        Just("managers"),
        Just("manager"),
        Just("get-by-email"),
        Just("PropertyUnit"),
        Just("assign-property-user"),
        Just("companies"),
        Just("1"),
        Just("x%20y"),
        Just(""),
        Just("property-categorization"),
        Just("unit"),
    ];
    proptest::collection::vec(word, 0..4)
        .prop_map(|words| format!("/api/public/{}", words.join("/")))
}

fn method() -> impl Strategy<Value = Method> {
    prop_oneof![Just(Method::GET), Just(Method::PUT), Just(Method::POST), Just(Method::DELETE)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn finds_what_a_plain_search_finds(method in method(), path in path()) {
        let (router, routes) = &*CONTRACT;
        let trimmed = path[1..].strip_suffix('/').unwrap_or(&path[1..]);
        let words: Vec<_> = trimmed.split('/').collect();
        let best = routes.iter().filter_map(|(_, template)| matches(template, &words)).max();
        let mine = |(_, template): &&(Method, Template)| matches(template, &words) == best;
        match router.find(&method, &path) {
            Found::Nothing { .. } => prop_assert!(best.is_none(), "{path}"),
            Found::WrongMethod { allowed, .. } => {
                prop_assert!(best.is_some() && !allowed.contains(&method));
                prop_assert_eq!(allowed.len(), routes.iter().filter(mine).count());
            }
            Found::Route { route, variables } => {
                let (known, template) = &routes[route];
                prop_assert_eq!(known, &method);
                prop_assert_eq!(matches(template, &words), best);
                prop_assert_eq!(variables.len(), template.variables().count());
            }
        }
    }

    #[test]
    fn routing_never_panics(path in ".*") {
        let (router, _) = &*CONTRACT;
        _ = router.find(&Method::GET, &path);
    }

    #[test]
    fn decoding_undoes_encoding(text in ".*") {
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let decoded = decode(&encoded, false);
        prop_assert_eq!(decoded.as_deref(), Some(text.as_str()));
    }
}

#[test]
fn decoding_is_strict() {
    for text in ["%", "%1", "%g1", "%ff", "%c3", "%c3%28", "%ed%a0%80", "a%"] {
        assert_eq!(decode(text, false), None, "{text}");
    }
    assert_eq!(decode("a+b", true).as_deref(), Some("a b"));
    assert_eq!(decode("a+b", false).as_deref(), Some("a+b"));
}
