//! TLS against a loopback server whose certificates are made for each test: who is let in, and what
//! the others get to see of a request, which is nothing.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData as _, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

use super::pins::pin_of;
use super::{HttpTransport, Method, Request, Response, Transport as _, TransportError};
use crate::error::Error;

const BOTH: &[&SupportedProtocolVersion] = &[&TLS12, &TLS13];
const HOST: &str = "127.0.0.1";

/// An authority that a test trusts, or does not.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        roots
    }

    /// A certificate for `host`, from 2020 until the end of `until`.
    fn issue(&self, host: &str, until: i32) -> Identity {
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 12, 31);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let pin = String::from_utf8(pin_of(&key.subject_public_key_info()).to_vec()).unwrap();
        Identity { chain: vec![certificate.der().clone()], key: key.serialize_der(), pin }
    }
}

struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
    pin: String,
}

impl Identity {
    /// Serves one connection; answers with what it read of the request, which is nothing if the
    /// client did not like what it saw.
    fn serve(self, versions: &[&'static SupportedProtocolVersion]) -> (String, JoinHandle<Vec<u8>>) {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(self.chain, key)
            .unwrap();
        serve(move |stream| {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream);
            let (mut seen, mut byte) = (Vec::new(), [0]);
            while !seen.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|len| len == 1) {
                seen.push(byte[0]);
            }
            let _ = stream.write_all(b"HTTP/1.1 204 Fine\r\nconnection: close\r\n\r\n");
            stream.conn.send_close_notify();
            let _ = stream.flush();
            seen
        })
    }
}

fn serve(behave: impl FnOnce(TcpStream) -> Vec<u8> + Send + 'static) -> (String, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind((HOST, 0)).unwrap();
    let url = format!("https://{}/v1/events", listener.local_addr().unwrap());
    (url, std::thread::spawn(move || behave(listener.accept().unwrap().0)))
}

fn exchange(roots: RootCertStore, url: &str, pins: &[String]) -> Result<Response, TransportError> {
    let transport = HttpTransport::trusting(roots, url, pins).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let headers = vec![("authorization".to_owned(), "Bearer pk_secret".to_owned())];
    let timeout = Duration::from_secs(60);
    runtime.block_on(transport.send(Request {
        method: Method::Post,
        url: url.to_owned(),
        headers,
        body: vec![7],
        timeout,
        max_bytes: 1 << 20,
    }))
}

