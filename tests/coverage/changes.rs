//! What holds for every change: it is not done twice, not over what somebody else did, and not at all
//! when a call only asks what would come of it.

use std::time::Duration;

use prost_reflect::{MethodDescriptor, Value};
use tonic::Code;
use tonic_types::StatusExt;

use super::contract::{
    Idempotency, dialect, family, guarded_rpcs, has_own_tenant, idempotency, name, path, rpcs,
};
use super::grounds::for_each;
use super::ids::Ids;
use super::problems;
use super::ready;
use super::request::{Change, request};
use crate::support::{Tenant, database, eventually, grpc, run, unique};

/// Tries something on every change, each in a tenant of its own that is ready for it.
async fn for_each_change(test: impl AsyncFn(MethodDescriptor, &Ids<'_>)) {
    let changes = guarded_rpcs().into_iter().filter(|rpc| idempotency(rpc) != Idempotency::Read);
    assert!(changes.count() >= 40);
    for_each(async |rpc| {
        if idempotency(&rpc) != Idempotency::Read {
            let tenant = Tenant::of(&family(&rpc)).await;
            let ids = Ids::of(&tenant);
            ready::before(&ids, &rpc).await;
            test(rpc, &ids).await;
        }
    })
    .await;
}

#[test]
fn every_change_with_a_key_is_made_once() {
    run(for_each_change(async |rpc, ids| {
        let message = request(&rpc, ids, &Change::default()).await;
        let key = unique("once-");
        let send = async |message: &[u8]| {
            let headers = [("idempotency-key", &*key)];
            grpc::call_with(Some(&ids.tenant.token), &path(&rpc), message.to_vec(), &headers).await
        };
        let (head, first) =
            send(&message).await.unwrap_or_else(|status| panic!("{}: {status:?}", name(&rpc)));
        assert!(!head.contains_key("idempotency-replayed"), "{}: {head:?}", name(&rpc));
        let (head, second) =
            send(&message).await.unwrap_or_else(|status| panic!("{}: {status:?}", name(&rpc)));
        assert_eq!(head.get("idempotency-replayed").expect("a header"), "true", "{}", name(&rpc));
        assert_eq!(first, second, "{}", name(&rpc));
        if message.is_empty() {
            return;
        }
        let status = send(&[]).await.expect_err("another request");
        let info = status.get_details_error_info().expect("error info");
        let expected = problems::reason(dialect(&rpc), "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(info.reason, expected, "{}: {status:?}", name(&rpc));
    }));
}

#[test]
fn every_change_of_what_has_an_etag_heeds_it() {
    run(for_each_change(async |rpc, ids| {
        if rpc.input().get_field_by_name("etag").is_none() {
            return;
        }
        let with = Some(("etag".to_owned(), Value::String("stale".to_owned())));
        let message = request(&rpc, ids, &Change { with, ..Change::default() }).await;
        let answer = grpc::call_bytes(Some(&ids.tenant.token), &path(&rpc), message).await;
        let Err(status) = answer else { panic!("{}: no refusal", name(&rpc)) };
        assert_eq!(status.code(), Code::Aborted, "{}: {status:?}", name(&rpc));
        let info = status.get_details_error_info().expect("error info");
        let expected = problems::reason(dialect(&rpc), "PRECONDITION_FAILED");
        assert_eq!(info.reason, expected, "{}", name(&rpc));
    }));
}

/// What a tenant has when nothing is at work in it any more.
async fn settled(tenant: &Tenant) -> std::collections::BTreeMap<String, String> {
    let waiting = format!("SELECT count(*) FROM platform.jobs WHERE tenant_id = {}", tenant.id);
    eventually("no jobs", Duration::from_secs(60), async || {
        (database::value(tenant.id, &waiting).await == 0).then_some(())
    })
    .await;
    database::digest(tenant.id).await
}

#[test]
fn every_change_that_only_asks_changes_nothing() {
    run(for_each_change(async |rpc, ids| {
        let message = request(&rpc, ids, &Change::default()).await;
        let before = settled(ids.tenant).await;
        let headers = [("prefer", "validate-only")];
        let token = Some(&*ids.tenant.token);
        let answer = grpc::call_with(token, &path(&rpc), message, &headers).await;
        let (head, _) = answer.unwrap_or_else(|status| panic!("{}: {status:?}", name(&rpc)));
        let applied = head.get("preference-applied").map(|value| value.to_str().expect("text"));
        assert_eq!(applied, Some("validate-only"), "{}", name(&rpc));
        assert_eq!(settled(ids.tenant).await, before, "{}", name(&rpc));
    }));
}

#[test]
fn changes_outside_of_every_tenant_are_known() {
    let outside = rpcs()
        .into_iter()
        .filter(|rpc| idempotency(rpc) != Idempotency::Read && !has_own_tenant(rpc));
    let outside: Vec<_> = outside.map(|rpc| rpc.name().to_owned()).collect();
    // Around these is no change that could be undone, so each has a test of calls that only ask.
    let tried = [
        "CheckResetCode",
        "CreateTenantLead",
        "CreateToken",
        "Login",
        "RefreshToken",
        "RegisterTenant",
        "ResetPassword",
        "SendResetLink",
    ];
    let mut outside: Vec<_> = outside.iter().map(String::as_str).collect();
    outside.sort_unstable();
    assert_eq!(outside, tried);
}
