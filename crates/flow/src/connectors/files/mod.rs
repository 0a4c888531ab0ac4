//! The `files` connector: files inside the folder that a connection names, and nowhere else.

mod folder;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::connectors::Kind::{Any, Array, Boolean, Integer};
use crate::connectors::shared::{Parameters, bad_request, connection, operation};
use crate::connectors::{
    CallOutcome, CallRequest, Connection, Connector, Manifest, Operation, Parameter, TestRequest, Tested,
};
use folder::{Folder, Trouble};

const LIST: &str = "list";
const READ: &str = "read";
const WRITE: &str = "write";
const APPEND: &str = "append";
const DELETE: &str = "delete";

/// Reads and writes files.
pub struct Files {
    base: std::path::PathBuf,
}

impl Files {
    /// A connector whose connections name folders below `base`, or with their whole path.
    pub fn new(base: std::path::PathBuf) -> Self {
        Self { base }
    }

    async fn attempt(&self, request: CallRequest) -> Result<CallOutcome, CallOutcome> {
        let operation = operation(self, &request)?;
        let folder = self.folder(connection(self, &request)?)?;
        let work = work(operation, &request)?;
        // A slow disk or a network folder must not hold up other calls.
        let done = tokio::task::spawn_blocking(move || work(&folder)).await;
        match done {
            Ok(Ok(body)) => Ok(CallOutcome::ok(body)),
            Ok(Err(trouble)) => Err(trouble.outcome()),
            Err(_) => Err(CallOutcome::permanent("ConnectorFailed", "reading or writing the file broke off")),
        }
    }

    fn folder(&self, connection: &Connection) -> Result<Folder, CallOutcome> {
        let path = connection.config.get("path").and_then(Value::as_str).unwrap_or_default();
        if path.is_empty() {
            let name = &connection.name;
            return Err(bad_request(format!("the connection '{name}' has no `path` (the folder)")));
        }
        let write = connection.config.get("write").and_then(Value::as_bool).unwrap_or(false);
        Ok(Folder::new(self.base.join(path), write))
    }
}

type Work = Box<dyn FnOnce(&Folder) -> Result<Value, Trouble> + Send>;

/// What an operation does to a folder.
fn work(operation: &Operation, request: &CallRequest) -> Result<Work, CallOutcome> {
    let parameters = Parameters::checked(request, operation)?;
    if operation.id == LIST {
        let path = parameters.text("path")?.unwrap_or_default();
        return Ok(Box::new(move |folder| folder.list(&path).map(|files| json!({"value": files}))));
    }
    let path = parameters.required_text("path")?;
    Ok(match operation.id {
        READ => Box::new(move |folder| folder.read(&path).map(content)),
        DELETE => Box::new(move |folder| folder.delete(&path).map(|deleted| json!({"deleted": deleted}))),
        WRITE => {
            let bytes = bytes(parameters.get("content"))?;
            let overwrite = !matches!(parameters.get("overwrite"), Some(Value::Bool(false)));
            Box::new(move |folder| folder.write(&path, &bytes, overwrite).map(|size| json!({"size": size})))
        }
        _ => {
            let bytes = bytes(parameters.get("content"))?;
            Box::new(move |folder| folder.append(&path, &bytes).map(|size| json!({"size": size})))
        }
    })
}

/// What is to be written: a text, the bytes of an envelope, or JSON.
fn bytes(given: Option<&Value>) -> Result<Vec<u8>, CallOutcome> {
    match given {
        None => Err(bad_request("the parameter 'content' is missing")),
        Some(Value::String(text)) => Ok(text.clone().into_bytes()),
        Some(value) => match value.get("$content") {
            None => Ok(value.to_string().into_bytes()),
            Some(packed) => packed
                .as_str()
                .and_then(|packed| STANDARD.decode(packed).ok())
                .ok_or_else(|| bad_request("'$content' must be base64")),
        },
    }
}

/// What was read: text if it is text, else an envelope.
fn content(bytes: Vec<u8>) -> Value {
    let size = bytes.len();
    let content = match String::from_utf8(bytes) {
        Ok(text) => json!(text),
        Err(binary) => json!({
            "$content-type": "application/octet-stream",
            "$content": STANDARD.encode(binary.as_bytes()),
        }),
    };
    json!({"content": content, "size": size})
}

#[async_trait]
impl Connector for Files {
    fn name(&self) -> &'static str {
        "files"
    }

    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    async fn call(&self, request: CallRequest) -> CallOutcome {
        self.attempt(request).await.unwrap_or_else(|failure| failure)
    }

    async fn test(&self, request: TestRequest) -> Tested {
        let folder = match self.folder(&request.connection) {
            Ok(folder) => folder,
            Err(outcome) => return Tested::of(outcome, |_| String::new()),
        };
        match tokio::task::spawn_blocking(move || folder.list("")).await {
            Ok(Ok(files)) => Tested::Works(format!("the folder is there ({} entries)", files.len())),
            Ok(Err(trouble)) => Tested::of(trouble.outcome(), |_| String::new()),
            Err(_) => Tested::Unknown("looking into the folder broke off".to_owned()),
        }
    }
}

const PATH: Parameter =
    Parameter::must("path", "Path", "The file, from the connection's folder on: reports/today.csv.");
const CONTENT: Parameter =
    Parameter::must("content", "Content", "A text, {\"$content\"} with base64, or JSON.").of(Any);
const SIZE: &[Parameter] =
    &[Parameter::must("body/size", "Size", "The file's size now, in bytes.").of(Integer)];

pub(super) static MANIFEST: Manifest = Manifest {
    title: "Files",
    summary: "Reads and writes files in a folder of this machine.",
    needs_connection: true,
    connection: &[
        Parameter::must(
            "path",
            "Folder",
            "The folder; from the folder of the definitions on, or a whole path.",
        ),
        Parameter::may("write", "May write", "Whether flows may write and delete here.")
            .of(Boolean)
            .or("false"),
    ],
    operations: &[
        Operation::new(
            LIST,
            "List a folder",
            "Lists files and folders, by name.",
            &[Parameter::may("path", "Path", "A folder inside; the connection's own when it is not given.")],
        )
        .gives(&[Parameter::must(
            "body/value",
            "Entries",
            "Each with name, path, isFolder, size and changed.",
        )
        .of(Array)]),
        Operation::new(READ, "Read a file", "Reads a whole file, up to 16 MB.", &[PATH]).gives(&[
            Parameter::must("body/content", "Content", "A text, or {\"$content\"} with base64.").of(Any),
            Parameter::must("body/size", "Size", "The file's size, in bytes.").of(Integer),
        ]),
        Operation::new(
            WRITE,
            "Write a file",
            "Writes a whole file: readers see the one before or this one.",
            &[
                PATH,
                CONTENT,
                Parameter::may("overwrite", "Overwrite", "Whether a file that is there is replaced.")
                    .of(Boolean)
                    .or("true"),
            ],
        )
        .gives(SIZE),
        Operation::new(
            APPEND,
            "Append to a file",
            "Adds to the end of a file, which is made if it is not there; tried again, it adds again.",
            &[PATH, CONTENT],
        )
        .gives(SIZE),
        Operation::new(
            DELETE,
            "Delete a file",
            "Deletes a file; one that is not there is no error.",
            &[PATH],
        )
        .gives(&[Parameter::must("body/deleted", "Deleted", "Whether it was there.").of(Boolean)]),
    ],
    ..Manifest::EMPTY
};

#[cfg(test)]
mod tests;
