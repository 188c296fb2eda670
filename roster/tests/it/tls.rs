//! TLS: who speaks it and how, and another certificate while the server runs.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use roster::settings::TlsFiles;
use roster::{Surroundings, serve};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::{Home, Message, Server, until};

/// Where the certificate and its key lie.
struct Files {
    folder: TempDir,
}

impl Files {
    /// A certificate that nobody has seen before; what shows it.
    fn new() -> (Self, CertificateDer<'static>) {
        let files = Self { folder: tempfile::tempdir().expect("a folder can be made") };
        let made = files.replace();
        (files, made)
    }

    /// Another one in its place.
    fn replace(&self) -> CertificateDer<'static> {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).expect("it is made");
        std::fs::write(self.path("cert.pem"), cert.pem()).expect("it is written");
        std::fs::write(self.path("key.pem"), signing_key.serialize_pem()).expect("it is written");
        cert.der().clone()
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// A server that shows it.
    async fn server(&self) -> Server {
        let mut home = Home::new().await;
        home.serve.tls = Some(TlsFiles { certificate: self.path("cert.pem"), key: self.path("key.pem") });
        Server::within(home).await
    }
}

/// Somebody who trusts one certificate, and speaks these versions and protocols.
fn connector(
    trusted: &CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
    protocols: &[&[u8]],
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("it is one");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions);
    let mut config = builder.expect("they are served").with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

async fn connect(server: &Server, connector: &TlsConnector) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(server.address()).await?;
    connector.connect(ServerName::try_from("localhost").expect("a name"), stream).await
}

/// The bytes of a message.
fn written(message: &Message, connection: &str) -> Vec<u8> {
    let mut head = format!("{} {} HTTP/1.1\r\nconnection: {connection}\r\n", message.method, message.target);
    for (name, value) in &message.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", message.body.len()));
    [head.as_bytes(), &message.body].concat()
}

/// Sends a message as the last one of its connection; what comes back.
async fn finish(stream: &mut TlsStream<TcpStream>, message: &Message) -> String {
    stream.write_all(&written(message, "close")).await.expect("it is taken");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("it is answered");
    String::from_utf8(answer).expect("it is text")
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_speak_tls_and_nothing_else() {
    let (files, certificate) = Files::new();
    let server = files.server().await;
    let admin = server.administrator();
    let http1: &[&[u8]] = &[b"http/1.1"];
    let cases: [(&[&'static SupportedProtocolVersion], &[&[u8]]); 4] = [
        (rustls::ALL_VERSIONS, http1),
        (&[&rustls::version::TLS13], &[]),
        (&[&rustls::version::TLS12], http1),
        (rustls::ALL_VERSIONS, &[b"h2", b"http/1.1"]),
    ];
    for (versions, protocols) in cases {
        let connector = connector(&certificate, versions, protocols);
        let mut stream = connect(&server, &connector).await.expect("they shake hands");
        let spoken = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        assert_eq!(spoken, (!protocols.is_empty()).then(|| b"http/1.1".to_vec()), "{protocols:?}");
        let answer = finish(&mut stream, &admin.post("DescribeUsers", &[])).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }

    let h2 = connector(&certificate, rustls::ALL_VERSIONS, &[b"h2"]);
    assert!(connect(&server, &h2).await.is_err(), "HTTP/2 is not spoken");
    let (_other_files, other) = Files::new();
    let mistrusting = connector(&other, rustls::ALL_VERSIONS, http1);
    assert!(connect(&server, &mistrusting).await.is_err(), "it has another certificate");
    let plain = admin.bytes(&written(&admin.post("DescribeUsers", &[]), "close")).await;
    assert!(!plain.starts_with(b"HTTP/"), "{}", String::from_utf8_lossy(&plain));

    let connector = connector(&certificate, rustls::ALL_VERSIONS, http1);
    until("the failed handshakes are counted", async || {
        let mut stream = connect(&server, &connector).await.expect("they shake hands");
        let figures = Message {
            method: "GET",
            target: "/metrics".into(),
            headers: vec![("host".into(), "localhost".into())],
            body: Vec::new(),
        };
        finish(&mut stream, &figures).await.contains("\nroster_tls_handshakes_failed_total 3\n")
    })
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_is_shown_without_a_restart() {
    let (files, before) = Files::new();
    let server = files.server().await;
    let admin = server.administrator();
    let old = connector(&before, rustls::ALL_VERSIONS, &[]);
    let mut kept = connect(&server, &old).await.expect("they shake hands");
    kept.write_all(&written(&admin.post("DescribeUsers", &[]), "keep-alive")).await.expect("it is taken");
    let mut first = [0; 12];
    kept.read_exact(&mut first).await.expect("it is answered");
    assert_eq!(&first, b"HTTP/1.1 200");

    std::fs::write(files.path("key.pem"), "no key").expect("it is written");
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(connect(&server, &old).await.is_ok(), "what cannot be used changes nothing");

    let after = files.replace();
    let new = connector(&after, rustls::ALL_VERSIONS, &[]);
    until("the other certificate is shown", async || connect(&server, &new).await.is_ok()).await;
    let distrusting = connector(&before, rustls::ALL_VERSIONS, &[]);
    assert!(connect(&server, &distrusting).await.is_err(), "the one from before is gone");
    let answer = finish(&mut kept, &admin.post("DescribeUsers", &[])).await;
    assert!(answer.contains("HTTP/1.1 200 "), "the connection from before goes on: {answer}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_shake_hands_keeps_no_server_from_ending() {
    let (files, certificate) = Files::new();
    let server = files.server().await;
    let silent = TcpStream::connect(server.address()).await.expect("it is accepted");
    let connector = connector(&certificate, rustls::ALL_VERSIONS, &[]);
    let idle = connect(&server, &connector).await.expect("they shake hands");

    let started = Instant::now();
    server.stop().await;
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    drop((silent, idle));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_does_not_start_with_what_is_no_certificate() {
    let (files, _) = Files::new();
    let (others, _) = Files::new();
    std::fs::write(files.path("empty.pem"), "").expect("it is written");
    let trouble = async |certificate: &Path, key: &Path| {
        let mut home = Home::new().await;
        home.serve.tls = Some(TlsFiles { certificate: certificate.into(), key: key.into() });
        let surroundings = Surroundings { clock: Arc::new(|| model::Millis(0)), first_key: None };
        let started = serve::start(&home.serve, &surroundings, Vec::new()).await;
        started.err().expect("it does not start").to_string()
    };

    let (certificate, key) = (files.path("cert.pem"), files.path("key.pem"));
    for (certificate, key, told) in [
        (&files.path("gone.pem"), &key, "cannot read "),
        (&certificate, &files.path("gone.pem"), "cannot read "),
        (&files.path("empty.pem"), &key, "holds no certificate in PEM"),
        (&certificate, &files.path("empty.pem"), "holds no private key in PEM"),
        (&certificate, &others.path("key.pem"), "do not go together"),
    ] {
        let trouble = trouble(certificate, key).await;
        assert!(trouble.contains(told) && !trouble.contains('\n'), "{told}: {trouble}");
    }
}
