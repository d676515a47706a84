//! The walls between strangers, callers and tenants, each tried alone.

use jsonwebtoken::EncodingKey;
use serde_json::json;
use steward_database::{Database, PoolMode, PoolOptions, Record};
use steward_facilities::{
    attachments, invitations, issues, managers, owner_companies, owners, properties,
    property_types, property_unit_types, property_units, property_users, service_providers, tags,
};
use steward_kernel::TenantId;
use tonic::Code;
use tonic_types::StatusExt;

use super::contract::{
    dialect, family, guarded_rpcs, is_before_onboarding, is_of_platform, name, path,
};
use super::grounds::{Tenants, for_each};
use super::ids::Ids;
use super::problems;
use super::request::{Change, request};
use crate::platform::forgery::{claims, genuine_header, genuine_key, sign};
use crate::support::{Tenant, database, grpc, with_tenant};

#[test]
fn every_rpc_refuses_tokens_that_are_not_for_it() {
    with_tenant(async |t| {
        let tenants = Tenants::fresh().await;
        let ids = &tenants.ids().await;
        let key: EncodingKey = genuine_key(&t).await;
        let header = genuine_header(&t);
        let issued = claims(&t.token)["iat"].as_i64().expect("seconds");
        let expired = sign(&t, &header, json!({"exp": issued - 60}), &key);
        let foreign = sign(&t, &header, json!({"aud": "others"}), &key);
        let tokens = &[
            ("expired", expired, "TOKEN_EXPIRED"),
            ("of another audience", foreign, "INVALID_TOKEN"),
        ];
        for_each(async |rpc| {
            for (what, token, reason) in tokens {
                let message = request(&rpc, &ids[&family(&rpc)], &Change::default()).await;
                let answer = grpc::call_bytes(Some(token), &path(&rpc), message).await;
                let Err(status) = answer else { panic!("{}: {what}", name(&rpc)) };
                assert_eq!(status.code(), Code::Unauthenticated, "{}: {what}", name(&rpc));
                let info = status.get_details_error_info().expect("error info");
                assert_eq!(
                    info.reason,
                    problems::reason(dialect(&rpc), reason),
                    "{}: {what}",
                    name(&rpc)
                );
            }
        })
        .await;
    });
}

#[test]
fn every_rpc_waits_until_a_business_has_started() {
    with_tenant(async |_| {
        let newcomer = Tenant::newcomer("rentals").await;
        let waiting = guarded_rpcs().into_iter().filter(|rpc| {
            (is_of_platform(rpc) || family(rpc) == "rentals") && !is_before_onboarding(rpc)
        });
        let mut tried = 0;
        for rpc in waiting {
            let answer = grpc::call_bytes(Some(&newcomer.token), &path(&rpc), Vec::new()).await;
            let Err(status) = answer else { panic!("{}: open", name(&rpc)) };
            assert_eq!(status.code(), Code::PermissionDenied, "{}", name(&rpc));
            let info = status.get_details_error_info().expect("error info");
            assert_eq!(info.reason, "ONBOARDING_REQUIRED", "{}", name(&rpc));
            tried += 1;
        }
        assert!(tried >= 60, "{tried}");
    });
}

/// A session as the server's, that row-level security alone keeps apart.
async fn session_of(t: &Tenant) -> tokio_postgres::Client {
    let client = database::own().await;
    let sql = format!("SET ROLE steward_app; SET steward.tenant_id = '{}'", t.id);
    client.batch_execute(&sql).await.expect("a session");
    client
}

