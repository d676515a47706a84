//! Pieces that came back.

use steward_kernel::time::Timestamp;

/// Pieces of a line that came back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Return {
    /// How many.
    pub pieces: u32,
    /// When.
    pub at: Timestamp,
}
