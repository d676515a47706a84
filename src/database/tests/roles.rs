//! Whose hands the database may be in: owners that are no superusers, roles made by hand, and
//! roles that are refused.

mod support;

use steward_database::{SetupError, migrate, prepare};
use support::TestDatabase;

/// The URL of another role, without a password: the embedded cluster asks for none.
fn url_of(role: &str, owner_url: &str, database: &str) -> String {
    let (_, rest) = owner_url.split_once('@').expect("role");
    let (host, _) = rest.rsplit_once('/').expect("database");
    format!("postgresql://{role}@{host}/{database}")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_need_not_be_a_superuser() {
    let test = TestDatabase::new().await;
    let admin = support::admin().await;
    admin.batch_execute("CREATE ROLE landlord LOGIN CREATEROLE PASSWORD 'x'").await.expect("role");
    admin.batch_execute("CREATE DATABASE \"land's %I\" OWNER landlord").await.expect("database");
    let url = url_of("landlord", &test.owner_url, "land's%20%25I");

    let prepared = prepare(&url).await.expect("prepare");
    assert!(!prepared.applied.is_empty());
    assert_eq!(prepared.owner_url.as_deref(), Some(url.as_str()));
    let again = prepare(&url).await.expect("again");
    assert!(again.applied.is_empty());
    assert_eq!(again.app_url, prepared.app_url);

    // A restored dump knows a password, and the new server no role.
    support::connect(&url_of("steward", &test.owner_url, "land's%20%25I"))
        .await
        .batch_execute("DROP OWNED BY \"land's %I_app\"; DROP ROLE \"land's %I_app\"")
        .await
        .expect("drop");
    let restored = prepare(&url).await.expect("restored");
    assert_ne!(restored.app_url, prepared.app_url);
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_roles_that_walls_do_not_hold() {
    let test = TestDatabase::new().await;
    let app: String = test
        .owner
        .query_one("SELECT current_database() || '_app'", &[])
        .await
        .expect("name")
        .get(0);
    let database = app.trim_end_matches("_app").to_owned();
    test.owner
        .batch_execute(&format!(
            "CREATE ROLE fit LOGIN; GRANT {app} TO fit;
             CREATE ROLE passing LOGIN BYPASSRLS; GRANT {app} TO passing;
             CREATE ROLE proprietor; CREATE ROLE heir LOGIN NOINHERIT; GRANT {app} TO heir;
             GRANT proprietor TO heir; ALTER TABLE platform.tenants OWNER TO proprietor;"
        ))
        .await
        .expect("roles");
    let as_role = |role| url_of(role, &test.owner_url, &database);

    let fit = prepare(&as_role("fit")).await.expect("fit");
    assert_eq!(fit.app_url, as_role("fit"));
    for unfit in ["passing", "heir"] {
        let refused = prepare(&as_role(unfit)).await.err().expect(unfit);
        assert!(matches!(&refused, SetupError::Role(text) if text.contains(unfit)), "{refused}");
    }

    test.owner
        .batch_execute("INSERT INTO steward.schema_migrations VALUES ('2999_x_y', '')")
        .await
        .expect("newer");
    for url in [as_role("fit"), test.owner_url.clone()] {
        let newer = prepare(&url).await.err().expect("newer");
        assert!(matches!(newer, SetupError::Newer { .. }), "{newer}");
    }
    let nowhere = migrate("postgresql://nobody@127.0.0.1:1/none").await.expect_err("nowhere");
    assert!(!nowhere.to_string().contains('\n'), "{nowhere}");
}
