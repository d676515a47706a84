//! Lists that are followed by a cursor: filtered, and in an order of the client's.

use serde_json::{Value, json};

use crate::support::{Tenant, database, with_tenant};

const PATH: &str = "/api/public/exports";

fn ids(page: &Value) -> Vec<i64> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_i64().expect("an id")).collect()
}

/// All pages of a list, three items each.
async fn pages(t: &Tenant, path: &str, query: &[(&str, &str)]) -> Vec<i64> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let mut query = query.to_vec();
        query.push(("pageSize", "3"));
        let text: String;
        if let Some(cursor) = cursor {
            text = format!("{cursor}");
            query.push(("cursor", &text));
        }
        let page = t.find(path, &query).await.is(200).json();
        found.extend(ids(&page));
        assert!(found.len() <= 20, "it goes round: {found:?}");
        match page["nextCursor"].as_i64() {
            Some(next) => cursor = Some(next),
            None => return found,
        }
    }
}

#[test]
fn every_order_is_followed_to_its_end() {
    with_tenant(async |t| {
        // Of the last two it is not known when they have ended.
        let sql = format!(
            "INSERT INTO platform.exports (tenant_id, resource, format, filter, state, row_count,
               finished_at)
             SELECT {}, (ARRAY['tags', 'Owners', 'issues'])[n % 3 + 1], 'csv', '',
               CASE WHEN n < 8 THEN 'done' ELSE 'failed' END, n % 2,
               CASE WHEN n < 8 THEN now() - n * interval '1 hour' END
             FROM generate_series(0, 9) n",
            t.id
        );
        database::write(t.id, &sql).await;
        let all = ids(&t.get(PATH).await.is(200).json());
        assert_eq!(all.len(), 10);
        assert!(all.is_sorted_by(|a, b| a > b), "the latest first: {all:?}");
        let first = all[9];
        let place = |ids: Vec<i64>| -> Vec<i64> { ids.into_iter().map(|id| id - first).collect() };
        for (order, expected) in [
            ("", [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
            ("id", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
            // n % 3: 0 tags, 1 Owners, 2 issues; letter case makes no difference.
            ("resource", [2, 5, 8, 1, 4, 7, 0, 3, 6, 9]),
            ("resource desc, id desc", [9, 6, 3, 0, 7, 4, 1, 8, 5, 2]),
            ("row_count desc, finished", [7, 5, 3, 1, 9, 6, 4, 2, 0, 8]),
            // What has no value comes last, whatever the direction.
            ("finished desc", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
            ("finished", [7, 6, 5, 4, 3, 2, 1, 0, 8, 9]),
        ] {
            let found = pages(&t, PATH, &[("orderBy", order)]).await;
            assert_eq!(place(found), expected, "{order:?}");
        }
        let query = [("filter", "state = EXPORT_STATE_FAILED OR row_count = 1"), ("orderBy", "id")];
        assert_eq!(place(pages(&t, PATH, &query).await), [1, 3, 5, 7, 8, 9]);

        // With what the page ended with, its place in the order is gone.
        let gone = [("orderBy", "resource"), ("cursor", "1")];
        let refused = Tenant::fresh().await.find(PATH, &gone).await;
        assert_eq!(refused.refused(400, "bad-request"), ["cursor"]);
        assert_eq!(t.find(PATH, &[("orderBy", "size")]).await.refused(400, "bad-request").len(), 1);
    });
}

#[test]
fn webhooks_imports_and_the_trail_can_be_asked_for_in_any_order_too() {
    with_tenant(async |t| {
        let endpoint = t.endpoint().await;
        let delivery = t.delivery(endpoint).await;
        let other = t.endpoint().await;
        let import = t.import().await;
        let path = "/api/public/webhook-endpoints";
        let found = t.find(path, &[("orderBy", "id desc"), ("filter", "active = false")]).await;
        assert_eq!(ids(&found.is(200).json()), [other, endpoint]);
        let deliveries = format!("{path}/{endpoint}/deliveries");
        let query = [("filter", "type = webhook.test AND NOT sequence:*"), ("orderBy", "attempts")];
        assert_eq!(pages(&t, &deliveries, &query).await, [delivery]);
        assert_eq!(pages(&t, &deliveries, &[("filter", "sequence > 0")]).await, [0; 0]);
        let path = "/api/public/imports";
        let query = [("filter", "resource = owners AND dry_run = false"), ("orderBy", "state")];
        assert_eq!(pages(&t, path, &query).await, [import]);

        for name in ["A", "B", "C", "D"] {
            t.tag(name).await;
        }
        let path = "/api/public/audit-entries";
        let mut seen = Vec::new();
        let mut cursor = "0".to_owned();
        for _ in 0..2 {
            let mut query = vec![
                ("filter", "resource_type = tag"),
                ("orderBy", "resource_type, occurred_at desc"),
                ("pageSize", "2"),
            ];
            if !seen.is_empty() {
                query.push(("cursor", &cursor));
            }
            let page = t.find(path, &query).await.is(200).json();
            let items = page["items"].as_array().expect("items");
            seen.extend(items.iter().map(|item| item["resource"]["name"].clone()));
            cursor = page["nextCursor"].to_string();
        }
        assert_eq!(seen, [json!("D"), json!("C"), json!("B"), json!("A")]);
        assert_eq!(cursor, "null");
    });
}
