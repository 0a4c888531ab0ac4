//! The Python that some tests compare with: DuckDB reads our lake, aiosmtpd receives our mail,
//! asyncssh takes our files.

use std::path::PathBuf;
use std::process::Command;

use super::tools::{apt_install, is_root, quiet};
use super::{Place, succeeds};

/// Exactly these: the tests compare with what these versions do.
const PACKAGES: [&str; 5] = [
    "duckdb==1.5.5",
    "duckdb-extension-ducklake==1.5.5",
    "duckdb-extension-sqlite-scanner==1.5.5",
    "aiosmtpd==1.4.6",
    "asyncssh==2.24.1",
];
/// What must be importable for the environment to count as ready.
const PROBE: &str = "import duckdb, aiosmtpd, asyncssh; assert duckdb.__version__ == '1.5.5'";
/// The variable that tells the tests where it is.
pub(super) const VARIABLE: &str = "WEIR_TEST_PYTHON";

/// The Python with the packages, made in the target folder when it is not there.
///
/// # Errors
/// Why it is not there, in a sentence for people.
pub(super) fn ready(place: &Place) -> Result<PathBuf, String> {
    if let Some(given) = std::env::var_os(VARIABLE) {
        return Ok(PathBuf::from(given));
    }
    let folder = place.target.join("test-venv");
    let python = folder.join("bin").join("python");
    let works = || quiet(Command::new(&python).args(["-c", PROBE])) && packages_are_those(&folder);
    if works() {
        return Ok(python);
    }
    println!("DuckDB, aiosmtpd and asyncssh for Python are missing and are being installed");
    make(&folder)?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES);
    match succeeds(&mut pip) {
        Ok(true) => {}
        Ok(false) => {
            return Err("pip could not install DuckDB: the tests that compare with it do nothing".into());
        }
        Err(error) => return Err(format!("{error:#}: the tests that compare with DuckDB do nothing")),
    }
    let _ = std::fs::write(folder.join("packages"), PACKAGES.join("\n"));
    if works() { Ok(python) } else { Err("DuckDB was installed and cannot be imported".into()) }
}

fn packages_are_those(folder: &std::path::Path) -> bool {
    std::fs::read_to_string(folder.join("packages")).is_ok_and(|list| list == PACKAGES.join("\n"))
}

/// Makes an environment. Debian keeps what that needs in a package of its own, which root may install.
fn make(folder: &std::path::Path) -> Result<(), String> {
    let venv = || {
        let mut command = Command::new("python3");
        command.args(["-m", "venv", "--clear"]).arg(folder);
        succeeds(&mut command).unwrap_or(false)
    };
    if venv() {
        return Ok(());
    }
    if is_root() && apt_install(&["python3", "python3-venv"]) && venv() {
        return Ok(());
    }
    Err("python3 with venv is missing (Debian: apt-get install python3-venv): the tests that compare with DuckDB \
         do nothing"
        .into())
}
