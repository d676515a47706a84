//! Every RPC has a test of what it does, which the files of tests say by `//! Covers:`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::contract::{package, rpcs};

/// RPCs that have no behaviour test. Shrinks only: a new RPC comes with its test.
const UNCOVERED: &str = include_str!("uncovered.txt");
/// How many lines the list had when it was last cut.
const MOST_UNCOVERED: usize = 0;

/// What the files of tests say they cover, by family: each RPC as `family/Method`.
fn covered() -> BTreeSet<String> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let packages: BTreeSet<String> =
        rpcs().iter().map(|rpc| package(rpc.parent_service().full_name()).to_owned()).collect();
    let mut covered = BTreeSet::new();
    for package in packages {
        // A family without a folder has no tests at all.
        let Ok(folder) = fs::read_dir(tests.join(&package)) else { continue };
        for file in folder.flatten() {
            let source = fs::read_to_string(file.path()).expect("a file of tests");
            let lists = source.lines().filter_map(|line| line.strip_prefix("//! Covers: "));
            for method in lists.flat_map(|list| list.split(", ")) {
                covered.insert(format!("{package}/{}", method.trim_end_matches(['.', ','])));
            }
        }
    }
    covered
}

#[test]
fn every_rpc_has_a_behaviour_test() {
    let covered = covered();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for rpc in rpcs() {
        let family = package(rpc.parent_service().full_name()).to_owned();
        *known.entry(format!("{family}/{}", rpc.name())).or_default() += 1;
    }
    let twice: Vec<_> = known.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "two RPCs of a family have one name: {twice:?}");
    let unknown: Vec<_> = covered.iter().filter(|rpc| !known.contains_key(*rpc)).collect();
    assert!(unknown.is_empty(), "there are no such RPCs: {unknown:?}");
    let listed: BTreeSet<String> =
        UNCOVERED.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    assert_eq!(listed.len(), MOST_UNCOVERED, "both shrink, and only shrink");
    let uncovered: BTreeSet<String> =
        known.into_keys().filter(|rpc| !covered.contains(rpc)).collect();
    assert_eq!(uncovered, listed);
}
