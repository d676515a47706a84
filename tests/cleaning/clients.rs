//! Clients.
//!
//! Covers: AddClient, GetClient, ListClients, UpdateClient, PatchMyClient, PatchClient,
//! Covers: DeleteClient, ListClientLocations.

use serde_json::{Value, json};

use super::company::{Company, problem, refused, with_company};
use super::homes::home;
use super::locations::area;
use crate::support::{Answer, Server, Tenant, database, http, mail, unique};

/// Adds a client; answers what was made.
pub async fn client(c: &Company, more: &Value) -> Value {
    let mut body = json!({"firstName": "Ann", "lastName": "Lee",
        "email": format!("{}@example.com", unique("ann"))});
    let body_of = body.as_object_mut().expect("an object");
    body_of.extend(more.as_object().expect("an object").clone());
    c.post("/client/add", &body).await.is(201).json()
}

const PASSWORD: &str = "correct horse 7";

/// Adds a client and signs in as them; answers what was made, and calls in their name.
pub async fn signed_in(c: &Company) -> (Value, Tenant) {
    let made = client(c, &json!({"password": PASSWORD})).await;
    let body = json!({"username": made["email"], "password": PASSWORD, "tenantId": c.id});
    let session = c.post("/auth/login", &body).await.is(200).json();
    assert_eq!(session["user"]["id"], made["userId"]);
    let own = c.with_token(session["token"].as_str().expect("a token"));
    (made, own)
}

async fn patch(t: &Tenant, path: &str, body: &Value) -> Answer {
    http::send(t.request("PATCH", path).json(body)).await
}

/// How the status of a client went, as the log keeps it.
async fn log(c: &Company, id: &Value) -> String {
    let sql = format!(
        "SELECT string_agg(concat_ws('>', coalesce(from_status, 0), to_status), ',' ORDER BY id)
         FROM cleaning.client_status_log WHERE tenant_id = {} AND client_id = {id}",
        c.id
    );
    database::owner().await.query_one(&sql, &[]).await.expect("the log").get(0)
}

#[test]
fn a_client_is_added_with_a_user_and_a_home() {
    with_company(async |c| {
        let email = format!("{}@Example.com", unique("Ann"));
        let body = json!({"firstName": " Ann ", "lastName": "Lee", "email": email,
            "phone": "+12125550101", "tags": ["VIP", "VIP", "dogs"], "birthday": "1990-02-28",
            "location": {"nickname": "Loft", "bathrooms": 1.5, "clientId": 4,
                "address": {"street": "1 Main St", "city": "New York", "state": "NY",
                    "zip": " 10 001"}}});
        let uptown = area(&c, "Uptown", &["10001"]).await;
        let made = c.post("/client/add", &body).await.is(201);
        let at = made.header("location").to_owned();
        let made = made.json();
        assert_eq!(c.get(&at).await.is(200).json(), made);
        assert_eq!((&made["firstName"], &made["statusId"]), (&json!("Ann"), &json!(1)));
        assert_eq!(made["status"], "Lead");
        assert_eq!(made["email"], email.to_lowercase());
        assert_eq!(
            (&made["tags"], &made["birthday"]),
            (&json!(["VIP", "dogs"]), &json!("1990-02-28"))
        );
        assert_eq!(made["contactPreference"], "email");
        let home = &made["locations"][0];
        assert_eq!((&home["nickname"], &home["isDefault"]), (&json!("Loft"), &json!(true)));
        assert_eq!((&home["clientId"], &home["tenantLocationId"]), (&made["id"], &json!(uptown)));
        assert_eq!((&home["address"]["zip"], &home["bathrooms"]), (&json!("10001"), &json!(1.5)));
        assert_eq!(log(&c, &made["id"]).await, "0>1");

        // The user may sign in once a password is chosen, by the link that was mailed.
        let user = c.get(&format!("/user/getuser/{}", made["userId"])).await.is(200).json();
        assert_eq!((&user["role"], &user["firstName"]), (&json!("client"), &json!("Ann")));
        assert_eq!((&user["username"], &user["phone"]), (&made["email"], &json!("+12125550101")));
        let mail = mail::to(&c, &email.to_lowercase(), 1).await.remove(0);
        assert!(mail.path(c.base).starts_with("/passwords/"), "{}", mail.text);

        for taken in [email.clone(), email.to_uppercase()] {
            let again = json!({"firstName": "B", "lastName": "C", "email": taken});
            problem(&c.post("/client/add", &again).await, 409, "email_taken");
        }
        let bad = json!({"firstName": "", "email": "x", "phone": "1", "birthday": "1990-02-30",
            "contactPreference": "pigeon", "password": "short", "tags": [""],
            "location": {"bathrooms": 1.2, "address": {"zip": "1"}}});
        assert_eq!(
            refused(&c.post("/client/add", &bad).await),
            [
                "birthday",
                "contactPreference",
                "email",
                "firstName",
                "lastName",
                "location.address.city",
                "location.address.state",
                "location.address.street",
                "location.address.zip",
                "location.bathrooms",
                "phone",
                "tags[0]"
            ]
        );
        let weak = json!({"firstName": "B", "lastName": "C", "email": "b@example.com",
            "password": "short"});
        assert_eq!(refused(&c.post("/client/add", &weak).await), ["password"]);
        let unknown = json!({"firstName": "B", "lastName": "C", "email": "b@example.com",
            "leadSourceId": 999_999_999});
        problem(&c.post("/client/add", &unknown).await, 404, "not_found");
    });
}

