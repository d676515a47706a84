//! Files: where they are uploaded, and the photos and comments that show them.
//!
//! Covers: CreateImageUploadUrl, CreateDocumentUploadUrl, ListItemPhotos, GetItemPhoto,
//! Covers: CreateItemPhoto, DeleteItemPhoto.

use serde_json::{Value, json};

use super::bookings::{booked, item};
use super::with_shop;
use crate::support::{Tenant, database, http};

pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0 and what else";
const ITEMS: &str = "/api/saas/me/items";

/// Announces a file; answers where to put it.
async fn announced(
    t: &Tenant,
    what: &str,
    filename: &str,
    content_type: &str,
    bytes: &[u8],
) -> Value {
    let file =
        json!({"filename": filename, "content_type": content_type, "byte_size": bytes.len()});
    let made = t.make(&format!("/api/services/{what}_upload_url"), file).await.is(201);
    assert_eq!(made.data()["type"], "upload_url");
    made.attributes()
}

/// Uploads a file; answers its signed id.
pub async fn uploaded(
    t: &Tenant,
    what: &str,
    filename: &str,
    content_type: &str,
    bytes: &[u8],
) -> String {
    let upload = announced(t, what, filename, content_type, bytes).await;
    let url = upload["url"].as_str().expect("a URL");
    let mut put = http::request(upload["method"].as_str().expect("text"), url).body(bytes.to_vec());
    for (name, value) in upload["headers"].as_object().expect("headers") {
        put = put.header(name, value.as_str().expect("text"));
    }
    http::send(put).await.is(204);
    upload["signed_id"].as_str().expect("text").to_owned()
}

async fn uses(t: &Tenant) -> i64 {
    let sql = format!(
        "SELECT (SELECT COALESCE(sum(uses), 0) FROM platform.files WHERE tenant_id = {})::bigint",
        t.id
    );
    database::value(t.id, &sql).await
}

#[test]
fn files_are_announced_before_they_come() {
    with_shop(async |t| {
        let upload = announced(&t, "document", "Terms.pdf", "application/pdf", b"%PDF-1.7").await;
        assert_eq!((&upload["method"], &upload["max_bytes"]), (&json!("PUT"), &json!(10_485_760)));
        assert_eq!(upload["headers"]["content-type"], "application/pdf");
        assert!(upload["expires_at"].is_string());
        let ask = async |what: &str, file: Value| {
            t.make(&format!("/api/services/{what}_upload_url"), file).await
        };
        let file = |content_type: &str, size: i64| json!({"filename": "x", "content_type": content_type, "byte_size": size});
        for (what, file, at) in [
            ("image", file("application/pdf", 9), "content_type"),
            ("document", file("image/gif", 9), "content_type"),
            ("document", file("text/csv", 10_485_761), "byte_size"),
            ("image", file("image/png", 0), "byte_size"),
        ] {
            let refused = ask(what, file).await.errors(422);
            assert_eq!(refused[0].1, format!("/data/attributes/{at}"), "{refused:?}");
        }
        let mut summed = file("image/png", 9);
        summed["checksum"] = json!("1B2M2Y8AsgTpgAmY7PhCfg==");
        let made = ask("image", summed.clone()).await.is(201).attributes();
        assert_eq!(made["headers"]["content-md5"], "1B2M2Y8AsgTpgAmY7PhCfg==");
        // What comes is held against it.
        let url = made["url"].as_str().expect("a URL").to_owned();
        let put = async |sum: &str, status: u16| {
            let put = http::request("PUT", &url).header("content-type", "image/png");
            http::send(put.header("content-md5", sum).body("123456789")).await.is(status);
        };
        put("1B2M2Y8AsgTpgAmY7PhCfg==", 400).await;
        put("none", 400).await;
        put("JfnnlDI7RTiF9RgfG2JNCw==", 204).await;
        summed["checksum"] = json!("abc");
        ask("image", summed).await.error(422, "invalid_format", "/data/attributes/checksum");
        // Also before the business has started.
        let t = Tenant::newcomer("rentals").await;
        t.make("/api/services/image_upload_url", file("image/png", 9)).await.is(201);
    });
}

