//! The RPCs and fields of the contract, as the tests see them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use prost_reflect::{
    DescriptorPool, DynamicMessage, EnumDescriptor, ExtensionDescriptor, FieldDescriptor,
    MessageDescriptor, MethodDescriptor, Value,
};

pub static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(steward_contracts::DESCRIPTORS).expect("the descriptors")
});

/// What all families have. Its RPCs are tried in the name of a tenant of the first family.
pub const PLATFORM: &str = "platform";
const FIRST: &str = "facilities";

/// Every RPC of steward's own services.
pub fn rpcs() -> Vec<MethodDescriptor> {
    let services = POOL.services().filter(|service| service.full_name().starts_with("steward."));
    let rpcs: Vec<_> = services.flat_map(|service| service.methods().collect::<Vec<_>>()).collect();
    assert!(rpcs.len() >= 48, "{}", rpcs.len());
    rpcs
}

/// Every RPC that needs a token.
pub fn guarded_rpcs() -> Vec<MethodDescriptor> {
    let rpcs: Vec<_> = rpcs().into_iter().filter(|rpc| !is_public(rpc)).collect();
    assert!(rpcs.len() >= 47, "{}", rpcs.len());
    rpcs
}

/// The RPC called `Service/Method` with the package before it.
pub fn rpc(name: &str) -> MethodDescriptor {
    let found = rpcs().into_iter().find(|rpc| self::name(rpc) == name);
    found.unwrap_or_else(|| panic!("there is no {name}"))
}

/// `/package.Service/Method`
pub fn path(rpc: &MethodDescriptor) -> String {
    format!("/{}", name(rpc))
}

/// `package.Service/Method`
pub fn name(rpc: &MethodDescriptor) -> String {
    format!("{}/{}", rpc.parent_service().full_name(), rpc.name())
}

/// The middle of a package: `rentals` of `steward.rentals.v1`.
pub fn package(full_name: &str) -> &str {
    full_name.split('.').nth(1).expect("a package of steward's")
}

/// The family whose tenants call an RPC. What all families have is tried by the first.
pub fn family(rpc: &MethodDescriptor) -> String {
    match package(rpc.parent_service().full_name()) {
        PLATFORM => FIRST.to_owned(),
        family => family.to_owned(),
    }
}

/// Whether all families have an RPC.
pub fn is_of_platform(rpc: &MethodDescriptor) -> bool {
    package(rpc.parent_service().full_name()) == PLATFORM
}

/// The families of the contract.
pub fn families() -> BTreeSet<String> {
    rpcs().iter().map(family).collect()
}

/// How the JSON of an RPC looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Facilities,
    Rentals,
    Cleaning,
}

/// The dialect that the service of an RPC states.
pub fn dialect(rpc: &MethodDescriptor) -> Dialect {
    let rule = option(&rpc.parent_service().options(), "steward.platform.v1.service");
    match member(&rule, "dialect").as_enum_number() {
        Some(1) => Dialect::Facilities,
        Some(2) => Dialect::Rentals,
        Some(3) => Dialect::Cleaning,
        other => panic!("{}: the tests do not know the dialect {other:?}", name(rpc)),
    }
}

/// The dialect of a family.
pub fn dialect_of(family: &str) -> Dialect {
    match family {
        "facilities" => Dialect::Facilities,
        "rentals" => Dialect::Rentals,
        "cleaning" => Dialect::Cleaning,
        other => panic!("the tests do not know the dialect of {other}"),
    }
}

fn rule(rpc: &MethodDescriptor) -> Value {
    option(&rpc.options(), "steward.platform.v1.rpc")
}

fn member(rule: &Value, name: &str) -> Value {
    let rule = rule.as_message().expect("a message");
    rule.get_field_by_name(name).expect("a member").into_owned()
}

fn is_public(rpc: &MethodDescriptor) -> bool {
    member(&rule(rpc), "public").as_bool() == Some(true)
}

/// Whether it is known of a call of an RPC whose tenant it is about: by the token, by a link, or
/// because the request says so.
pub fn has_own_tenant(rpc: &MethodDescriptor) -> bool {
    let rule = rule(rpc);
    let says = |name: &str| member(&rule, name).as_bool() == Some(true);
    let link = member(&rule, "link");
    !is_public(rpc)
        || says("for_tenant")
        || says("optional_token")
        || link.as_str().is_some_and(|field| !field.is_empty())
}

/// Whether businesses may call an RPC that have not said yet what it takes to start.
pub fn is_before_onboarding(rpc: &MethodDescriptor) -> bool {
    member(&rule(rpc), "before_onboarding").as_bool() == Some(true)
}

/// Names of the roles whose users may call an RPC.
pub fn roles(rpc: &MethodDescriptor) -> Vec<String> {
    let stated = member(&rule(rpc), "roles");
    let stated = stated.as_list().expect("a list").iter();
    let stated: Vec<_> = stated.map(|role| role.as_str().expect("text").to_owned()).collect();
    if stated.is_empty() { vec!["owner".into(), "tenantAdmin".into()] } else { stated }
}

