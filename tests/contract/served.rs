//! The documented routes of the families that are still being built: those that are served
//! answer, and what is not served yet is written down.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::normalised;
use crate::support::{Server, http, process, run};

/// A family, its documented routes, those that are not served yet, and how many of these there
/// were when the list was last cut.
const FAMILIES: [(&str, &str, &str, usize); 2] = [
    ("rentals", include_str!("rentals.tsv"), include_str!("rentals_unserved.txt"), RENTALS),
    ("cleaning", include_str!("cleaning.tsv"), include_str!("cleaning_unserved.txt"), CLEANING),
];

/// Both only shrink.
const RENTALS: usize = 79;
const CLEANING: usize = 134;

type Route = (String, String);

fn route(method: &str, path: &str) -> Route {
    (method.to_owned(), normalised(path))
}

/// Every route of the program, of a family.
fn offered(family: &str) -> BTreeSet<Route> {
    let output = process::run(&["routes"]);
    let mut offered = BTreeSet::new();
    for line in output.stdout.lines() {
        let known: Value = serde_json::from_str(line).expect("an object a line");
        let text = |name: &str| known[name].as_str().expect("text");
        if text("family") == family {
            offered.insert(route(text("method"), text("path")));
        }
    }
    offered
}

fn documented(table: &str) -> Vec<(&str, &str)> {
    let rows = table.lines().skip(1).map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        (columns[1], columns[2])
    });
    rows.collect()
}

#[test]
fn every_documented_route_is_served_or_listed() {
    for (family, table, unserved, most) in FAMILIES {
        let offered = offered(family);
        let lines = unserved.lines().filter(|line| !line.starts_with('#'));
        let listed: BTreeSet<Route> = lines
            .map(|line| line.split_once(' ').expect("a method and a path"))
            .map(|(method, path)| route(method, path))
            .collect();
        let missing: BTreeSet<Route> = documented(table)
            .into_iter()
            .map(|(method, path)| route(method, path))
            .filter(|known| !offered.contains(known))
            .collect();
        let served: Vec<_> = listed.difference(&missing).collect();
        assert!(served.is_empty(), "{family}: take off the list what is served: {served:?}");
        let lost: Vec<_> = missing.difference(&listed).collect();
        assert!(lost.is_empty(), "{family}: documented, but not served: {lost:?}");
        assert!(
            listed.len() <= most,
            "{family}: {} of {most}, the list only shrinks",
            listed.len()
        );
    }
}

#[test]
fn every_documented_route_that_is_served_answers() {
    run(async {
        let server = Server::shared().await;
        let mut sent = 0;
        for (family, table, ..) in FAMILIES {
            let offered = offered(family);
            let served = documented(table)
                .into_iter()
                .filter(|(method, path)| offered.contains(&route(method, path)));
            let calls = served.map(async |(method, path)| {
                let part =
                    |part: &str| if part.starts_with('{') { "1".into() } else { part.to_owned() };
                let path: Vec<String> = path.split('/').map(part).collect();
                let request = http::request(method, &format!("{}{}", server.base, path.join("/")));
                let has_body = ["POST", "PUT", "PATCH"].contains(&method);
                let answer =
                    http::send(if has_body { request.json(&json!({})) } else { request }).await;
                // Whoever has no token is told so, unless none is needed; a path that leads
                // nowhere would be another 404 than that of a record, another method 405.
                let answered = matches!(answer.status, 200..=204 | 400 | 401 | 403 | 410 | 422)
                    || answer.status == 404 && answer.text.contains("with id 1 not found");
                assert!(answered, "{}: {} {}", answer.asked, answer.status, answer.text);
            });
            sent += join_all(calls).await.len();
        }
        assert!(sent >= 10, "{sent}");
    });
}
