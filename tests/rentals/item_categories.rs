//! The tree of item categories.
//!
//! Covers: ListItemCategories, GetItemCategory, CreateItemCategory, UpdateItemCategory,
//! Covers: MoveItemCategory, DeleteItemCategory.

use futures_util::future::join_all;
use prost::Message;
use serde_json::{Value, json};
use steward_contracts::steward::rentals::v1 as pb;

use super::document::refused;
use super::with_shop;
use crate::support::{Tenant, grpc, http};

const CATEGORIES: &str = "/api/me/item_categories";
const ITEMS: &str = "/api/saas/me/items";

/// Makes a category; answers its id.
async fn category(t: &Tenant, name: &str, parent: Option<&str>) -> String {
    let made = t.make(CATEGORIES, json!({"name": name, "parent_id": parent})).await.is(201);
    let id = made.data()["id"].as_str().expect("an id").to_owned();
    assert_eq!(made.header("location"), format!("{CATEGORIES}/{id}"));
    id
}

/// The tree in its order: paths with positions.
async fn tree(t: &Tenant) -> Vec<(String, i64)> {
    let data = t.get(CATEGORIES).await.is(200).data();
    let one = |category: &Value| {
        let path = category["attributes"]["path"].as_array().expect("names").clone();
        let path: Vec<&str> = path.iter().map(|name| name.as_str().expect("text")).collect();
        (path.join("/"), category["attributes"]["position"].as_i64().expect("a number"))
    };
    data.as_array().expect("categories").iter().map(one).collect()
}

async fn is(t: &Tenant, expected: &[(&str, i64)]) {
    let expected: Vec<_> =
        expected.iter().map(|(path, position)| ((*path).to_owned(), *position)).collect();
    assert_eq!(tree(t).await, expected);
}

#[test]
fn categories_make_a_tree() {
    with_shop(async |t| {
        let audio = category(&t, "Audio", None).await;
        let video = category(&t, "Video", None).await;
        let wired = category(&t, "Wired", Some(&audio)).await;
        t.make(CATEGORIES, json!({"name": "First", "position": 0})).await.is(201);
        t.make(CATEGORIES, json!({"name": "Wireless", "parent_id": audio, "position": 0}))
            .await
            .is(201);
        is(
            &t,
            &[("First", 0), ("Audio", 1), ("Audio/Wireless", 0), ("Audio/Wired", 1), ("Video", 2)],
        )
        .await;
        for (title, category) in [("A", &audio), ("B", &wired), ("C", &wired)] {
            t.make(ITEMS, json!({"title": title, "item_category_id": category})).await.is(201);
        }
        t.delete(&format!("{ITEMS}/3")).await.is(204);
        let path = format!("{CATEGORIES}/{audio}?include=children,parent");
        let read = t.get(&path).await.is(200);
        let attributes = read.attributes();
        for (name, expected) in [
            ("depth", json!(1)),
            ("items_count", json!(2)),
            ("parent_id", json!(null)),
            ("show_in_store", json!(true)),
            ("path", json!(["Audio"])),
        ] {
            assert_eq!(attributes[name], expected, "{name}");
        }
        let body = read.json();
        let children = body["data"]["relationships"]["children"]["data"].as_array();
        assert_eq!(children.map(Vec::len), Some(2), "{body}");
        assert_eq!(body["included"][0]["attributes"]["name"], "Wireless");
        let below = t.get(&format!("{CATEGORIES}/{wired}?include=parent")).await.is(200).json();
        assert_eq!(below["included"][0]["id"], audio);

        let find =
            async |query: &[(&str, &str)]| t.find(CATEGORIES, query).await.is(200).each("name");
        assert_eq!(find(&[("filter[parent_id]", "null")]).await, ["First", "Audio", "Video"]);
        assert_eq!(find(&[("filter[parent_id]", &audio)]).await, ["Wireless", "Wired"]);
        assert_eq!(
            find(&[("page[size]", "2"), ("page[number]", "2")]).await,
            ["Wireless", "Wired"]
        );
        t.change(&format!("{CATEGORIES}/{video}"), json!({"show_in_store": false})).await.is(200);
        assert_eq!(find(&[("filter[show_in_store]", "false")]).await, ["Video"]);
        let whole = t.get(CATEGORIES).await.json();
        assert_eq!(
            (&whole["meta"]["total_count"], &whole["meta"]["total_pages"]),
            (&json!(5), &json!(1))
        );
        t.get(&format!("{CATEGORIES}?sort=name")).await.error(400, "unknown_parameter", "sort");
        t.get(&format!("{CATEGORIES}/999")).await.error(404, "not_found", "");
    });
}

