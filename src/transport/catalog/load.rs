//! Reading and checking the rules of every RPC.

use std::collections::HashMap;

use prost_reflect::{
    DescriptorPool, ExtensionDescriptor, MethodDescriptor, ServiceDescriptor, Value,
};
use steward_contracts::google::api::HttpRule;
use steward_contracts::google::api::http_rule::Pattern;
use steward_contracts::steward::platform::v1::{FamilyRoute, RpcRule, ServiceRule, rpc_rule};
use steward_kernel::Role;

use super::comments::Comments;
use super::fields::option;
use super::location::location;
use super::{
    Access, Binding, Body, Catalog, CatalogError, Dialect, Family, Idempotency, Options, Rpc,
    Streaming, Template,
};
use crate::limits;

/// Packages whose every RPC must be annotated.
const OURS: &str = "steward.";

/// The package of what all families have.
const PLATFORM: &str = "steward.platform.v1";

struct Extensions {
    rpc: ExtensionDescriptor,
    routes: ExtensionDescriptor,
    service: ExtensionDescriptor,
    http: ExtensionDescriptor,
}

pub(super) fn load(encoded: &[u8]) -> Result<Catalog, CatalogError> {
    let pool = DescriptorPool::decode(encoded)
        .map_err(|error| CatalogError::new("descriptors", error.to_string()))?;
    let extension = |name: &str| {
        pool.get_extension_by_name(name)
            .ok_or_else(|| CatalogError::new(name, "the option is not in the contract"))
    };
    let extensions = Extensions {
        rpc: extension("steward.platform.v1.rpc")?,
        routes: extension("steward.platform.v1.routes")?,
        service: extension("steward.platform.v1.service")?,
        http: extension("google.api.http")?,
    };
    let options = Options {
        message: extension("steward.platform.v1.message")?,
        field: extension("steward.platform.v1.field")?,
        behavior: extension("google.api.field_behavior")?,
    };
    let comments = Comments::read(&pool);

    let mut rpcs: Vec<Rpc> = Vec::new();
    let mut families: Vec<Family> = Vec::new();
    for service in pool.services().filter(|service| service.full_name().starts_with(OURS)) {
        let family = family(&service, &extensions)?;
        match families.iter().find(|known| known.name == family.name) {
            None => families.push(family),
            Some(known) if *known == family => {}
            Some(_) => {
                let problem = "its dialect differs from that of its family's other services";
                return Err(CatalogError::new(service.full_name(), problem));
            }
        }
        for method in service.methods() {
            let rpc = rpc(&method, family, &extensions, &comments)
                .map_err(|problem| CatalogError::new(method.full_name(), problem))?;
            rpcs.push(rpc);
        }
    }
    // The one that the platform's own JSON belongs to comes first.
    families.sort_by_key(|family| family.dialect as i32);
    let others = others(&pool, &rpcs, &families, &extensions)?;
    refuse_collisions(rpcs.iter().chain(&others))?;
    refuse_missing_resources(&rpcs)?;
    let by_path = rpcs.iter().enumerate().map(|(index, rpc)| (rpc.path, index)).collect();
    Ok(Catalog { pool, options, comments, rpcs, others, by_path, families })
}

fn family(service: &ServiceDescriptor, extensions: &Extensions) -> Result<Family, CatalogError> {
    let rule: ServiceRule = option(&service.options(), &extensions.service)
        .map_err(|problem| CatalogError::new(service.full_name(), problem))?
        .ok_or_else(|| {
            CatalogError::new(service.full_name(), "lacks (steward.platform.v1.service)")
        })?;
    let Some(name) = steward_kernel::Family::of_name(&rule.family) else {
        return Err(CatalogError::new(service.full_name(), "names no family, or an unknown one"));
    };
    match rule.dialect() {
        Dialect::Unspecified => {
            Err(CatalogError::new(service.full_name(), "names no dialect, or an unknown one"))
        }
        dialect @ (Dialect::Facilities | Dialect::Rentals | Dialect::Cleaning) => {
            Ok(Family { name: name.name(), dialect })
        }
    }
}

