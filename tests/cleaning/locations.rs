//! Areas and zip codes.
//!
//! Covers: ListAreas, GetArea, AddArea, DeleteArea, ListZipCodes, GetZipCode, AddZipCode,
//! Covers: FindAreaByZip, RemoveZipCode.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::cleaners::cleaner;
use super::company::{Company, problem, refused, stranger, with_company};
use crate::support::{database, http};

/// Adds an area; answers its id.
pub async fn area(c: &Company, name: &str, zip_codes: &[&str]) -> i64 {
    let path = format!("/tenant/{}/location", c.id);
    c.post(&path, &json!({"name": name, "zipCodes": zip_codes})).await.is(201).id()
}

#[test]
fn an_area_is_added_seen_and_deleted() {
    with_company(async |c| {
        let path = format!("/tenant/{}/location", c.id);
        let body = json!({"name": " Uptown ", "description": "North of 59th",
            "zipCodes": ["10024", " 10 025", "10024"]});
        let made = c.post(&path, &body).await.is(201);
        assert_eq!(made.header("etag"), "\"v1\"");
        let made_at = made.header("location").to_owned();
        let made = made.json();
        assert_eq!((&made["name"], &made["isActive"]), (&json!("Uptown"), &json!(true)));
        assert_eq!((&made["zipCodeCount"], &made["serviceCount"]), (&json!(2), &json!(0)));
        assert_eq!(c.get(&made_at).await.is(200).json(), made);
        let hidden = json!({"name": "Hidden", "isActive": false});
        let hidden = c.post(&path, &hidden).await.is(201).json();

        let all = c.get(&path).await.is(200);
        assert_eq!(all.header("x-total-count"), "2");
        assert_eq!(all.header("link"), "");
        assert_eq!(all.json(), json!([made, hidden]));
        let first = c.get(&format!("{path}?PageSize=1")).await.is(200);
        assert_eq!(first.json(), json!([made]));
        assert_eq!(first.header("link"), format!("<{path}?pageNumber=2&pageSize=1>; rel=\"next\""));
        let last = c.get(&format!("{path}?pageSize=1&pageNumber=2")).await.is(200);
        assert_eq!((last.json(), last.header("link")), (json!([hidden]), ""));
        assert_eq!(refused(&c.get(&format!("{path}?pageSize=1001")).await), ["pageSize"]);
        assert_eq!(stranger("GET", &path, None).await.is(200).json(), json!([made]));

        problem(&c.post(&path, &json!({"name": "UPTOWN"})).await, 409, "duplicate");
        let bad = json!({"name": " ", "zipCodes": ["1"]});
        assert_eq!(refused(&c.post(&path, &bad).await), ["name", "zipCodes[0]"]);
        let other = Company::fresh().await;
        problem(&other.post(&path, &json!({"name": "Theirs"})).await, 404, "not_found");
        problem(&other.get(&made_at).await, 404, "not_found");
        problem(&stranger("POST", &path, Some(&hidden)).await, 401, "unauthenticated");
        let (_, cleaner) = c.user("cleaner").await;
        problem(&c.with_token(&cleaner).post(&path, &hidden).await, 403, "forbidden");

        c.delete(&made_at).await.is(204);
        problem(&c.get(&made_at).await, 404, "not_found");
        problem(&c.delete(&made_at).await, 404, "not_found");
        // Its name and its zip codes are free again.
        area(&c, "Uptown", &["10024"]).await;
    });
}

#[test]
fn a_zip_code_belongs_to_one_area() {
    with_company(async |c| {
        let (up, down) = (area(&c, "Uptown", &["10024"]).await, area(&c, "Downtown", &[]).await);
        let codes = |area: i64| format!("/tenant/{}/location/{area}/zipcode", c.id);
        let made = c.post(&codes(down), &json!({"zip": "1000 ab"})).await.is(201);
        let at = made.header("location").to_owned();
        let made = made.json();
        assert_eq!((&made["zip"], &made["tenantLocationId"]), (&json!("1000AB"), &json!(down)));
        assert_eq!(c.get(&at).await.is(200).json(), made);
        let again = c.post(&codes(down), &json!({"zip": "1000AB"})).await.is(200).json();
        assert_eq!(again, made);

        let taken = c.post(&codes(up), &json!({"zip": "1000AB"})).await;
        assert_eq!(problem(&taken, 409, "zip_taken")["tenantLocationId"], down);
        let path = format!("/tenant/{}/location", c.id);
        let taken = c.post(&path, &json!({"name": "New", "zipCodes": ["10099", "10024"]})).await;
        assert_eq!(problem(&taken, 409, "zip_taken")["tenantLocationId"], up);
        assert_eq!(refused(&c.post(&codes(up), &json!({"zip": "?"})).await), ["zip"]);
        assert_eq!(refused(&c.post(&codes(up), &json!({})).await), ["zip"]);

        let found = format!("/tenant/{}/zipcode/1000ab/location", c.id);
        assert_eq!(stranger("GET", &found, None).await.is(200).id(), down);
        let nowhere = format!("/tenant/{}/zipcode/99999/location", c.id);
        problem(&stranger("GET", &nowhere, None).await, 404, "no_coverage");
        problem(
            &stranger("GET", "/tenant/999999999/zipcode/1000/location", None).await,
            404,
            "not_found",
        );

        c.delete(&at.replace(&format!("/{down}/"), &format!("/{up}/"))).await.is(404);
        c.delete(&at).await.is(204);
        problem(&stranger("GET", &found, None).await, 404, "no_coverage");
        problem(&c.get(&at).await, 404, "not_found");
    });
}

