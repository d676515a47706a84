//! The documented operations: each is sent as its example says, and its answer compared with
//! the documented members and types.

mod preparation;
mod served;
mod shape;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use self::preparation::{Call, World};
use self::shape::Shape;
use crate::support::{self, Tenant, http};

/// One documented operation.
#[derive(Debug, Deserialize)]
pub struct Operation {
    pub method: String,
    pub path: String,
    #[serde(default)]
    pub query: Vec<Field>,
    pub request_example: Option<Value>,
    pub response_example: Option<Value>,
    #[serde(default)]
    pub response_fields: Vec<Field>,
}

/// A documented member: `items[index].address.city`.
#[derive(Debug, Deserialize)]
pub struct Field {
    pub field: String,
    #[serde(rename = "type")]
    pub kind: String,
}

static OPERATIONS: LazyLock<Vec<Operation>> =
    LazyLock::new(|| serde_json::from_str(include_str!("facilities.json")).expect("operations"));

/// Resource, method and path of every documented route.
fn routes() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    include_str!("routes.tsv").lines().skip(1).map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        (columns[1], columns[2], columns[3])
    })
}

/// A path in which parameters have no names and words no case.
fn normalised(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "{}".into() } else { part.to_lowercase() };
    path.split('/').map(part).collect::<Vec<String>>().join("/")
}

fn operation(method: &str, path: &str) -> &'static Operation {
    OPERATIONS
        .iter()
        .find(|known| known.method == method && normalised(&known.path) == normalised(path))
        .unwrap_or_else(|| panic!("no operation {method} {path}"))
}

/// How literal words of a path are spelt.
#[derive(Debug, Clone, Copy)]
enum Spelling {
    Documented,
    Lower,
    Upper,
}

impl Spelling {
    fn of(self, path: &str) -> String {
        match self {
            Self::Documented => path.to_owned(),
            Self::Lower => path.to_ascii_lowercase(),
            Self::Upper => path.to_ascii_uppercase(),
        }
    }
}

/// Sends every operation of a resource in every spelling.
fn documented(resource: &str) {
    let spellings = [Spelling::Documented, Spelling::Lower, Spelling::Upper];
    for spelling in spellings {
        support::with_tenant(async |tenant| {
            let world = World::build(&tenant).await;
            let mut sent = 0;
            for (_, method, path) in routes().filter(|route| route.0 == resource) {
                let operation = operation(method, path);
                let call = world.prepare(&tenant, operation);
                check(&tenant, operation, spelling, call).await;
                sent += 1;
            }
            assert!(sent > 0, "no operation of {resource}");
        });
    }
}

async fn check(tenant: &Tenant, operation: &Operation, spelling: Spelling, call: Call) {
    let Call { path, query, form, body, status, expected, excused } = call;
    let path = spelling.of(&path);
    let mut request = tenant.request(&operation.method, &path).query(&query);
    if let Some(body) = &body {
        request = if form { request.form(body) } else { request.json(body) };
    }
    let answer = http::send(request).await.is(status);
    let asked = answer.asked.clone();

    let location = answer.header("location").to_owned();
    assert_eq!(location.is_empty(), status != 201, "{asked}: {location:?}");
    if status == 204 {
        assert_eq!(answer.text, "", "{asked}");
        assert_eq!(answer.header("content-type"), "", "{asked}");
        return;
    }
    assert_eq!(answer.header("content-type"), "application/json", "{asked}");
    let body = answer.json();
    let example = operation.response_example.as_ref().expect("an example of the answer");
    let shape = Shape::of(example, &operation.response_fields);
    let complaints = shape.check(&body, &excused);
    assert!(complaints.is_empty(), "{asked}: {complaints:#?}\n{body:#}");
    let differences = shape::differences(&expected, &body);
    assert!(differences.is_empty(), "{asked}: {differences:#?}\n{body:#}");
    if status == 201 {
        let created = tenant.get(&location).await.is(200).json();
        assert_eq!(created, body, "{asked}: {location}");
    }
}

macro_rules! resources {
    ($($test:ident: $resource:literal,)*) => {
        /// Every resource that a test below covers.
        const RESOURCES: &[&str] = &[$($resource),*];
        $(#[test] fn $test() { documented($resource); })*
    };
}

resources! {
    authorization: "Authorization",
    country_codes: "Country Codes",
    owners: "Owner",
    owner_companies: "Owner Company",
    managers: "Property Manager",
    property_types: "Property Type",
    property_unit_types: "Property Unit Type",
    properties: "Property",
    property_units: "Property Unit",
    service_providers: "Service Provider",
    property_users: "Property User",
    issues: "Issue",
}

#[test]
fn every_operation_is_covered() {
    let covered: BTreeSet<_> = routes()
        .filter(|(resource, ..)| RESOURCES.contains(resource))
        .map(|(_, method, path)| (method.to_owned(), normalised(path)))
        .collect();
    let documented: BTreeSet<_> =
        OPERATIONS.iter().map(|known| (known.method.clone(), normalised(&known.path))).collect();
    assert_eq!(documented.len(), 48);
    assert_eq!(covered, documented);
}

#[test]
fn the_program_lists_every_documented_route() {
    let output = support::process::run(&["routes"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let listed: BTreeSet<_> = output
        .stdout
        .lines()
        .map(|line| {
            let route: Value = serde_json::from_str(line).expect("an object a line");
            let text = |name: &str| route[name].as_str().expect("text").to_owned();
            assert!(!text("family").is_empty(), "{line}");
            assert!(text("rpc").starts_with("steward."), "{line}");
            (text("method"), normalised(&text("path")))
        })
        .collect();
    for (_, method, path) in routes() {
        assert!(listed.contains(&(method.to_owned(), normalised(path))), "{method} {path}");
    }
}