#[test]
fn photos_of_an_item_have_an_order_and_the_first_stands_for_it() {
    with_shop(async |t| {
        let picture = async |name: &str| uploaded(&t, "image", name, "image/png", PNG).await;
        let camera = json!({"title": "Camera", "photo_ids": [picture("a.png").await, picture("b.png").await]});
        t.make(ITEMS, camera).await.is(201);
        let photos = format!("{ITEMS}/1/photos");
        let names = async || {
            let found = t.get(&photos).await.is(200);
            assert_eq!(
                found.each("position"),
                (0..found.each("position").len()).map(|at| json!(at)).collect::<Vec<_>>()
            );
            found.each("filename")
        };
        assert_eq!(names().await, ["a.png", "b.png"]);
        let first = json!({"attachment_id": picture("c.png").await, "position": 0, "alt": "Front"});
        let first = t.make(&photos, first).await.is(201);
        assert_eq!(
            (&first.attributes()["alt"], &first.attributes()["position"]),
            (&json!("Front"), &json!(0))
        );
        t.make(&photos, json!({"attachment_id": picture("d.png").await})).await.is(201);
        let told = t.get("/api/saas/me/events?cursor=0&types=rentals.item.updated").await.is(200);
        assert_eq!(told.each("resource_id"), ["1", "1"], "by each of the two");
        assert_eq!(names().await, ["c.png", "a.png", "b.png", "d.png"]);
        let one = t.get(first.header("location")).await.is(200).attributes();
        let (status, _, bytes) = http::fetch(one["url"].as_str().expect("a URL"), &[]).await;
        assert_eq!((status, &*bytes), (200, PNG));
        let facts = json!({"byte_size": PNG.len(), "width": 640, "height": 480});
        assert_eq!((&one["metadata"], &one["preview"]), (&facts, &one["url"]));
        assert_eq!((&one["width"], &one["height"]), (&json!(640), &json!(480)));

        let read = t.get(&format!("{ITEMS}/1")).await.is(200);
        let shown = read.attributes()["photo_url"].as_str().expect("a URL").to_owned();
        assert_eq!(http::fetch(&shown, &[]).await.0, 200);
        assert_eq!(
            read.data()["relationships"]["photos"]["data"].as_array().map(Vec::len),
            Some(4)
        );
        // URLs are others each time, and good for an hour: they need not be asked for anew.
        let unless = t.request("GET", &format!("{ITEMS}/1"));
        let same = http::send(unless.header("if-none-match", read.header("etag"))).await;
        same.is(304);
        let known = t.send("PUT", &format!("{ITEMS}/1"), json!({"title": "Camera II"}));
        http::send(known.header("if-match", read.header("etag"))).await.is(200);
        let whole = t.get(&format!("{ITEMS}/1?include=photos")).await.is(200).json();
        assert_eq!(whole["included"][0]["attributes"]["filename"], "c.png");

        assert_eq!(uses(&t).await, 4);
        http::send(t.request("DELETE", first.header("location"))).await.is(204);
        assert_eq!(
            (names().await, uses(&t).await),
            (vec![json!("a.png"), json!("b.png"), json!("d.png")], 3)
        );
        assert_eq!(t.get(first.header("location")).await.status, 404);

        let refused = t.make(&photos, json!({"attachment_id": "nothing"})).await;
        refused.error(422, "invalid_attachment", "/data/attributes/attachment_id");
        let pdf = uploaded(&t, "document", "a.pdf", "application/pdf", b"%PDF-1.7").await;
        let refused = t.make(&photos, json!({"attachment_id": pdf})).await;
        refused.error(422, "invalid_attachment", "/data/attributes/attachment_id");
        let other = item(&t, "Bag", json!({})).await;
        let same = picture("e.png").await;
        for _ in 0..20 {
            let given = json!({"attachment_id": same});
            t.make(&format!("{ITEMS}/{other}/photos"), given).await.is(201);
        }
        let given = json!({"attachment_id": same});
        let refused = t.make(&format!("{ITEMS}/{other}/photos"), given).await;
        refused.error(422, "out_of_range", "/data/attributes/attachment_id");
    });
}

#[test]
fn comments_bring_files() {
    with_shop(async |t| {
        let path = booked(&t, json!({"title": "Film"})).await;
        let file = uploaded(&t, "document", "list.csv", "text/csv", b"a,b\n1,2\n").await;
        let comment = json!({"properties": {"comment": ""}, "attachment_id": file});
        let made = t.make(&format!("{path}/activities"), comment).await.is(201);
        let shown = made.attributes();
        assert_eq!(shown["attachment_filename"], "list.csv");
        assert_eq!(shown["attachment_content_type"], "text/csv");
        assert_eq!(shown["attachment_metadata"], json!({"byte_size": 8}));
        assert_eq!(shown.get("attachment_preview"), Some(&Value::Null));
        let url = shown["attachment_url"].as_str().expect("a URL");
        assert_eq!(http::fetch(url, &[]).await.2, b"a,b\n1,2\n");
        assert_eq!(uses(&t).await, 1);
        let place = made.header("location").to_owned();
        let words = json!({"comment": "without it", "attachment_id": null});
        let cleared = t.change(&place, words).await.is(200).attributes();
        assert!(cleared.get("attachment_url").is_none());
        assert_eq!(uses(&t).await, 0);
        // What is in a file is shown as far as it is known.
        let pdf = b"%PDF-1.7\n1 0 obj <</Type /Pages /Count 12>> endobj";
        let file = uploaded(&t, "document", "terms.pdf", "application/pdf", pdf).await;
        let shown = t.change(&place, json!({"comment": "", "attachment_id": file})).await.is(200);
        let facts = json!({"byte_size": pdf.len(), "pages": 12});
        assert_eq!(shown.attributes()["attachment_metadata"], facts);
        let file = uploaded(&t, "image", "a.png", "image/png", PNG).await;
        let shown = t.change(&place, json!({"comment": "", "attachment_id": file})).await.is(200);
        let shown = shown.attributes();
        let facts = json!({"byte_size": PNG.len(), "width": 640, "height": 480});
        assert_eq!(shown["attachment_metadata"], facts);
        assert_eq!(shown["attachment_preview"], shown["attachment_url"]);
    });
}

