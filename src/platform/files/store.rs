//! Where the bytes are.

use std::path::Path;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use steward_kernel::{Error, Result, TenantId};

/// The files of a server. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    pub(super) store: Arc<dyn ObjectStore>,
    /// The URL under which the server is reached.
    pub(super) base: Arc<str>,
}

impl Files {
    /// Files in a folder, which is made if there is none; links lead to `base_url`.
    ///
    /// # Errors
    /// INTERNAL when the folder cannot be made.
    pub fn local(folder: &Path, base_url: &str) -> Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(Error::internal)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(Error::internal)?;
        Ok(Self { store: Arc::new(store.with_automatic_cleanup(true)), base: base_url.into() })
    }

    pub(crate) fn store(&self) -> &dyn ObjectStore {
        &*self.store
    }

    /// The URL under which the server is reached, without a slash at its end. Links of every
    /// sort lead there.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base
    }

    /// Files that go with the process: for commands, which touch none.
    #[must_use]
    pub fn in_memory() -> Self {
        Self { store: Arc::new(InMemory::new()), base: "".into() }
    }
}

/// Where the bytes of a file are.
pub(crate) fn key(tenant: TenantId, id: i64) -> object_store::path::Path {
    object_store::path::Path::from_iter([tenant.to_string(), id.to_string()])
}
