//! The list of calling codes.
//!
//! Covers: ListCountryCodes.

use std::collections::BTreeSet;

use crate::support::{Tenant, with_tenant};

#[test]
fn the_list_is_complete_and_the_same_for_all() {
    with_tenant(async |t| {
        let list = t.get("/api/public/country-codes").await.is(200).json();
        let items = list.as_array().expect("a list");
        let text = |index: usize, name: &str| items[index][name].as_str().expect("text").to_owned();
        let codes: BTreeSet<_> = (0..items.len()).map(|index| text(index, "code")).collect();
        let countries: BTreeSet<_> = (0..items.len()).map(|index| text(index, "country")).collect();
        let ids: BTreeSet<_> =
            items.iter().map(|item| item["id"].as_i64().expect("an id")).collect();
        assert_eq!(ids.len(), items.len(), "ids are unique");
        assert!(ids.first().is_some_and(|id| *id > 0));
        // All 249 ISO 3166 territories but those without a calling code of their own.
        assert!(countries.len() >= 235, "{}", countries.len());
        for code in ["1", "7", "31", "32", "33", "38", "49", "93", "380", "850", "886", "998"] {
            // 38 is of no country any more, though an example holds it.
            assert_eq!(codes.contains(code), code != "38", "{code}");
        }
        assert!(!codes.contains("25"));
        assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_digit())));
        for country in ["Netherlands", "France", "Germany", "Kosovo"] {
            let known = countries.iter().any(|name| name.contains(country));
            assert!(known || country == "Kosovo", "{country}");
        }
        let other = Tenant::fresh().await.get("/api/public/country-codes").await.is(200).json();
        assert_eq!(list, other);
    });
}

#[test]
fn codes_are_filtered_and_ordered_as_every_list_is() {
    with_tenant(async |t| {
        let found = async |query: &[(&str, &str)]| -> Vec<String> {
            let list = t.find("/api/public/country-codes", query).await.is(200).json();
            let entries = list.as_array().expect("a list");
            entries.iter().map(|one| one["country"].as_str().expect("text").to_owned()).collect()
        };
        assert_eq!(found(&[("filter", "code = 31")]).await, ["Netherlands"]);
        assert_eq!(found(&[("filter", "country:aland AND code:35")]).await, ["Åland Islands"]);
        let nordic = [("filter", "code = 45 OR code = 46 OR code = 47"), ("orderBy", "code desc")];
        let nordic = found(&nordic).await;
        assert_eq!(nordic.first().map(String::as_str), Some("Norway"));
        assert_eq!(nordic.last().map(String::as_str), Some("Denmark"));
        let ivory = found(&[("filter", "country:\"d'Ivoire\"")]).await;
        assert_eq!(ivory.len(), 1, "{ivory:?}");
        let query = [("filter", "secret = 1"), ("orderBy", "secret")];
        let refused = t.find("/api/public/country-codes", &query).await;
        assert_eq!(refused.refused(400, "bad-request"), ["filter", "orderBy"]);
    });
}
