//! The FEBRL data sets: small, old and often cited; a check of quality that nobody here made up.

use std::path::PathBuf;

use anyhow::Result;

use crate::programs::{Workshop, call};

/// Names of the data sets.
pub const SETS: [&str; 4] = ["febrl1", "febrl2", "febrl3", "febrl4"];

/// The folders of the data sets, which are written when they are not there.
///
/// # Errors
/// When the package that has them cannot be installed.
pub fn folders(workshop: &Workshop) -> Result<Vec<PathBuf>> {
    let folder = workshop.folder("data");
    let folders: Vec<PathBuf> = SETS.iter().map(|name| folder.join(name)).collect();
    if !folders.iter().all(|folder| folder.join("truth.parquet").exists()) {
        call(workshop.script("write_febrl.py")?.arg(&folder))?;
    }
    Ok(folders)
}
