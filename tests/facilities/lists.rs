//! What every list of numbered pages does.

use serde_json::{Value, json};

use crate::support::fixtures::{address, person, with};
use crate::support::{Tenant, database, unique, with_tenant};

/// A list with the way to add an item that is named so.
struct List {
    path: String,
    create: String,
    body: Value,
}

async fn lists(t: &Tenant) -> Vec<List> {
    let owner = t.owner().await;
    let property = t.property().await;
    let users = ["managers", "service-providers", "property-users"].map(|resource| List {
        path: format!("/api/public/{resource}"),
        create: format!("/api/public/{resource}"),
        body: json!({}),
    });
    let mut lists = Vec::from(users);
    lists.push(List {
        path: format!("/api/public/Owners/{owner}/companies"),
        create: format!("/api/public/Owners/{owner}/companies"),
        body: json!({}),
    });
    lists.push(List {
        path: format!("/api/public/PropertyUnit?propertyId={property}"),
        create: format!("/api/public/PropertyUnit/{property}"),
        body: json!({"ownerId": owner}),
    });
    lists
}

impl List {
    async fn add(&self, t: &Tenant, name: &str) -> i64 {
        let email = person()["email"].clone();
        let names = json!({"name": name, "email": email, "customUnitId": name});
        t.post(&self.create, &with(self.body.clone(), names)).await.is(201).id()
    }

    async fn page(&self, t: &Tenant, number: i32, size: i32, search: &str) -> Value {
        let (number, size) = (number.to_string(), size.to_string());
        let query = [("pageNo", &*number), ("pageSize", &*size), ("searchParameter", search)];
        t.find(&self.path, &query).await.is(200).json()
    }

    async fn ids(&self, t: &Tenant, search: &str) -> Vec<i64> {
        ids(&self.page(t, 1, 100, search).await)
    }
}

fn ids(page: &Value) -> Vec<i64> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_i64().expect("an id")).collect()
}

#[test]
fn pages_are_counted_and_ordered_by_id() {
    with_tenant(async |t| {
        for list in lists(&t).await {
            let empty = t.get(&list.path).await.is(200).json();
            assert_eq!(empty["items"], json!([]), "{}", list.path);
            assert_eq!(empty["totalItems"], 0);
            assert_eq!(empty["numberOfPages"], 0);
            assert_eq!((&empty["pageSize"], &empty["currentPage"]), (&json!(15), &json!(1)));

            let mut added = Vec::new();
            for _ in 0..5 {
                added.push(list.add(&t, &unique("Item ")).await);
            }
            let mut seen = Vec::new();
            for number in 1..=3 {
                let page = list.page(&t, number, 2, "").await;
                assert_eq!(page["numberOfPages"], 3, "{}", list.path);
                assert_eq!(page["totalItems"], 5);
                assert_eq!(page["pageSize"], 2);
                assert_eq!(page["currentPage"], number);
                seen.extend(ids(&page));
            }
            assert_eq!(seen, added, "{}", list.path);
            for number in [4, 1000, i32::MAX] {
                let past = list.page(&t, number, 2, "").await;
                assert_eq!(past["items"], json!([]), "{}", list.path);
                assert_eq!(past["totalItems"], 5);
                assert_eq!(past["currentPage"], number);
            }
        }
    });
}

#[test]
fn page_numbers_and_sizes_have_limits() {
    with_tenant(async |t| {
        let mut paths: Vec<String> = lists(&t).await.into_iter().map(|list| list.path).collect();
        paths.extend(["/api/public/Owners".to_owned(), "/api/public/Properties".to_owned()]);
        paths.push("/api/public/Issues?fromDateTime=2021-01-01&toDateTime=2022-01-01".to_owned());
        for path in paths {
            for (name, value) in [
                ("pageSize", "101"),
                ("pageSize", "0"),
                ("pageSize", "-1"),
                ("pageNo", "0"),
                ("pageNo", "-5"),
            ] {
                let answer = t.find(&path, &[(name, value)]).await;
                assert_eq!(answer.refused(400, "bad-request"), [name], "{path} {value}");
            }
            let both = t.find(&path, &[("pageSize", "101"), ("pageNo", "0")]).await;
            assert_eq!(both.refused(400, "bad-request"), ["pageNo", "pageSize"]);
            t.find(&path, &[("pageSize", "100")]).await.is(200);
        }
    });
}

