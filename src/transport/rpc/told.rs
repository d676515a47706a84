//! How events call what was changed, and what a call changes beside its own resource.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use prost_reflect::{FieldDescriptor, MessageDescriptor};
use steward_kernel::{Context, Error, Family, Result, Watch};

use super::RpcService;
use super::resource::{ChangeRule, Getter, get_field_of_id, getter_of_id, snake_case};
use crate::catalog::{AlsoChanged, Catalog, CatalogError, Rpc};
use crate::changes::Event;
use crate::rest::wire::{bytes, integer};

/// How events call a resource.
pub(super) struct Told {
    /// `facilities.owner.updated`.
    event_type: &'static str,
    /// The same for what the platform has, in the families that its own service is not of.
    elsewhere: Vec<(Family, &'static str)>,
    /// `owner`.
    pub(super) resource_type: &'static str,
    /// The message it is.
    pub(super) message: MessageDescriptor,
}

impl Told {
    pub(super) fn new(
        catalog: &Catalog,
        family: &str,
        resource: &str,
        event: &str,
        message: MessageDescriptor,
    ) -> Self {
        let short = snake_case(resource);
        // The payment of a booking is a `booking_payment`, as its documents say.
        let json_type = catalog.message_rule(&message).json_type;
        let resource_type =
            if json_type.ends_with(&format!("_{short}")) { json_type } else { short };
        let resource_type: &'static str = resource_type.leak();
        let named = |family: &str| &*format!("{family}.{resource_type}.{event}").leak();
        let of_platform = Family::of_contract(message.full_name()).is_none();
        let elsewhere =
            Family::ALL.into_iter().filter(|other| of_platform && other.name() != family);
        Self {
            event_type: named(family),
            elsewhere: elsewhere.map(|other| (other, named(other.name()))).collect(),
            resource_type,
            message,
        }
    }

    /// What happened, in the words of each family.
    pub(super) fn event_types(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.event_type).chain(self.elsewhere.iter().map(|(_, named)| *named))
    }

    /// What happened, in the words of a family.
    pub(super) fn event_type(&self, family: Option<Family>) -> &'static str {
        let mut elsewhere = self.elsewhere.iter();
        let found = elsewhere.find(|(other, _)| Some(*other) == family);
        found.map_or(self.event_type, |(_, named)| named)
    }
}

/// How events call what RPCs change, in the words of each family.
///
/// # Errors
/// As those of a server with the same RPCs.
pub fn event_types(catalog: &Catalog) -> std::result::Result<BTreeSet<&'static str>, CatalogError> {
    let mut types = BTreeSet::new();
    for rpc in catalog.rpcs() {
        if let Some(rule) = ChangeRule::of(catalog, rpc)? {
            types.extend(rule.event_types());
        }
        if let Some((_, other)) = Other::of(catalog, rpc) {
            let told = [&other.created, &other.updated, &other.deleted];
            let told = told.into_iter().chain(other.by_field.iter().map(|(_, told)| told));
            types.extend(told.flat_map(Told::event_types));
        }
    }
    Ok(types)
}

/// How a resource is read and told of that a call changes beside its own.
pub(super) struct Other {
    getter: Getter,
    created: Told,
    updated: Told,
    deleted: Told,
    /// How an update is told when the field of the number is another one than before.
    by_field: Vec<(u32, Told)>,
}

impl Other {
    /// What an RPC reads, by its name; nothing when that takes more than an id.
    pub(super) fn of(catalog: &Catalog, rpc: &Rpc) -> Option<(&'static str, Self)> {
        let getter = getter_of_id(catalog, rpc)?;
        let told = |event: &str| {
            Told::new(catalog, rpc.family, getter.resource, event, rpc.output.clone())
        };
        let by_field = rpc.output.fields().filter_map(|field| {
            let event = catalog.field_rule(&field).event;
            (!event.is_empty()).then(|| (field.number(), told(&event)))
        });
        let by_field = by_field.collect();
        let (created, updated, deleted) = (told("created"), told("updated"), told("deleted"));
        let name = rpc.path.trim_start_matches('/');
        Some((name, Self { created, updated, deleted, by_field, getter }))
    }

    /// How events call what has become of it; nothing when nothing has.
    fn told(&self, before: Option<&Bytes>, after: Option<&Bytes>) -> Option<&Told> {
        let (before, after) = match (before, after) {
            (None, None) => return None,
            (None, Some(_)) => return Some(&self.created),
            (Some(_), None) => return Some(&self.deleted),
            (Some(before), Some(after)) if before == after => return None,
            (Some(before), Some(after)) => (before, after),
        };
        let differs = |number| {
            integer(before, number) != integer(after, number)
                || bytes(before, number) != bytes(after, number)
        };
        let found = self.by_field.iter().find(|(number, _)| differs(*number));
        Some(found.map_or(&self.updated, |(_, told)| told))
    }
}

/// What an RPC says that its calls change beside their own resource.
pub(super) struct AlsoRule {
    getter: &'static str,
    named: Named,
}

/// The field that says which one is changed.
enum Named {
    /// That of the request of this number.
    Given(u32),
    /// That of the call's own resource.
    Own(u32),
}

