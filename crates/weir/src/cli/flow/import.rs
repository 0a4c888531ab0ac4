//! `weir flow import` and `weir flow export`: flows from other systems, and for them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cdp::definitions::Project;
use flow::packages::{self, Found, FoundFlow, Need, Note, Origin, PackageError, Secret, SourceFile, Target};
use lang::diagnose::Severity;
use lang::wdl::Finding;
use serde::Serialize;
use serde_json::json;

use super::super::out::Missing;
use super::super::{Exit, Out, apply, place, report};
use super::args::{ExportFlow, ImportFlow};
use crate::instance::Place;

/// A connection that an imported flow needs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Needed {
    #[serde(flatten)]
    need: Need,
    /// The kind of connection that serves it here; none when nothing does.
    kind: Option<&'static str>,
    /// Whether a connection of this name and kind is defined.
    mapped: bool,
    /// The connections of this kind.
    choices: Vec<String>,
}

/// What became of one flow.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Imported {
    name: String,
    title: String,
    origin: Origin,
    path: String,
    file: PathBuf,
    /// Why it was not written: `dryRun`, `wrong`, `exists`; none when it was.
    left: Option<&'static str>,
    needs: Vec<Needed>,
    unknown_keys: Vec<String>,
    secrets: Vec<Secret>,
    secrets_moved: bool,
    stripped: Vec<String>,
    valid: bool,
    diagnostics: Vec<Finding>,
    #[serde(skip)]
    document: String,
}

pub(super) async fn import(at: &Place, command: &ImportFlow, out: &Out) -> Result<Exit> {
    let project = match apply::load(at, out).await? {
        Ok(project) => project,
        Err(exit) => return Ok(exit),
    };
    let found = read(&command.file)?;
    let chosen = choices(&command.map)?;
    let folder = at.project.join(project.flows_folder());
    let mut all = Vec::new();
    for flow in pick(found.flows, command)? {
        let mut imported = prepare(flow, command, &chosen, &project, &folder);
        imported.left = left(&imported, command);
        if imported.left.is_none() {
            write(&imported)?;
        }
        all.push(imported);
    }
    let wrong = all.iter().any(|flow| matches!(flow.left, Some("wrong" | "exists")));
    out.show(&json!({"flows": all, "notes": found.notes}), || text(&all, &found.notes, command, out))?;
    Ok(if wrong { Exit::Wrong } else { Exit::Done })
}

/// Reads a file or an unpacked folder.
fn read(path: &Path) -> Result<Found> {
    let shown = path.display().to_string();
    let found = if path.is_dir() {
        let mut files = Vec::new();
        gather(path, path, &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        packages::read_files(&files)
    } else {
        let length = std::fs::metadata(path).with_context(|| format!("{shown} cannot be read"))?.len();
        if length > packages::ARCHIVE_BYTES {
            return Err(flow::FlowError::from(PackageError::FileTooLarge(length)).into());
        }
        packages::read(&shown, std::fs::read(path).with_context(|| format!("{shown} cannot be read"))?)
    };
    found.map_err(flow::FlowError::from).with_context(|| shown)
}

/// The files of a folder that an import looks into, within the limits of archives. Links are not followed.
fn gather(top: &Path, folder: &Path, files: &mut Vec<SourceFile>) -> Result<()> {
    let mut pending = vec![folder.to_owned()];
    let mut total = 0;
    while let Some(folder) = pending.pop() {
        let shown = folder.display().to_string();
        for entry in std::fs::read_dir(&folder).with_context(|| format!("{shown} cannot be read"))? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let path = entry.path();
            let name = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            if kind.is_dir() && !entry.file_name().to_string_lossy().starts_with('.') {
                pending.push(path);
            } else if kind.is_file() && packages::is_read(&name) {
                let length = entry.metadata()?.len();
                total += length;
                if length > packages::ENTRY_BYTES || total > packages::TOTAL_BYTES {
                    return Err(flow::FlowError::from(PackageError::TooLargeUnpacked(name)).into());
                }
                if files.len() >= packages::ENTRIES {
                    return Err(flow::FlowError::from(PackageError::TooManyEntries(files.len() + 1)).into());
                }
                files.push(SourceFile { path: name, bytes: std::fs::read(&path)? });
            }
        }
    }
    Ok(())
}

