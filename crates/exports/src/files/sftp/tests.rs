//! Exports to an SSH server of the same library, which keeps real files in a folder; and to asyncssh, when
//! `WEIR_TEST_PYTHON` says which Python has it (`cargo xtask test` sees to it).

mod server;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::*;
use crate::definition::Files;
use crate::files::FileDestination;
use crate::testing::{customers, run, schema};
use crate::{Destination, Rows, export};

pub(super) const PASSWORD: &str = "correct horse";

fn connector() -> Connector {
    Connector::new("127.0.0.1/32".parse().unwrap())
}

fn connection(port: u16, fingerprint: Option<&str>) -> SftpConnection {
    SftpConnection {
        host: "127.0.0.1".to_owned(),
        port,
        user: "weir".to_owned(),
        login: Login::Password(PASSWORD.into()),
        fingerprint: fingerprint.map(str::to_owned),
    }
}

/// The lines of the exported file, once nothing hidden is left beside it.
fn lines(root: &Path, path: &str) -> usize {
    let path = root.join(path);
    let beside = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(beside, 1);
    std::fs::read_to_string(path).unwrap().lines().count()
}

async fn exports_twice(root: &Path, connection: &SftpConnection, folder: &str) {
    for count in [3, 5] {
        let store = Sftp::connect(connection, folder, &connector()).await.unwrap();
        let to = FileDestination::new("Nightly", &Files::default(), Box::new(store)).unwrap();
        let rows = Rows::of("Customer", schema(), vec![customers(0..count)]);
        let written = export(&to, vec![rows], &run()).await.unwrap();
        let path = format!("{folder}/{}", written[0].files[0]);
        assert_eq!(lines(root, &path), usize::try_from(count).unwrap() + 1);
    }
}

#[tokio::test]
async fn files_appear_whole_and_replace_those_of_the_same_name() {
    let root = TempDir::new().unwrap();
    let server = server::start(root.path()).await;
    exports_twice(root.path(), &connection(server.port, Some(&server.fingerprint)), "in/from weir").await;
}

#[tokio::test]
async fn a_key_signs_in_too() {
    let root = TempDir::new().unwrap();
    let server = server::start(root.path()).await;
    let login = Login::Key { key: server.user_key.clone().into(), passphrase: None };
    let connection = SftpConnection { login, ..connection(server.port, Some(&server.fingerprint)) };
    exports_twice(root.path(), &connection, "in").await;
}

#[tokio::test]
async fn an_unknown_host_key_gets_nothing_and_a_wrong_password_is_named() {
    let root = TempDir::new().unwrap();
    let server = server::start(root.path()).await;
    for known in [None, Some("SHA256:abc")] {
        let error = Sftp::connect(&connection(server.port, known), "in", &connector()).await.err().unwrap();
        assert_eq!(error.code(), "exportHostKeyUnknown");
        assert!(error.to_string().contains(&server.fingerprint), "{error}");
    }
    assert_eq!(server.sign_ins(), 0);
    let login = Login::Password("wrong".into());
    let wrong = SftpConnection { login, ..connection(server.port, Some(&server.fingerprint)) };
    let error = Sftp::connect(&wrong, "in", &connector()).await.err().unwrap();
    assert_eq!(error.code(), "exportSignInRefused", "{error}");
    let closed = Connector::new(outbound::AddressPolicy::public_only());
    let connection = connection(server.port, Some(&server.fingerprint));
    let error = Sftp::connect(&connection, "in", &closed).await.err().unwrap();
    assert_eq!(error.code(), "blockedAddress");
    let error = Sftp::connect(&connection, "../in", &connector()).await.err().unwrap();
    assert_eq!(error.code(), "exportSettingWrong");
}

#[tokio::test]
async fn a_cancelled_export_leaves_nothing() {
    let root = TempDir::new().unwrap();
    let server = server::start(root.path()).await;
    let connection = connection(server.port, Some(&server.fingerprint));
    let store = Sftp::connect(&connection, "in", &connector()).await.unwrap();
    let to = FileDestination::new("Nightly", &Files::default(), Box::new(store)).unwrap();
    let run = run();
    run.cancel.cancel();
    let rows = Rows::of("Customer", schema(), vec![customers(0..3)]);
    assert_eq!(to.write(rows, &run).await.unwrap_err().code(), "exportCancelled");
    let folder = root.path().join("in/Nightly/Customer/2026/11/20/0630");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
}

#[tokio::test]
async fn a_server_of_others_takes_files_too() {
    let Ok(python) = std::env::var("WEIR_TEST_PYTHON") else {
        println!("skipped: WEIR_TEST_PYTHON is not set; `cargo xtask test` installs asyncssh and sets it");
        return;
    };
    let root = TempDir::new().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/sftp_server.py");
    let mut command = Command::new(python);
    command.arg(script).arg(root.path()).arg(PASSWORD).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut server = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let (port, fingerprint) = line.trim().split_once(' ').unwrap();
    let connection = connection(port.parse().unwrap(), Some(fingerprint));
    exports_twice(root.path(), &connection, "in").await;
    drop(server.stdin.take());
    server.wait().unwrap();
}
