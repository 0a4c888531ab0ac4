//! Connecting to an SSH server: the guard, the host's key, the sign-in.

use std::sync::Arc;

use outbound::Connector;
use russh::client::{self, AuthResult, Handle, Handler, KeyboardInteractiveAuthResponse};
use russh::keys::{HashAlg, PrivateKeyWithHashAlg, PublicKeyOrCertificate, decode_secret_key};
use russh_sftp::client::SftpSession;
use secrecy::{ExposeSecret, SecretString};

use super::{Login, SftpConnection};
use crate::{ExportError, Result, limits};

/// An open session. The connection lives as long as it.
pub(super) struct Session {
    pub(super) sftp: SftpSession,
    /// Host and port, for messages.
    pub(super) host: String,
    _ssh: Handle<Keys>,
}

/// Knows one host key.
pub(super) struct Keys {
    host: String,
    expected: Option<String>,
}

/// An error of the protocol, or ours.
#[derive(Debug)]
pub(super) enum SshError {
    Ours(ExportError),
    Protocol(russh::Error),
}

impl From<russh::Error> for SshError {
    fn from(error: russh::Error) -> Self {
        Self::Protocol(error)
    }
}

impl Handler for Keys {
    type Error = SshError;

    async fn check_server_key(
        &mut self,
        shown: &PublicKeyOrCertificate,
    ) -> std::result::Result<bool, SshError> {
        let found = match shown {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.fingerprint(HashAlg::Sha256),
            PublicKeyOrCertificate::Certificate(it) => it.public_key().fingerprint(HashAlg::Sha256),
        };
        let found = found.to_string();
        if self.expected.as_deref().map(str::trim) == Some(found.as_str()) {
            return Ok(true);
        }
        let (host, expected) = (self.host.clone(), self.expected.clone());
        Err(SshError::Ours(ExportError::HostKey { host, expected, found }))
    }
}

impl Session {
    /// Connects, checks the host's key and signs in.
    pub(super) async fn open(connection: &SftpConnection, connector: &Connector) -> Result<Self> {
        let host = format!("{}:{}", connection.host, connection.port);
        let opening = Self::dialogue(connection, connector, &host);
        match tokio::time::timeout(limits::SFTP_SIGN_IN, opening).await {
            Ok(session) => session,
            Err(_) => Err(broken(&host, "it did not answer in time")),
        }
    }

    async fn dialogue(connection: &SftpConnection, connector: &Connector, host: &str) -> Result<Self> {
        let stream = connector.connect(&connection.host, connection.port).await?;
        let keys = Keys { host: host.to_owned(), expected: connection.fingerprint.clone() };
        let connected = client::connect_stream(Arc::new(client::Config::default()), stream, keys).await;
        let mut ssh = connected.map_err(|error| match error {
            SshError::Ours(error) => error,
            SshError::Protocol(error) => broken(host, &error.to_string()),
        })?;
        sign_in(&mut ssh, connection, host).await?;
        let failed = |error: russh::Error| broken(host, &error.to_string());
        let channel = ssh.channel_open_session().await.map_err(failed)?;
        channel.request_subsystem(true, "sftp").await.map_err(failed)?;
        let sftp = SftpSession::new(channel.into_stream()).await;
        let sftp = sftp.map_err(|error| broken(host, &format!("it offers no SFTP: {error}")))?;
        sftp.set_timeout(limits::SFTP_TIMEOUT.as_secs());
        Ok(Self { sftp, host: host.to_owned(), _ssh: ssh })
    }
}

async fn sign_in(ssh: &mut Handle<Keys>, connection: &SftpConnection, host: &str) -> Result<()> {
    let failed = |error: russh::Error| broken(host, &error.to_string());
    let user = connection.user.as_str();
    let result = match &connection.login {
        Login::Password(password) => {
            let result = ssh.authenticate_password(user, password.expose_secret()).await.map_err(failed)?;
            if !result.success() && answers_prompts(ssh, user, password).await.map_err(failed)? {
                return Ok(());
            }
            result
        }
        Login::Key { key, passphrase } => {
            let passphrase = passphrase.as_ref().map(SecretString::expose_secret);
            let key = decode_secret_key(key.expose_secret(), passphrase).map_err(|error| {
                let detail = format!("the private key cannot be read ({error}): is the passphrase right?");
                ExportError::SignIn { host: host.to_owned(), user: user.to_owned(), detail }
            })?;
            let hash = ssh.best_supported_rsa_hash().await.map_err(failed)?.flatten();
            let key = PrivateKeyWithHashAlg::new(Arc::new(key), hash);
            ssh.authenticate_publickey(user, key).await.map_err(failed)?
        }
    };
    match result {
        AuthResult::Success => Ok(()),
        AuthResult::Failure { remaining_methods, .. } => {
            let methods: Vec<String> =
                remaining_methods.iter().map(|it| <&str>::from(it).to_owned()).collect();
            let detail = format!("it takes {}", methods.join(", "));
            Err(ExportError::SignIn { host: host.to_owned(), user: user.to_owned(), detail })
        }
    }
}

/// Many servers take a password only as the answer to a question.
async fn answers_prompts(
    ssh: &mut Handle<Keys>,
    user: &str,
    password: &SecretString,
) -> std::result::Result<bool, russh::Error> {
    let mut answer = ssh.authenticate_keyboard_interactive_start(user, None).await?;
    for _ in 0..3 {
        let prompts = match answer {
            KeyboardInteractiveAuthResponse::Success => return Ok(true),
            KeyboardInteractiveAuthResponse::Failure { .. } => return Ok(false),
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => prompts,
        };
        let answers = prompts.iter().map(|_| password.expose_secret().to_owned()).collect();
        answer = ssh.authenticate_keyboard_interactive_respond(answers).await?;
    }
    Ok(matches!(answer, KeyboardInteractiveAuthResponse::Success))
}

fn broken(host: &str, detail: &str) -> ExportError {
    ExportError::Sftp { host: host.to_owned(), detail: detail.to_owned(), temporary: true }
}
