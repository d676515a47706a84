//! Lists that are followed by a cursor: filtered, and in an order of the client's.

use serde_json::{Value, json};

use crate::support::{Tenant, database, http, run, with_tenant};

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
            ("rowCount desc, finished", [7, 5, 3, 1, 9, 6, 4, 2, 0, 8]),
            // What has no value comes last, whatever the direction.
            ("finished desc", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
            ("finished", [7, 6, 5, 4, 3, 2, 1, 0, 8, 9]),
        ] {
            let found = pages(&t, PATH, &[("orderBy", order)]).await;
            assert_eq!(place(found), expected, "{order:?}");
        }
        let query = [("filter", "state = EXPORT_STATE_FAILED OR rowCount = 1"), ("orderBy", "id")];
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

/// Asks for a part of a list of documents; answers its `meta` and `links`.
async fn part(t: &Tenant, path: &str) -> (Value, Value) {
    let page = t.get(path).await.is(200).json();
    (page["meta"].clone(), page["links"].clone())
}

#[test]
fn documents_say_how_long_a_list_is_and_where_it_goes_on() {
    run(async {
        let t = Tenant::of("rentals").await;
        let base = "/api/saas/me";
        for name in ["A", "B", "C"] {
            let body = json!({"data": {"attributes": {"name": name}}});
            t.post(&format!("{base}/customers"), &body).await.is(201);
        }
        let body = json!({"data": {"attributes":
            {"url": "https://webhooks.invalid/", "active": false}}});
        let made = t.post(&format!("{base}/webhook_endpoints"), &body).await.is(201);
        let endpoint = made.header("location").to_owned();
        t.post(&format!("{base}/webhook_endpoints"), &body).await.is(201);
        for _ in 0..2 {
            http::send(t.request("POST", &format!("{endpoint}/test"))).await.is(200);
        }
        let sql = format!(
            "INSERT INTO platform.exports (tenant_id, resource, format, filter, state, row_count)
             SELECT {}, 'items', 'csv', '', 'done', n FROM generate_series(1, 3) n",
            t.id
        );
        database::write(t.id, &sql).await;
        let total = |meta: &Value| meta["total_count"].clone();
        let sql = format!("SELECT count(*) FROM platform.events WHERE tenant_id = {}", t.id);
        let events = database::value(t.id, &sql).await;

        // Each leads from its first part to its last, and says the same length all the way.
        for (path, expected) in [
            (format!("{base}/events"), events),
            (format!("{base}/audit_entries"), events),
            (format!("{base}/exports"), 3),
            (format!("{base}/webhook_endpoints"), 2),
            (format!("{endpoint}/deliveries"), 2),
        ] {
            let first = format!("{path}?page[size]=1");
            let (mut place, mut parts) = (first.clone(), 0);
            loop {
                let (meta, links) = part(&t, &place).await;
                assert_eq!(total(&meta), expected, "{place}: {meta}");
                parts += 1;
                // Events are followed, the others have numbered pages too.
                let at = |number: i64| json!(format!("{first}&page%5Bnumber%5D={number}"));
                let [start, before, end] = match meta.get("page_number") {
                    None => [json!(first), Value::Null, Value::Null],
                    Some(number) => {
                        assert_eq!(
                            (number, &meta["total_pages"]),
                            (&json!(parts), &json!(expected))
                        );
                        let before = if parts > 1 { at(parts - 1) } else { Value::Null };
                        [at(1), before, at(expected)]
                    }
                };
                assert_eq!(meta.get("page_number").is_none(), path.ends_with("/events"), "{meta}");
                assert_eq!((&links["self"], &links["first"]), (&json!(place), &start));
                assert_eq!((&links["prev"], &links["last"]), (&before, &end));
                match links["next"].as_str() {
                    Some(next) => next.clone_into(&mut place),
                    None => break,
                }
            }
            assert_eq!(parts, expected, "{path}");
        }

        for (path, expected) in [
            ("exports?filter[row_count][gte]=2", json!(2)),
            ("audit_entries?filter[resource_type]=customer", json!(3)),
            ("audit_entries?filter[resource_type]=nothing", json!(0)),
            ("imports", json!(0)),
            ("webhook_endpoints", json!(2)),
            // Those of some types would have to be looked for.
            ("events?types=rentals.customer.*", Value::Null),
        ] {
            let path = format!("{base}/{path}");
            let (meta, links) = part(&t, &path).await;
            assert_eq!(total(&meta), expected, "{path}");
            assert_eq!((&links["self"], &links["next"]), (&json!(path), &Value::Null), "{path}");
        }

        // What nobody counts is not counted by passing it all.
        let sql = format!(
            "INSERT INTO platform.exports (tenant_id, resource, format, filter, state)
             SELECT {}, 'items', 'csv', '', 'done' FROM generate_series(4, 10001)",
            t.id
        );
        database::write(t.id, &sql).await;
        let (meta, _) = part(&t, &format!("{base}/exports?page[size]=1")).await;
        assert_eq!(total(&meta), Value::Null, "{meta}");
        let (meta, _) = part(&t, &format!("{base}/exports?filter[row_count]=0&page[size]=1")).await;
        assert_eq!(total(&meta), 9998, "{meta}");
    });
}