/// What a repeated call of an RPC does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    Read,
    Idempotent,
    Keyed,
}

/// What the contract says of repeated calls.
pub fn idempotency(rpc: &MethodDescriptor) -> Idempotency {
    match member(&rule(rpc), "idempotency").as_enum_number() {
        Some(1) => Idempotency::Read,
        Some(2) => Idempotency::Idempotent,
        Some(3) => Idempotency::Keyed,
        other => panic!("{}: {other:?}", name(rpc)),
    }
}

/// The HTTP rule of an RPC (`google.api.http`).
pub fn http_rule(rpc: &MethodDescriptor) -> DynamicMessage {
    option(&rpc.options(), "google.api.http").as_message().expect("a message").clone()
}

/// The path of an RPC's HTTP rule: `/client/get/{id}`.
pub fn http_path(rpc: &MethodDescriptor) -> String {
    let rule = http_rule(rpc);
    let methods = ["get", "put", "post", "delete", "patch"];
    let mut paths = methods.iter().filter_map(|method| {
        rule.has_field_by_name(method).then(|| rule.get_field_by_name(method))?
    });
    let path = paths.next().expect("a path");
    path.as_str().expect("text").to_owned()
}

/// Whether a field has a behaviour of `google.api.FieldBehavior`.
fn behaves(field: &FieldDescriptor, behavior: i32) -> bool {
    let behaviors = option(&field.options(), "google.api.field_behavior");
    let behaviors = behaviors.as_list().expect("a list");
    behaviors.iter().any(|known| known.as_enum_number() == Some(behavior))
}

/// Whether a field is marked REQUIRED.
pub fn is_required(field: &FieldDescriptor) -> bool {
    behaves(field, 2)
}

/// Whether the server alone gives a field.
pub fn is_output_only(field: &FieldDescriptor) -> bool {
    behaves(field, 3)
}

/// Whether requests alone give a field.
pub fn is_input_only(field: &FieldDescriptor) -> bool {
    behaves(field, 4)
}

/// What a string holds beyond plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Plain,
    Email,
    Uri,
    Secret,
    Json,
    Id,
    Date,
    LocalTime,
    Clock,
    Phone,
}

fn field_rule(field: &FieldDescriptor) -> Value {
    option(&field.options(), "steward.platform.v1.field")
}

/// The format of a field.
pub fn format(field: &FieldDescriptor) -> Format {
    let known = [
        Format::Plain,
        Format::Email,
        Format::Uri,
        Format::Secret,
        Format::Json,
        Format::Id,
        Format::Date,
        Format::LocalTime,
        Format::Clock,
        Format::Phone,
    ];
    let number = member(&field_rule(field), "format").as_enum_number().expect("a number");
    let format = usize::try_from(number).ok().and_then(|number| known.get(number));
    *format.unwrap_or_else(|| panic!("{}: the format {number}", field.full_name()))
}

/// Most characters of a field; none when it says nothing of them.
pub fn max_length(field: &FieldDescriptor) -> Option<usize> {
    let most = member(&field_rule(field), "max_length").as_u32().expect("a number");
    (most > 0).then_some(most as usize)
}

/// Whether the rule of a field sets one of its switches.
pub fn says(field: &FieldDescriptor, switch: &str) -> bool {
    member(&field_rule(field), switch).as_bool().expect("a switch")
}

/// The type of a message as a resource of JSON:API; none when it is no resource.
pub fn json_type(message: &MessageDescriptor) -> Option<String> {
    let rule = option(&message.options(), "steward.platform.v1.message");
    let found = member(&rule, "json_type").as_str().expect("text").to_owned();
    (!found.is_empty()).then_some(found)
}

/// Whether the instants of a message are written with an offset.
pub fn has_offset_times(message: &MessageDescriptor) -> bool {
    let rule = option(&message.options(), "steward.platform.v1.message");
    member(&rule, "offset_times").as_bool().expect("a switch")
}

/// The name of a field in JSON.
pub fn member_name(field: &FieldDescriptor) -> String {
    let rule = option(&field.parent_file().options(), "steward.platform.v1.file");
    match member(&rule, "snake_case").as_bool() {
        Some(true) => field.name().to_owned(),
        _ => field.json_name().to_owned(),
    }
}

/// The name of an enum's value without that of the enum: `IN_PROGRESS`.
pub fn bare_value(of: &EnumDescriptor, number: i32) -> String {
    let value = of.get_value(number).expect("a value");
    let prefix = format!("{}_", snake_case(of.name()).to_uppercase());
    value.name().strip_prefix(&prefix).unwrap_or(value.name()).to_owned()
}

/// `OwnerCompany` -> `owner_company`
pub fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for char in name.chars() {
        if char.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(char.to_ascii_lowercase());
    }
    text
}

/// `owner_company` -> `OwnerCompany`
pub fn pascal_case(name: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('_').filter(|part| !part.is_empty()).map(word).collect()
}

fn option(options: &DynamicMessage, name: &str) -> Value {
    let extension: ExtensionDescriptor = POOL.get_extension_by_name(name).expect("an option");
    options.get_extension(&extension).into_owned()
}