#[test]
fn searches_are_taken_literally() {
    with_tenant(async |t| {
        for list in lists(&t).await {
            let percent = list.add(&t, "100% sure").await;
            let underscore = list.add(&t, "snake_case").await;
            let backslash = list.add(&t, r"back\slash").await;
            let other = list.add(&t, "1000 snakes case").await;
            for (search, found) in [
                ("%", vec![percent]),
                ("0% s", vec![percent]),
                ("_", vec![underscore]),
                ("snake_", vec![underscore]),
                (r"\", vec![backslash]),
                ("nothing like it", vec![]),
                ("snake", vec![underscore, other]),
                ("'; DROP TABLE x; --", vec![]),
            ] {
                assert_eq!(list.ids(&t, search).await, found, "{} {search}", list.path);
            }
            let page = list.page(&t, 1, 1, "snake").await;
            assert_eq!(page["totalItems"], 2, "{}", list.path);
            assert_eq!(page["numberOfPages"], 2);
        }
    });
}

#[test]
fn searches_ignore_case_and_accents() {
    with_tenant(async |t| {
        for list in lists(&t).await {
            let composed = list.add(&t, "Jos\u{e9} \u{c5}ngstr\u{f6}m").await;
            let decomposed = list.add(&t, "JOSE\u{301} Andersson").await;
            let plain = list.add(&t, "Jose Stra\u{df}e").await;
            for (search, found) in [
                ("josé", vec![composed, decomposed, plain]),
                ("JOSE", vec![composed, decomposed, plain]),
                ("jose\u{301}", vec![composed, decomposed, plain]),
                ("angstrom", vec![composed]),
                ("ÅNG", vec![composed]),
                ("stra\u{df}e", vec![plain]),
            ] {
                assert_eq!(list.ids(&t, search).await, found, "{} {search}", list.path);
            }
        }
    });
}

#[test]
fn users_are_found_by_each_documented_member() {
    with_tenant(async |t| {
        for resource in ["Owners", "managers", "service-providers", "property-users"] {
            let path = format!("/api/public/{resource}");
            let body = with(
                person(),
                json!({
                    "name": "Nadia Namesake", "companyName": "Compagnie du Midi",
                    "countryCode": "31", "phoneNumber": "20 555 0123",
                    "externalReferenceId": "REF/77", "additionalNote": "unsearched",
                    "address": address(),
                }),
            );
            let id = t.post(&path, &body).await.is(201).id();
            let email = body["email"].as_str().expect("text");
            for search in ["namesake", "compagnie", "205550123", "ref/77", email] {
                let page = t.find(&path, &[("searchParameter", search)]).await.is(200).json();
                assert_eq!(ids(&page), [id], "{resource} {search}");
            }
            for search in ["unsearched", "Javastraat", "NamesakeCompagnie"] {
                let page = t.find(&path, &[("searchParameter", search)]).await.is(200).json();
                assert_eq!(page["totalItems"], 0, "{resource} {search}");
            }
        }
    });
}

#[test]
fn a_search_has_a_length() {
    with_tenant(async |t| {
        let search = "x".repeat(201);
        let answer = t.find("/api/public/Owners", &[("searchParameter", &search)]).await;
        assert_eq!(answer.refused(400, "bad-request"), ["searchParameter"]);
        let search = "é".repeat(200);
        t.find("/api/public/Owners", &[("searchParameter", &search)]).await.is(200);
    });
}

#[test]
fn lists_show_one_tenant_and_one_role() {
    with_tenant(async |t| {
        let other = Tenant::fresh().await;
        let owner = t.owner().await;
        t.manager().await;
        t.user().await;
        other.owner().await;
        let page = t.get("/api/public/Owners").await.is(200).json();
        assert_eq!(ids(&page), [owner]);
        assert_eq!(page["totalItems"], 1);
    });
}

#[test]
fn a_far_page_is_the_one_that_counting_all_rows_before_it_leads_to() {
    with_tenant(async |t| {
        let id = t.id;
        let people = format!(
            "INSERT INTO facilities.users (tenant_id, role, status, email, name)
             SELECT {id}, 1 + n % 2, 1, 'far' || n || '@example.com', 'Far ' || n
             FROM generate_series(1, 30000) AS n"
        );
        database::write(id, &people).await;
        // Rows go, become those of another list, and come, before and after the page.
        let later = [
            "DELETE FROM facilities.users WHERE tenant_id = ID AND id % 7 = 0",
            "UPDATE facilities.users SET role = 3 - role WHERE tenant_id = ID AND id % 11 = 0",
            "INSERT INTO facilities.users (tenant_id, role, status, email, name)
             VALUES (ID, 1, 1, 'last@example.com', 'Last')",
        ];
        for sql in later {
            database::write(id, &sql.replace("ID", &id.to_string())).await;
        }
        let client = database::own().await;
        let own = format!("SET steward.tenant_id = '{id}'");
        client.batch_execute(&own).await.expect("the tenant");
        for (path, role) in [("/api/public/Owners", 1), ("/api/public/managers", 2)] {
            let sql = format!(
                "SELECT count(*) FROM facilities.users WHERE tenant_id = {id} AND role = {role}"
            );
            let total = database::value(id, &sql).await;
            assert!(total > 10_000, "{total}");
            // The first that is looked up, one on, the last, and one that is not there.
            for page in [8192 / 16 + 1, 8192 / 16 + 2, total / 16 + 1, total / 16 + 2] {
                let found =
                    t.get(&format!("{path}?pageSize=16&pageNo={page}")).await.is(200).json();
                assert_eq!(found["totalItems"], total);
                let items = found["items"].as_array().expect("items");
                let ids: Vec<_> = items.iter().map(|item| item["id"].as_i64()).collect();
                let sql = format!(
                    "SELECT id FROM facilities.users WHERE tenant_id = {id} AND role = {role}
                     ORDER BY id LIMIT 16 OFFSET {}",
                    (page - 1) * 16
                );
                let expected = client.query(&sql, &[]).await.expect("the rows");
                let expected: Vec<_> = expected.iter().map(|row| row.get(0)).collect();
                assert_eq!(ids, expected, "{path} {page}");
                assert_eq!(ids.is_empty(), (page - 1) * 16 >= total, "{path} {page}");
            }
        }
    });
}
