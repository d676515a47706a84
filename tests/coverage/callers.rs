//! Who may call: users by their role, and nobody of another family.

use std::collections::BTreeMap;

use prost_reflect::MethodDescriptor;
use serde_json::Value;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::contract::{dialect, family, is_of_platform, name, path, roles};
use super::grounds::{Tenants, for_each};
use super::problems;
use crate::support::{Server, Tenant, grpc, run, unique};

/// What a user may be to a tenant.
const ROLES: [&str; 4] = ["owner", "tenantAdmin", "cleaner", "client"];

/// The token of a new user.
async fn token(tenant: &Tenant, role: &str) -> String {
    let (id, email) = (tenant.id.to_string(), format!("{}@example.com", unique(role)));
    let made = ["user", "create", "--tenant", &id, "--email", &email, "--role", role];
    let output = Server::shared().await.command(&made);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let user: Value = serde_json::from_str(&output.stdout).expect("JSON");
    user["access_token"].as_str().expect("a token").to_owned()
}

/// Calls an RPC with an empty message, which only who may call it has read.
async fn knock(token: &str, rpc: &MethodDescriptor) -> Result<(), Status> {
    grpc::begin(token, &path(rpc), Vec::new()).await
}

#[track_caller]
fn assert_shut(answer: Result<(), Status>, rpc: &MethodDescriptor, at: &str) {
    let Err(status) = answer else { panic!("{at}: no refusal") };
    assert_eq!(status.code(), Code::PermissionDenied, "{at}: {status:?}");
    let info = status.get_details_error_info().expect("error info");
    assert_eq!(info.reason, problems::reason(dialect(rpc), "FORBIDDEN_ACTION"), "{at}");
    assert!(info.metadata.contains_key("permission"), "{at}: {status:?}");
}

#[track_caller]
fn assert_open(answer: Result<(), Status>, at: &str) {
    if let Err(status) = answer {
        let shut = matches!(status.code(), Code::PermissionDenied | Code::Unauthenticated);
        assert!(!shut, "{at}: {status:?}");
    }
}

#[test]
fn every_rpc_is_open_to_the_roles_that_it_names() {
    run(async {
        let tenants = Tenants::fresh().await;
        let mut tokens = BTreeMap::new();
        for tenant in tenants.all() {
            for role in ROLES {
                tokens.insert((tenant.family.clone(), role), token(tenant, role).await);
            }
        }
        let tokens = &tokens;
        for_each(async |rpc| {
            let open = roles(&rpc);
            assert!(open.iter().all(|role| ROLES.contains(&&**role)), "{}: {open:?}", name(&rpc));
            for role in ROLES {
                let answer = knock(&tokens[&(family(&rpc), role)], &rpc).await;
                let at = format!("{} by {role}", name(&rpc));
                if open.iter().any(|known| known == role) {
                    assert_open(answer, &at);
                } else {
                    assert_shut(answer, &rpc, &at);
                }
            }
        })
        .await;
    });
}

#[test]
fn every_rpc_refuses_tokens_of_other_families() {
    run(async {
        let tenants = Tenants::fresh().await;
        assert!(tenants.all().count() >= 2, "other families");
        for_each(async |rpc| {
            for tenant in tenants.all().filter(|tenant| tenant.family != family(&rpc)) {
                let answer = knock(&tenant.token, &rpc).await;
                let at = format!("{} by {}", name(&rpc), tenant.family);
                if is_of_platform(&rpc) {
                    assert_open(answer, &at);
                } else {
                    assert_shut(answer, &rpc, &at);
                }
            }
        })
        .await;
    });
}