fn rpc(
    method: &MethodDescriptor,
    family: Family,
    extensions: &Extensions,
    comments: &Comments,
) -> Result<Rpc, String> {
    let rule: RpcRule = option(&method.options(), &extensions.rpc)?
        .ok_or_else(|| "lacks (steward.platform.v1.rpc)".to_owned())?;
    let access = match &rule.access {
        Some(rpc_rule::Access::Public(true)) => Access::Public,
        Some(rpc_rule::Access::Permission(permission))
            if is_permission(permission, method, family) =>
        {
            Access::Permission(leak(permission.clone()))
        }
        Some(rpc_rule::Access::Permission(permission)) => {
            return Err(format!(
                "permission `{permission}` is not `{}.<resource>.<read|write>`",
                permission_prefix(method, family)
            ));
        }
        Some(rpc_rule::Access::Public(false)) | None => {
            return Err("says neither `permission` nor `public: true`".to_owned());
        }
    };
    let roles = roles(&rule.roles, access, rule.optional_token)?;
    if rule.opens_account && access == Access::Public {
        return Err("opens an account, and is open to everybody".to_owned());
    }
    if rule.idempotency() == Idempotency::Unspecified {
        return Err("does not say its idempotency".to_owned());
    }
    let streaming = match (method.is_client_streaming(), method.is_server_streaming()) {
        (false, false) => Streaming::Unary,
        (false, true) => Streaming::Server,
        (true, false) => Streaming::Client,
        (true, true) => Streaming::Both,
    };
    let bindings = bindings(method, extensions, family.dialect)?;
    if !bindings.is_empty() && matches!(streaming, Streaming::Client | Streaming::Both) {
        return Err("has a JSON route, which cannot carry a stream of requests".to_owned());
    }
    let location = if rule.location.is_empty() {
        None
    } else {
        Some(location(&rule.location, &method.output(), &bindings)?)
    };
    let parent = method.parent_service();
    let service_rule: ServiceRule =
        option(&parent.options(), &extensions.service)?.unwrap_or_default();
    let service = parent.full_name().to_owned();
    let link = link(&rule.link, method, access)?;
    if link.is_none() && !rule.purpose.is_empty() {
        return Err("says what a link is for, and has none".to_owned());
    }
    let tenant_field = tenant_field(rule.for_tenant, method, access)?;
    let (limit, limit_by) = limit(&rule, method, family)?;
    let also_changes = match &*rule.also_changes {
        [] => service_rule.also_changes,
        own => own.to_vec(),
    };
    let resource = match &*rule.resource {
        "" => service_rule.resource,
        own => own.to_owned(),
    };
    Ok(Rpc {
        path: leak(format!("/{service}/{}", method.name())),
        service: leak(service),
        method: leak(method.name().to_owned()),
        family: family.name,
        dialect: family.dialect,
        access,
        roles,
        opens_account: rule.opens_account,
        before_onboarding: rule.before_onboarding,
        idempotency: rule.idempotency(),
        audit: rule.audit,
        limit,
        limit_by,
        location,
        accepted: rule.accepted,
        event: rule.event.clone().leak(),
        resource: leak(resource),
        also_changes,
        merges: rule.merges,
        legacy_get: rule.legacy_get,
        optional_token: rule.optional_token,
        created: rule.created,
        tenant_field,
        link,
        purpose: leak(rule.purpose),
        streaming,
        bindings,
        input: method.input(),
        output: method.output(),
        comment: comments.of(&method.parent_file(), method.path()).to_owned(),
    })
}

/// The field that holds the link of an RPC that is open to whoever has one.
fn link(name: &str, method: &MethodDescriptor, access: Access) -> Result<Option<u32>, String> {
    if name.is_empty() {
        return Ok(None);
    }
    if access != Access::Public {
        return Err("needs a token, and a link as well".to_owned());
    }
    match method.input().get_field_by_name(name) {
        Some(field) if field.kind() == prost_reflect::Kind::String && !field.is_list() => {
            Ok(Some(field.number()))
        }
        _ => Err(format!("link `{name}` names no text of the request")),
    }
}

/// The field that names the tenant of a call without a token.
fn tenant_field(
    for_tenant: bool,
    method: &MethodDescriptor,
    access: Access,
) -> Result<Option<u32>, String> {
    if !for_tenant {
        return Ok(None);
    }
    if access != Access::Public {
        return Err("needs a token, which names the tenant".to_owned());
    }
    match method.input().get_field_by_name("tenant_id") {
        Some(field) if field.kind() == prost_reflect::Kind::Int64 && !field.is_list() => {
            Ok(Some(field.number()))
        }
        _ => Err("is for a tenant, and its request has no number `tenant_id`".to_owned()),
    }
}

