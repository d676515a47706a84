//! Service providers.

use steward_platform::files::ShownFile;

use crate::attachments::model::{Attached, ShowsFiles};
use crate::tags::model::Tag;
use crate::users::model::{Profile, Ratings, User};

/// What a client writes of a service provider.
#[derive(Debug, Clone)]
pub struct ServiceProviderInput {
    /// The members of every user.
    pub profile: Profile,
    /// Ids of the tags to set, each once; absent: the present ones stay.
    pub tags: Option<Vec<i64>>,
}

/// A service provider with all details.
#[derive(Debug, Clone)]
pub struct ServiceProvider {
    /// The members of every user.
    pub user: User,
    /// Tags, ordered by id.
    pub tags: Vec<Tag>,
    /// How the provider was rated.
    pub ratings: Ratings,
    /// How many issues are assigned and neither closed nor rejected.
    pub active_issues: i64,
    /// Attached files, ordered by id; a list has none.
    pub attachments: Vec<Attached>,
}

impl ShowsFiles for ServiceProvider {
    fn files(&mut self) -> Vec<&mut ShownFile> {
        self.attachments.iter_mut().map(|attached| &mut attached.file).collect()
    }
}
