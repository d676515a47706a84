//! Where the bytes are.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue, IF_NONE_MATCH};
use object_store::aws::AmazonS3;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::signer::{SignedUrlOptions, Signer as _};
use object_store::{ObjectStore, ObjectStoreExt};
use steward_kernel::time;
use steward_kernel::{Error, Result, TenantId};
use steward_transport::part::Part;

use super::actions::{DOWNLOAD, UPLOAD, UPLOAD_FOR, link};
use super::away::{Away, unreachable};
use super::bucket::Bucket;
use super::model::{Announced, ShownFile};
use super::web::disposition;
use crate::App;
use crate::links::Signer;

/// The files of a server. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    pub(super) store: Arc<dyn ObjectStore>,
    /// Whether the store answers.
    pub(super) away: Away,
    /// What all keys begin with.
    prefix: Key,
    /// The URL under which the server is reached.
    base: Arc<str>,
    /// The bucket, when it takes the bytes and hands them out itself.
    bucket: Option<AmazonS3>,
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
        Ok(Self {
            store: Arc::new(store.with_automatic_cleanup(true)),
            away: Away::default(),
            prefix: Key::default(),
            base: base_url.into(),
            bucket: None,
        })
    }

    /// Files in a bucket; their links lead to it, others to `base_url`.
    ///
    /// # Errors
    /// INTERNAL when the settings name no bucket. Whether it is there is found out when it is
    /// used.
    pub fn bucket(bucket: &Bucket, base_url: &str) -> Result<Self> {
        let (store, prefix) = bucket.open()?;
        Ok(Self {
            store: Arc::new(store.clone()),
            away: Away::default(),
            prefix,
            base: base_url.into(),
            bucket: Some(store),
        })
    }

    /// Files that go with the process: for commands, which touch none.
    #[must_use]
    pub fn in_memory() -> Self {
        Self {
            store: Arc::new(InMemory::new()),
            away: Away::default(),
            prefix: Key::default(),
            base: "".into(),
            bucket: None,
        }
    }

    pub(crate) fn store(&self) -> &dyn ObjectStore {
        &*self.store
    }

    /// Deletes an object, if it is there.
    ///
    /// # Errors
    /// UNAVAILABLE when the store cannot be reached.
    pub(crate) async fn delete(&self, key: &Key) -> Result<()> {
        match self.store.delete(key).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(unreachable(error)),
        }
    }

    /// The store as its last uses have shown it.
    #[must_use]
    pub fn part(&self) -> Part {
        self.away.part.clone()
    }

    /// The URL under which the server is reached, without a slash at its end. Links of every
    /// sort lead there.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base
    }

    /// Where the bytes of an export are.
    pub(crate) fn export_key(&self, tenant: TenantId, id: i64) -> Key {
        self.prefix.clone().join(tenant.to_string()).join("exports").join(id.to_string())
    }

    /// Where the bytes of a file are.
    pub(crate) fn key(&self, tenant: TenantId, id: i64) -> Key {
        self.prefix.clone().join(tenant.to_string()).join(id.to_string())
    }

    /// Where to PUT an announced file, and the headers to send.
    pub(super) async fn upload(
        &self,
        app: &App,
        tenant: TenantId,
        id: i64,
        file: &Announced,
    ) -> Result<(String, Vec<(&'static str, String)>)> {
        let mut headers = vec![("content-type", file.content_type.clone())];
        let Some(store) = &self.bucket else {
            let signer = Signer::open(&app.database).await?;
            let link = link(&signer, UPLOAD, tenant, id, time::now() + UPLOAD_FOR);
            return Ok((format!("{}/files/uploads/{link}", self.base), headers));
        };
        // The signature holds for these headers alone, so the store refuses any other type. It also
        // refuses to write what is there already: the URL outlives the moment in which the file
        // is bound, and what a record shows must not change behind its back. The length is found
        // out when the file is bound: object_store signs none.
        let content_type = HeaderValue::from_str(&file.content_type).map_err(Error::internal)?;
        let options = SignedUrlOptions::new()
            .with_signed_header(CONTENT_TYPE, content_type)
            .with_signed_header(IF_NONE_MATCH, HeaderValue::from_static("*"));
        headers.push(("if-none-match", "*".to_owned()));
        let key = self.key(tenant, id);
        let url = store.signed_url_opts(Method::PUT, &key, UPLOAD_FOR, &options).await;
        Ok((url.map_err(unreachable)?.into(), headers))
    }

    /// Where to GET each of `files`; no statement, however many they are.
    pub(super) async fn show(
        &self,
        app: &App,
        tenant: TenantId,
        lifetime: Duration,
        files: Vec<&mut ShownFile>,
    ) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let signer = Signer::open(&app.database).await?;
        let end = time::now() + lifetime;
        for file in files {
            let key = self.key(tenant, file.id);
            file.url =
                match self.presigned(&key, &file.filename, &file.content_type, lifetime).await? {
                    Some(url) => url,
                    None => {
                        let link = link(&signer, DOWNLOAD, tenant, file.id, end);
                        format!("{}/files/{link}", self.base)
                    }
                };
        }
        Ok(())
    }

    /// A URL of the bucket that shows an object for `lifetime`; nothing when this server hands the
    /// bytes out. Asks nobody.
    pub(crate) async fn presigned(
        &self,
        key: &Key,
        filename: &str,
        content_type: &str,
        lifetime: Duration,
    ) -> Result<Option<String>> {
        let Some(store) = &self.bucket else { return Ok(None) };
        let options = SignedUrlOptions::new().with_query([
            ("response-content-type", content_type.to_owned()),
            ("response-content-disposition", disposition(filename, content_type)),
        ]);
        let url = store.signed_url_opts(Method::GET, key, lifetime, &options).await;
        Ok(Some(url.map_err(unreachable)?.into()))
    }
}