#[test]
fn a_client_is_changed_and_deleted() {
    with_company(async |c| {
        let made = client(&c, &json!({"phone": "+12125550101", "tags": ["VIP"]})).await;
        let (id, at) = (&made["id"], format!("/client/get/{}", made["id"]));
        let path = format!("/client/{id}");
        let changed = patch(&c, &path, &json!({"lastName": "Ray", "phone": null})).await.is(200);
        assert_eq!(changed.header("etag"), "\"v2\"");
        let changed = changed.json();
        assert_eq!((&changed["lastName"], &changed["phone"]), (&json!("Ray"), &Value::Null));
        assert_eq!((&changed["email"], &changed["tags"]), (&made["email"], &made["tags"]));
        let user = c.get(&format!("/user/getuser/{}", made["userId"])).await.is(200).json();
        assert_eq!((&user["lastName"], &user["phone"]), (&json!("Ray"), &Value::Null));
        let stale = c.request("PATCH", &path).header("if-match", "\"v1\"");
        problem(&http::send(stale.json(&json!({"phone": null}))).await, 412, "version_mismatch");
        assert_eq!(refused(&patch(&c, &path, &json!({"email": null})).await), ["email"]);

        // A list says step by step what changes, all of it or nothing.
        let steps = json!([{"op": "test", "path": "/lastName", "value": "Ray"},
            {"op": "add", "path": "/tags/-", "value": "dogs"},
            {"op": "replace", "path": "/phone", "value": "+12125550109"}]);
        let stepped = patch(&c, &path, &steps).await.is(200);
        assert_eq!(stepped.header("etag"), "\"v3\"");
        let stepped = stepped.json();
        assert_eq!(
            (&stepped["tags"], &stepped["phone"]),
            (&json!(["VIP", "dogs"]), &json!("+12125550109"))
        );
        assert_eq!(stepped["lastName"], "Ray");
        let unmet = json!([{"op": "remove", "path": "/phone"},
            {"op": "test", "path": "/lastName", "value": "Lee"}]);
        problem(&patch(&c, &path, &unmet).await, 412, "version_mismatch");
        let lost = json!([{"op": "remove", "path": "/tags/7"}]);
        assert_eq!(patch(&c, &path, &lost).await.status, 400);
        let wrong = json!([{"op": "replace", "path": "/firstName", "value": 7}]);
        assert_eq!(refused(&patch(&c, &path, &wrong).await), ["firstName"]);
        let unknown = json!([{"op": "move", "from": "/phone", "path": "/email"}]);
        problem(&patch(&c, &path, &unknown).await, 400, "malformed_json");
        assert_eq!(c.get(&at).await.is(200).json(), stepped, "none of it");

        // What a replacement leaves out is gone, but for what must be there.
        let email = format!("{}@example.com", unique("new"));
        let body = json!({"id": id, "firstName": "Bo", "lastName": "Ray", "email": email});
        let replaced = c.put("/client", &body).await.is(200).json();
        assert_eq!((&replaced["tags"], &replaced["firstName"]), (&json!([]), &json!("Bo")));
        let user = c.get(&format!("/user/getuser/{}", made["userId"])).await.is(200).json();
        assert_eq!(user["username"], json!(email));
        assert_eq!(refused(&c.put("/client", &json!({"id": id})).await).len(), 1);
        let other = client(&c, &json!({})).await;
        let taken = json!({"email": other["email"]});
        problem(&patch(&c, &path, &taken).await, 409, "email_taken");
        let foreign = Company::fresh().await;
        problem(&patch(&foreign, &path, &json!({"phone": null})).await, 404, "not_found");

        let check = format!("/client/delete/{id}?validateOnly=true");
        c.delete(&check).await.is(204);
        c.get(&at).await.is(200);
        c.delete(&format!("/client/delete/{id}")).await.is(204);
        problem(&c.get(&at).await, 404, "not_found");
        problem(&c.delete(&format!("/client/delete/{id}")).await, 404, "not_found");
        // The address is free for somebody else.
        client(&c, &json!({"email": email})).await;
    });
}

