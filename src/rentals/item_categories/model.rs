//! Categories of items.

use steward_kernel::time::Timestamp;
use steward_kernel::validate::Violations;
use steward_platform::files::ShownFile;

/// What an owner writes of a category.
#[derive(Debug, Clone)]
pub struct ItemCategoryInput {
    /// Name; siblings have different ones.
    pub name: String,
    /// What belongs into it.
    pub description: Option<String>,
    /// Id of the category above; a root has none.
    pub parent_id: Option<i64>,
    /// Place among its siblings, from 0; none stands for the last.
    pub position: Option<usize>,
    /// Whether the store shows it.
    pub show_in_store: bool,
    /// Signed id of a picture of it, or none, where that is said.
    pub photo_id: Option<Option<String>>,
    /// What of it cannot be, which is told along with what else is refused.
    pub refused: Violations,
}

/// A category.
#[derive(Debug, Clone)]
pub struct ItemCategory {
    /// Its id.
    pub id: i64,
    /// Id of the category above; a root has none.
    pub parent_id: Option<i64>,
    /// Its name.
    pub name: String,
    /// What belongs into it.
    pub description: Option<String>,
    /// Whether the store shows it.
    pub show_in_store: bool,
    /// Place among its siblings, from 0.
    pub position: i32,
    /// Level in the tree, from 1.
    pub depth: i32,
    /// Names from the root down to the category itself.
    pub path: Vec<String>,
    /// How many items are in it or below it.
    pub items_count: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// The picture of it.
    pub photo: Option<ShownFile>,
}

/// What an answer includes beside a category.
#[derive(Debug, Clone, Copy, Default)]
pub struct Include {
    /// The category above.
    pub parent: bool,
    /// Those right below.
    pub children: bool,
}

/// A category with what was asked for beside it.
#[derive(Debug, Clone)]
pub struct ItemCategoryAnswer {
    /// The category.
    pub category: ItemCategory,
    /// The category above, where it was asked for and there is one.
    pub parent: Option<ItemCategory>,
    /// Those right below, where they were asked for.
    pub children: Vec<ItemCategory>,
}

impl From<ItemCategory> for ItemCategoryAnswer {
    fn from(category: ItemCategory) -> Self {
        Self { category, parent: None, children: Vec::new() }
    }
}

/// What becomes of what is in a category that is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reassign {
    /// There must be nothing in it.
    Refuse,
    /// Categories rise one level, items have no category.
    Rise,
    /// All of it goes to the category with this id.
    To(i64),
}
