//! Records of a tenant, made when a request needs them: by the RPC of the contract that makes
//! one, unless `ready` knows a better way.

use std::collections::BTreeMap;
use std::sync::Mutex;

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MethodDescriptor};

use super::contract::{
    Format, PLATFORM, format, is_output_only, name, package, pascal_case, path, rpcs, snake_case,
};
use super::ready;
use super::request::{Change, decode, places, request};
use crate::support::{Tenant, grpc};

/// How requests name a record.
#[derive(Debug, Clone, Copy)]
pub struct Record {
    pub id: i64,
    /// Its number among those of the tenant, of resources that have one.
    pub internal_id: Option<i64>,
}

impl From<i64> for Record {
    fn from(id: i64) -> Self {
        Self { id, internal_id: None }
    }
}

/// At most one record of each kind in a tenant.
pub struct Ids<'t> {
    pub tenant: &'t Tenant,
    /// Whether what is made is not the first of its kind. Numbers begin anew in each tenant, so
    /// the first of one tenant has the number of the first of another.
    pub is_second: bool,
    made: Mutex<BTreeMap<String, Record>>,
}

impl<'t> Ids<'t> {
    /// Nothing yet.
    pub fn of(tenant: &'t Tenant) -> Self {
        Self { tenant, is_second: false, made: Mutex::default() }
    }

    /// Nothing yet; what will be made has a number that another tenant's [`Ids`] do not have.
    pub fn foreign(tenant: &'t Tenant) -> Self {
        Self { is_second: true, ..Self::of(tenant) }
    }

    /// Makes one record of every kind that a request of the tenant's family names.
    pub async fn make(tenant: &'t Tenant) -> Self {
        let ids = Self::of(tenant);
        ids.make_all().await;
        ids
    }

    /// Makes whatever is missing.
    pub async fn make_all(&self) {
        for rpc in self.offered() {
            for place in places(&rpc) {
                if let Some(named) = self.named(&rpc, &place.field) {
                    self.record(&named.resource).await;
                }
            }
            if let Some(resource) = rpc.name().strip_prefix("Create")
                && is_resource(&rpc)
            {
                self.record(&snake_case(resource)).await;
            }
        }
    }

    /// The RPCs that the tenant may call.
    fn offered(&self) -> Vec<MethodDescriptor> {
        let mut rpcs = rpcs();
        rpcs.retain(|rpc| {
            let package = package(rpc.parent_service().full_name()).to_owned();
            package == self.tenant.family || package == PLATFORM
        });
        rpcs
    }

    /// The record of a kind, made now if it is not there.
    pub async fn record(&self, resource: &str) -> Record {
        let known = self.made.lock().expect("no panic").get(resource).copied();
        if let Some(record) = known {
            return record;
        }
        let record = match Box::pin(ready::made(self, resource)).await {
            Some(record) => record,
            None => Box::pin(self.create(resource)).await,
        };
        *self.made.lock().expect("no panic").entry(resource.to_owned()).or_insert(record)
    }

    /// The id of a record of a kind.
    pub async fn id(&self, resource: &str) -> i64 {
        self.record(resource).await.id
    }

    async fn create(&self, resource: &str) -> Record {
        let method = format!("Create{}", pascal_case(resource));
        let rpc = self.offered().into_iter().find(|rpc| rpc.name() == method);
        let rpc = rpc.unwrap_or_else(|| {
            let family = &self.tenant.family;
            panic!("how is a {resource} made? Say so in tests/coverage/ready/{family}.rs")
        });
        let mut answer = self.call(&rpc).await;
        if self.is_second {
            answer = self.call(&rpc).await;
        }
        let number =
            |member: &str| answer.get_field_by_name(member).and_then(|value| value.as_i64());
        let id = number("id").unwrap_or_else(|| panic!("{}: no id", name(&rpc)));
        Record { id, internal_id: number("internal_id") }
    }

    /// Calls an RPC as it is fine.
    pub async fn call(&self, rpc: &MethodDescriptor) -> DynamicMessage {
        ready::before(self, rpc).await;
        let message = request(rpc, self, &Change::default()).await;
        let answer = grpc::call_bytes(Some(&self.tenant.token), &path(rpc), message).await;
        decode(rpc, &answer.unwrap_or_else(|status| panic!("{}: {status:?}", name(rpc))))
    }

    /// The value of a field that names a record; none when it names none.
    pub async fn of_field(&self, rpc: &MethodDescriptor, field: &FieldDescriptor) -> Option<i64> {
        let Named { resource, is_number } = self.named(rpc, field)?;
        let record = self.record(&resource).await;
        if !is_number {
            return Some(record.id);
        }
        let number = record.internal_id;
        Some(number.unwrap_or_else(|| panic!("{}: a {resource} has no number", field.full_name())))
    }

    /// What kind of record a field of a request names.
    pub fn named(&self, rpc: &MethodDescriptor, field: &FieldDescriptor) -> Option<Named> {
        if field.kind() != Kind::Int64 || is_output_only(field) {
            return None;
        }
        let name = field.name().strip_suffix('s').unwrap_or(field.name());
        let holder = field.parent_message();
        let (resource, is_number) = match name {
            "id" | "internal_id" => {
                // `TagIds` are of tags; the ids of a request are those of its service.
                let of_holder = holder.name().strip_suffix("Ids").map(snake_case);
                let own = of_holder.unwrap_or_else(|| own_resource(rpc));
                (own, name == "internal_id")
            }
            name => match (name.strip_suffix("_internal_id"), name.strip_suffix("_id")) {
                (Some(resource), _) => (resource.to_owned(), true),
                (None, Some(resource)) => (resource.to_owned(), false),
                (None, None) => {
                    let is_id = format(field) == Format::Id;
                    assert!(!is_id, "{}: which id is this?", field.full_name());
                    return None;
                }
            },
        };
        let resource = ready::meant(rpc, &resource).to_owned();
        if ready::is_shared(&resource) || ready::is_ignored(rpc, field) {
            return None;
        }
        Some(Named { resource, is_number })
    }

    /// Every field of a request that holds the id of a record.
    pub fn id_places(&self, rpc: &MethodDescriptor) -> Vec<String> {
        let places = places(rpc).into_iter();
        let named = places.filter(|place| self.named(rpc, &place.field).is_some());
        named.map(|place| place.path).collect()
    }
}

/// What kind of record a field names, and how.
pub struct Named {
    pub resource: String,
    /// By its number among those of the tenant.
    is_number: bool,
}

/// What the service of an RPC is about: what it makes, or else what it gets.
fn own_resource(rpc: &MethodDescriptor) -> String {
    let methods: Vec<_> = rpc.parent_service().methods().collect();
    let about = |verb: &str| {
        let mut named = methods.iter().filter(|method| verb == "Get" || is_resource(method));
        named.find_map(|method| method.name().strip_prefix(verb).map(snake_case))
    };
    about("Create").or_else(|| about("Get")).unwrap_or_else(|| panic!("{}: of what?", name(rpc)))
}

/// Whether an RPC answers something that has an id.
fn is_resource(rpc: &MethodDescriptor) -> bool {
    rpc.output().get_field_by_name("id").is_some_and(|id| id.kind() == Kind::Int64)
}
