//! An SSH server with SFTP over a real folder.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::keys::{HashAlg, PrivateKey, PublicKey};
use russh::server::{Auth, ChannelOpenHandle, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId};
use russh_sftp::protocol::{Attrs, FileAttributes, Handle, OpenFlags, Status, StatusCode, Version};
use tokio::net::TcpListener;

pub(super) struct Server {
    pub(super) port: u16,
    pub(super) fingerprint: String,
    /// The private key that signs in, as OpenSSH writes it.
    pub(super) user_key: String,
    tries: Arc<AtomicUsize>,
}

impl Server {
    /// How often somebody tried to sign in.
    pub(super) fn sign_ins(&self) -> usize {
        self.tries.load(Ordering::SeqCst)
    }
}

/// Starts a server over `root`; it ends with the test.
pub(super) async fn start(root: &Path) -> Server {
    let host_key = PrivateKey::from(Ed25519Keypair::from_seed(&[7; 32]));
    let user_key = PrivateKey::from(Ed25519Keypair::from_seed(&[8; 32]));
    let fingerprint = host_key.public_key().fingerprint(HashAlg::Sha256).to_string();
    let config = Arc::new(russh::server::Config {
        keys: vec![host_key],
        auth_rejection_time: Duration::from_millis(1),
        ..Default::default()
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let tries = Arc::new(AtomicUsize::new(0));
    let session =
        Ssh { root: root.to_owned(), user: user_key.public_key().clone(), tries: tries.clone(), open: None };
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let session = session.again();
            if let Ok(running) = russh::server::run_stream(config.clone(), stream, session).await {
                tokio::spawn(running);
            }
        }
    });
    let user_key = user_key.to_openssh(LineEnding::LF).unwrap().to_string();
    Server { port, fingerprint, user_key, tries }
}

struct Ssh {
    root: PathBuf,
    user: PublicKey,
    tries: Arc<AtomicUsize>,
    open: Option<Channel<Msg>>,
}

impl Ssh {
    fn again(&self) -> Self {
        Self { root: self.root.clone(), user: self.user.clone(), tries: self.tries.clone(), open: None }
    }

    fn verdict(&self, fine: bool) -> Auth {
        self.tries.fetch_add(1, Ordering::SeqCst);
        if fine { Auth::Accept } else { Auth::reject() }
    }
}

impl russh::server::Handler for Ssh {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        Ok(self.verdict(user == "weir" && password == super::PASSWORD))
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        Ok(self.verdict(user == "weir" && key.public_key.key_data() == self.user.key_data()))
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        self.open = Some(channel);
        reply.accept().await;
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        id: ChannelId,
        name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        match (name, self.open.take()) {
            ("sftp", Some(channel)) => {
                session.channel_success(id)?;
                let disk = Disk { root: self.root.clone(), open: HashMap::new() };
                russh_sftp::server::run(channel.into_stream(), disk).await;
            }
            _ => session.channel_failure(id)?,
        }
        Ok(())
    }
}

/// The files of a folder, as the third version of the protocol has them: a rename replaces nothing.
struct Disk {
    root: PathBuf,
    open: HashMap<String, File>,
}

impl Disk {
    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }
}

fn status(id: u32, result: io::Result<()>) -> Result<Status, StatusCode> {
    result.map_err(code)?;
    let (error_message, language_tag) = ("Ok".to_owned(), "en".to_owned());
    Ok(Status { id, status_code: StatusCode::Ok, error_message, language_tag })
}

fn code(error: io::Error) -> StatusCode {
    match error.kind() {
        io::ErrorKind::NotFound => StatusCode::NoSuchFile,
        io::ErrorKind::PermissionDenied => StatusCode::PermissionDenied,
        _ => StatusCode::Failure,
    }
}

impl russh_sftp::server::Handler for Disk {
    type Error = StatusCode;

    fn unimplemented(&self) -> StatusCode {
        StatusCode::OpUnsupported
    }

    async fn init(&mut self, _: u32, _: HashMap<String, String>) -> Result<Version, StatusCode> {
        Ok(Version::new())
    }

    async fn open(
        &mut self,
        id: u32,
        name: String,
        flags: OpenFlags,
        _: FileAttributes,
    ) -> Result<Handle, StatusCode> {
        let file = OpenOptions::from(flags).open(self.path(&name)).map_err(code)?;
        self.open.insert(name.clone(), file);
        Ok(Handle { id, handle: name })
    }

    async fn close(&mut self, id: u32, handle: String) -> Result<Status, StatusCode> {
        self.open.remove(&handle);
        status(id, Ok(()))
    }

    async fn write(
        &mut self,
        id: u32,
        handle: String,
        offset: u64,
        data: Vec<u8>,
    ) -> Result<Status, StatusCode> {
        let file = self.open.get(&handle).ok_or(StatusCode::Failure)?;
        status(id, file.write_all_at(&data, offset))
    }

    async fn stat(&mut self, id: u32, path: String) -> Result<Attrs, StatusCode> {
        let found = std::fs::metadata(self.path(&path)).map_err(code)?;
        Ok(Attrs { id, attrs: FileAttributes::from(&found) })
    }

    async fn mkdir(&mut self, id: u32, path: String, _: FileAttributes) -> Result<Status, StatusCode> {
        status(id, std::fs::create_dir(self.path(&path)))
    }

    async fn remove(&mut self, id: u32, path: String) -> Result<Status, StatusCode> {
        status(id, std::fs::remove_file(self.path(&path)))
    }

    async fn rename(&mut self, id: u32, from: String, to: String) -> Result<Status, StatusCode> {
        if self.path(&to).exists() {
            return Err(StatusCode::Failure);
        }
        status(id, std::fs::rename(self.path(&from), self.path(&to)))
    }
}
