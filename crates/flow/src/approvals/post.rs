//! The mails of approvals: each is a run of a flow of Weir's own, so it is retried and survives a crash.

use std::sync::Arc;

use store::{Store, Tx, to_micros};

use super::{Approval, COLUMNS, Row, close_orphans, path, read};
use crate::requests::Signer;
use crate::{Result, mailer};

/// One mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its subject.
    pub subject: String,
    /// Its body, HTML.
    pub html: String,
}

type Write = dyn Fn(&Approval, &str, bool) -> Letter + Send + Sync;

/// Writes the mails, in the words of people.
#[derive(Clone)]
pub struct Letters {
    signer: Signer,
    write: Arc<Write>,
}

impl Letters {
    /// `write` gets an approval, a person's address of the page, and whether it is a reminder.
    pub fn new(
        signer: Signer,
        write: impl Fn(&Approval, &str, bool) -> Letter + Send + Sync + 'static,
    ) -> Self {
        Self { signer, write: Arc::new(write) }
    }
}

/// Writes to everyone who has not answered. The same reminder is sent once.
pub(super) async fn send(tx: &mut Tx, approval: &Approval, letters: &Letters) -> Result<()> {
    for (index, person) in approval.request.people.iter().enumerate() {
        if approval.responses.iter().any(|response| response.person == *person) {
            continue;
        }
        let address = approval.request.address.trim_end_matches('/');
        let url = format!("{address}{}", path(&letters.signer, &approval.id, index));
        let letter = (letters.write)(approval, &url, approval.reminders > 0);
        let key = format!("approval {} {index} {}", approval.id, approval.reminders);
        let to = std::slice::from_ref(person);
        mailer::send(tx, &approval.request.mail, to, &letter.subject, &letter.html, &key).await?;
    }
    Ok(())
}

/// Asks again those who have not answered, where that is due; approvals whose run is gone are closed. Gives how
/// many were asked again.
pub async fn remind(store: &Store, letters: &Letters) -> Result<usize> {
    let mut tx = store.write().await?;
    close_orphans(&mut tx).await?;
    let now = tx.now();
    let sql = format!("{COLUMNS} WHERE completed_at IS NULL AND remind_at <= $1 ORDER BY id LIMIT 100");
    let rows: Vec<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(to_micros(now)).fetch_all(tx.conn()).await?;
    let count = rows.len();
    for row in rows {
        let mut approval = read(&mut tx, row).await?;
        approval.reminders = approval.reminders.saturating_add(1);
        send(&mut tx, &approval, letters).await?;
        let next = approval.request.remind_after.and_then(|after| now.checked_add(after).ok());
        sqlx::query("UPDATE approval SET reminders = $2, remind_at = $3 WHERE id = $1")
            .bind(&approval.id)
            .bind(approval.reminders)
            .bind(next.map(to_micros))
            .execute(tx.conn())
            .await?;
    }
    tx.commit().await?;
    Ok(count)
}
