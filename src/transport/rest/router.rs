//! From method and path to a route.

use http::Method;

use super::read::decode;
use crate::catalog::{Segment, Template};

/// A tree of path segments. Literals beat variables; a variable is tried where a literal
/// leads nowhere.
#[derive(Default)]
pub(super) struct Router {
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    literals: Vec<Literal>,
    variable: Option<usize>,
    /// Routes that take the rest of the path from here.
    rest: Vec<(Method, usize)>,
    /// Routes that end here.
    routes: Vec<(Method, usize)>,
    /// A route at or below this node, by whose dialect errors here are told.
    sample: Option<usize>,
}

struct Literal {
    text: Box<str>,
    ignore_case: bool,
    node: usize,
}

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// A route, and the path variables in order, still percent-encoded.
    Route { route: usize, variables: Vec<&'a str> },
    /// A path that is served under other methods only.
    WrongMethod { allowed: Vec<Method>, sample: Option<usize> },
    /// No path of any route; `sample` is a route that shares its beginning.
    Nothing { sample: Option<usize> },
}

/// The route that shares most of a path that leads nowhere.
#[derive(Default)]
struct Sample {
    route: Option<usize>,
    /// How many segments it shares.
    depth: usize,
}

impl Router {
    pub(super) fn new() -> Self {
        Self { nodes: vec![Node::default()] }
    }

    pub(super) fn add(
        &mut self,
        method: &Method,
        template: &Template,
        ignore_case: bool,
        route: usize,
    ) {
        let mut at = 0;
        for segment in &template.segments {
            // The root is shared by all families and speaks for none.
            if at != 0 {
                self.nodes[at].sample.get_or_insert(route);
            }
            at = match segment {
                Segment::Literal(word) => self.literal(at, word, ignore_case),
                Segment::Variable(_) => {
                    let next = self.nodes.len();
                    let variable = *self.nodes[at].variable.get_or_insert(next);
                    if variable == next {
                        self.nodes.push(Node::default());
                    }
                    variable
                }
                Segment::Rest(_) => {
                    self.nodes[at].rest.push((method.clone(), route));
                    return;
                }
            };
        }
        self.nodes[at].sample.get_or_insert(route);
        self.nodes[at].routes.push((method.clone(), route));
    }

    fn literal(&mut self, at: usize, word: &str, ignore_case: bool) -> usize {
        let known = self.nodes[at].literals.iter().find(|literal| {
            literal.ignore_case == ignore_case
                && (*literal.text == *word
                    || (ignore_case && literal.text.eq_ignore_ascii_case(word)))
        });
        if let Some(literal) = known {
            return literal.node;
        }
        let node = self.nodes.len();
        self.nodes.push(Node::default());
        self.nodes[at].literals.push(Literal { text: word.into(), ignore_case, node });
        node
    }

    /// Finds the route of a path as it was sent. A slash at the end is tolerated.
    pub(super) fn find<'a>(&self, method: &Method, path: &'a str) -> Found<'a> {
        let mut sample = Sample::default();
        if let Some(path) = path.strip_prefix('/') {
            let path = path.strip_suffix('/').unwrap_or(path);
            let mut variables = Vec::with_capacity(4);
            if let Some(routes) = self.walk((0, 0), Some(path), &mut variables, &mut sample) {
                // HEAD is GET without the body.
                let method = if *method == Method::HEAD { &Method::GET } else { method };
                return match routes.iter().find(|(known, _)| known == method) {
                    Some(&(_, route)) => Found::Route { route, variables },
                    None => Found::WrongMethod {
                        allowed: routes.iter().map(|(method, _)| method.clone()).collect(),
                        sample: routes.first().map(|(_, route)| *route),
                    },
                };
            }
        }
        Found::Nothing { sample: sample.route }
    }

    fn walk<'a>(
        &self,
        (at, depth): (usize, usize),
        path: Option<&'a str>,
        variables: &mut Vec<&'a str>,
        sample: &mut Sample,
    ) -> Option<&[(Method, usize)]> {
        let node = &self.nodes[at];
        // Words that match in any letter case and those that do not are branches of their own:
        // the one that leads further knows better whose path it is.
        if node.sample.is_some() && (sample.route.is_none() || depth > sample.depth) {
            *sample = Sample { route: node.sample, depth };
        }
        let Some(path) = path else {
            return (!node.routes.is_empty()).then_some(&node.routes);
        };
        let (segment, rest) = match path.split_once('/') {
            Some((segment, rest)) => (segment, Some(rest)),
            None => (path, None),
        };
        if segment.is_empty() {
            return None;
        }
        // A segment whose escapes are broken equals no literal; a variable reports it.
        let decoded = decode(segment, false);
        for literal in &node.literals {
            let equal = decoded.as_deref().is_some_and(|segment| {
                if literal.ignore_case {
                    literal.text.eq_ignore_ascii_case(segment)
                } else {
                    *literal.text == *segment
                }
            });
            if equal
                && let Some(found) = self.walk((literal.node, depth + 1), rest, variables, sample)
            {
                return Some(found);
            }
        }
        if let Some(variable) = node.variable {
            variables.push(segment);
            if let Some(found) = self.walk((variable, depth + 1), rest, variables, sample) {
                return Some(found);
            }
            variables.pop();
        }
        if node.rest.is_empty() {
            return None;
        }
        variables.push(path);
        Some(&node.rest)
    }
}
