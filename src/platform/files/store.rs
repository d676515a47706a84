//! Where the bytes are.

use std::path::Path;
use std::sync::Arc;

use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue, IF_NONE_MATCH};
use object_store::ObjectStore;
use object_store::aws::AmazonS3;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::signer::{SignedUrlOptions, Signer as _};
use steward_kernel::time;
use steward_kernel::{Error, Result, TenantId};

use super::actions::{DOWNLOAD, DOWNLOAD_FOR, UPLOAD, UPLOAD_FOR, link};
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
    links: Links,
}

/// Who takes the bytes and hands them out.
#[derive(Clone)]
enum Links {
    /// This server, under its URL.
    Server(Arc<str>),
    /// The bucket itself.
    Bucket(AmazonS3),
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
            links: Links::Server(base_url.into()),
        })
    }

    /// Files in a bucket; links lead to it.
    ///
    /// # Errors
    /// INTERNAL when the settings name no bucket. Whether it is there is found out when it is
    /// used.
    pub fn bucket(bucket: &Bucket) -> Result<Self> {
        let (store, prefix) = bucket.open()?;
        Ok(Self {
            store: Arc::new(store.clone()),
            away: Away::default(),
            prefix,
            links: Links::Bucket(store),
        })
    }

    /// Files that go with the process: for commands, which touch none.
    #[must_use]
    pub fn in_memory() -> Self {
        Self {
            store: Arc::new(InMemory::new()),
            away: Away::default(),
            prefix: Key::default(),
            links: Links::Server("".into()),
        }
    }

    /// Where the bytes of a file are.
    pub(super) fn key(&self, tenant: TenantId, id: i64) -> Key {
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
        let store = match &self.links {
            Links::Server(base) => {
                let signer = Signer::open(app).await?;
                let link = link(&signer, UPLOAD, tenant, id, time::now() + UPLOAD_FOR);
                return Ok((format!("{base}/files/uploads/{link}"), headers));
            }
            Links::Bucket(store) => store,
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
        files: Vec<&mut ShownFile>,
    ) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        match &self.links {
            Links::Server(base) => {
                let signer = Signer::open(app).await?;
                let end = time::now() + DOWNLOAD_FOR;
                for file in files {
                    let link = link(&signer, DOWNLOAD, tenant, file.id, end);
                    file.url = format!("{base}/files/{link}");
                }
            }
            Links::Bucket(store) => {
                for file in files {
                    let options = SignedUrlOptions::new().with_query([
                        ("response-content-type", file.content_type.clone()),
                        (
                            "response-content-disposition",
                            disposition(&file.filename, &file.content_type),
                        ),
                    ]);
                    let key = self.key(tenant, file.id);
                    let url = store.signed_url_opts(Method::GET, &key, DOWNLOAD_FOR, &options);
                    file.url = url.await.map_err(unreachable)?.into();
                }
            }
        }
        Ok(())
    }
}
