//! Rooms.
//!
//! Covers: AddRoom, UpdateRoom, DeleteRoom, ListRooms, GetRoom, ListRoomsBasic.

use serde_json::json;
use steward_contracts::steward::cleaning::v1 as pb;
use steward_contracts::steward::cleaning::v1::room_service_client::RoomServiceClient;
use tonic::Code;

use super::company::{Company, problem, refused, stranger, with_company};
use crate::support::http;

#[test]
fn a_room_is_added_changed_and_deleted() {
    with_company(async |c| {
        let made = c
            .post(
                "/room/add",
                &json!({"name": "Kitchen", "price": 12.5,
            "defaultTasks": ["Wipe the counters"]}),
            )
            .await
            .is(201);
        let at = made.header("location").to_owned();
        assert_eq!(made.header("etag"), "\"v1\"");
        let made = made.json();
        assert_eq!((&made["maxQuantity"], &made["minutes"]), (&json!(10), &json!(0)));
        assert_eq!((&made["price"], &made["isActive"]), (&json!(12.5), &json!(true)));
        let id = &made["id"];
        assert_eq!(c.get(&at).await.is(200).json(), made);
        assert_eq!(at, format!("/room/get/{id}"));
        problem(&c.post("/room/add", &json!({"name": "KITCHEN"})).await, 409, "duplicate");

        let changed = c.post("/room/update", &json!({"id": id, "minutes": 30})).await.is(200);
        assert_eq!(changed.header("etag"), "\"v2\"");
        let changed = changed.json();
        assert_eq!((&changed["name"], &changed["minutes"]), (&json!("Kitchen"), &json!(30)));
        assert_eq!(
            (&changed["price"], &changed["defaultTasks"]),
            (&made["price"], &made["defaultTasks"])
        );
        let stale = c.request("POST", "/room/update").header("if-match", "\"v1\"");
        let stale = http::send(stale.json(&json!({"id": id, "minutes": 31}))).await;
        problem(&stale, 412, "version_mismatch");

        assert_eq!(
            refused(&c.post("/room/update", &json!({"minutes": 1, "name": "X"})).await),
            ["id"]
        );
        let bad = json!({"id": id, "minutes": 2000, "price": -1, "imageUrl": "x", "name": null});
        assert_eq!(
            refused(&c.post("/room/update", &bad).await),
            ["imageUrl", "minutes", "name", "price"]
        );
        problem(
            &c.post("/room/update", &json!({"id": 999_999_999, "minutes": 1})).await,
            404,
            "not_found",
        );
        let other = Company::fresh().await;
        problem(
            &other.post("/room/update", &json!({"id": id, "minutes": 1})).await,
            404,
            "not_found",
        );
        problem(&other.get(&at).await, 404, "not_found");

        let (_, cleaner) = c.user("cleaner").await;
        let cleaner = c.with_token(&cleaner);
        assert_eq!(cleaner.get(&at).await.is(200).json(), changed);
        problem(&cleaner.post("/room/add", &json!({"name": "Attic"})).await, 403, "forbidden");

        let delete = format!("/room/delete/{id}");
        c.delete(&delete).await.is(204);
        problem(&c.delete(&delete).await, 404, "not_found");
        problem(&c.get(&at).await, 404, "not_found");
        c.post("/room/add", &json!({"name": "Kitchen"})).await.is(201);
    });
}

#[test]
fn rooms_are_listed_by_their_places() {
    with_company(async |c| {
        for (name, place, active) in [("Attic", 3, true), ("Bath", 1, true), ("Cellar", 2, false)] {
            let body = json!({"name": name, "sortOrder": place, "isActive": active});
            c.post("/room/add", &body).await.is(201);
        }
        let names = |list: &serde_json::Value| -> Vec<String> {
            let all = list.as_array().expect("a list").iter();
            all.map(|room| room["name"].as_str().expect("a name").to_owned()).collect()
        };
        let all = c.get("/room/getAll").await.is(200);
        assert_eq!(names(&all.json()), ["Bath", "Cellar", "Attic"]);
        assert_eq!(all.header("x-total-count"), "3");
        let idle = c.get("/room/getall?isActive=0").await.is(200).json();
        assert_eq!(names(&idle), ["Cellar"]);
        let path = format!("/room/getallbasic?tenantId={}", c.id);
        let basic = stranger("GET", &path, None).await.is(200).json();
        assert_eq!(names(&basic), ["Bath", "Attic"]);
        let members: Vec<_> = basic[0].as_object().expect("a room").keys().collect();
        assert_eq!(members, ["id", "imageUrl", "maxQuantity", "name"]);
        let unnamed = stranger("GET", "/room/getallbasic", None).await;
        assert_eq!(refused(&unnamed), ["tenantId"]);
        problem(&stranger("PUT", "/room/getallbasic", None).await, 405, "method_not_allowed");

        let mut client = RoomServiceClient::new(c.grpc().await);
        let request =
            pb::ListRoomsRequest { page_size: Some(2), ..pb::ListRoomsRequest::default() };
        let page = client.list_rooms(request).await.expect("a page").into_inner();
        assert_eq!((page.items.len(), page.total_count, page.page_size), (2, 3, 2));
        let room = pb::Room { id: page.items[0].id, ..pb::Room::default() };
        let request = pb::UpdateRoomRequest { room: Some(room), update_mask: None };
        let status = client.update_room(request).await.expect_err("a name is missing");
        assert_eq!(status.code(), Code::InvalidArgument);
    });
}

#[test]
fn a_trial_is_one_or_is_refused() {
    with_company(async |c| {
        let room = json!({"name": "Cellar"});
        for unclear in ["yes", "2", ""] {
            let answer = c.post(&format!("/room/add?validateOnly={unclear}"), &room).await;
            assert_eq!(refused(&answer), ["validateOnly"], "{unclear}");
        }
        // However it is written.
        for tried in ["validateOnly=TRUE", "VALIDATEONLY=1", "validate%4Fnly=tru%65"] {
            c.post(&format!("/room/add?{tried}"), &room).await.is(201);
        }
        c.post("/room/add?validateOnly=false", &room).await.is(201);
        problem(&c.post("/room/add", &room).await, 409, "duplicate");
    });
}
