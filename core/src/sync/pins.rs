//! Pins: the server keys that an app says are the backend's, beside what the trust roots say.
//!
//! Decides, after the ordinary check of chain, name and dates has passed, whether the certificate's
//! public key is one of them. Only the server's own certificate counts: others in its chain are
//! whatever the server chose to send.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error as TlsError, OtherError, SignatureScheme};
use sha2::{Digest as _, Sha256};

use crate::error::Error;

/// A server has a key in use, one in the safe, and now and then those of a change; a longer list is
/// a mistake.
const MAX_PINS: usize = 16;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What stands before a pin in the tools that print pins; may be left out.
const PREFIX: &str = "sha256/";

/// SHA-256 of a certificate's SubjectPublicKeyInfo, in base64: 43 characters and a `=`.
type Pin = [u8; 44];

/// Why a server whose certificate is fine was not let in.
#[derive(Debug, thiserror::Error)]
#[error("the server's key is none of the pinned ones")]
struct NotPinned;

/// Verifies as usual, and then asks for a pinned key.
#[derive(Debug)]
pub(super) struct PinnedVerifier {
    usual: Arc<WebPkiServerVerifier>,
    pins: Vec<Pin>,
}

impl PinnedVerifier {
    /// # Errors
    /// [`Error::InvalidInput`] naming `config.pins`: for what is no pin, and for less than two, since
    /// a key that is lost would lock every installed app out.
    pub(super) fn new(usual: Arc<WebPkiServerVerifier>, pins: &[String]) -> Result<Self, Error> {
        let mut read = pins.iter().map(|pin| parse(pin)).collect::<Option<Vec<_>>>().ok_or_else(|| {
            Error::invalid("config.pins", "takes SHA-256 of a SubjectPublicKeyInfo in base64, sha256/ before it or not")
        })?;
        read.sort_unstable();
        read.dedup();
        if !(2..=MAX_PINS).contains(&read.len()) {
            let why =
                format!("takes 2 to {MAX_PINS} different pins: the key in use, and one to change to when it is lost");
            return Err(Error::invalid("config.pins", why));
        }
        Ok(Self { usual, pins: read })
    }
}

impl ServerCertVerifier for PinnedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verified = self.usual.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        let key = ParsedCertificate::try_from(end_entity)?.subject_public_key_info();
        if self.pins.contains(&pin_of(&key)) {
            Ok(verified)
        } else {
            Err(TlsError::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(NotPinned)))))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.usual.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.usual.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

/// The pin of a SubjectPublicKeyInfo.
pub(super) fn pin_of(key: &[u8]) -> Pin {
    let digest = Sha256::digest(key);
    let mut pin = [b'='; 44];
    for (three, four) in digest.chunks(3).zip(pin.chunks_mut(4)) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for (at, place) in four.iter_mut().enumerate().take(three.len() + 1) {
            *place = ALPHABET[(bits >> (18 - 6 * at) & 63) as usize];
        }
    }
    pin
}

/// What could be a pin: 43 characters of base64, the last of which carries four bits.
fn parse(text: &str) -> Option<Pin> {
    let pin: Pin = text.strip_prefix(PREFIX).unwrap_or(text).as_bytes().try_into().ok()?;
    let place = |byte: &u8| ALPHABET.iter().position(|letter| letter == byte);
    let fine = pin[..43].iter().all(|byte| place(byte).is_some()) && place(&pin[42]).is_some_and(|last| last % 4 == 0);
    (fine && pin[43] == b'=').then_some(pin)
}
