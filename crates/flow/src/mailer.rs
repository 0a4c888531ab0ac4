//! Mails of Weir's own: each is a run of a flow of Weir's own, so it is retried, survives a crash, and stands in
//! the history.

use serde_json::{Value, json};
use store::Tx;

use crate::{Result, TriggerFired, definitions, start};

/// What the names of Weir's own flows begin with. A file of definitions cannot have such a name.
pub const OWN: &str = "weir:";

/// Starts the run that sends a mail through a connection, in the caller's transaction. The same key sends once.
pub async fn send(
    tx: &mut Tx,
    connection: &str,
    to: &[String],
    subject: &str,
    html: &str,
    key: &str,
) -> Result<()> {
    let flow = format!("{OWN}mail through {connection}");
    definitions::put(tx, &flow, &document(connection).to_string()).await?;
    let outputs = json!({"body": {"to": to.join(";"), "subject": subject, "html": html}});
    let fired = TriggerFired { name: String::new(), outputs, key: key.to_owned(), origin: "weir".to_owned() };
    start(tx, &flow, fired).await?;
    Ok(())
}

fn document(connection: &str) -> Value {
    json!({
        "triggers": {"Told": {"type": "Request", "kind": "Button", "inputs": {"schema": {}}}},
        "actions": {"Send": {
            "type": "OpenApiConnection",
            "runAfter": {},
            "inputs": {
                "host": {
                    "apiId": "/providers/Microsoft.PowerApps/apis/shared_office365",
                    "operationId": "SendEmailV2",
                    "connectionName": connection,
                },
                "parameters": {
                    "emailMessage/To": "@triggerBody()?['to']",
                    "emailMessage/Subject": "@triggerBody()?['subject']",
                    "emailMessage/Body": "@triggerBody()?['html']",
                },
            },
        }},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mailer_is_a_flow_that_can_be_run() {
        let (compiled, findings) = definitions::check(&document("mail").to_string());
        assert!(compiled.is_some(), "{findings:#?}");
    }
}