/// The server was let in, and got the request.
fn let_in(roots: RootCertStore, identity: Identity, versions: &[&'static SupportedProtocolVersion], pins: &[String]) {
    let (url, server) = identity.serve(versions);
    assert_eq!(exchange(roots, &url, pins).map(|answer| answer.status), Ok(204));
    assert!(String::from_utf8(server.join().unwrap()).unwrap().contains("pk_secret"));
}

/// The server was not, and got nothing; the error says why.
fn kept_out(roots: RootCertStore, identity: Identity, pins: &[String], why: &str) {
    let (url, server) = identity.serve(BOTH);
    let answer = exchange(roots, &url, pins);
    assert!(matches!(&answer, Err(TransportError::Network(words)) if words.contains(why)), "{why}: {answer:?}");
    assert!(server.join().unwrap().is_empty(), "{why}: it has seen something of the request");
}

#[test]
fn a_server_of_a_known_authority_is_let_in_by_tls_1_2_and_1_3() {
    let authority = Authority::new();
    let_in(authority.roots(), authority.issue(HOST, 2090), &[&TLS12], &[]);
    let_in(authority.roots(), authority.issue(HOST, 2090), &[&TLS13], &[]);
}

#[test]
fn an_expired_certificate_is_refused_before_anything_is_sent() {
    let authority = Authority::new();
    kept_out(authority.roots(), authority.issue(HOST, 2021), &[], "certificate expired");
}

#[test]
fn a_certificate_of_another_host_is_refused_before_anything_is_sent() {
    let authority = Authority::new();
    kept_out(authority.roots(), authority.issue("shop.example", 2090), &[], "not valid for name");
    kept_out(authority.roots(), authority.issue("127.0.0.2", 2090), &[], "not valid for name");
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused_before_anything_is_sent() {
    kept_out(Authority::new().roots(), Authority::new().issue(HOST, 2090), &[], "invalid peer certificate");
}

#[test]
fn a_server_that_speaks_tls_1_1_at_most_is_refused_before_anything_is_sent() {
    let (url, server) = serve(|mut stream| {
        let mut record = [0; 5];
        stream.read_exact(&mut record).unwrap();
        let mut hello = vec![0; usize::from(u16::from_be_bytes([record[3], record[4]]))];
        stream.read_exact(&mut hello).unwrap();
        // ServerHello: version 3.2, 32 random bytes, no session, ECDHE-RSA-AES128-SHA, no compression.
        let body = [&[3, 2][..], &[9; 32], &[0, 0xc0, 0x13, 0]].concat();
        let handshake = [&[2, 0, 0, body.len() as u8][..], &body].concat();
        stream.write_all(&[&[0x16, 3, 2, 0, handshake.len() as u8][..], &handshake].concat()).unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        [hello, rest].concat()
    });
    let answer = exchange(Authority::new().roots(), &url, &[]);
    assert!(matches!(&answer, Err(TransportError::Network(_))), "{answer:?}");
    let seen = server.join().unwrap();
    assert!(!seen.windows(6).any(|part| part == b"secret"), "the key in the clear");
    // What came back is an alert, and nothing more.
    assert_eq!(seen[seen.len() - 7], 0x15);
}

#[test]
fn a_pinned_key_is_let_in_and_so_is_its_backup() {
    let authority = Authority::new();
    let (now, backup) = (authority.issue(HOST, 2090), authority.issue(HOST, 2090));
    let pins = [format!("sha256/{}", now.pin), backup.pin.clone()];
    let_in(authority.roots(), now, BOTH, &pins);
    let_in(authority.roots(), backup, &[&TLS12], &pins);
}

#[test]
fn a_key_that_is_not_pinned_is_refused_though_its_certificate_is_fine() {
    let authority = Authority::new();
    let pins = [authority.issue(HOST, 2090).pin, authority.issue(HOST, 2090).pin];
    kept_out(authority.roots(), authority.issue(HOST, 2090), &pins, "NotPinned");
    // Nor does it help to send a certificate with a pinned key along.
    let (mut other, pinned) = (authority.issue(HOST, 2090), authority.issue(HOST, 2090));
    let pins = [pinned.pin.clone(), pins[0].clone()];
    other.chain.extend(pinned.chain);
    kept_out(authority.roots(), other, &pins, "NotPinned");
}

#[test]
fn a_pin_does_not_stand_in_for_the_ordinary_check() {
    let authority = Authority::new();
    for (identity, why) in [
        (authority.issue(HOST, 2021), "certificate expired"),
        (authority.issue("shop.example", 2090), "not valid for name"),
        (Authority::new().issue(HOST, 2090), "invalid peer certificate"),
    ] {
        let pins = [identity.pin.clone(), authority.issue(HOST, 2090).pin];
        kept_out(authority.roots(), identity, &pins, why);
    }
}

#[test]
fn pins_that_are_none_and_a_pin_without_a_backup_are_refused_with_the_name_of_the_field() {
    let authority = Authority::new();
    let [one, two] = [authority.issue(HOST, 2090).pin, authority.issue(HOST, 2090).pin];
    assert!(HttpTransport::pinned("https://shop.example", &[]).is_ok());
    assert!(HttpTransport::pinned("https://shop.example", &[one.clone(), two.clone()]).is_ok());
    let many: Vec<String> = (0..17).map(|n| String::from_utf8(pin_of(&[n]).to_vec()).unwrap()).collect();
    let hex = "9f".repeat(32);
    let loose = format!("{}B=", &one[..42]);
    let url = one.replace(['+', '/'], "-").replacen(|c: char| c.is_ascii_digit(), "_", 1);
    for pins in [
        vec![one.clone()],
        vec![one.clone(), format!("sha256/{one}")],
        vec![one.clone(), String::new()],
        vec![one.clone(), hex],
        vec![one.clone(), loose],
        vec![one.clone(), format!("sha1/{two}")],
        vec![one.clone(), format!("{}-=", &url[..42])],
        many,
    ] {
        let error = HttpTransport::pinned("https://shop.example", &pins).err();
        assert!(
            matches!(&error, Some(Error::InvalidInput { what, .. }) if what == "config.pins"),
            "{pins:?}: {error:?}"
        );
    }
}

#[test]
fn a_pin_is_what_the_usual_tools_print() {
    // RFC 7469, 2.4 gives no vector; this is SHA-256 of nothing, as `openssl dgst -sha256 -binary | base64` has it.
    assert_eq!(pin_of(b""), *b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}