/// By which limit calls are counted, and the field by which they are counted apart.
fn limit(
    rule: &RpcRule,
    method: &MethodDescriptor,
    family: Family,
) -> Result<(String, Option<u32>), String> {
    if rule.limit.is_empty() {
        return match &*rule.limit_by {
            "" => Ok((String::new(), None)),
            _ => Err("counts calls apart, and names no limit".to_owned()),
        };
    }
    let limit = format!("{}.{}", family.name, rule.limit);
    if limits::place(&limit).is_none() {
        return Err(format!("there is no limit `{limit}`"));
    }
    let field = match &*rule.limit_by {
        "" => None,
        name => match method.input().get_field_by_name(name) {
            Some(field) if field.kind() == prost_reflect::Kind::String && !field.is_list() => {
                Some(field.number())
            }
            _ => return Err(format!("counts calls by `{name}`, which is no text of the request")),
        },
    };
    Ok((limit, field))
}

/// Roles of users that may call.
fn roles(
    names: &[String],
    access: Access,
    optional_token: bool,
) -> Result<&'static [Role], String> {
    if optional_token && access != Access::Public {
        return Err("needs a token, and calls it optional as well".to_owned());
    }
    if names.is_empty() {
        return Ok(Role::DEFAULT);
    }
    if access == Access::Public && !optional_token {
        return Err("names roles, and is open to everybody".to_owned());
    }
    let role =
        |name: &String| Role::of_name(name).ok_or_else(|| format!("there is no role `{name}`"));
    let roles: Result<Vec<_>, _> = names.iter().map(role).collect();
    Ok(roles?.leak())
}

fn is_permission(permission: &str, method: &MethodDescriptor, family: Family) -> bool {
    let parts: Vec<_> = permission.split('.').collect();
    matches!(parts[..], [name, resource, "read" | "write"]
        if name == permission_prefix(method, family) && !resource.is_empty())
}

/// What the permissions of a service begin with. The platform's own services serve the tenants of
/// all families, whichever family their JSON belongs to.
fn permission_prefix(method: &MethodDescriptor, family: Family) -> &'static str {
    if method.parent_service().package_name() == PLATFORM { "platform" } else { family.name }
}

/// The RPCs that have routes in families other than their service's, as they look there.
fn others(
    pool: &DescriptorPool,
    rpcs: &[Rpc],
    families: &[Family],
    extensions: &Extensions,
) -> Result<Vec<Rpc>, CatalogError> {
    let mut others: Vec<Rpc> = Vec::new();
    for rpc in rpcs {
        let service = pool.get_service_by_name(rpc.service);
        let method =
            service.and_then(|service| service.methods().find(|one| one.name() == rpc.method));
        let Some(method) = method else { continue };
        let refuse = |problem: String| CatalogError::new(method.full_name(), problem);
        for route in routes(&method, extensions).map_err(refuse)? {
            let other = of_family(rpc, &method, route, families).map_err(refuse)?;
            match others.iter_mut().find(|one| one.path == rpc.path && one.family == other.family) {
                Some(known) => known.bindings.extend(other.bindings),
                None => others.push(other),
            }
        }
    }
    Ok(others)
}

/// An RPC as it looks in the family of a route.
fn of_family(
    rpc: &Rpc,
    method: &MethodDescriptor,
    route: FamilyRoute,
    families: &[Family],
) -> Result<Rpc, String> {
    if method.parent_service().package_name() != PLATFORM {
        return Err("has routes in another family, whose tenants may not call it".to_owned());
    }
    let family = families
        .iter()
        .find(|family| family.name == route.family && family.name != rpc.family)
        .ok_or_else(|| format!("has a route in `{}`, which is no other family", route.family))?;
    let http = route.http.ok_or_else(|| "has a route of a family without a path".to_owned())?;
    let bindings = bindings_of(&http, method, family.dialect)?;
    let location = match route.location.as_str() {
        "" if rpc.location.is_some() => return Err("lacks the location of a route".to_owned()),
        "" => None,
        text => Some(location(text, &method.output(), &bindings)?),
    };
    let (family, dialect) = (family.name, family.dialect);
    Ok(Rpc { family, dialect, bindings, location, ..rpc.clone() })
}

