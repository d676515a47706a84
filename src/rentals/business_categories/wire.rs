//! Business categories between model and proto.

use steward_kernel::Context;

use super::model::BusinessCategory;
use crate::pb;

/// Which of the names of a category the caller reads best.
pub fn language(context: &Context) -> usize {
    match context.language(&["en", "pt", "es"]) {
        "pt" => 1,
        "es" => 2,
        _ => 0,
    }
}

/// Writes a category in the language of the request.
pub fn answer(context: &Context, category: BusinessCategory) -> pb::BusinessCategory {
    pb::BusinessCategory {
        id: category.id,
        slug: category.slug.to_owned(),
        name: category.names[language(context)].to_owned(),
        insurance_class: category.insurance_class.to_owned(),
    }
}