#[test]
fn clients_see_and_change_themselves_alone() {
    with_company(async |c| {
        let source = c.get("/client-lead-sources").await.is(200).json()[0]["id"].clone();
        let (made, own) = signed_in(&c).await;
        let path = format!("/client/{}", made["id"]);
        let tags = json!({"tags": ["VIP"], "leadSourceId": source});
        let made = patch(&c, &path, &tags).await.is(200).json();
        let at = format!("/client/get/{}", made["id"]);
        assert_eq!(own.get(&at).await.is(200).json(), made);
        let other = client(&c, &json!({})).await;
        let elsewhere = format!("/client/get/{}", other["id"]);
        problem(&own.get(&elsewhere).await, 403, "forbidden");
        problem(&own.get("/client/get/999999999").await, 404, "not_found");
        problem(&own.get("/client").await, 403, "forbidden");
        problem(&patch(&own, &path, &json!({"phone": null})).await, 403, "forbidden");

        let body = json!({"phone": "+12125550102", "tags": [], "leadSourceId": null});
        let changed = patch(&own, "/client", &body).await.is(200);
        assert_eq!(changed.header("etag"), "\"v3\"");
        let changed = changed.json();
        assert_eq!(
            (&changed["phone"], &changed["tags"]),
            (&json!("+12125550102"), &json!(["VIP"]))
        );
        assert_eq!(changed["leadSourceId"], source);
        let stale = own.request("PATCH", "/client").header("if-match", "\"v2\"");
        problem(&http::send(stale.json(&json!({"phone": null}))).await, 412, "version_mismatch");
        let body = json!({"firstName": "Cy", "lastName": "Lee", "email": made["email"]});
        let replaced = own.put("/client", &body).await.is(200).json();
        assert_eq!((&replaced["firstName"], &replaced["tags"]), (&json!("Cy"), &json!(["VIP"])));
        let of_other = json!({"id": other["id"], "firstName": "Cy", "lastName": "Lee",
            "email": other["email"]});
        problem(&own.put("/client", &of_other).await, 403, "forbidden");
        // Admins say whom they mean, in whichever way, and are told that alone where a part is given.
        assert_eq!(refused(&c.put("/client", &body).await), ["id"]);
        let part = patch(&c, "/location", &json!({"nickname": "q"})).await;
        assert_eq!(refused(&part), ["id"]);
        // What clients have for themselves admins have not.
        let (_, admin) = c.user("tenantAdmin").await;
        for path in ["/client/booking-info", "/client/events"] {
            for caller in [&c.tenant, &c.with_token(&admin)] {
                problem(&caller.get(path).await, 403, "forbidden");
            }
        }

        c.delete(&format!("/client/delete/{}", made["id"])).await.is(204);
        let body = json!({"username": made["email"], "password": PASSWORD, "tenantId": c.id});
        problem(&c.post("/auth/login", &body).await, 401, "invalid_credentials");
    });
}

