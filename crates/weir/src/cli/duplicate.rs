//! `weir segment duplicate` and `weir measure duplicate`

use anyhow::Result;
use cdp::definitions::{DefinitionError, Duplicated, Project, duplicate};
use serde_json::json;

use super::{Exit, Out, apply};
use crate::instance::Place;

/// `weir segment duplicate` and `weir measure duplicate`
#[derive(Debug, clap::Args)]
pub(super) struct Duplicate {
    /// What there is already.
    name: String,
    /// The name of the duplicate.
    new_name: String,
    /// Only print the text that would be written.
    #[arg(long)]
    yaml: bool,
}

pub(super) fn run(at: &Place, what: Duplicated, asked: &Duplicate, out: &Out) -> Result<Exit> {
    let Duplicate { name, new_name, yaml } = asked;
    // What is wrong before would be told as if the duplicate were to blame.
    if let Err(wrong) = Project::load(&at.project) {
        apply::refuse(&wrong, out)?;
        return Ok(Exit::Wrong);
    }
    let made = match duplicate(&at.project, what, name, new_name) {
        Ok(made) => made,
        Err(error) => {
            out.error(error.code(), &error.to_string());
            let is_missing = matches!(error, DefinitionError::NotThere { .. });
            return Ok(if is_missing { Exit::Missing } else { Exit::Wrong });
        }
    };
    if *yaml && !out.json {
        out.line(made.yaml.trim_end())?;
        return Ok(Exit::Done);
    }
    if !yaml && let Err(wrong) = made.write(&at.project)? {
        apply::refuse(&wrong, out)?;
        return Ok(Exit::Wrong);
    }
    let (file, line) = (made.file.display().to_string(), made.line);
    let value = json!({"name": new_name, "file": file, "line": line, "yaml": made.yaml, "written": !yaml});
    out.show(&value, || {
        let place = format!("{file}:{line}");
        out.words.text("duplicate-made", &[("name", new_name.as_str().into()), ("place", place.into())])
    })?;
    Ok(Exit::Done)
}
