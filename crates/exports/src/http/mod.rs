//! A web service: rows in batches of JSON. Each batch has its own `Idempotency-Key`, the same when it is sent
//! again, so that a service that keeps these keys takes no batch twice.

#[cfg(test)]
mod tests;

use std::time::Duration;

use arrow::json::{ArrayWriter, LineDelimitedWriter, WriterBuilder};
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use jiff::Timestamp;
use outbound::{Body, HttpClient, Method, Request, Response};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::definition::{HttpFormat, HttpMethod};
use crate::format::{failed, in_utc};
use crate::run::{Destination, Run, Written};
use crate::{ExportError, Result, Rows, limits};

/// What is sent to a web service besides the rows.
#[derive(Debug, Clone, Default)]
pub struct HttpConnection {
    /// The address that the headers are meant for; nothing goes elsewhere.
    pub url: Option<String>,
    /// Headers, such as `Authorization`.
    pub headers: Vec<(String, SecretString)>,
}

/// How calls are tried again.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Calls for one batch.
    pub attempts: u32,
    /// The pause before the second call; each pause is twice the one before it.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let (attempts, first, longest) =
            (limits::HTTP_ATTEMPTS, limits::HTTP_FIRST_PAUSE, limits::HTTP_LONGEST_PAUSE);
        Self { attempts, first, longest }
    }
}

/// Writes to a web service.
pub struct HttpDestination {
    client: HttpClient,
    url: Url,
    headers: Vec<(String, SecretString)>,
    batch: usize,
    method: Method,
    format: HttpFormat,
    patience: Patience,
}

impl HttpDestination {
    /// Calls of `url`, which stands below the connection's address when there is one.
    ///
    /// # Errors
    /// When the address cannot be used, leads away from the connection's, or the batch has a wrong size.
    pub fn new(
        client: HttpClient,
        connection: &HttpConnection,
        url: &str,
        batch: usize,
        method: HttpMethod,
        format: HttpFormat,
    ) -> Result<Self> {
        if batch == 0 || batch > limits::MAX_HTTP_BATCH {
            let detail = format!("a batch has 1 to {} rows", limits::MAX_HTTP_BATCH);
            return Err(ExportError::definition(format!("batch: {batch}"), detail));
        }
        let url = address(connection, url)?;
        let method = match method {
            HttpMethod::Post => Method::Post,
            HttpMethod::Put => Method::Put,
            HttpMethod::Patch => Method::Patch,
        };
        let headers = connection.headers.clone();
        Ok(Self { client, url, headers, batch, method, format, patience: Patience::default() })
    }

    /// Tries again as often and after such pauses.
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    fn target(&self) -> String {
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.url.host_str().unwrap_or_default())
    }

    fn request(&self, body: &[u8], key: &str) -> Result<Request> {
        let content_type = match self.format {
            HttpFormat::Json => "application/json",
            HttpFormat::Jsonl => "application/x-ndjson",
        };
        let mut request = Request::new(self.method, self.url.as_str())?.header("idempotency-key", key)?;
        for (name, value) in &self.headers {
            request = request.header(name, value.expose_secret())?;
        }
        Ok(request.body(Body::bytes(body.to_vec(), Some(content_type.to_owned())))?)
    }

    /// Sends a batch until it is taken or hopeless.
    async fn deliver(&self, body: &[u8], key: &str, run: &Run) -> std::result::Result<(), Failure> {
        let mut pause = self.patience.first;
        let mut attempt = 1;
        loop {
            run.check()?;
            let request = self.request(body, key)?;
            let (failure, wanted) = match self.client.send(request).await {
                Ok(response) if response.is_success() => return Ok(()),
                Ok(response) => refused(&response, run.now()),
                Err(error) if error.is_temporary() => (Failure::later(error.to_string()), None),
                Err(error) => return Err(Failure::Ours(error.into())),
            };
            let wait = wanted.unwrap_or(pause);
            if attempt >= self.patience.attempts || !failure.is_temporary() || wait > self.patience.longest {
                return Err(failure);
            }
            tokio::select! {
                () = run.cancel.cancelled() => return Err(Failure::Ours(ExportError::Cancelled)),
                () = tokio::time::sleep(wait) => {}
            }
            attempt += 1;
            pause = pause.saturating_mul(2).min(self.patience.longest);
        }
    }

    async fn send(&self, batch: &mut Batch, run: &Run, written: &mut Written) -> Result<()> {
        let rows = u64::try_from(batch.rows).unwrap_or(u64::MAX);
        let body = batch.take(self.format)?;
        let number = written.parts.saturating_add(1);
        let key = format!("{}-{}-{number}", run.id, written.entity);
        self.deliver(&body, &key, run).await.map_err(|failure| match failure {
            Failure::Ours(error) => error,
            Failure::Theirs { detail, temporary } => ExportError::Refused {
                target: self.target(),
                batch: number,
                rows: written.rows,
                detail,
                temporary,
            },
        })?;
        let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        run.progress.add(rows, bytes);
        written.parts = number;
        written.rows = written.rows.saturating_add(rows);
        written.bytes = written.bytes.saturating_add(bytes);
        Ok(())
    }
}