#[test]
fn a_line_shows_the_first_photo_of_its_item() {
    with_shop(async |t| {
        let bare = item(&t, "Cable", json!({})).await;
        let first = uploaded(&t, "image", "a.png", "image/png", PNG).await;
        let other = [PNG, b", and another"].concat();
        let second = uploaded(&t, "image", "b.png", "image/png", &other).await;
        let camera = item(&t, "Camera", json!({"photo_ids": [first, second]})).await;
        let lines = json!([{"item_internal_id": camera}, {"item_internal_id": bare}]);
        let path = booked(&t, json!({"items": lines})).await;
        let shown = t.get(&format!("{path}/items")).await.is(200);
        let urls = shown.each("photo_url");
        let url = urls[0].as_str().expect("a URL");
        let picture = http::request("GET", url).send().await.expect("an answer");
        assert_eq!(picture.bytes().await.expect("a picture"), PNG);
        assert_eq!(urls[1], Value::Null);
        assert_eq!(shown.each("insured"), [false, false]);
        let booking = t.get(&format!("{path}?include=items")).await.is(200).json();
        let included = booking["included"].as_array().expect("the lines");
        assert!(included[0]["attributes"]["photo_url"].is_string(), "{booking}");
    });
}

#[test]
fn a_business_and_its_categories_have_pictures() {
    with_shop(async |t| {
        let category = t.make("/api/me/item_categories", json!({"name": "Cameras"})).await.is(201);
        let category = category.header("location").to_owned();
        for (path, name) in [("/api/me", "avatar"), (&*category, "photo")] {
            let member = |what: &str| format!("{name}_{what}");
            let of = |shown: &Value, what: &str| shown[member(what)].clone();
            let give = async |id: Value| t.change(path, json!({member("id"): id})).await;
            let before = t.get(path).await.is(200).attributes();
            assert_eq!(before.get(member("url")), Some(&Value::Null), "{before}");
            assert!(before.get(member("id")).is_none(), "{before}");

            let picture = uploaded(&t, "image", "a.png", "image/png", PNG).await;
            let shown = give(json!(picture)).await.is(200).attributes();
            assert_eq!(of(&shown, "filename"), "a.png");
            assert_eq!(of(&shown, "content_type"), "image/png");
            let facts = json!({"byte_size": PNG.len(), "width": 640, "height": 480});
            assert_eq!(of(&shown, "metadata"), facts);
            assert_eq!(of(&shown, "preview"), of(&shown, "url"));
            assert_eq!(uses(&t).await, 1);
            // A change that does not speak of it leaves it.
            let renamed = t.change(path, json!({"name": "Another"})).await.is(200).attributes();
            assert_eq!(of(&renamed, "filename"), "a.png");
            let url = of(&renamed, "url");
            assert_eq!(http::fetch(url.as_str().expect("a URL"), &[]).await.2, PNG);

            let other = uploaded(&t, "image", "b.png", "image/png", PNG).await;
            assert_eq!(of(&give(json!(other)).await.is(200).attributes(), "filename"), "b.png");
            assert_eq!(uses(&t).await, 1);
            let words = uploaded(&t, "document", "c.pdf", "application/pdf", b"%PDF-1.7").await;
            let at = format!("/data/attributes/{}", member("id"));
            for wrong in [words.as_str(), "nothing"] {
                give(json!(wrong)).await.error(422, "invalid_attachment", &at);
            }
            let cleared = give(Value::Null).await.is(200).attributes();
            assert_eq!(cleared.get(member("url")), Some(&Value::Null));
            assert_eq!(uses(&t).await, 0);
        }
        // It goes with its category, and is shown with the items of it.
        let picture = uploaded(&t, "image", "a.png", "image/png", PNG).await;
        let given = json!({"name": "Lenses", "photo_id": picture});
        let lenses = t.make("/api/me/item_categories", given).await.is(201);
        assert_eq!(lenses.attributes()["photo_filename"], "a.png");
        let id = lenses.json()["data"]["id"].clone();
        let item = json!({"title": "50 mm", "item_category_id": id});
        let item = t.make("/api/saas/me/items", item).await.is(201).header("location").to_owned();
        let with = t.get(&format!("{item}?include=category")).await.is(200).json();
        let url = with["included"][0]["attributes"]["photo_url"].as_str().expect("a URL");
        assert_eq!(http::fetch(url, &[]).await.2, PNG);
        t.delete(&item).await.is(204);
        t.delete(&format!("{}?reassign_to=none", lenses.header("location"))).await.is(204);
        assert_eq!(uses(&t).await, 0);
    });
}
