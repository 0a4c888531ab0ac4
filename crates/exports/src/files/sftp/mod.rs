//! An SFTP server. Its host key must be known beforehand; files are renamed when they are complete.

mod session;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use outbound::Connector;

use russh_sftp::client::error::Error as SftpError;
use russh_sftp::client::fs::File;
use russh_sftp::protocol::StatusCode;
use secrecy::SecretString;
use tokio::io::AsyncWriteExt;

use self::session::Session;
use super::{FileStore, Pending};
use crate::{ExportError, Result};

/// How to reach an SFTP server.
#[derive(Debug, Clone)]
pub struct SftpConnection {
    /// The host.
    pub host: String,
    /// The port, usually 22.
    pub port: u16,
    /// The user.
    pub user: String,
    /// Who the user is.
    pub login: Login,
    /// The fingerprint of the host's key as `ssh-keygen -l` shows it: `SHA256:…`. Without it nothing is sent.
    pub fingerprint: Option<String>,
}

/// How a user proves who it is.
#[derive(Debug, Clone)]
pub enum Login {
    /// By a password.
    Password(SecretString),
    /// By a private key, in the format of OpenSSH or as PEM.
    Key {
        /// The key.
        key: SecretString,
        /// What the key is locked with.
        passphrase: Option<SecretString>,
    },
}

/// Files on an SFTP server.
pub struct Sftp {
    session: Arc<Session>,
    folder: String,
    count: AtomicU64,
}

impl Sftp {
    /// Connects and signs in; files go into `folder`, which is made when it is not there.
    ///
    /// # Errors
    /// When the host may not be called, shows another key, or refuses the sign-in.
    pub async fn connect(connection: &SftpConnection, folder: &str, connector: &Connector) -> Result<Self> {
        if folder.contains('\0') || folder.split('/').any(|part| part == "..") {
            return Err(ExportError::definition(format!("path {folder:?}"), "`..` is not followed"));
        }
        let session = Arc::new(Session::open(connection, connector).await?);
        Ok(Self { session, folder: folder.trim_end_matches('/').to_owned(), count: AtomicU64::new(0) })
    }
}

#[async_trait]
impl FileStore for Sftp {
    async fn create(&self, path: &str) -> Result<Box<dyn Pending>> {
        let path = match (self.folder.as_str(), self.folder.is_empty()) {
            (_, true) => path.to_owned(),
            (folder, false) => format!("{folder}/{path}"),
        };
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        self.session.make_folders(folder).await?;
        let n = self.count.fetch_add(1, Ordering::Relaxed);
        let hidden = format!(".{name}.{}-{n}.part", std::process::id());
        let temporary = if folder.is_empty() { hidden } else { format!("{folder}/{hidden}") };
        let file = self.session.sftp.create(&temporary).await;
        let file = file.map_err(|error| self.session.failed(&temporary, &error))?;
        Ok(Box::new(RemoteFile { session: Arc::clone(&self.session), file: Some(file), temporary, path }))
    }
}

struct RemoteFile {
    session: Arc<Session>,
    file: Option<File>,
    temporary: String,
    path: String,
}

#[async_trait]
impl Pending for RemoteFile {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.write_all(&bytes).await.map_err(|error| self.session.broken(&self.temporary, &error))
    }

    async fn complete(&mut self) -> Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        file.close().await.map_err(|error| self.session.broken(&self.temporary, &error))
    }

    async fn publish(self: Box<Self>) -> Result<()> {
        let sftp = &self.session.sftp;
        let refused = match sftp.rename(&self.temporary, &self.path).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        // The protocol's rename does not replace a file. For a moment there is none then, never half of one.
        let taken = sftp.try_exists(&self.path).await.unwrap_or(false);
        if !taken || !matches!(refused, SftpError::Status(_)) {
            return Err(self.session.failed(&self.path, &refused));
        }
        sftp.remove_file(&self.path).await.map_err(|error| self.session.failed(&self.path, &error))?;
        let renamed = sftp.rename(&self.temporary, &self.path).await;
        renamed.map_err(|error| self.session.failed(&self.path, &error))
    }

    async fn discard(mut self: Box<Self>) {
        if let Some(file) = self.file.take() {
            let _ = file.close().await;
        }
        // The connection may be what broke; a hidden file harms nobody.
        let _ = self.session.sftp.remove_file(&self.temporary).await;
    }
}

impl Session {
    /// Makes a folder and those above it.
    async fn make_folders(&self, folder: &str) -> Result<()> {
        let mut path = if folder.starts_with('/') { "/".to_owned() } else { String::new() };
        for part in folder.split('/').filter(|part| !part.is_empty()) {
            if !path.is_empty() && !path.ends_with('/') {
                path.push('/');
            }
            path.push_str(part);
            // Servers word "it is there already" differently, so what counts is whether it is there.
            if self.sftp.try_exists(&path).await.unwrap_or(false) {
                continue;
            }
            if let Err(error) = self.sftp.create_dir(&path).await
                && !self.sftp.try_exists(&path).await.unwrap_or(false)
            {
                return Err(self.failed(&path, &error));
            }
        }
        Ok(())
    }

    fn failed(&self, path: &str, error: &SftpError) -> ExportError {
        let temporary = match error {
            SftpError::Status(status) => {
                matches!(status.status_code, StatusCode::NoConnection | StatusCode::ConnectionLost)
            }
            SftpError::IO(_) | SftpError::Timeout => true,
            _ => false,
        };
        ExportError::Sftp { host: self.host.clone(), detail: format!("{path}: {error}"), temporary }
    }

    fn broken(&self, path: &str, error: &std::io::Error) -> ExportError {
        ExportError::Sftp { host: self.host.clone(), detail: format!("{path}: {error}"), temporary: true }
    }
}
