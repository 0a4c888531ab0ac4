//! Kill -9 at random moments under load: what was acknowledged is done, and hardly anything is done twice.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, ensure};
use store::{Store, SystemClock};
use tokio::net::TcpStream;

use crate::load::request;
use crate::process::Server;
use crate::sink::Sink;
use crate::wire::Wire;

/// Kills the server so many times, then lets it finish, and counts.
pub(crate) async fn run(kills: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let sink = Sink::default();
    let address = sink.open().await?;
    let accepted = Arc::new(Mutex::new(HashSet::new()));
    let mut seed = 20_260_105_u64;
    for _ in 0..kills {
        let server = Server::start(folder.path(), address)?;
        let callers: Vec<_> =
            (0..32).map(|_| tokio::spawn(call_until_killed(server.address, Arc::clone(&accepted)))).collect();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        tokio::time::sleep(Duration::from_millis(200 + (seed >> 33) % 800)).await;
        server.kill()?;
        for caller in callers {
            let _ = caller.await;
        }
    }
    let server = Server::start(folder.path(), address)?;
    let store = Store::open_file_to_read(&folder.path().join("weir.db"), Arc::new(SystemClock)).await?;
    loop {
        let open: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM run WHERE ended_at IS NULL")
            .fetch_one(store.pool())
            .await?;
        if open == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let done: Vec<String> =
        sqlx::query_scalar("SELECT id FROM run WHERE status = 'Succeeded'").fetch_all(store.pool()).await?;
    server.kill()?;
    let done: HashSet<String> = done.into_iter().collect();
    let accepted = accepted.lock().unwrap_or_else(PoisonError::into_inner);
    let lost = accepted.iter().filter(|run| !done.contains(*run)).count();
    let (posts, repeated) = sink.counts();
    println!("kills {kills}, acknowledged {}, done {}, lost {lost}", accepted.len(), done.len());
    println!("posts {posts}, repeated with the same key {repeated}");
    ensure!(lost == 0 && posts == done.len(), "something was lost, or done under two keys");
    Ok(())
}

async fn call_until_killed(server: SocketAddr, accepted: Arc<Mutex<HashSet<String>>>) -> Result<()> {
    let mut wire = Wire::new(TcpStream::connect(server).await?);
    for number in 0.. {
        wire.send(&request("async", number)).await?;
        let Some(head) = wire.next().await? else { return Ok(()) };
        let run = head.lines().find_map(|line| line.strip_prefix("x-ms-workflow-run-id: "));
        if let Some(run) = run {
            accepted.lock().unwrap_or_else(PoisonError::into_inner).insert(run.to_owned());
        }
    }
    Ok(())
}
