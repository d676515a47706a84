//! A bucket of an S3-compatible store.

use std::path::PathBuf;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path as Key;
use object_store::{BackoffConfig, Certificate, ClientOptions, RetryConfig};
use secrecy::{ExposeSecret, SecretString};
use steward_kernel::{Error, Result};
use tokio_rustls::rustls::crypto::ring;
use url::Url;

/// How long a call to the store may take, and how long it is tried again when it fails sooner.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a call is tried at most, but for the first time.
const RETRIES: usize = 2;

/// Which bucket, and how it is reached. What is left out comes from the variables that all
/// clients of S3 know (`AWS_ACCESS_KEY_ID`, `AWS_REGION` and so on), or from the role of the
/// machine.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// `s3://bucket/prefix`
    pub url: String,
    /// URL of the store, when that is not Amazon's: `https://s3.example.com`.
    pub endpoint: Option<String>,
    /// Region of the bucket.
    pub region: Option<String>,
    /// Id of the key to sign requests with.
    pub access_key_id: Option<String>,
    /// The key itself.
    pub secret_access_key: Option<SecretString>,
    /// Certificates that the store may show beside publicly trusted ones, in PEM.
    pub ca: Option<PathBuf>,
}

impl Bucket {
    /// The bucket and the prefix of all keys.
    pub(super) fn open(&self) -> Result<(AmazonS3, Key)> {
        let (name, prefix) = self.parts()?;
        // The client for S3 takes the process's provider of cryptography. Another one may be
        // there already, and is as good: ring is the only one that is built in.
        let _ = ring::default_provider().install_default();
        let retry = RetryConfig {
            max_retries: RETRIES,
            retry_timeout: PATIENCE,
            backoff: BackoffConfig { max_backoff: Duration::from_secs(1), ..Default::default() },
        };
        let mut client = ClientOptions::new().with_timeout(PATIENCE).with_connect_timeout(PATIENCE);
        if let Some(ca) = &self.ca {
            let unreadable = |error: &dyn std::error::Error| {
                Error::internal(format!("{}: {error}", ca.display()))
            };
            let pem = std::fs::read(ca).map_err(|error| unreadable(&error))?;
            let certificates = Certificate::from_pem_bundle(&pem);
            for certificate in certificates.map_err(|error| unreadable(&error))? {
                client = client.with_root_certificate(certificate);
            }
        }
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(name)
            .with_retry(retry)
            .with_client_options(client);
        if let Some(endpoint) = &self.endpoint {
            builder = builder
                .with_endpoint(endpoint.trim_end_matches('/'))
                .with_allow_http(endpoint.starts_with("http://"));
        }
        if let Some(region) = &self.region {
            builder = builder.with_region(region);
        }
        if let Some(id) = &self.access_key_id {
            builder = builder.with_access_key_id(id);
        }
        if let Some(key) = &self.secret_access_key {
            builder = builder.with_secret_access_key(key.expose_secret());
        }
        Ok((builder.build().map_err(Error::internal)?, prefix))
    }

    /// The name of the bucket and the prefix.
    fn parts(&self) -> Result<(String, Key)> {
        let url = Url::parse(&self.url).map_err(Error::internal)?;
        let name = url.host_str().filter(|_| url.scheme() == "s3");
        let name = name.ok_or_else(|| Error::internal("files_url is not s3://BUCKET/PREFIX"))?;
        let prefix = Key::from_url_path(url.path()).map_err(Error::internal)?;
        Ok((name.to_owned(), prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(url: &str) -> Bucket {
        let url = url.to_owned();
        Bucket {
            url,
            endpoint: None,
            region: None,
            access_key_id: None,
            secret_access_key: None,
            ca: None,
        }
    }

    #[test]
    fn a_url_names_bucket_and_prefix() -> Result<()> {
        for (url, name, prefix) in [
            ("s3://files", "files", ""),
            ("s3://files/", "files", ""),
            ("s3://files/a/b%20c/", "files", "a/b c"),
        ] {
            let (found, key) = bucket(url).parts()?;
            assert_eq!((&*found, key.as_ref()), (name, prefix), "{url}");
        }
        for url in ["", "files", "s3:files", "https://files/a", "s3://"] {
            assert!(bucket(url).parts().is_err(), "{url}");
        }
        Ok(())
    }
}
