//! What can be chosen.

use steward_kernel::time::Timestamp;

/// Whom a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Those whose homes are cleaned.
    Client,
    /// Those who clean.
    Cleaner,
}

impl Audience {
    /// The name by which it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Cleaner => "cleaner",
        }
    }
}

/// One of a list.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Its id.
    pub id: i64,
    /// The audience it is for, by the name by which that is stored.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Whether it can be chosen.
    pub is_active: bool,
    /// Whether it was there from the beginning.
    pub is_system: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

/// From where somebody comes.
#[derive(Debug, Clone)]
pub struct LeadSource(pub Choice);

/// Why somebody leaves.
#[derive(Debug, Clone)]
pub struct ChurnReason(pub Choice);