fn choices(map: &[String]) -> Result<BTreeMap<String, String>> {
    let pair = |text: &String| {
        let (key, name) = text.split_once('=').with_context(|| {
            format!("--map takes KEY=CONNECTION, such as shared_teams=team, not {text:?}")
        })?;
        Ok((key.trim().to_owned(), name.trim().to_owned()))
    };
    map.iter().map(pair).collect()
}

/// The flows that were asked for.
fn pick(flows: Vec<FoundFlow>, command: &ImportFlow) -> Result<Vec<FoundFlow>> {
    let names: Vec<String> = flows.iter().map(|flow| flow.name.clone()).collect();
    let wanted = |flow: &FoundFlow| {
        command.only.is_empty() || command.only.iter().any(|it| *it == flow.name || *it == flow.title)
    };
    let mut picked: Vec<FoundFlow> = flows.into_iter().filter(wanted).collect();
    if picked.is_empty() {
        anyhow::bail!("none of the flows is called that; there are {}", names.join(", "));
    }
    if let Some(name) = &command.name {
        let [only] = picked.as_mut_slice() else {
            anyhow::bail!(
                "--name goes with one flow, and there are {}; choose with --only",
                names.join(", ")
            );
        };
        if packages::name_of(name) != *name {
            anyhow::bail!("{name:?} cannot be a flow's name; {:?} can", packages::name_of(name));
        }
        only.name.clone_from(name);
    }
    Ok(picked)
}

fn prepare(
    flow: FoundFlow,
    command: &ImportFlow,
    chosen: &BTreeMap<String, String>,
    project: &Project,
    folder: &Path,
) -> Imported {
    let (document, unknown_keys) = packages::map(&flow.document, chosen);
    let (document, stripped) =
        if command.strip { packages::strip(&document) } else { (document, Vec::new()) };
    let (document, secrets) = if command.move_secrets {
        packages::move_secrets(&flow.name, &document)
    } else {
        let secrets = packages::secrets(&flow.name, &document);
        (document, secrets)
    };
    let (compiled, diagnostics) = flow::definitions::check(&document);
    Imported {
        file: folder.join(format!("{}.json", flow.name)),
        name: flow.name,
        title: flow.title,
        origin: flow.origin,
        path: flow.path,
        left: None,
        needs: packages::needs(&document).into_iter().map(|need| needed(need, project)).collect(),
        unknown_keys,
        secrets,
        secrets_moved: command.move_secrets,
        stripped,
        valid: compiled.is_some(),
        diagnostics,
        document,
    }
}

fn needed(need: Need, project: &Project) -> Needed {
    let kind = need.connector.as_deref().and_then(packages::kind_of);
    let connections = &project.definitions().connections;
    let of_kind = connections.iter().filter(|(_, it)| Some(it.kind.as_str()) == kind);
    let choices: Vec<String> = of_kind.map(|(name, _)| name.clone()).collect();
    Needed { mapped: choices.contains(&need.key), kind, choices, need }
}

fn left(flow: &Imported, command: &ImportFlow) -> Option<&'static str> {
    if command.dry_run {
        Some("dryRun")
    } else if !flow.valid {
        Some("wrong")
    } else if flow.file.exists() && !command.force {
        Some("exists")
    } else {
        None
    }
}

fn write(flow: &Imported) -> Result<()> {
    if let Some(folder) = flow.file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    std::fs::write(&flow.file, &flow.document)
        .with_context(|| format!("{} cannot be written", flow.file.display()))
}

