//! `weir flow versions`, `diff`, `restore` and `draft`.

use std::path::Path;

use anyhow::{Context, Result};
use cdp::definitions::{self, ObjectKind, Project};
use flow::diff::{Change, Diff};
use flow::versions as stored;
use lang::wdl::Finding;
use serde_json::json;
use store::Store;

use super::super::out::{Missing, columns, moment};
use super::super::{Exit, Out, apply, place, report};
use super::args::DraftCommand;
use crate::instance::Place;

pub(super) async fn list(at: &Place, name: &str, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let all = stored::versions(&instance.store, name).await?;
    if all.is_empty() {
        return Err(missing(name, out).into());
    }
    out.show(&all, || {
        let row = |it: &stored::StoredVersion| {
            let state = if it.present { out.words.word("version-present") } else { String::new() };
            vec![it.version.clone(), moment(Some(it.made)), it.bytes.to_string(), state]
        };
        let head = out.words.list(["column-version", "column-applied", "column-bytes", "column-state"]);
        columns(&head, &all.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

fn missing(name: &str, out: &Out) -> Missing {
    let message = out.words.text("flow-missing", &[("flow", format!("{name:?}").into())]);
    Missing { code: "unknownFlow", message }
}

/// A document by what people call it: a version, `draft`, or `present`.
async fn document(store: &Store, name: &str, which: &str, out: &Out) -> Result<String> {
    match which {
        "draft" => Ok(draft_of(store, name, out).await?.document),
        "present" => {
            let found = flow::definitions::get(store, name).await?;
            Ok(found.ok_or_else(|| missing(name, out))?.1)
        }
        version => Ok(stored::document(store, name, version).await?.1),
    }
}

pub(super) async fn diff(
    at: &Place,
    name: &str,
    before: Option<&str>,
    after: Option<&str>,
    out: &Out,
) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let store = &instance.store;
    let all = stored::versions(store, name).await?;
    if all.is_empty() {
        return Err(missing(name, out).into());
    }
    // Without a choice: the present version, and the newest of the others.
    let newest = all.iter().find(|it| !it.present).map_or("present", |it| it.version.as_str());
    let before = document(store, name, before.unwrap_or(newest), out).await?;
    let after = document(store, name, after.unwrap_or("present"), out).await?;
    let found = flow::diff::diff(&before, &after);
    out.show(&found, || text(&found, out))?;
    Ok(Exit::Done)
}

fn text(found: &Diff, out: &Out) -> String {
    if found.text.is_empty() {
        return out.words.word("diff-same");
    }
    let mut text = String::new();
    for part in &found.parts {
        let change = match part.change {
            Change::Added => "added",
            Change::Removed => "removed",
            Change::Changed => "changed",
            Change::Moved => "moved",
        };
        let name = match part.container.as_str() {
            "" => part.name.clone(),
            container => format!("{container}/{}", part.name),
        };
        let values = [("part", part.part.into()), ("name", name.into()), ("change", change.into())];
        text.push_str(&format!("{}\n", out.words.text("diff-part", &values)));
        for it in &part.differences {
            let shown =
                |value: &Option<serde_json::Value>| value.as_ref().map_or("–".to_owned(), super::runs::short);
            text.push_str(&format!("  {}: {} → {}\n", it.pointer, shown(&it.before), shown(&it.after)));
        }
    }
    format!("{text}\n{}", found.text)
}

pub(super) async fn restore(at: &Place, name: &str, version: &str, out: &Out) -> Result<Exit> {
    let (version, document) = {
        let instance = place::open_to_read(at).await?;
        stored::document(&instance.store, name, version).await?
    };
    put_back(at, name, &version, &document, out).await
}

/// Makes a document the present one: its file among the definitions, and, when nothing else would change, applied.
async fn put_back(at: &Place, name: &str, version: &str, document: &str, out: &Out) -> Result<Exit> {
    let project = match apply::load(at, out).await? {
        Ok(project) => project,
        Err(exit) => return Ok(exit),
    };
    let file = at.project.join(project.flows_folder()).join(format!("{name}.json"));
    write(&file, document)?;
    let project = match apply::load(at, out).await? {
        Ok(project) => project,
        Err(exit) => return Ok(exit),
    };
    let applied = only_flow(at, name, &project).await?;
    let shown = file.display().to_string();
    out.show(&json!({"flow": name, "version": version, "file": shown, "applied": applied}), || {
        let state = if applied { "applied" } else { "written" };
        let values = [
            ("state", state.into()),
            ("flow", name.into()),
            ("version", version.into()),
            ("file", shown.as_str().into()),
        ];
        out.words.text("flow-restored", &values)
    })?;
    Ok(Exit::Done)
}

fn write(file: &Path, document: &str) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    std::fs::write(file, document).with_context(|| format!("{} cannot be written", file.display()))
}

/// Applies the definitions if this flow is all that they change; says whether.
async fn only_flow(at: &Place, name: &str, project: &Project) -> Result<bool> {
    let (instance, _) = place::open_or_beside(at, "weir flow restore").await?;
    let before = definitions::applied(&instance.store).await?;
    let plan = definitions::plan(&before, project.definitions())?;
    let is_it = |change: &definitions::Change| change.kind == ObjectKind::Flow && change.name == name;
    if !plan.changes.iter().all(is_it) {
        return Ok(false);
    }
    apply::apply_project(&instance, project).await?;
    Ok(true)
}

pub(super) async fn draft(at: &Place, command: &DraftCommand, out: &Out) -> Result<Exit> {
    match command {
        DraftCommand::Save { flow, file } => save(at, flow, file, out).await,
        DraftCommand::Show { flow } => show(at, flow, out).await,
        DraftCommand::Discard { flow } => discard(at, flow, out).await,
        DraftCommand::Publish { flow } => publish(at, flow, out).await,
    }
}

async fn draft_of(store: &Store, flow: &str, out: &Out) -> Result<stored::Draft> {
    let message = || out.words.text("draft-missing", &[("flow", format!("{flow:?}").into())]);
    let found = stored::draft(store, flow).await?;
    Ok(found.ok_or_else(|| Missing { code: "draftNotFound", message: message() })?)
}

async fn save(at: &Place, flow: &str, file: &str, out: &Out) -> Result<Exit> {
    let document = super::body_text(if file == "-" { "-".to_owned() } else { format!("@{file}") }.as_str())?;
    let (instance, _) = place::open_or_beside(at, "weir flow draft").await?;
    let mut tx = instance.store.write().await?;
    stored::save_draft(&mut tx, flow, &document).await?;
    tx.commit().await?;
    let (compiled, findings) = flow::definitions::check(&document);
    told(flow, &document, compiled.is_some(), &findings, out)?;
    Ok(Exit::Done)
}

fn told(flow: &str, document: &str, valid: bool, findings: &[Finding], out: &Out) -> Result<()> {
    out.show(&json!({"flow": flow, "valid": valid, "diagnostics": findings}), || {
        let state = if valid { "right" } else { "wrong" };
        let said = out.words.text("draft-saved", &[("flow", flow.into()), ("state", state.into())]);
        format!("{}\n{said}", report::findings(flow, document, findings, out.words))
    })
}

async fn show(at: &Place, flow: &str, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let draft = draft_of(&instance.store, flow, out).await?;
    let (compiled, findings) = flow::definitions::check(&draft.document);
    let value = json!({"flow": flow, "saved": draft.saved, "document": draft.document,
        "valid": compiled.is_some(), "diagnostics": findings});
    out.show(&value, || draft.document.clone())?;
    Ok(Exit::Done)
}

async fn discard(at: &Place, flow: &str, out: &Out) -> Result<Exit> {
    let (instance, _) = place::open_or_beside(at, "weir flow draft").await?;
    draft_of(&instance.store, flow, out).await?;
    let mut tx = instance.store.write().await?;
    stored::discard_draft(&mut tx, flow).await?;
    tx.commit().await?;
    out.show(&json!({"flow": flow, "discarded": true}), || {
        out.words.text("draft-discarded", &[("flow", flow.into())])
    })?;
    Ok(Exit::Done)
}

/// A draft that is right becomes the present version; then it is no draft any more.
async fn publish(at: &Place, flow: &str, out: &Out) -> Result<Exit> {
    let document = {
        let instance = place::open_to_read(at).await?;
        draft_of(&instance.store, flow, out).await?.document
    };
    let (compiled, findings) = flow::definitions::check(&document);
    if compiled.is_none() {
        told(flow, &document, false, &findings, out)?;
        return Ok(Exit::Wrong);
    }
    let version = flow::definitions::version_of(&document);
    let exit = put_back(at, flow, &version, &document, out).await?;
    if exit == Exit::Done {
        let (instance, _) = place::open_or_beside(at, "weir flow draft").await?;
        let mut tx = instance.store.write().await?;
        stored::discard_draft(&mut tx, flow).await?;
        tx.commit().await?;
    }
    Ok(exit)
}
