//! Reading from the other issuer: in bounded time, of bounded size, and from nowhere else.

use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use serde::de::DeserializeOwned;
use steward_kernel::{Error, Result};
use tokio_rustls::rustls::crypto::ring;

use super::model::{Discovery, is_same};

/// How long one document may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Most bytes of a document.
const MOST: usize = 1024 * 1024;

/// Reads the documents of an issuer.
pub(super) struct Fetcher {
    client: reqwest::Client,
    issuer: String,
}

/// What an issuer publishes.
pub(super) struct Published {
    /// Its name, as it stands in tokens.
    pub(super) issuer: String,
    pub(super) keys: JwkSet,
}

impl Fetcher {
    /// # Errors
    /// INTERNAL when TLS cannot be set up.
    pub(super) fn new(issuer: &str) -> Result<Self> {
        // The client takes the process's provider of cryptography. Another one may be there
        // already, and is as good: ring is the only one that is built in.
        let _ = ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(LIMIT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("steward")
            .build()
            .map_err(Error::internal)?;
        Ok(Self { client, issuer: issuer.trim_end_matches('/').to_owned() })
    }

    /// Reads the discovery document and the keys it leads to.
    ///
    /// # Errors
    /// INTERNAL with what went wrong, for the log.
    pub(super) async fn read(&self) -> Result<Published> {
        let url = format!("{}/.well-known/openid-configuration", self.issuer);
        let Discovery { issuer, jwks_uri } = self.document(&url).await?;
        if !is_same(&issuer, &self.issuer) {
            return Err(Error::internal(format!("the discovery document is that of {issuer}")));
        }
        let keys = self.document(&jwks_uri).await?;
        Ok(Published { issuer, keys })
    }

    async fn document<T: DeserializeOwned>(&self, url: &str) -> Result<T> {
        // Reading is part of the limit, so a slow issuer holds nobody for longer.
        let mut response = self.client.get(url).send().await.map_err(Error::internal)?;
        if !response.status().is_success() {
            return Err(Error::internal(format!("{url} answered {}", response.status())));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Error::internal)? {
            if body.len() + chunk.len() > MOST {
                return Err(Error::internal(format!("{url} is larger than {MOST} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(Error::internal)
    }
}
