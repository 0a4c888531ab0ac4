//! From a definition and the settings of its connection to the place where rows go.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use outbound::{Connector, HttpClient};
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::definition::{Export, Files, Target};
use crate::files::folder::Folder;
use crate::files::objects::{ObjectSettings, Objects};
use crate::files::sftp::{Login, Sftp, SftpConnection};
use crate::files::{FileDestination, FileStore};
use crate::http::{HttpConnection, HttpDestination};
use crate::postgres::{PostgresConnection, PostgresDestination, PostgresTls};
use crate::{Destination, ExportError, Result};

/// The settings of a connection, as its definition has them, with the secrets in place of their references.
pub type Settings = Map<String, Value>;

/// The ways out.
#[derive(Clone)]
pub struct Doors {
    /// The one HTTP client.
    pub client: HttpClient,
    /// Connections of other protocols.
    pub connector: Connector,
    /// The folder that paths of folders start from and stay inside.
    pub base: PathBuf,
}

/// Where the rows of an export go. SFTP servers are signed in to at once.
///
/// # Errors
/// When a setting cannot be used, or an SFTP server cannot be reached or refuses.
pub async fn open(export: &Export, connection: &Settings, doors: &Doors) -> Result<Box<dyn Destination>> {
    let given = Given { settings: connection };
    match &export.to {
        Target::Folder { path, files } => {
            to_files(export, files, Box::new(Folder::inside(&doors.base, path)?))
        }
        Target::ObjectStore { url, files, .. } => {
            to_files(export, files, Box::new(Objects::open(url, &given.object_store()?, &doors.client)?))
        }
        Target::Sftp { path, files, .. } => {
            to_files(export, files, Box::new(Sftp::connect(&given.sftp()?, path, &doors.connector).await?))
        }
        Target::Postgres { table, mode, key, .. } => {
            let (connection, connector) = (given.postgres()?, doors.connector.clone());
            Ok(Box::new(PostgresDestination::new(connection, connector, table, *mode, key)))
        }
        Target::Http { url, batch, method, format, .. } => {
            let (client, connection) = (doors.client.clone(), given.http()?);
            Ok(Box::new(HttpDestination::new(client, &connection, url, *batch, *method, *format)?))
        }
    }
}

fn to_files(export: &Export, files: &Files, store: Box<dyn FileStore>) -> Result<Box<dyn Destination>> {
    Ok(Box::new(FileDestination::new(&export.name, files, store)?))
}

/// Settings on their way into a connection. Messages name keys, never values.
struct Given<'a> {
    settings: &'a Settings,
}

impl Given<'_> {
    fn only(&self, known: &[&str]) -> Result<()> {
        match self.settings.keys().find(|key| *key != "kind" && !known.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => {
                let detail = format!("this kind of connection has {}", known.join(", "));
                Err(wrong(key, detail))
            }
        }
    }

    fn text(&self, key: &str) -> Result<Option<String>> {
        match self.settings.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(wrong(key, "it is a text")),
        }
    }

    fn must(&self, key: &str) -> Result<String> {
        self.text(key)?.ok_or_else(|| wrong(key, "it is missing"))
    }

    fn secret(&self, key: &str) -> Result<Option<SecretString>> {
        Ok(self.text(key)?.map(SecretString::from))
    }

    fn port(&self, usual: u16) -> Result<u16> {
        let Some(value) = self.settings.get("port") else { return Ok(usual) };
        let port = value.as_u64().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
        port.ok_or_else(|| wrong("port", "it is a number from 1 to 65535"))
    }

    fn object_store(&self) -> Result<ObjectSettings> {
        let keys = self.settings.keys().filter(|key| *key != "kind");
        keys.map(|key| Ok((key.clone(), SecretString::from(self.must(key)?)))).collect()
    }

    fn sftp(&self) -> Result<SftpConnection> {
        self.only(&["host", "port", "username", "password", "key", "passphrase", "fingerprint"])?;
        let login = match (self.secret("password")?, self.secret("key")?) {
            (Some(password), None) => Login::Password(password),
            (None, Some(key)) => Login::Key { key, passphrase: self.secret("passphrase")? },
            _ => return Err(wrong("password", "either it or `key` is given")),
        };
        let (host, user, fingerprint) =
            (self.must("host")?, self.must("username")?, self.text("fingerprint")?);
        Ok(SftpConnection { host, port: self.port(22)?, user, login, fingerprint })
    }

    fn postgres(&self) -> Result<PostgresConnection> {
        self.only(&["host", "port", "database", "username", "password", "tls", "authority"])?;
        let tls = match self.text("tls")?.as_deref() {
            None | Some("verify") => PostgresTls::VerifyFull,
            Some("unverified") => PostgresTls::Require,
            Some("none") => PostgresTls::Disable,
            Some(_) => return Err(wrong("tls", "it is verify, unverified or none")),
        };
        Ok(PostgresConnection {
            host: self.must("host")?,
            port: self.port(5432)?,
            database: self.must("database")?,
            user: self.must("username")?,
            password: self.secret("password")?,
            tls,
            authority: self.text("authority")?,
        })
    }

    fn http(&self) -> Result<HttpConnection> {
        self.only(&["url", "headers", "username", "password", "token"])?;
        let mut headers: BTreeMap<String, SecretString> = BTreeMap::new();
        for (name, value) in self.settings.get("headers").and_then(Value::as_object).into_iter().flatten() {
            let value = value.as_str().ok_or_else(|| wrong("headers", "their values are texts"))?;
            headers.insert(name.clone(), value.into());
        }
        if let Some(token) = self.text("token")? {
            headers.insert("Authorization".to_owned(), format!("Bearer {token}").into());
        } else if let Some(user) = self.text("username")? {
            let password = self.text("password")?.unwrap_or_default();
            let basic = STANDARD.encode(format!("{user}:{password}"));
            headers.insert("Authorization".to_owned(), format!("Basic {basic}").into());
        }
        Ok(HttpConnection { url: self.text("url")?, headers: headers.into_iter().collect() })
    }
}