/// What an area shows of others is a part of what its etag stands for.
#[test]
fn an_area_with_another_count_has_another_etag() {
    with_company(async |c| {
        let area = area(&c, "Uptown", &["10024"]).await;
        let at = format!("/tenant/{}/location/{area}", c.id);
        let mut seen = Vec::new();
        let mut changed = async |what: &str| {
            let answer = c.get(&at).await.is(200);
            let etag = answer.header("etag").to_owned();
            assert!(!seen.contains(&etag), "{what}: {etag} {}", answer.text);
            let asked = c.request("GET", &at).header("if-none-match", &etag);
            http::send(asked).await.is(304);
            seen.push(etag);
            answer.json()
        };
        assert_eq!(changed("new").await["zipCodeCount"], 1);
        let codes = format!("{at}/zipcode");
        let zip = c.post(&codes, &json!({"zip": "10025"})).await.is(201);
        assert_eq!(changed("a zip code").await["zipCodeCount"], 2);
        c.delete(zip.header("location")).await.is(204);
        assert_eq!(changed("one less").await["zipCodeCount"], 1);
        let services = format!("/tenant/location/{area}/service");
        c.post(&services, &json!({"name": "Deep clean"})).await.is(201);
        assert_eq!(changed("a service").await["serviceCount"], 1);
        let cleaner = cleaner(&c, &json!({})).await["id"].as_i64().expect("an id");
        let sql =
            format!("INSERT INTO cleaning.cleaner_areas VALUES ({}, {cleaner}, {area})", c.id);
        database::write(c.id, &sql).await;
        assert_eq!(changed("a cleaner").await["cleanerCount"], 1);
        let sql = format!("UPDATE cleaning.cleaners SET status = 5 WHERE id = {cleaner}");
        database::write(c.id, &sql).await;
        assert_eq!(changed("who stops").await["cleanerCount"], 0);
    });
}

#[test]
fn zip_codes_come_page_by_page() {
    with_company(async |c| {
        let zips: Vec<String> = (0..25).map(|number| format!("2{number:04}")).collect();
        let zips: Vec<&str> = zips.iter().rev().map(String::as_str).collect();
        let area = area(&c, "Uptown", &zips).await;
        let path = format!("/tenant/{}/location/{area}/zipcode", c.id);
        let page = c.get(&path).await.is(200).json();
        let of = |page: &Value, name: &str| page[name].clone();
        assert_eq!(of(&page, "items").as_array().expect("a list").len(), 20);
        assert_eq!(page["items"][0]["zip"], "20000");
        for (name, value) in [
            ("pageNumber", json!(1)),
            ("pageSize", json!(20)),
            ("totalCount", json!(25)),
            ("totalPages", json!(2)),
            ("hasPreviousPage", json!(false)),
            ("hasNextPage", json!(true)),
        ] {
            assert_eq!(of(&page, name), value, "{name}");
        }
        let past = c.get(&format!("{path}?pageNumber=9")).await.is(200).json();
        assert_eq!((of(&past, "items"), of(&past, "hasPreviousPage")), (json!([]), json!(true)));
        let found = c.find(&path, &[("search", "2001")]).await.is(200).json();
        assert_eq!(found["totalCount"], 10);
        let bad = c.find(&path, &[("pageSize", "201"), ("pageNumber", "x")]).await;
        assert_eq!(refused(&bad), ["pageNumber"]);
        let bad = c.find(&path, &[("pageSize", "201"), ("pageNumber", "0")]).await;
        assert_eq!(refused(&bad), ["pageNumber", "pageSize"]);
    });
}

#[test]
fn of_many_who_want_a_zip_code_one_gets_it() {
    with_company(async |c| {
        let mut areas = Vec::new();
        for name in ["A", "B", "C", "D"] {
            areas.push(area(&c, name, &[]).await);
        }
        let c = &c;
        let answers = join_all(areas.iter().flat_map(|area| [area, area]).map(async |area| {
            let path = format!("/tenant/{}/location/{area}/zipcode", c.id);
            (area, c.post(&path, &json!({"zip": "30303"})).await)
        }))
        .await;
        let won: Vec<_> = answers.iter().filter(|(_, answer)| answer.status == 201).collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        for (area, answer) in &answers {
            if *area == won[0].0 {
                assert!([200, 201].contains(&answer.status), "{answer:?}");
            } else {
                assert_eq!(problem(answer, 409, "zip_taken")["tenantLocationId"], *won[0].0);
            }
        }
    });
}

#[test]
fn a_key_makes_an_area_once() {
    with_company(async |c| {
        let path = format!("/tenant/{}/location", c.id);
        let send = async |name: &str| {
            let request = c.request("POST", &path).header("idempotency-key", "one");
            http::send(request.json(&json!({"name": name}))).await
        };
        let first = send("Uptown").await.is(201);
        let second = send("Uptown").await.is(201);
        assert_eq!(second.header("idempotency-replayed"), "true");
        assert_eq!(
            (first.text, first.headers.get("location")),
            (second.text.clone(), second.headers.get("location"))
        );
        problem(&send("Downtown").await, 422, "idempotency_mismatch");
    });
}
