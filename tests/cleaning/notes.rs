//! Notes.
//!
//! Covers: AddNote, GetNote, ListCleanerNotes, ListClientNotes.

use serde_json::{Value, json};

use super::cleaners::cleaner;
use super::clients::client;
use super::company::{Company, problem, refused, with_company};

#[test]
fn admins_note_things_of_people() {
    with_company(async |c| {
        let (ann, cleo) = (client(&c, &json!({})).await, cleaner(&c, &json!({})).await);
        let (admin, token) = c.user("tenantAdmin").await;
        let admins = c.with_token(&token);
        let note = async |body: Value| admins.post("/note/add", &body).await;
        let first = note(json!({"clientId": ann["id"], "text": "Has a dog"})).await.is(201);
        let at = first.header("location").to_owned();
        let first = first.json();
        assert_eq!(c.get(&at).await.is(200).json(), first);
        assert_eq!((&first["authorUserId"], &first["isPinned"]), (&json!(admin), &json!(false)));
        let pinned = json!({"clientId": ann["id"], "text": "Key is with Bo", "isPinned": true});
        let pinned = note(pinned).await.is(201).json();
        let last = note(json!({"clientId": ann["id"], "text": "Moved"})).await.is(201).json();
        let of_cleaner =
            note(json!({"cleanerId": cleo["id"], "text": "Quick"})).await.is(201).json();
        let list = format!("/note/getClientNotes/{}/false", ann["id"]);
        assert_eq!(c.get(&list).await.is(200).json(), json!([pinned, last, first]));
        let by_user = format!("/note/getClientNotes/{}/true", ann["userId"]);
        assert_eq!(c.get(&by_user).await.is(200).json(), json!([pinned, last, first]));
        let by_user = format!("/note/getCleanerNotes/{}/1", cleo["userId"]);
        assert_eq!(c.get(&by_user).await.is(200).json(), json!([of_cleaner]));

        assert_eq!(refused(&note(json!({"text": " "})).await), ["cleanerId", "text"]);
        let both = json!({"clientId": ann["id"], "cleanerId": cleo["id"], "text": "x"});
        assert_eq!(refused(&note(both).await), ["cleanerId"]);
        problem(&note(json!({"clientId": 999_999_999, "text": "x"})).await, 404, "not_found");
        problem(&c.get("/note/getClientNotes/999999999/0").await, 404, "not_found");
        let swapped = format!("/note/getClientNotes/{}/1", cleo["userId"]);
        problem(&c.get(&swapped).await, 404, "not_found");
        let (_, token) = c.user("cleaner").await;
        problem(&c.with_token(&token).get(&list).await, 403, "forbidden");
        let other = Company::fresh().await;
        problem(&other.get(&at).await, 404, "not_found");
    });
}