#[test]
fn a_category_that_breaks_rules_is_refused() {
    with_shop(async |t| {
        let at = |name: &str| format!("/data/attributes/{name}");
        let mut parent: Option<String> = None;
        for depth in 1..=5 {
            parent = Some(category(&t, &format!("Level {depth}"), parent.as_deref()).await);
        }
        let deep = json!({"name": "Level 6", "parent_id": parent});
        t.make(CATEGORIES, deep).await.error(422, "category_too_deep", &at("parent_id"));
        let wrong = json!({"name": "n".repeat(81), "parent_id": "999", "photo_id": "x"});
        let expected =
            ["invalid_attachment photo_id", "reference_not_found parent_id", "too_long name"];
        assert_eq!(refused(&t.make(CATEGORIES, wrong).await, 422), expected);
        for (body, code, place) in [
            (json!({"name": "level 1"}), "taken", "name"),
            (json!({}), "required", "name"),
            (json!({"name": "x".repeat(81)}), "too_long", "name"),
            (json!({"name": "A", "position": -1}), "out_of_range", "position"),
            (json!({"name": "A", "parent_id": "999"}), "reference_not_found", "parent_id"),
            (json!({"name": "A", "parent_id": true}), "invalid_format", "parent_id"),
        ] {
            t.make(CATEGORIES, body).await.error(422, code, &at(place));
        }
        let other = category(&t, "Other", None).await;
        let path = &format!("{CATEGORIES}/{other}");
        t.change(path, json!({"name": "LEVEL 1"})).await.error(422, "taken", &at("name"));
        assert_eq!(tree(&t).await.len(), 6, "what was refused has changed nothing");
        t.change(path, json!({"name": "other", "description": "d"})).await.is(200);
        t.change(&format!("{CATEGORIES}/999"), json!({"name": "X"})).await.error(
            404,
            "not_found",
            "",
        );
    });
}

#[test]
fn a_branch_is_moved() {
    with_shop(async |t| {
        let a = category(&t, "A", None).await;
        let b = category(&t, "B", None).await;
        let c = category(&t, "C", None).await;
        let d = category(&t, "D", Some(&a)).await;
        let relocate =
            async |id: &str, to: Value| t.change(&format!("{CATEGORIES}/{id}/move"), to).await;

        let moved = relocate(&a, json!({"parent_id": b})).await.is(200);
        assert_eq!(moved.attributes()["path"], json!(["B", "A"]));
        is(&t, &[("B", 0), ("B/A", 0), ("B/A/D", 0), ("C", 1)]).await;
        relocate(&a, json!({"parent_id": null, "position": 1})).await.is(200);
        is(&t, &[("B", 0), ("A", 1), ("A/D", 0), ("C", 2)]).await;
        relocate(&c, json!({"before_id": b})).await.is(200);
        is(&t, &[("C", 0), ("B", 1), ("A", 2), ("A/D", 0)]).await;
        relocate(&b, json!({"after_id": d})).await.is(200);
        is(&t, &[("C", 0), ("A", 1), ("A/D", 0), ("A/B", 1)]).await;
        // Without a parent it stays with the one it has.
        relocate(&b, json!({"position": 0})).await.is(200);
        is(&t, &[("C", 0), ("A", 1), ("A/B", 0), ("A/D", 1)]).await;
        relocate(&c, json!({"position": 99})).await.is(200);
        is(&t, &[("A", 0), ("A/B", 0), ("A/D", 1), ("C", 1)]).await;
        // A change of the category moves it as well.
        let path = format!("{CATEGORIES}/{d}");
        t.change(&path, json!({"parent_id": null, "name": "E"})).await.is(200);
        is(&t, &[("A", 0), ("A/B", 0), ("E", 1), ("C", 2)]).await;

        let at = |name: &str| format!("/data/attributes/{name}");
        relocate(&a, json!({"parent_id": b})).await.error(422, "category_cycle", &at("parent_id"));
        relocate(&a, json!({"parent_id": a})).await.error(422, "category_cycle", &at("parent_id"));
        relocate(&a, json!({"before_id": a})).await.error(422, "category_cycle", &at("before_id"));
        let nowhere = relocate(&a, json!({"after_id": "999"})).await;
        nowhere.error(422, "reference_not_found", &at("after_id"));
        let both = relocate(&a, json!({"after_id": b, "position": 0})).await;
        both.error(422, "invalid_value", &at("after_id"));
        relocate("999", json!({"position": 0})).await.error(404, "not_found", "");
        let same = category(&t, "b", None).await;
        relocate(&same, json!({"parent_id": a})).await.error(422, "taken", "");
        let mut deep = category(&t, "1", None).await;
        let top = deep.clone();
        for level in ["2", "3", "4"] {
            deep = category(&t, level, Some(&deep)).await;
        }
        let refused = relocate(&top, json!({"parent_id": b})).await;
        refused.error(422, "category_too_deep", &at("parent_id"));

        let stale = t.send("PUT", &format!("{path}/move"), json!({"position": 0}));
        http::send(stale.header("if-match", "\"old\"")).await.error(412, "precondition_failed", "");
        // Over gRPC without a mask the whole place is given.
        let place = pb::ItemCategoryPlace { position: Some(0), ..Default::default() };
        let id = b.parse().expect("a number");
        let request = pb::MoveItemCategoryRequest { id, place: Some(place), ..Default::default() };
        let rpc = "/steward.rentals.v1.ItemCategoriesService/MoveItemCategory";
        t.delete(&format!("{CATEGORIES}/{same}")).await.is(204);
        let answer = grpc::call_bytes(Some(&t.token), rpc, request.encode_to_vec()).await;
        let answer = pb::ItemCategory::decode(answer.expect("a move")).expect("a category");
        assert_eq!((answer.parent_id, answer.position), (None, Some(0)));
    });
}

