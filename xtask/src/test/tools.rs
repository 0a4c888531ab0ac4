//! What the steps need beside Rust, installed when it is missing and may be.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use super::{Place, succeeds};

/// A part of cargo that may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    Rustfmt,
    Clippy,
    Nextest,
    Deny,
}

impl Tool {
    /// The cargo command that it is.
    fn command(self) -> &'static str {
        match self {
            Self::Rustfmt => "fmt",
            Self::Clippy => "clippy",
            Self::Nextest => "nextest",
            Self::Deny => "deny",
        }
    }
}

/// Makes sure that a tool is there.
///
/// # Errors
/// Why it is not there, in a sentence for people.
pub(super) fn ready(place: &Place, tool: Tool) -> Result<(), String> {
    if has(place, tool.command()) {
        return Ok(());
    }
    println!("cargo {} is missing and is being installed", tool.command());
    let installed = match tool {
        Tool::Rustfmt => succeeds(Command::new("rustup").args(["component", "add", "rustfmt"])),
        Tool::Clippy => succeeds(Command::new("rustup").args(["component", "add", "clippy"])),
        Tool::Nextest => place.runs(&["install", "cargo-nextest", "--locked"]),
        // About four minutes of one core, once.
        Tool::Deny => place.runs(&["install", "cargo-deny", "--locked"]),
    };
    match installed {
        Ok(true) if has(place, tool.command()) => Ok(()),
        Ok(_) => Err(format!("cargo {} could not be installed", tool.command())),
        Err(error) => Err(format!("cargo {} could not be installed: {error:#}", tool.command())),
    }
}

/// Whether cargo has a command.
fn has(place: &Place, command: &str) -> bool {
    quiet(&mut place.cargo(&[command, "--version"]))
}

/// Whether a command succeeds; what it prints is dropped.
pub(super) fn quiet(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Whether we may change the machine.
pub(super) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// A port of this machine that nobody listens on.
pub(super) fn free_port() -> Option<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").ok()?;
    Some(listener.local_addr().ok()?.port())
}

/// Installs packages of Debian; says whether it did.
pub(super) fn apt_install(packages: &[&str]) -> bool {
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        succeeds(&mut command).unwrap_or(false)
    };
    let install: Vec<&str> = ["install", "-y", "-qq"].iter().chain(packages).copied().collect();
    apt(&["update", "-qq"]) && apt(&install)
}
