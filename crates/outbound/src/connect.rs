//! Connections of protocols that are neither HTTP nor SMTP: the same guard, then a plain stream.

use std::net::SocketAddr;
#[cfg(unix)]
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpStream;

use crate::resolve::Guard;
use crate::{AddressPolicy, Lookup, OutboundError, Result, SystemLookup, limits};

/// Opens connections to hosts that may be called. Cheap to clone.
#[derive(Clone)]
pub struct Connector {
    guard: Guard,
}

impl Connector {
    /// A connector that looks names up with the machine's resolver.
    pub fn new(policy: AddressPolicy) -> Self {
        Self::with_lookup(policy, Arc::new(SystemLookup))
    }

    /// A connector with its own way of looking names up.
    pub fn with_lookup(policy: AddressPolicy, lookup: Arc<dyn Lookup>) -> Self {
        Self { guard: Guard { policy, lookup } }
    }

    /// The addresses of `host` that may be connected to at `port`; never empty.
    ///
    /// # Errors
    /// When the name has no address, or none that may be called.
    pub async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>> {
        self.guard.addresses(host, port).await
    }

    /// Connects to `host` at one of the addresses that were checked.
    ///
    /// # Errors
    /// Those of [`Connector::addresses`], and when nobody answers.
    pub async fn connect(&self, host: &str, port: u16) -> Result<TcpStream> {
        let target = format!("{host}:{port}");
        let after = limits::CONNECT_TIMEOUT;
        let connecting = async {
            let addresses = self.addresses(host, port).await?;
            TcpStream::connect(addresses.as_slice())
                .await
                .map_err(|error| OutboundError::Connect { target: target.clone(), detail: error.to_string() })
        };
        let stream = match tokio::time::timeout(after, connecting).await {
            Ok(stream) => stream?,
            Err(_) => return Err(OutboundError::Timeout { target, after }),
        };
        // Dialogues of small messages: waiting to fill packets only costs time.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    /// A local socket that leads to `host`, for drivers that insist on connecting themselves. They keep the
    /// host's name for its certificate, and yet reach checked addresses only.
    ///
    /// # Errors
    /// Those of [`Connector::connect`], which is tried once at once; and when there is no room for the socket.
    #[cfg(unix)]
    pub async fn relay(&self, host: &str, port: u16, file_name: &str) -> Result<Relay> {
        let failed = |error: std::io::Error| OutboundError::Connect {
            target: format!("{host}:{port}"),
            detail: format!("no local socket could be made: {error}"),
        };
        let first = self.connect(host, port).await?;
        // Readable by this user alone, as every folder that tempfile makes.
        let folder = tempfile::Builder::new().prefix("weir").tempdir().map_err(failed)?;
        let listener = tokio::net::UnixListener::bind(folder.path().join(file_name)).map_err(failed)?;
        let (connector, host) = (self.clone(), host.to_owned());
        let task = tokio::spawn(async move {
            let mut next = Some(first);
            while let Ok((mut near, _)) = listener.accept().await {
                let far = match next.take() {
                    Some(far) => Ok(far),
                    None => connector.connect(&host, port).await,
                };
                let Ok(mut far) = far else { continue };
                tokio::spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
            }
        });
        Ok(Relay { folder, task })
    }
}

/// A local socket that leads to a checked host. Dropped, it takes no new connections; those that are open stay.
#[cfg(unix)]
pub struct Relay {
    folder: tempfile::TempDir,
    task: tokio::task::JoinHandle<()>,
}

#[cfg(unix)]
impl Relay {
    /// The folder that the socket lies in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

#[cfg(unix)]
impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, UnixStream};

    use super::*;
    use crate::resolve::tests::Names;

    /// A server that sends back what it gets; its port.
    async fn echo() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        port
    }

    #[tokio::test]
    async fn only_checked_hosts_are_connected_to() {
        let port = echo().await;
        let names = || Arc::new(Names::default().with("here.test", &[&["127.0.0.1"]]));
        let closed = Connector::with_lookup(AddressPolicy::public_only(), names());
        for host in ["127.0.0.1", "here.test"] {
            assert_eq!(closed.connect(host, port).await.expect_err(host).code(), "blockedAddress");
            assert_eq!(closed.relay(host, port, "s").await.err().expect(host).code(), "blockedAddress");
        }
        let open = Connector::with_lookup("127.0.0.1/32".parse().expect("a policy"), names());
        let mut stream = open.connect("here.test", port).await.expect("allowed");
        stream.write_all(b"hello").await.expect("sent");
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).await.expect("answered");
        assert_eq!(&answer, b"hello");
    }

    #[tokio::test]
    async fn a_relay_leads_each_connection_to_the_host() {
        let port = echo().await;
        let connector = Connector::new("127.0.0.1/32".parse().expect("a policy"));
        let relay = connector.relay("127.0.0.1", port, "socket").await.expect("a relay");
        for text in [b"first", b"other"] {
            let mut stream = UnixStream::connect(relay.folder().join("socket")).await.expect("a socket");
            stream.write_all(text).await.expect("sent");
            let mut answer = [0; 5];
            stream.read_exact(&mut answer).await.expect("answered");
            assert_eq!(&answer, text);
        }
    }
}