#[test]
fn a_category_is_deleted_with_an_answer_for_what_is_in_it() {
    with_shop(async |t| {
        let a = category(&t, "A", None).await;
        let b = category(&t, "B", None).await;
        let same = category(&t, "A", Some(&a)).await;
        let c = category(&t, "C", Some(&a)).await;
        let item = async |category: &str| {
            let made =
                t.make(ITEMS, json!({"title": "I", "item_category_id": category})).await.is(201);
            format!("{ITEMS}/{}", made.attributes()["internal_id"])
        };
        let of =
            async |item: &str| t.get(item).await.is(200).attributes()["item_category_id"].clone();
        let item = item(&a).await;
        let path = &format!("{CATEGORIES}/{a}");
        t.delete(path).await.error(409, "category_not_empty", "");
        t.delete(&format!("{path}?reassign_to=x")).await.error(
            400,
            "invalid_parameter",
            "reassign_to",
        );
        t.delete(&format!("{path}?reassign_to={a}")).await.error(422, "category_cycle", "");
        t.delete(&format!("{path}?reassign_to={c}")).await.error(422, "category_cycle", "");
        t.delete(&format!("{path}?reassign_to=999")).await.error(422, "reference_not_found", "");
        is(&t, &[("A", 0), ("A/A", 0), ("A/C", 1), ("B", 1)]).await;

        // Those below rise to where it was; one of them may have its name.
        t.delete(&format!("{path}?reassign_to=none")).await.is(204);
        is(&t, &[("A", 0), ("C", 1), ("B", 2)]).await;
        assert_eq!(of(&item).await, json!(null));
        t.get(path).await.error(404, "not_found", "");

        t.change(&item, json!({"item_category_id": c})).await.is(200);
        let below = category(&t, "Below", Some(&c)).await;
        t.delete(&format!("{CATEGORIES}/{c}?reassign_to={b}")).await.is(204);
        is(&t, &[("A", 0), ("B", 1), ("B/Below", 0)]).await;
        assert_eq!(of(&item).await, json!(b));

        // A deleted item does not keep its category from going.
        t.change(&item, json!({"item_category_id": below})).await.is(200);
        let delete = format!("{CATEGORIES}/{below}");
        t.delete(&delete).await.error(409, "category_not_empty", "");
        t.delete(&item).await.is(204);
        t.delete(&delete).await.is(204);
        t.act(&format!("{item}/restore")).await.is(200);
        assert_eq!(of(&item).await, json!(null));

        let rising = category(&t, "b", Some(&same)).await;
        let clash = t.delete(&format!("{CATEGORIES}/{same}?reassign_to=none")).await;
        clash.error(422, "taken", "");
        t.delete(&format!("{CATEGORIES}/{rising}")).await.is(204);
        t.delete(&format!("{CATEGORIES}/{same}")).await.is(204);
        is(&t, &[("B", 0)]).await;
    });
}

#[test]
fn changes_at_the_same_time_leave_positions_right() {
    with_shop(async |t| {
        let left = category(&t, "Left", None).await;
        let right = category(&t, "Right", None).await;
        let made = join_all((0..6).map(|number| {
            let (t, left) = (&t, &left);
            async move { category(t, &format!("C{number}"), Some(left)).await }
        }))
        .await;
        // Some move, some are changed as a whole, one goes.
        let answers = join_all(made.iter().enumerate().map(|(number, id)| {
            let (t, right) = (&t, &right);
            let path = format!("{CATEGORIES}/{id}");
            async move {
                match number {
                    0 => t.delete(&path).await,
                    1 => t.change(&path, json!({"parent_id": right, "position": 0})).await,
                    2 => t.change(&format!("{path}/move"), json!({"position": 0})).await,
                    _ => {
                        let place = json!({"parent_id": right, "position": 0});
                        t.change(&format!("{path}/move"), place).await
                    }
                }
            }
        }))
        .await;
        for answer in answers {
            assert!(answer.status < 300, "{}: {}", answer.asked, answer.text);
        }
        let mut positions: Vec<Vec<i64>> = vec![Vec::new(), Vec::new(), Vec::new()];
        for (path, position) in tree(&t).await {
            let of = match path.split_once('/') {
                None => 0,
                Some(("Left", _)) => 1,
                Some(_) => 2,
            };
            positions[of].push(position);
        }
        assert_eq!(positions, [vec![0, 1], vec![0], vec![0, 1, 2, 3]]);
    });
}
