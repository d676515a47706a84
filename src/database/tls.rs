//! TLS to an external PostgreSQL, with the meaning libpq gives to `sslmode`.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

use crate::setup::SetupError;

/// How connections are encrypted, and the URL without what only we understand of it.
///
/// `sslmode=disable|prefer|require` encrypt or not, without a look at the certificate, as libpq
/// does; `verify-full` also wants a certificate for the host, from an authority in the file
/// `sslrootcert` or, without one, of the system.
pub(crate) fn read(url: &str) -> Result<(String, MakeRustlsConnect), SetupError> {
    // A URL that the standard does not know, such as one with several hosts, has no such
    // parameters; whether it is one at all, is found out by whoever reads the rest.
    let Ok(mut parsed) = Url::parse(url) else {
        return Ok((url.to_owned(), connector(unverified()?)));
    };
    let mut mode = None;
    let mut root_file = None;
    let mut kept = Vec::new();
    for pair in parsed.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value.to_owned()),
            Some(("sslrootcert", value)) => root_file = Some(decoded(value)),
            _ => kept.push(pair.to_owned()),
        }
    }
    let verify = match mode.as_deref() {
        Some("verify-full") => {
            kept.push("sslmode=require".to_owned());
            true
        }
        Some("verify-ca") => {
            let advice = "sslmode=verify-ca is not offered; use verify-full";
            return Err(SetupError::Url(advice.to_owned()));
        }
        Some(other) => {
            kept.push(format!("sslmode={other}"));
            false
        }
        None => false,
    };
    let config = if verify { verified(root_file.as_deref())? } else { unverified()? };
    parsed.set_query(if kept.is_empty() { None } else { Some(kept.join("&")) }.as_deref());
    Ok((parsed.into(), connector(config)))
}

fn decoded(value: &str) -> String {
    // Read as a form would be, but for the plus, which is an ordinary letter in a path.
    let value = value.replace('+', "%2B");
    url::form_urlencoded::parse(value.as_bytes()).map(|(key, _)| key.into_owned()).collect()
}

fn connector(config: ClientConfig) -> MakeRustlsConnect {
    MakeRustlsConnect::new(config)
}

fn verified(root_file: Option<&str>) -> Result<ClientConfig, SetupError> {
    let mut roots = RootCertStore::empty();
    match root_file {
        Some(file) => {
            let unreadable =
                |error| SetupError::Url(format!("sslrootcert {file} cannot be read: {error}"));
            for certificate in CertificateDer::pem_file_iter(file).map_err(unreadable)? {
                let certificate = certificate.map_err(unreadable)?;
                roots.add(certificate).map_err(|error| {
                    SetupError::Url(format!("sslrootcert {file} cannot be used: {error}"))
                })?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        let advice = "sslmode=verify-full finds no certificates; name a file in sslrootcert";
        return Err(SetupError::Url(advice.to_owned()));
    }
    Ok(builder()?.with_root_certificates(roots).with_no_client_auth())
}

fn unverified() -> Result<ClientConfig, SetupError> {
    let verifier = Arc::new(AnyCertificate(ring::default_provider()));
    let builder = builder()?.dangerous();
    Ok(builder.with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, SetupError> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| SetupError::Url(error.to_string()))
}

/// Takes any certificate, as `sslmode=prefer` and `require` do: against listening, not against
/// whoever sits in between.
#[derive(Debug)]
struct AnyCertificate(CryptoProvider);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(url: &str) -> String {
        read(url).map(|(url, _)| url).expect("a URL")
    }

    #[test]
    fn keeps_what_others_understand() {
        for url in ["postgresql://a:b@h/d", "postgresql://h/d?sslmode=require&application_name=x"] {
            assert_eq!(
                rest(url).replace("application_name=x&", ""),
                url.replace("&application_name=x", "")
            );
        }
        let (url, _) = read("postgresql:///d?host=%2Frun%2Fpg&user=u").expect("a URL");
        assert!(url.contains("host=%2Frun%2Fpg") && url.contains("user=u"), "{url}");
    }

    #[test]
    fn wants_a_root_certificate_that_can_be_read() {
        let url = "postgresql://h/d?sslmode=verify-full&sslrootcert=%2Fno%2Fsuch.pem";
        let Err(error) = read(url) else { panic!("taken") };
        assert!(error.to_string().contains("/no/such.pem"), "{error}");
        assert!(read("postgresql://h/d?sslmode=verify-ca").is_err());
    }
}
