//! The client against real sockets on this machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::resolve::tests::Names;

/// A server that answers each request with `answer(request text)`; returns its port and a counter of
/// requests.
async fn serve(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(one(stream, Arc::clone(&answer), Arc::clone(&counted)));
        }
    });
    (port, count)
}

async fn one(
    mut stream: TcpStream,
    answer: Arc<impl Fn(&str) -> String + Send + Sync>,
    count: Arc<AtomicUsize>,
) {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    while !complete(&text) {
        match stream.read(&mut buffer).await {
            Ok(n) if n > 0 => text.extend_from_slice(&buffer[..n]),
            _ => return,
        }
    }
    count.fetch_add(1, Ordering::SeqCst);
    let reply = answer(&String::from_utf8_lossy(&text));
    let _ = stream.write_all(reply.as_bytes()).await;
}

fn complete(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}

fn reply(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn local() -> HttpClient {
    HttpClient::new("127.0.0.1/32".parse().expect("a policy"))
}

fn get(url: &str) -> Request {
    Request::new(Method::Get, url).expect("a request")
}

#[tokio::test]
async fn a_request_goes_out_whole_and_the_answer_comes_back_whole() {
    let (port, _) = serve(|request| reply("201 Created", "X-Echo: yes\r\n", request)).await;
    let request = Request::new(Method::Patch, &format!("http://127.0.0.1:{port}/a?b=c"))
        .and_then(|request| request.query("d", "é &").header("X-Name", "välue"))
        .and_then(|request| request.body(Body::json(&serde_json::json!({"k": 1}))))
        .expect("a request");
    let response = local().send(request).await.expect("an answer");
    let echoed = response.text();
    assert_eq!((response.status, response.header("X-Echo")), (201, Some("yes")));
    assert!(echoed.starts_with("PATCH /a?b=c&d=%C3%A9+%26 HTTP/1.1"), "{echoed}");
    assert!(echoed.contains("x-name: välue"), "{echoed}");
    assert!(echoed.contains("content-type: application/json"), "{echoed}");
    assert!(echoed.ends_with("{\"k\":1}"), "{echoed}");
}

#[tokio::test]
async fn every_spelling_of_this_machine_is_refused_and_nothing_is_sent() {
    let (port, count) = serve(|_| reply("200 OK", "", "secret")).await;
    let client = HttpClient::new(AddressPolicy::public_only());
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "0",
        "0.0.0.0",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "127。0。0。1",
        "127.0.0.1.",
        "①②⑦.0.0.1",
        "user@127.0.0.1",
    ] {
        let request = Request::new(Method::Get, &format!("http://{host}:{port}/")).expect(host);
        let error = client.send(request).await.expect_err(host);
        assert_eq!(error.code(), "blockedAddress", "{host}: {error}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_that_points_inside_is_refused_also_when_it_changes_between_look_ups() {
    let (port, count) = serve(|_| reply("200 OK", "", "secret")).await;
    let names = Names::default()
        .with("inside.test", &[&["127.0.0.1"]])
        // First an address that nobody answers at, then the one that must never be reached.
        .with("rebind.test", &[&["192.0.2.1"], &["127.0.0.1"]]);
    let client = HttpClient::with_lookup(AddressPolicy::public_only(), Arc::new(names));
    for host in ["inside.test", "rebind.test", "rebind.test"] {
        let error = client.send(get(&format!("http://{host}:{port}/"))).await.expect_err(host);
        assert_eq!(error.code(), "blockedAddress", "{host}: {error}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_allow_list_counts_per_port_for_names_too() {
    let (open, _) = serve(|_| reply("200 OK", "", "fine")).await;
    let (closed, count) = serve(|_| reply("200 OK", "", "secret")).await;
    let policy: AddressPolicy = format!("127.0.0.1/32:{open}").parse().expect("a policy");
    let names = Names::default().with("here.test", &[&["127.0.0.1"]]);
    let client = HttpClient::with_lookup(policy, Arc::new(names));
    let response = client.send(get(&format!("http://here.test:{open}/"))).await.expect("allowed");
    assert_eq!(response.text(), "fine");
    let error = client.send(get(&format!("http://here.test:{closed}/"))).await.expect_err("another port");
    assert_eq!((error.code(), count.load(Ordering::SeqCst)), ("blockedAddress", 0));
}

#[tokio::test]
async fn each_redirect_passes_the_guard_again() {
    let (inside, count) = serve(|_| reply("200 OK", "", "secret")).await;
    let locations = [format!("http://127.0.0.1:{inside}/"), format!("http://localhost:{inside}/")];
    for location in locations {
        let header = format!("Location: {location}\r\n");
        let (port, _) = serve(move |_| reply("302 Found", &header, "")).await;
        let client = HttpClient::new(format!("127.0.0.1/32:{port}").parse().expect("a policy"));
        let error = client.send(get(&format!("http://127.0.0.1:{port}/"))).await.expect_err("refused");
        assert_eq!(error.code(), "blockedAddress", "{location}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn secrets_do_not_follow_to_another_origin() {
    let (second, _) = serve(|request| reply("200 OK", "", request)).await;
    let header = format!("Location: http://127.0.0.1:{second}/there\r\n");
    let (first, _) = serve(move |_| reply("307 Temporary Redirect", &header, "")).await;
    let request = Request::new(Method::Post, &format!("http://user:pw@127.0.0.1:{first}/"))
        .and_then(|request| request.header("X-Api-Key", "canary"))
        .and_then(|request| request.body(Body::text("hello")))
        .expect("a request");
    let echoed = local().send(request).await.expect("an answer").text();
    assert!(echoed.starts_with("POST /there") && echoed.ends_with("hello"), "{echoed}");
    assert!(!echoed.contains("canary") && !echoed.to_lowercase().contains("authorization"), "{echoed}");
}

#[tokio::test]
async fn redirects_are_counted_and_may_be_switched_off() {
    let (port, count) = serve(|_| reply("302 Found", "Location: /again\r\n", "")).await;
    let url = format!("http://127.0.0.1:{port}/");
    let error = local().send(get(&url)).await.expect_err("a loop");
    assert_eq!((error.code(), count.load(Ordering::SeqCst)), ("redirect", 6));
    let response = local().send(get(&url).redirects(0)).await.expect("the redirect itself");
    assert_eq!((response.status, count.load(Ordering::SeqCst)), (302, 7));
}

#[tokio::test]
async fn a_response_one_byte_too_large_is_refused() {
    let (port, _) = serve(|_| reply("200 OK", "", &"x".repeat(1000))).await;
    let url = format!("http://127.0.0.1:{port}/");
    assert_eq!(local().send(get(&url).max_response(1000)).await.expect("fits").body.len(), 1000);
    assert_eq!(local().send(get(&url).max_response(999)).await.expect_err("one too many").code(), "tooLarge");
}

#[tokio::test]
async fn a_server_that_drips_is_cut_off_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n").await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let request = get(&format!("http://127.0.0.1:{port}/")).timeout(Duration::from_millis(200));
    let error = local().send(request).await.expect_err("too slow");
    assert_eq!(error.code(), "timeout");
    assert!(error.is_temporary());
}

#[tokio::test]
async fn errors_name_the_target_and_keep_the_secrets() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let request = get(&format!("http://127.0.0.1:{port}/hook/canary?sig=canary"));
    assert!(!format!("{request:?}").contains("canary"));
    let error = local().send(request).await.expect_err("nobody listens");
    assert_eq!(error.code(), "connect");
    assert!(error.to_string().contains(&port.to_string()), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    // A server that speaks no TLS at an https address: no secure connection.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let plain = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    });
    let error = local().send(get(&format!("https://127.0.0.1:{plain}/canary"))).await.expect_err("no TLS");
    assert_eq!(error.code(), "tls", "{error}");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}

#[tokio::test]
async fn a_busy_target_delays_only_itself() {
    let stuck = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let stuck_url = format!("http://{}/", stuck.local_addr().expect("an address"));
    let (port, _) = serve(|_| reply("200 OK", "", "fine")).await;
    let client = local();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..limits::MAX_CONCURRENT_PER_TARGET * 3 {
        let (client, request) = (client.clone(), get(&stuck_url).timeout(Duration::from_millis(500)));
        waiting.spawn(async move { client.send(request).await });
    }
    tokio::task::yield_now().await;
    let quick = get(&format!("http://127.0.0.1:{port}/")).timeout(Duration::from_millis(400));
    assert_eq!(client.send(quick).await.expect("not held up").text(), "fine");
    while let Some(result) = waiting.join_next().await {
        assert_eq!(result.expect("no panic").expect_err("stuck").code(), "timeout");
    }
}

#[test]
fn what_cannot_be_sent_is_refused_before_it_is_sent() {
    for url in
        ["", "nonsense", "file:///etc/passwd", "ftp://a.test/", "http://", "http://a.test:0/", "data:,x"]
    {
        assert_eq!(Request::new(Method::Get, url).expect_err(url).code(), "badUrl", "{url}");
    }
    let long = format!("http://a.test/{}", "x".repeat(limits::MAX_URL_CHARS));
    assert_eq!(Request::new(Method::Get, &long).expect_err("long").code(), "badUrl");
    for (name, value) in [("X-A", "a\r\nX-B: b"), ("X A", "a"), ("Host", "b.test"), ("Content-Length", "1")] {
        let error = get("http://a.test/").header(name, value).expect_err(name);
        assert_eq!(error.code(), "badRequest", "{name}");
        assert!(!error.to_string().contains("X-B"), "{error}");
    }
    let body = Body::bytes(vec![0; limits::MAX_REQUEST_BYTES + 1], None);
    assert_eq!(get("http://a.test/").body(body).expect_err("large").code(), "tooLarge");
    assert_eq!("TEAPOT".parse::<Method>().expect_err("unknown").code(), "badRequest");
    assert_eq!("delete".parse::<Method>().expect("known"), Method::Delete);
}