/// The routes of a method in other families.
fn routes(method: &MethodDescriptor, extensions: &Extensions) -> Result<Vec<FamilyRoute>, String> {
    let options = method.options();
    let routes = options.get_extension(&extensions.routes);
    let Some(routes) = routes.as_list() else { return Ok(Vec::new()) };
    let route = |route: &Value| match route.as_message() {
        Some(route) => route.transcode_to().map_err(|error| error.to_string()),
        None => Err("has a route that is no message".to_owned()),
    };
    routes.iter().map(route).collect()
}

fn bindings(
    method: &MethodDescriptor,
    extensions: &Extensions,
    dialect: Dialect,
) -> Result<Vec<Binding>, String> {
    match option::<HttpRule>(&method.options(), &extensions.http)? {
        Some(rule) => bindings_of(&rule, method, dialect),
        None => Ok(Vec::new()),
    }
}

fn bindings_of(
    rule: &HttpRule,
    method: &MethodDescriptor,
    dialect: Dialect,
) -> Result<Vec<Binding>, String> {
    let mut bindings = vec![binding(rule, method, dialect)?];
    for additional in &rule.additional_bindings {
        let mut additional = additional.clone();
        // Google's rule: an additional binding inherits nothing. Aliases of a route must answer
        // alike all the same, so a response body left out is taken from the first binding.
        if additional.response_body.is_empty() {
            additional.response_body.clone_from(&rule.response_body);
        }
        bindings.push(binding(&additional, method, dialect)?);
    }
    Ok(bindings)
}

fn binding(
    rule: &HttpRule,
    method: &MethodDescriptor,
    dialect: Dialect,
) -> Result<Binding, String> {
    let (verb, path) = match &rule.pattern {
        Some(Pattern::Get(path)) => (http::Method::GET, path),
        Some(Pattern::Put(path)) => (http::Method::PUT, path),
        Some(Pattern::Post(path)) => (http::Method::POST, path),
        Some(Pattern::Delete(path)) => (http::Method::DELETE, path),
        Some(Pattern::Patch(path)) => (http::Method::PATCH, path),
        Some(Pattern::Custom(custom)) => {
            return Err(format!("uses the custom method `{}`", custom.kind));
        }
        None => return Err("its http rule has no path".to_owned()),
    };
    let template = Template::parse(path, &method.input(), dialect)?;
    let body = match rule.body.as_str() {
        "" => Body::None,
        "*" => Body::Whole,
        name => Body::Field(
            method
                .input()
                .get_field_by_name(name)
                .ok_or_else(|| format!("body `{name}` names no field of the request"))?,
        ),
    };
    if body != Body::None && verb == http::Method::GET {
        return Err("is a GET with a body".to_owned());
    }
    if let Body::Field(field) = &body
        && template.variables().any(|fields| fields.first() == Some(field))
    {
        return Err(format!("field `{}` is both body and path variable", field.name()));
    }
    let response_body = match rule.response_body.as_str() {
        "" => None,
        name => Some(
            method
                .output()
                .get_field_by_name(name)
                .ok_or_else(|| format!("response_body `{name}` names no field of the response"))?,
        ),
    };
    Ok(Binding { method: verb, template, body, response_body })
}

fn refuse_collisions<'a>(rpcs: impl Iterator<Item = &'a Rpc>) -> Result<(), CatalogError> {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for rpc in rpcs {
        for binding in &rpc.bindings {
            let key = format!("{} {}", binding.method, binding.template.shape());
            if let Some(other) = seen.insert(key, rpc.path) {
                let route = binding.template.documented();
                let problem = format!("{} {route} is also a route of {other}", binding.method);
                return Err(CatalogError::new(rpc.path, problem));
            }
        }
    }
    Ok(())
}

fn refuse_missing_resources(rpcs: &[Rpc]) -> Result<(), CatalogError> {
    let is_missing = |rpc: &&Rpc| {
        !rpc.resource.is_empty()
            && !rpcs.iter().any(|other| other.path.strip_prefix('/') == Some(rpc.resource))
    };
    match rpcs.iter().find(is_missing) {
        None => Ok(()),
        Some(rpc) => {
            let problem = format!("its resource `{}` is no RPC", rpc.resource);
            Err(CatalogError::new(rpc.service, problem))
        }
    }
}

/// Names of RPCs live as long as the process and are used in every log line and metric.
fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}
