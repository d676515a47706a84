//! What holds for every change: it is not done twice, and not over what somebody else did.

use prost_reflect::{MethodDescriptor, Value};
use tonic::Code;
use tonic_types::StatusExt;

use super::contract::{Idempotency, dialect, family, guarded_rpcs, idempotency, name, path};
use super::grounds::for_each;
use super::ids::Ids;
use super::problems;
use super::ready;
use super::request::{Change, request};
use crate::support::{Tenant, grpc, run, unique};

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
