//! The RPCs and fields of the contract, as the tests see them.

use std::sync::LazyLock;

use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, MethodDescriptor, Value,
};

pub static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(steward_contracts::DESCRIPTORS).expect("the descriptors")
});

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

/// `/package.Service/Method`
pub fn path(rpc: &MethodDescriptor) -> String {
    format!("/{}", name(rpc))
}

/// `package.Service/Method`
pub fn name(rpc: &MethodDescriptor) -> String {
    format!("{}/{}", rpc.parent_service().full_name(), rpc.name())
}

fn is_public(rpc: &MethodDescriptor) -> bool {
    let rule = option(&rpc.options(), "steward.platform.v1.rpc");
    let rule = rule.as_message().expect("a rule");
    rule.get_field_by_name("public").is_some_and(|public| public.as_bool() == Some(true))
}

/// Whether a field is marked REQUIRED.
pub fn is_required(field: &FieldDescriptor) -> bool {
    /// `google.api.FieldBehavior`
    const REQUIRED: i32 = 2;
    let behaviors = option(&field.options(), "google.api.field_behavior");
    let behaviors = behaviors.as_list().expect("a list");
    behaviors.iter().any(|behavior| behavior.as_enum_number() == Some(REQUIRED))
}

/// Whether a field holds an e-mail address.
pub fn is_email(field: &FieldDescriptor) -> bool {
    format_of(field) == Some(1)
}

/// Whether a field holds a web address.
pub fn is_uri(field: &FieldDescriptor) -> bool {
    format_of(field) == Some(2)
}

/// `steward.platform.v1.Format` of a field.
fn format_of(field: &FieldDescriptor) -> Option<i32> {
    let rule = option(&field.options(), "steward.platform.v1.field");
    let rule = rule.as_message().expect("a rule");
    rule.get_field_by_name("format").and_then(|format| format.as_enum_number())
}

fn option(options: &DynamicMessage, name: &str) -> Value {
    let extension: ExtensionDescriptor = POOL.get_extension_by_name(name).expect("an option");
    options.get_extension(&extension).into_owned()
}