fn text(all: &[Imported], notes: &[Note], command: &ImportFlow, out: &Out) -> String {
    let mut lines = Vec::new();
    for flow in all {
        let state = flow.left.unwrap_or("written");
        lines.push(out.words.text(
            "import-flow",
            &[
                ("state", state.into()),
                ("name", flow.name.as_str().into()),
                ("title", flow.title.as_str().into()),
                ("file", flow.file.display().to_string().into()),
            ],
        ));
        lines.extend(flow.needs.iter().filter_map(|need| need_line(need, out)));
        for key in &flow.unknown_keys {
            lines.push(out.words.text("import-unknown-key", &[("key", key.as_str().into())]));
        }
        secret_lines(flow, command, out, &mut lines);
        if !flow.stripped.is_empty() {
            lines.push(out.words.text("import-stripped", &[("places", flow.stripped.join(", ").into())]));
        }
        let told: Vec<Finding> =
            flow.diagnostics.iter().filter(|it| it.severity != Severity::Info).cloned().collect();
        if !told.is_empty() {
            lines.push(report::findings(&flow.path, &flow.document, &told, out.words));
        }
    }
    for note in notes {
        let values = [
            ("code", note.code.into()),
            ("path", note.path.as_str().into()),
            ("about", note.about.as_str().into()),
        ];
        lines.push(out.words.text("import-note", &values));
    }
    if all.iter().any(|flow| flow.left.is_none()) {
        lines.push(out.words.word("import-apply"));
    }
    lines.join("\n")
}

fn need_line(need: &Needed, out: &Out) -> Option<String> {
    let connector = need.need.connector.as_deref().unwrap_or(&need.need.key);
    let actions: Vec<&str> =
        need.need.uses.iter().filter(|it| !it.answered).map(|it| it.action.as_str()).collect();
    if need.kind.is_none() && (actions.is_empty() || connector.ends_with("customerinsights")) {
        return None;
    }
    let state = match need.kind {
        Some(_) if need.mapped => "mapped",
        Some(_) if need.choices.is_empty() => "none",
        Some(_) => "open",
        None => "unknown",
    };
    let values = [
        ("state", state.into()),
        ("key", need.need.key.as_str().into()),
        ("connector", connector.into()),
        ("kind", need.kind.unwrap_or_default().into()),
        ("choices", need.choices.join(", ").into()),
        ("actions", actions.join(", ").into()),
    ];
    Some(out.words.text("import-need", &values))
}

fn secret_lines(flow: &Imported, command: &ImportFlow, out: &Out, lines: &mut Vec<String>) {
    for secret in &flow.secrets {
        let state = if command.move_secrets && secret.movable { "moved" } else { "there" };
        let values = [
            ("state", state.into()),
            ("kind", secret.kind.into()),
            ("place", format!("{}:{}:{}", flow.path, secret.line, secret.column).into()),
            ("pointer", secret.pointer.as_str().into()),
            ("name", secret.name.as_str().into()),
        ];
        lines.push(out.words.text("import-secret", &values));
    }
    let mut names: Vec<&str> =
        flow.secrets.iter().filter(|it| it.movable).map(|it| it.name.as_str()).collect();
    names.dedup();
    names.sort_unstable();
    names.dedup();
    if command.move_secrets && !names.is_empty() {
        lines.push(out.words.word("import-set-secrets"));
        lines.extend(names.iter().map(|name| format!("  weir secret set {name}")));
    } else if !names.is_empty() {
        lines.push(out.words.word("import-move-secrets"));
    }
}

pub(super) async fn export(at: &Place, command: &ExportFlow, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let Some((_, document)) = flow::definitions::get(&instance.store, &command.flow).await? else {
        let message = out.words.text("flow-missing", &[("flow", format!("{:?}", command.flow).into())]);
        return Err(Missing { code: "unknownFlow", message }.into());
    };
    let document = if command.strip { packages::strip(&document).0 } else { document };
    let target = Target::from(command.form);
    let now = instance.store.clock().now();
    let bytes = packages::export(&command.flow, &document, target, now).map_err(flow::FlowError::from)?;
    let file = command.file.clone().unwrap_or_else(|| PathBuf::from(target.file_name(&command.flow)));
    std::fs::write(&file, &bytes).with_context(|| format!("{} cannot be written", file.display()))?;
    let n_secrets = packages::secrets(&command.flow, &document).len();
    let shown = file.display().to_string();
    out.show(&json!({"file": shown, "bytes": bytes.len(), "secrets": n_secrets}), || {
        let wrote = out.words.text("flow-exported", &[("file", shown.as_str().into())]);
        match n_secrets {
            0 => wrote,
            n => format!("{wrote}\n{}", out.words.text("flow-exported-secrets", &[("n", n.into())])),
        }
    })?;
    Ok(Exit::Done)
}
