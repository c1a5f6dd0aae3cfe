//! The HTTP transport and the courier over real loopback sockets, against a server that misbehaves.
#![cfg(feature = "http")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use patron_core::Threads;
use patron_core::log::Log;
use patron_core::sync::{
    Courier, HttpTransport, MAX_RESPONSE_BYTES, Method, Request, Response, Ticket, Transport, TransportError,
};

/// A server for one connection.
fn serve<T: Send + 'static>(behave: impl FnOnce(TcpStream) -> T + Send + 'static) -> (String, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/events", listener.local_addr().unwrap());
    (url, std::thread::spawn(move || behave(listener.accept().unwrap().0)))
}

fn post(url: &str, body: Vec<u8>) -> Request {
    let headers = vec![("authorization".into(), "Bearer pk_1".into())];
    let timeout = Duration::from_secs(60);
    Request { method: Method::Post, url: url.into(), headers, body, timeout, max_bytes: MAX_RESPONSE_BYTES }
}

fn exchange(request: Request) -> Result<Response, TransportError> {
    let transport = HttpTransport::new(&request.url).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(transport.send(request))
}

/// The request's head, and as much of the body as came along with its last line.
fn read_head(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_request_arrives_whole_and_its_answer_comes_back_with_status_and_headers() {
    let (url, server) = serve(|mut stream| {
        let head = read_head(&mut stream);
        let mut body = [0; 5];
        stream.read_exact(&mut body).unwrap();
        stream.write_all(b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\ncontent-length: 2\r\n\r\nno").unwrap();
        (head.to_lowercase(), body)
    });
    let answer = exchange(post(&url, b"hello".to_vec())).unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (503, b"no".as_slice()));
    assert_eq!(answer.header("retry-after"), Some("7"));
    let (head, body) = server.join().unwrap();
    assert!(head.starts_with("post /v1/events http/1.1\r\n"), "{head}");
    assert!(head.contains("authorization: bearer pk_1\r\n"), "{head}");
    assert!(head.contains(&format!("user-agent: patron/{}\r\n", env!("CARGO_PKG_VERSION"))), "{head}");
    assert_eq!(&body, b"hello");
}

#[test]
fn a_server_that_does_not_answer_in_time_is_a_timeout() {
    let (silent, answered) = channel::<()>();
    let (url, server) = serve(move |mut stream| {
        read_head(&mut stream);
        let _ = answered.recv();
    });
    let answer = exchange(Request { timeout: Duration::from_millis(100), ..post(&url, vec![]) });
    assert_eq!(answer, Err(TransportError::Timeout));
    drop(silent);
    server.join().unwrap();
}

#[test]
fn an_answer_that_is_cut_off_is_a_network_error_wherever_it_is_cut() {
    let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 30\r\n\r\n{\"batch\":\"not yet all of it";
    for cut in [0, 5, 17, 36, 40, whole.len()] {
        let (url, server) = serve(move |mut stream| {
            read_head(&mut stream);
            stream.write_all(&whole[..cut]).unwrap();
        });
        let answer = exchange(post(&url, vec![]));
        assert!(matches!(answer, Err(TransportError::Network(_))), "cut at {cut}: {answer:?}");
        server.join().unwrap();
    }
}

#[test]
fn what_is_no_http_at_all_is_a_network_error() {
    let (url, server) = serve(|mut stream| {
        read_head(&mut stream);
        stream.write_all(b"220 mail.example ESMTP\r\n").unwrap();
    });
    assert!(matches!(exchange(post(&url, vec![])), Err(TransportError::Network(_))));
    server.join().unwrap();
}

#[test]
fn an_answer_that_says_or_turns_out_to_be_too_large_is_cut_off() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", MAX_RESPONSE_BYTES + 1);
    let (url, server) = serve(move |mut stream| {
        read_head(&mut stream);
        stream.write_all(head.as_bytes()).unwrap();
    });
    assert_eq!(exchange(post(&url, vec![])), Err(TransportError::TooLarge));
    server.join().unwrap();

    let (url, server) = serve(|mut stream| {
        read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
        let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
        // Endless, until the other side has had enough.
        (0_usize..).take_while(|_| stream.write_all(&chunk).is_ok()).count()
    });
    assert_eq!(exchange(post(&url, vec![])), Err(TransportError::TooLarge));
    assert!(server.join().unwrap() > MAX_RESPONSE_BYTES / 0x10000 - 1);
}

#[test]
fn a_redirect_is_an_answer_and_the_key_stays_here() {
    let (url, server) = serve(|mut stream| {
        read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 307 Away\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").unwrap();
    });
    assert_eq!(exchange(post(&url, vec![])).unwrap().status, 307);
    server.join().unwrap();
}

#[test]
fn a_server_that_speaks_no_tls_gets_neither_key_nor_content() {
    let (url, server) = serve(|mut stream| {
        let mut hello = [0; 512];
        let len = stream.read(&mut hello).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        hello[..len].to_vec()
    });
    let answer = exchange(post(&url.replace("http:", "https:"), b"content".to_vec()));
    assert!(matches!(answer, Err(TransportError::Network(_))), "{answer:?}");
    let hello = server.join().unwrap();
    assert_eq!(hello[0], 0x16, "a TLS handshake");
    assert!(!hello.windows(4).any(|part| part == b"pk_1"));
}

#[test]
fn no_one_listening_is_a_network_error_that_says_so() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let answer = exchange(post(&format!("http://127.0.0.1:{port}/"), vec![]));
    assert!(matches!(&answer, Err(TransportError::Network(why)) if why.contains("refused")), "{answer:?}");
}