impl AlsoRule {
    /// The rule of an RPC whose own resource is of the type `own`.
    ///
    /// # Errors
    /// When nothing says which resource it is, or it takes more than an id to read it.
    pub(super) fn of(
        catalog: &Catalog,
        rpc: &Rpc,
        own: Option<&MessageDescriptor>,
        changed: &AlsoChanged,
    ) -> std::result::Result<Self, CatalogError> {
        let name = &*changed.resource;
        let get = catalog.rpcs().find(|other| other.path.strip_prefix('/') == Some(name));
        let rule = get.and_then(|get| {
            let known = get_field_of_id(get)?;
            let field = if changed.id.is_empty() { known.name() } else { &*changed.id };
            let number = |field: FieldDescriptor| field.number();
            let given = rpc.input.get_field_by_name(field).map(number).map(Named::Given);
            let held = || own?.get_field_by_name(field).map(number).map(Named::Own);
            Some(Self { getter: get.path.trim_start_matches('/'), named: given.or_else(held)? })
        });
        rule.ok_or_else(|| {
            let problem = format!("nothing says which one of `{name}` it changes");
            CatalogError::new(rpc.path, problem)
        })
    }

    /// The RPC that reads what a request says that it changes, and its id.
    fn given(&self, request: &[u8]) -> Option<(&'static str, u64)> {
        match self.named {
            Named::Given(number) => Some((self.getter, integer(request, number))),
            Named::Own(_) => None,
        }
    }

    /// The RPC that reads what a call changes, and its id. The call's `own` resource says which
    /// one it is where the request does not.
    pub(super) fn changed(&self, request: &[u8], own: Option<&Bytes>) -> (&'static str, i64) {
        let id = match self.named {
            Named::Given(number) => integer(request, number),
            Named::Own(number) => own.map_or(0, |own| integer(own, number)),
        };
        (self.getter, id.cast_signed())
    }
}

/// What a change does to others than its own resource.
pub(super) struct Others {
    service: RpcService,
    seen: Mutex<Vec<Seen>>,
}

/// How another resource looked before; `before` is nothing for what was not there.
struct Seen {
    getter: &'static str,
    id: i64,
    before: Option<Bytes>,
}

impl Others {
    /// Those of a change that is made by `service`.
    pub(super) fn new(service: &RpcService) -> Arc<Self> {
        Arc::new(Self { service: service.clone(), seen: Mutex::default() })
    }

    /// What has become of them.
    ///
    /// # Errors
    /// Whatever keeps one from being read.
    pub(super) async fn events(&self, inside: &Context) -> Result<Vec<Event>> {
        let seen = self.seen.lock().map(|mut seen| std::mem::take(&mut *seen));
        let mut events = Vec::new();
        for Seen { getter, id, before } in seen.unwrap_or_default() {
            let after = self.read(inside, getter, id).await?;
            let told = self.other(getter)?.told(before.as_ref(), after.as_ref());
            if let Some(told) = told {
                events.push(self.service.tell(told, id.cast_unsigned(), before, after, inside)?);
            }
        }
        Ok(events)
    }

    /// The etag of the first resource that the request names to be changed beside what is made in
    /// it, as the caller sees it; nothing when it names none, or one that is not there.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    pub(super) async fn etag_of_whole(
        &self,
        rule: &ChangeRule,
        request: &[u8],
        inside: &Context,
    ) -> Result<Option<String>> {
        let Some((getter, id)) = rule.also.iter().find_map(|also| also.given(request)) else {
            return Ok(None);
        };
        let getter = &self.other(getter)?.getter;
        let whole = self.service.look(getter, &getter.request_for(id), inside).await?;
        Ok(whole.map(|whole| getter.etag(&whole)))
    }

    fn other(&self, getter: &str) -> Result<&Other> {
        let found = self.service.shared.others.get(getter);
        found.ok_or_else(|| Error::internal(format!("`{getter}` reads nothing by an id alone")))
    }

    async fn read(&self, inside: &Context, getter: &'static str, id: i64) -> Result<Option<Bytes>> {
        let getter = &self.other(getter)?.getter;
        // It is told whether or not who changes it may read it.
        let inside = inside.as_business();
        self.service.look(getter, &getter.request_for(id.cast_unsigned()), &inside).await
    }

    fn note(&self, seen: Seen) {
        if let Ok(mut list) = self.seen.lock() {
            list.push(seen);
        }
    }

    fn is_seen(&self, getter: &str, id: i64) -> bool {
        let list = self.seen.lock();
        list.is_ok_and(|list| list.iter().any(|seen| seen.getter == getter && seen.id == id))
    }
}

impl Watch for Others {
    fn look<'a>(
        &'a self,
        inside: &'a Context,
        getter: &'static str,
        id: i64,
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            if !self.is_seen(getter, id) {
                let before = self.read(inside, getter, id).await?;
                self.note(Seen { getter, id, before });
            }
            Ok(())
        }
        .boxed()
    }

    fn note_made(&self, getter: &'static str, id: i64) {
        self.note(Seen { getter, id, before: None });
    }
}
