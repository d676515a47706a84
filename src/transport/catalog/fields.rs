//! What the contract says of fields and messages beyond their types.

use std::borrow::Cow;

use prost::Message;
use prost_reflect::{DynamicMessage, ExtensionDescriptor, FieldDescriptor, MessageDescriptor};
use steward_contracts::google::api::FieldBehavior;
use steward_contracts::steward::platform::v1::FileRule;

use super::{FieldRule, MessageRule};
use crate::rest::dialect as rest;

/// Reads a message option, if it is set.
pub(super) fn option<T: Message + Default>(
    options: &DynamicMessage,
    extension: &ExtensionDescriptor,
) -> Result<Option<T>, String> {
    if !options.has_extension(extension) {
        return Ok(None);
    }
    let value = options.get_extension(extension);
    let Some(message) = value.as_message() else {
        return Err(format!("{} is not a message", extension.full_name()));
    };
    message.transcode_to().map(Some).map_err(|error| format!("{}: {error}", extension.full_name()))
}

pub(super) fn field_rule(field: &FieldDescriptor, extension: &ExtensionDescriptor) -> FieldRule {
    // The option was parsed from the same proto file, so decoding cannot fail.
    option(&field.options(), extension).ok().flatten().unwrap_or_default()
}

/// The same where the extension has to be looked up first.
pub(super) fn rule_of(field: &FieldDescriptor) -> FieldRule {
    let extension = field.parent_pool().get_extension_by_name("steward.platform.v1.field");
    extension.map(|extension| field_rule(field, &extension)).unwrap_or_default()
}

pub(super) fn message_rule(
    message: &MessageDescriptor,
    extension: &ExtensionDescriptor,
) -> MessageRule {
    option(&message.options(), extension).ok().flatten().unwrap_or_default()
}

pub(super) fn behaves(
    field: &FieldDescriptor,
    extension: &ExtensionDescriptor,
    wanted: FieldBehavior,
) -> bool {
    let options = field.options();
    let behaviors = options.get_extension(extension);
    behaviors.as_list().is_some_and(|behaviors| {
        behaviors.iter().any(|behavior| behavior.as_enum_number() == Some(wanted as i32))
    })
}

/// The name of a field in JSON: what its rule says for the dialect, else in camelCase, unless the
/// dialect or its file says that names are taken as they are.
pub(crate) fn member_name<'a>(field: &'a FieldDescriptor, dialect: &rest::Dialect) -> Cow<'a, str> {
    let mut names = rule_of(field).names.into_iter();
    match names.find(|name| name.dialect() == dialect.of) {
        Some(own) => Cow::Owned(own.name),
        None => Cow::Borrowed(common_name(field, dialect)),
    }
}

fn common_name<'a>(field: &'a FieldDescriptor, dialect: &rest::Dialect) -> &'a str {
    if dialect.snake_case && !is_renamed(field) {
        return field.name();
    }
    let file = field.parent_message().parent_file();
    let rule = field
        .parent_pool()
        .get_extension_by_name("steward.platform.v1.file")
        .and_then(|extension| option::<FileRule>(&file.options(), &extension).ok().flatten());
    match rule {
        // An explicit name counts more than the rule.
        Some(FileRule { snake_case: true }) if !is_renamed(field) => field.name(),
        _ => field.json_name(),
    }
}

/// Whether a field has a `json_name` other than the one made from its name.
fn is_renamed(field: &FieldDescriptor) -> bool {
    let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
    plain(field.json_name()) != plain(field.name())
}