#[test]
fn a_key_that_no_header_can_carry_is_an_error_that_does_not_tell_it() {
    let mut request = post("http://127.0.0.1:1/", vec![]);
    request.headers[0].1 = "Bearer s\necret".into();
    let Err(TransportError::Network(why)) = exchange(request) else { panic!("it was sent") };
    assert!(why.contains("authorization") && !why.contains("ecret"), "{why}");
}

#[test]
fn another_host_in_the_clear_is_refused_before_anything_is_sent() {
    let transport = HttpTransport::new("https://shop.example").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(transport.send(post("http://shop.example/v1/events", vec![])));
    assert!(matches!(&answer, Err(TransportError::Network(why)) if why.contains("https")), "{answer:?}");
}

fn courier(url: &str) -> (Courier, Receiver<Ticket>) {
    let (answers, received) = channel();
    let transport = Arc::new(HttpTransport::new(url).unwrap());
    let done = Box::new(move |ticket, _| answers.send(ticket).unwrap());
    (Courier::start(&Threads::default(), transport, Log::silent(), Box::new(|| 0), done).unwrap(), received)
}

#[test]
fn an_abort_returns_behind_the_closing_of_the_socket() {
    let (arrived, wait) = channel();
    let (aborted, go) = channel::<()>();
    let (url, server) = serve(move |mut stream| {
        let head = read_head(&mut stream);
        arrived.send(()).unwrap();
        go.recv().unwrap();
        // No more patience is needed than for what the kernel already holds.
        let mut rest = Vec::new();
        let ended = stream.read_to_end(&mut rest);
        (head, rest.len(), ended.is_ok())
    });
    // More than the socket's buffers hold, so that the request is surely in the middle of writing.
    const LONG: usize = 64 << 20;
    let (courier, answers) = courier(&url);
    courier.send(Ticket(1), post(&url, vec![7; LONG]), None);
    wait.recv().unwrap();
    assert!(courier.abort(Ticket(1)).wait());
    aborted.send(()).unwrap();
    let (head, rest, _) = server.join().unwrap();
    assert!(head.contains(&LONG.to_string()), "{head}");
    assert!(rest < LONG, "all of it was written behind the abort");
    drop(courier);
    assert!(answers.recv().is_err(), "an aborted request was answered");
}

#[test]
fn the_courier_goes_on_behind_an_abort() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (arrived, wait) = channel();
    let server = std::thread::spawn(move || {
        let mut first = listener.accept().unwrap().0;
        read_head(&mut first);
        arrived.send(()).unwrap();
        let mut second = listener.accept().unwrap().0;
        for _ in 0..2 {
            read_head(&mut second);
            second.write_all(b"HTTP/1.1 204 Fine\r\n\r\n").unwrap();
        }
    });
    let (courier, answers) = courier(&url);
    courier.send(Ticket(1), post(&url, vec![]), None);
    wait.recv().unwrap();
    assert!(courier.abort(Ticket(1)).wait());
    // Both over one connection: a drain does not shake hands for every batch.
    courier.send(Ticket(2), post(&url, vec![]), None);
    courier.send(Ticket(3), post(&url, vec![]), None);
    assert_eq!((answers.recv(), answers.recv()), (Ok(Ticket(2)), Ok(Ticket(3))));
    server.join().unwrap();
}

#[test]
fn a_dropped_request_closes_its_socket() {
    let (arrived, wait) = channel();
    let (url, server) = serve(move |mut stream| {
        read_head(&mut stream);
        arrived.send(()).unwrap();
        stream.read(&mut [0]).unwrap()
    });
    let (courier, _answers) = courier(&url);
    courier.send(Ticket(1), post(&url, vec![]), None);
    wait.recv().unwrap();
    drop(courier);
    assert_eq!(server.join().unwrap(), 0, "the server sees the end of the stream");
}
