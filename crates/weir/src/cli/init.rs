//! `weir init`

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;

use super::args::Init;
use super::{Exit, Out};
use crate::instance::Place;

/// What a new project has.
const FILES: [(&str, &str); 5] = [
    ("weir.yaml", include_str!("init/weir.yaml")),
    ("flows/tell-the-team.json", include_str!("init/tell-the-team.json")),
    ("data/contacts.csv", include_str!("init/contacts.csv")),
    ("data/orders.csv", include_str!("init/orders.csv")),
    (".gitignore", ".weir/\n"),
];

pub(super) fn run(at: &Place, command: &Init, out: &Out) -> Result<Exit> {
    let folder = at.project.join(&command.folder);
    let taken: Vec<&str> =
        FILES.iter().map(|(name, _)| *name).filter(|name| folder.join(name).exists()).collect();
    if !taken.is_empty() {
        out.error("fileExists", &out.words.text("init-taken", &[("files", taken.join(", ").into())]));
        return Ok(Exit::Wrong);
    }
    for (name, text) in FILES {
        write(&folder.join(name), text)?;
    }
    let names: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
    out.show(&json!({"folder": folder, "files": names}), || {
        let made = [("files", names.join(", ").into()), ("folder", folder.display().to_string().into())];
        let next = "weir check, weir apply, weir refresh, weir query \"SELECT * FROM Customer\"";
        let next = out.words.text("init-next", &[("commands", next.into())]);
        format!("{}\n{next}", out.words.text("init-made", &made))
    })?;
    Ok(Exit::Done)
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
    }
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