/// The address of the calls.
fn address(connection: &HttpConnection, url: &str) -> Result<Url> {
    let wrong = |detail: &str| ExportError::definition("url", detail);
    let Some(base) = &connection.url else {
        return Url::parse(url).map_err(|error| wrong(&error.to_string()));
    };
    let mut base = Url::parse(base).map_err(|error| wrong(&format!("of the connection: {error}")))?;
    if !base.path().ends_with('/') {
        let path = format!("{}/", base.path());
        base.set_path(&path);
    }
    let joined = base.join(url).map_err(|error| wrong(&error.to_string()))?;
    let below = joined.origin() == base.origin() && format!("{}/", joined.path()).starts_with(base.path());
    if !below {
        return Err(wrong(
            "it leads away from the address of its connection, whose headers are not meant for it",
        ));
    }
    Ok(joined)
}

/// Why a batch was not taken.
enum Failure {
    /// Not by the service.
    Ours(ExportError),
    Theirs {
        detail: String,
        temporary: bool,
    },
}

impl Failure {
    fn later(detail: String) -> Self {
        Self::Theirs { detail, temporary: true }
    }

    fn is_temporary(&self) -> bool {
        matches!(self, Self::Theirs { temporary: true, .. })
    }
}

impl<E: Into<ExportError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

/// What an answer means, and how long the service wants to be left alone.
fn refused(response: &Response, now: Timestamp) -> (Failure, Option<Duration>) {
    let status = response.status;
    let text: String =
        response.text().chars().filter(|c| !c.is_control()).take(limits::ANSWER_CHARS).collect();
    let detail = if text.is_empty() { status.to_string() } else { format!("{status}, {text}") };
    // Too early, too much, and whatever is the server's own fault but not "never".
    let temporary = matches!(status, 408 | 425 | 429 | 500 | 502..=504);
    (Failure::Theirs { detail, temporary }, response.retry_after(now))
}

/// The rows of the next call.
#[derive(Default)]
struct Batch {
    parts: Vec<RecordBatch>,
    rows: usize,
}

impl Batch {
    fn add(&mut self, part: RecordBatch) {
        self.rows += part.num_rows();
        self.parts.push(part);
    }

    /// The rows as JSON; nulls are written.
    fn take(&mut self, format: HttpFormat) -> Result<Vec<u8>> {
        let parts = std::mem::take(&mut self.parts);
        self.rows = 0;
        let parts: Vec<&RecordBatch> = parts.iter().collect();
        let builder = WriterBuilder::new().with_explicit_nulls(true);
        let written = match format {
            HttpFormat::Json => {
                let mut writer: ArrayWriter<Vec<u8>> = builder.build(Vec::new());
                writer.write_batches(&parts).and_then(|()| writer.finish()).map(|()| writer.into_inner())
            }
            HttpFormat::Jsonl => {
                let mut writer: LineDelimitedWriter<Vec<u8>> = builder.build(Vec::new());
                writer.write_batches(&parts).and_then(|()| writer.finish()).map(|()| writer.into_inner())
            }
        };
        written.map_err(|error| failed("JSON", &error))
    }
}

#[async_trait]
impl Destination for HttpDestination {
    async fn write(&self, mut rows: Rows, run: &Run) -> Result<Written> {
        let mut written = Written { entity: rows.entity().to_owned(), ..Written::default() };
        let mut next = Batch::default();
        while let Some(batch) = rows.next().await? {
            run.check()?;
            let mut batch = in_utc(&batch)?;
            while batch.num_rows() > 0 {
                let take = (self.batch - next.rows).min(batch.num_rows());
                next.add(batch.slice(0, take));
                batch = batch.slice(take, batch.num_rows() - take);
                if next.rows == self.batch {
                    self.send(&mut next, run, &mut written).await?;
                }
            }
        }
        if next.rows > 0 {
            self.send(&mut next, run, &mut written).await?;
        }
        Ok(written)
    }
}