#[test]
fn clients_are_found_by_what_is_known_of_them() {
    with_company(async |c| {
        let uptown = area(&c, "Uptown", &["10001"]).await;
        let source = c.get("/client-lead-sources").await.is(200).json()[1]["id"].clone();
        let ann = client(&c, &json!({"lastName": "Zoë", "tags": ["VIP"]})).await;
        let bo = client(&c, &json!({"lastName": "adams", "phone": "+12125550133"})).await;
        let cy = client(&c, &json!({"lastName": "Moss", "leadSourceId": source})).await;
        home(&c, &bo["id"], "Home", "10001").await;
        home(&c, &cy["id"], "Home", "99999").await;
        let found = async |query: &str| -> Vec<Value> {
            let page = c.get(&format!("/client?{query}")).await.is(200).json();
            let items = page["items"].as_array().expect("clients").iter();
            items.map(|client| client["id"].clone()).collect()
        };
        let id = |client: &Value| client["id"].clone();
        assert_eq!(found("").await, [id(&ann), id(&bo), id(&cy)]);
        assert_eq!(found("sortBy=lastName").await, [id(&bo), id(&cy), id(&ann)]);
        assert_eq!(
            found("sortBy=createdAt&sortDirection=desc").await,
            [id(&cy), id(&bo), id(&ann)]
        );
        for (query, client) in [
            ("search=ZOE", &ann),
            ("search=5550133", &bo),
            ("search=main%20st%20new%20york%2099999", &cy),
            ("tag=vip", &ann),
            (&*format!("leadSourceId={source}"), &cy),
            (&*format!("tenantLocationId={uptown}"), &bo),
        ] {
            assert_eq!(found(query).await, [id(client)], "{query}");
        }
        assert_eq!(found("statusId=lead&pageSize=2&pageNumber=2").await, [id(&cy)]);
        assert!(found("statusId=2").await.is_empty());
        let page = c.get("/client?pageSize=2").await.is(200).json();
        assert_eq!((&page["totalCount"], &page["totalPages"]), (&json!(3), &json!(2)));
        assert_eq!((&page["hasNextPage"], &page["hasPreviousPage"]), (&json!(true), &json!(false)));
        let bad = c.get("/client?sortBy=email&sortDirection=up&pageSize=201").await;
        assert_eq!(refused(&bad), ["pageSize", "sortBy", "sortDirection"]);

        let homes = c.get(&format!("/client/{}/locations", bo["id"])).await.is(200);
        assert_eq!(homes.header("x-total-count"), "1");
        assert_eq!(homes.json()[0]["tenantLocationId"], uptown);
        problem(&c.get("/client/999999999/locations").await, 404, "not_found");
        let (me, own) = signed_in(&c).await;
        assert_eq!(
            own.get(&format!("/client/{}/locations", me["id"])).await.is(200).json(),
            json!([])
        );
        problem(&own.get(&format!("/client/{}/locations", bo["id"])).await, 403, "forbidden");
    });
}

#[test]
fn whom_the_operator_records_is_a_client_or_a_cleaner_at_once() {
    with_company(async |c| {
        let record = async |role: &str, name: &str| {
            let (tenant, email) = (c.id.to_string(), format!("{}@example.com", unique(role)));
            let user = ["user", "create", "--tenant", &tenant, "--email", &email, "--role", role];
            let output = Server::shared().await.command(&[&user[..], &["--name", name]].concat());
            assert_eq!(output.code, Some(0), "{}", output.stderr);
            let made: Value = serde_json::from_str(&output.stdout).expect("JSON");
            (email, c.with_token(made["access_token"].as_str().expect("a token")))
        };
        let (email, own) = record("client", "Mary Ann Lee").await;
        let client = own.get("/client/get/0").await.is(200).json();
        assert_eq!(
            (&client["firstName"], &client["lastName"], &client["email"]),
            (&json!("Mary Ann"), &json!("Lee"), &json!(email))
        );
        let info = own.get("/client/booking-info").await.is(200).json();
        assert_eq!(info["bookings"], json!([]));
        let (email, own) = record("cleaner", "").await;
        let cleaner = own.get("/cleaner/GetCleanerProfile").await.is(200).json();
        assert_eq!(
            (&cleaner["firstName"], &cleaner["status"]),
            (&json!(email.split('@').next()), &json!("Active"))
        );
    });
}