fn wrong(key: &str, detail: impl Into<String>) -> ExportError {
    ExportError::definition(format!("the connection's setting `{key}`"), detail)
}

#[cfg(test)]
mod tests {
    use outbound::AddressPolicy;
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    fn settings(value: Value) -> Settings {
        value.as_object().cloned().unwrap_or_default()
    }

    async fn opened(to: Value, connection: Value) -> std::result::Result<(), ExportError> {
        let export = json!({"name": "Nightly", "segments": ["A"], "to": to});
        let export: Export = serde_json::from_value(export).unwrap();
        let doors = Doors {
            client: HttpClient::new(AddressPolicy::public_only()),
            connector: Connector::new(AddressPolicy::public_only()),
            base: PathBuf::from("."),
        };
        open(&export, &settings(connection), &doors).await.map(|_| ())
    }

    #[tokio::test]
    async fn each_kind_of_target_is_opened_with_its_connection() {
        let bucket = json!({"accessKeyId": "a", "secretAccessKey": "b", "region": "eu-west-1"});
        let database =
            json!({"kind": "postgres", "host": "h", "database": "d", "username": "u", "tls": "unverified"});
        for (to, connection) in [
            (json!({"kind": "folder", "path": "out"}), json!({})),
            (json!({"kind": "objectStore", "url": "s3://bucket/x", "connection": "c"}), bucket),
            (json!({"kind": "postgres", "connection": "c", "table": "t"}), database),
            (json!({"kind": "http", "url": "https://a.test/"}), json!({})),
        ] {
            opened(to, connection).await.unwrap();
        }
        let inside =
            json!({"host": "127.0.0.1", "username": "u", "password": "canary", "fingerprint": "SHA256:x"});
        let to = json!({"kind": "sftp", "connection": "c", "path": "in"});
        assert_eq!(opened(to, inside).await.unwrap_err().code(), "blockedAddress");
    }

    #[tokio::test]
    async fn settings_that_are_wrong_are_named_and_never_shown() {
        let sftp = json!({"kind": "sftp", "connection": "c", "path": "in"});
        let postgres = json!({"kind": "postgres", "connection": "c", "table": "t"});
        for (to, connection, key) in [
            (&sftp, json!({"host": "h", "username": "u"}), "password"),
            (&sftp, json!({"host": "h", "username": "u", "password": "canary", "key": "canary"}), "password"),
            (&sftp, json!({"username": "u", "password": "canary"}), "host"),
            (&sftp, json!({"host": "h", "username": "u", "password": 4711}), "password"),
            (&sftp, json!({"host": "h", "username": "u", "password": "canary", "port": 0}), "port"),
            (&sftp, json!({"host": "h", "username": "u", "pasword": "canary"}), "pasword"),
            (&postgres, json!({"host": "h", "database": "d", "username": "u", "tls": "canary"}), "tls"),
        ] {
            let error = opened(to.clone(), connection).await.unwrap_err();
            assert_eq!(error.code(), "exportSettingWrong");
            let text = format!("{error} {error:?}");
            assert!(text.contains(&format!("`{key}`")), "{text}");
            assert!(!text.contains("canary") && !text.contains("4711"), "{text}");
        }
    }

    #[test]
    fn credentials_of_web_services_become_headers() {
        for (connection, expected) in [
            (json!({"token": "t"}), "Bearer t"),
            (json!({"username": "u", "password": "p"}), "Basic dTpw"),
            (json!({"headers": {"Authorization": "Key k"}}), "Key k"),
        ] {
            let settings = settings(connection);
            let http = Given { settings: &settings }.http().unwrap();
            let values: Vec<&str> = http.headers.iter().map(|(_, value)| value.expose_secret()).collect();
            assert_eq!(values, [expected]);
        }
    }
}