#[test]
fn statements_without_a_tenant_filter_leak_nothing() {
    with_tenant(async |t| {
        let other = Tenant::fresh().await;
        Ids::of(&t).make_all().await;
        Ids::of(&other).make_all().await;
        let before = database::digest(other.id).await;
        let relations = database::owner()
            .await
            .query(
                "SELECT format('%I.%I', c.relnamespace::regnamespace, c.relname), c.relkind = 'r'
                 FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                 WHERE c.relkind IN ('r', 'v') AND a.attname = 'tenant_id'
                   AND has_table_privilege('steward_app', c.oid, 'SELECT')
                   AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'steward')",
                &[],
            )
            .await
            .expect("tables and views");
        assert!(relations.len() >= 30, "{}", relations.len());
        let mut session = session_of(&t).await;
        let mut seen = 0;
        for row in relations {
            let (relation, is_table): (String, bool) = (row.get(0), row.get(1));
            let sql = format!("SELECT tenant_id, count(*) FROM {relation} GROUP BY tenant_id");
            let found = session.query(&sql, &[]).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
            for row in found {
                assert_eq!(row.get::<_, i64>(0), t.id, "{relation}");
                seen += row.get::<_, i64>(1);
            }
            if !is_table {
                continue;
            }
            let writes = [
                format!("DELETE FROM {relation} WHERE tenant_id <> {}", t.id),
                format!("UPDATE {relation} SET tenant_id = tenant_id WHERE tenant_id <> {}", t.id),
                format!("UPDATE {relation} SET tenant_id = {}", other.id),
            ];
            for sql in writes {
                let tx = session.transaction().await.expect("a transaction");
                // What the role may not do at all, it cannot do to others either.
                match tx.execute(&sql, &[]).await {
                    Ok(rows) => assert_eq!(rows, 0, "{sql}"),
                    Err(error) => {
                        let code = error.code().expect("an SQL state").code();
                        assert_eq!(code, "42501", "{sql}: {error:?}");
                    }
                }
            }
        }
        assert!(seen >= 20, "only {seen} rows were there to be told apart");
        assert_eq!(database::digest(other.id).await, before);
    });
}

/// Reads records as their repositories do, with a filter that names the other tenant: the
/// session alone says whose rows there are.
async fn leaks<R: Record>(database: &Database, t: &Tenant, other: &Tenant, table: &str) {
    let sql = format!("SELECT count(*) FROM {table}");
    assert!(database::value(other.id, &sql).await > 0, "{table} has nothing to leak");
    let ids: Vec<i64> = (1..=database::value(other.id, &format!("SELECT max(id) FROM {table}"))
        .await)
        .rev()
        .take(500)
        .collect();
    for (session, filter) in [(t, other), (other, t)] {
        let read = database.read(TenantId(session.id)).await.expect("a session");
        let found = R::many(&read, TenantId(filter.id), &ids).await.expect("an answer");
        let found: Vec<_> = found.iter().map(Record::id).collect();
        assert!(found.is_empty(), "{table}: {found:?}");
    }
    // The control: with the session of the tenant that it names, the same filter finds them.
    let read = database.read(TenantId(other.id)).await.expect("a session");
    let found = R::many(&read, TenantId(other.id), &ids).await.expect("an answer");
    assert!(!found.is_empty(), "{table}: the control found nothing");
}

#[test]
fn repositories_that_ask_for_another_tenant_find_nothing() {
    with_tenant(async |t| {
        let other = Tenant::fresh().await;
        Ids::of(&t).make_all().await;
        Ids::of(&other).make_all().await;
        let url = database::url_of_shared().await.replacen("//steward@", "//steward_app@", 1);
        for mode in [PoolMode::Session, PoolMode::Transaction] {
            let options = PoolOptions { size: 2, mode, ..PoolOptions::default() };
            let database = Database::open(&url, options).expect("a pool");
            macro_rules! try_each {
                ($($record:ty, $table:literal;)+) => {
                    $(leaks::<$record>(&database, &t, &other, $table).await;)+
                };
            }
            try_each! {
                owners::model::Owner, "facilities.users";
                owners::model::OwnerSummary, "facilities.users";
                managers::model::Manager, "facilities.users";
                managers::model::ManagerSummary, "facilities.users";
                service_providers::model::ServiceProvider, "facilities.users";
                property_users::model::PropertyUser, "facilities.users";
                owner_companies::model::OwnerCompany, "facilities.owner_companies";
                properties::model::Property, "facilities.properties";
                property_types::model::PropertyType, "facilities.property_types";
                property_unit_types::model::PropertyUnitType, "facilities.property_unit_types";
                property_units::model::PropertyUnit, "facilities.property_units";
                property_units::model::PropertyUnitSummary, "facilities.property_units";
                issues::model::Issue, "facilities.issues";
                issues::model::IssueSummary, "facilities.issues";
                attachments::model::Attachment, "facilities.attachments";
                invitations::model::Invitation, "facilities.invitations";
                tags::model::Tag, "facilities.tags";
            }
        }
    });
}
