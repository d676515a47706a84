//! A tenant of each family, and RPCs tried side by side.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use prost_reflect::MethodDescriptor;

use super::contract::{families, family, guarded_rpcs, package};
use super::ids::Ids;
use crate::support::Tenant;

/// How many RPCs are tried at a time.
const AT_ONCE: usize = 6;

/// Tries something on every guarded RPC.
pub async fn for_each(test: impl AsyncFn(MethodDescriptor)) {
    let test = &test;
    stream::iter(guarded_rpcs()).for_each_concurrent(AT_ONCE, |rpc| test(rpc)).await;
}

/// Tries something on every guarded RPC, with records of a fresh tenant of its family.
pub async fn for_each_own(test: impl AsyncFn(MethodDescriptor, &Ids<'_>)) {
    let tenants = Tenants::fresh().await;
    let ids = &tenants.ids().await;
    for_each(async |rpc| test(rpc.clone(), &ids[&family(&rpc)]).await).await;
}

/// A fresh tenant of each family, by its name.
pub struct Tenants(BTreeMap<String, Tenant>);

impl Tenants {
    pub async fn fresh() -> Self {
        let mut tenants = BTreeMap::new();
        for family in families() {
            let tenant = Tenant::of(&family).await;
            tenants.insert(family, tenant);
        }
        Self(tenants)
    }

    /// The tenant of the family of an RPC.
    pub fn of(&self, rpc: &MethodDescriptor) -> &Tenant {
        &self.0[&family(rpc)]
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Tenant> {
        self.0.values()
    }

    /// Records of every kind of each of them, by family: made at once, so that RPCs that are
    /// tried side by side find them.
    pub async fn ids(&self) -> BTreeMap<String, Ids<'_>> {
        self.made(Ids::of).await
    }

    /// The same with numbers that the first records of other tenants do not have.
    pub async fn foreign_ids(&self) -> BTreeMap<String, Ids<'_>> {
        self.made(Ids::foreign).await
    }

    async fn made<'t>(&'t self, of: fn(&'t Tenant) -> Ids<'t>) -> BTreeMap<String, Ids<'t>> {
        let mut made = BTreeMap::new();
        for (family, tenant) in &self.0 {
            let ids = of(tenant);
            ids.make_all().await;
            made.insert(family.clone(), ids);
        }
        made
    }
}

/// The domain of the errors of an RPC: that of the family its service names.
pub fn domain(rpc: &MethodDescriptor) -> String {
    let package = package(rpc.parent_service().full_name()).to_owned();
    let family = if package == super::contract::PLATFORM { family(rpc) } else { package };
    format!("{family}.steward")
}
