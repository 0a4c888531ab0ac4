//! `weir unify suggest`: rules from the rows of the sources, before anything is unified.

mod text;

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use cdp::definitions::{self, Project};
use cdp::unification::{Suggested, SuggestionsQuery};
use tokio_util::sync::CancellationToken;
use unify::suggest::Step;

use super::super::{Exit, Out, serve};
use super::Suggest;
use crate::instance::Place;

pub(super) async fn run(at: &Place, command: &Suggest, out: &Out) -> Result<Exit> {
    let (instance, reader) = super::open(at).await?;
    let definitions = match Project::load(&at.project) {
        Ok(project) => project.into_definitions(),
        Err(_) => definitions::applied(&instance.store).await?,
    };
    let stop = CancellationToken::new();
    serve::stop_on_signal(&stop)?;
    let query = SuggestionsQuery { entity: command.entity.clone(), precision: Some(command.precision) };
    let wishes = query.wishes().context("the precision means nothing")?;
    let noted = *out;
    let step = move |step: Step| {
        if noted.is_watched() {
            noted.note(&noted.words.text("unify-suggest-step", &[("step", step.as_str().into())]));
        }
    };
    let found = reader.suggestions(Some(&definitions), wishes, step, stop).await?;
    if let Some(file) = &command.write {
        write(file, &yaml(&found)?)?;
        let file = file.display().to_string();
        out.show(&found, || out.words.text("unify-suggest-written", &[("file", file.into())]))?;
    } else if command.yaml && !out.json {
        out.line(yaml(&found)?.trim_end())?;
    } else {
        out.show(&found, || text::text(&found, out.words))?;
    }
    Ok(Exit::Done)
}

/// The section to paste. What should be known stands in front of it.
fn yaml(found: &Suggested) -> Result<String> {
    let notes = found.suggestions.notes.iter().map(|note| format!("# {note}\n"));
    let mut yaml: String = notes.collect();
    if let Some(unification) = &found.suggestions.unification {
        yaml.push_str(&definitions::unification_to_yaml(unification)?);
    }
    Ok(yaml)
}

/// Writes a file that is not there yet.
fn write(file: &Path, text: &str) -> Result<()> {
    let mut to =
        std::fs::File::create_new(file).with_context(|| format!("cannot write {}", file.display()))?;
    to.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", file.display()))
}
