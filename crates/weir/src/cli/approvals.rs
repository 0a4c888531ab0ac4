//! `weir approvals`: what flows wait for people to decide, and deciding it.

use anyhow::Result;
use flow::approvals::{self, Approval, Taken};
use serde_json::json;

use super::args::{Approvals, ApprovalsCommand};
use super::out::{columns, moment};
use super::{Exit, Out, place};
use crate::instance::Place;

pub(super) async fn run(at: &Place, command: &Approvals, out: &Out) -> Result<Exit> {
    match &command.command {
        None => list(at, command.all, out).await,
        Some(ApprovalsCommand::Answer { id, person, answer, comments }) => {
            let (instance, _) = place::open_or_beside(at, "weir approvals answer").await?;
            let taken = approvals::answer(&instance.store, id, person, answer, comments.as_deref()).await?;
            let name = json!(taken);
            let values = [
                ("taken", name.as_str().unwrap_or_default().to_owned().into()),
                ("person", person.as_str().into()),
            ];
            out.show(&json!({"approval": id, "taken": taken}), || out.words.text("approval-taken", &values))?;
            Ok(if matches!(taken, Taken::Noted | Taken::Decided) { Exit::Done } else { Exit::Failed })
        }
    }
}

async fn list(at: &Place, all: bool, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let found = approvals::list(&instance.store, !all).await?;
    out.show(&found, || {
        if found.is_empty() {
            return out.words.word("approvals-none-waits");
        }
        let row = |approval: &Approval| {
            let said =
                approval.responses.iter().map(|response| format!("{}: {}", response.person, response.answer));
            vec![
                approval.id.clone(),
                approval.request.title.clone(),
                approval.request.people.join(", "),
                said.collect::<Vec<_>>().join(", "),
                moment(Some(approval.requested)),
            ]
        };
        let head =
            out.words.list(["column-id", "column-title", "column-asked", "column-answers", "column-started"]);
        columns(&head, &found.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}
