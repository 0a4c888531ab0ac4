//! An object store: S3 and its relatives, Azure, Google Cloud. Uploads are seen when they are complete.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig};
use outbound::{HttpClient, ObjectConnector};
use secrecy::{ExposeSecret, SecretString};

use super::{FileStore, Pending, path};
use crate::{ExportError, Result, limits};

/// The credentials and settings of an object store, by their names in a connection. Only names of
/// [`Objects::settings`] are taken.
pub type ObjectSettings = BTreeMap<String, SecretString>;

/// Files in an object store.
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: String,
    /// For messages: scheme, bucket and prefix.
    target: String,
}

impl Objects {
    /// The place that `url` names. Every call goes through `client`.
    ///
    /// # Errors
    /// When the URL or a setting cannot be used.
    pub fn open(url: &str, settings: &ObjectSettings, client: &HttpClient) -> Result<Self> {
        let wrong = |detail: &str| ExportError::definition(format!("url {url:?}"), detail);
        let parsed = url::Url::parse(url).map_err(|error| wrong(&error.to_string()))?;
        let bucket =
            parsed.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("it names no bucket"))?;
        if !parsed.username().is_empty() || parsed.password().is_some() || parsed.query().is_some() {
            return Err(wrong("credentials belong to the connection"));
        }
        let prefix = path::folder(parsed.path().trim_start_matches('/'))?;
        let connector = ObjectConnector::new(client.clone());
        let store = match parsed.scheme() {
            "s3" => s3(bucket, settings, connector),
            "gs" => google(bucket, settings, connector),
            "az" => azure(bucket, settings, connector),
            _ => return Err(wrong("it begins with s3://, gs:// or az://")),
        }?;
        Ok(Self::within(store, &prefix, format!("{}://{bucket}/{prefix}", parsed.scheme())))
    }

    /// A prefix of a store that is open; `target` is what messages call it.
    pub fn within(store: Arc<dyn ObjectStore>, prefix: &str, target: impl Into<String>) -> Self {
        Self { store, prefix: prefix.to_owned(), target: target.into() }
    }

    /// The names of the settings for URLs of this scheme.
    pub fn settings(scheme: &str) -> Vec<&'static str> {
        match scheme {
            "s3" => S3.iter().map(|(name, _)| *name).collect(),
            "az" => AZURE.iter().map(|(name, _)| *name).collect(),
            "gs" => GOOGLE.iter().map(|(name, _)| *name).collect(),
            _ => Vec::new(),
        }
    }
}

const S3: [(&str, AmazonS3ConfigKey); 5] = [
    ("accessKeyId", AmazonS3ConfigKey::AccessKeyId),
    ("secretAccessKey", AmazonS3ConfigKey::SecretAccessKey),
    ("sessionToken", AmazonS3ConfigKey::Token),
    ("region", AmazonS3ConfigKey::Region),
    ("endpoint", AmazonS3ConfigKey::Endpoint),
];
const AZURE: [(&str, AzureConfigKey); 7] = [
    ("accountName", AzureConfigKey::AccountName),
    ("accountKey", AzureConfigKey::AccessKey),
    ("sasToken", AzureConfigKey::SasKey),
    ("tenantId", AzureConfigKey::AuthorityId),
    ("clientId", AzureConfigKey::ClientId),
    ("clientSecret", AzureConfigKey::ClientSecret),
    ("endpoint", AzureConfigKey::Endpoint),
];
const GOOGLE: [(&str, GoogleConfigKey); 1] = [("serviceAccountKey", GoogleConfigKey::ServiceAccountKey)];

/// Each setting with the key that the library knows it by.
fn known<'a, K: Clone>(names: &[(&str, K)], settings: &'a ObjectSettings) -> Result<Vec<(K, &'a str)>> {
    let key = |(name, value): (&String, &'a SecretString)| match names.iter().find(|(known, _)| known == name)
    {
        Some((_, key)) => Ok((key.clone(), value.expose_secret())),
        None => {
            let known: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
            let detail = format!("the settings of this kind of store are {}", known.join(", "));
            Err(ExportError::definition(format!("the setting {name:?}"), detail))
        }
    };
    settings.iter().map(key).collect()
}

/// The library looks for credentials on the network when it has none; here they are given or there are none.
fn given(settings: &ObjectSettings, names: &[&str], kind: &str) -> Result<()> {
    if names.iter().any(|name| settings.contains_key(*name)) {
        return Ok(());
    }
    let detail = format!("it needs one of {}", names.join(", "));
    Err(ExportError::definition(format!("the connection of the {kind} store"), detail))
}

fn retry() -> RetryConfig {
    RetryConfig { max_retries: 5, retry_timeout: Duration::from_secs(120), ..RetryConfig::default() }
}

fn s3(bucket: &str, settings: &ObjectSettings, connector: ObjectConnector) -> Result<Arc<dyn ObjectStore>> {
    given(settings, &["accessKeyId"], "S3")?;
    let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_allow_http(true);
    for (key, value) in known(&S3, settings)? {
        builder = builder.with_config(key, value);
    }
    let built = builder.with_retry(retry()).with_http_connector(connector).build();
    Ok(Arc::new(built.map_err(unusable)?))
}

fn azure(
    container: &str,
    settings: &ObjectSettings,
    connector: ObjectConnector,
) -> Result<Arc<dyn ObjectStore>> {
    given(settings, &["accountKey", "sasToken", "clientSecret"], "Azure")?;
    let mut builder = MicrosoftAzureBuilder::new().with_container_name(container).with_allow_http(true);
    for (key, value) in known(&AZURE, settings)? {
        builder = builder.with_config(key, value);
    }
    let built = builder.with_retry(retry()).with_http_connector(connector).build();
    Ok(Arc::new(built.map_err(unusable)?))
}

fn google(
    bucket: &str,
    settings: &ObjectSettings,
    connector: ObjectConnector,
) -> Result<Arc<dyn ObjectStore>> {
    given(settings, &["serviceAccountKey"], "Google Cloud")?;
    let mut builder = GoogleCloudStorageBuilder::new().with_bucket_name(bucket);
    for (key, value) in known(&GOOGLE, settings)? {
        builder = builder.with_config(key, value);
    }
    let built = builder.with_retry(retry()).with_http_connector(connector).build();
    Ok(Arc::new(built.map_err(unusable)?))
}

fn unusable(error: object_store::Error) -> ExportError {
    ExportError::definition("the connection of the object store", error.to_string())
}

fn failed(target: &str, error: &object_store::Error) -> ExportError {
    if let Some(ours) = cause(error) {
        return ExportError::Outbound(ours);
    }
    // The library has tried again by itself; what is left is worth a later try unless it is a plain no.
    let temporary = matches!(error, object_store::Error::Generic { .. });
    ExportError::ObjectStore { target: target.to_owned(), detail: error.to_string(), temporary }
}

/// The guard's refusal, when that is what stopped the library.
fn cause(error: &object_store::Error) -> Option<outbound::OutboundError> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(ours) = error.downcast_ref::<outbound::OutboundError>() {
            return Some(ours.clone());
        }
        next = error.source();
    }
    None
}

#[async_trait]
impl FileStore for Objects {
    async fn create(&self, path: &str) -> Result<Box<dyn Pending>> {
        let path = if self.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", self.prefix) };
        let target = self.target.clone();
        let path = Path::parse(path).map_err(|error| failed(&target, &error.into()))?;
        Ok(Box::new(Upload { store: Arc::clone(&self.store), path, target, parts: None, last: Vec::new() }))
    }
}

/// An upload: in one piece when it fits, else in parts.
struct Upload {
    store: Arc<dyn ObjectStore>,
    path: Path,
    target: String,
    parts: Option<Box<dyn MultipartUpload>>,
    /// What has not gone out; less than a part.
    last: Vec<u8>,
}

impl Upload {
    async fn send(&mut self, part: Vec<u8>) -> Result<()> {
        if self.parts.is_none() {
            let begun = self.store.put_multipart(&self.path).await;
            self.parts = Some(begun.map_err(|error| failed(&self.target, &error))?);
        }
        match &mut self.parts {
            Some(parts) => {
                parts.put_part(PutPayload::from(part)).await.map_err(|error| failed(&self.target, &error))
            }
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Pending for Upload {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<()> {
        self.last.extend(bytes);
        // Some stores want parts of one size, and the client sends no larger ones.
        while self.last.len() >= limits::PART_BYTES {
            let rest = self.last.split_off(limits::PART_BYTES);
            let part = std::mem::replace(&mut self.last, rest);
            self.send(part).await?;
        }
        Ok(())
    }

    async fn complete(&mut self) -> Result<()> {
        let last = match self.parts.is_some() && !self.last.is_empty() {
            true => std::mem::take(&mut self.last),
            false => return Ok(()),
        };
        self.send(last).await
    }

    async fn publish(mut self: Box<Self>) -> Result<()> {
        let result = match &mut self.parts {
            Some(parts) => parts.complete().await,
            None => self.store.put(&self.path, PutPayload::from(std::mem::take(&mut self.last))).await,
        };
        result.map(|_| ()).map_err(|error| failed(&self.target, &error))
    }

    async fn discard(mut self: Box<Self>) {
        if let Some(parts) = &mut self.parts {
            // Parts that stay cost their owner money until the bucket's own rules remove them.
            let _ = parts.abort().await;
        }
    }
}

#[cfg(test)]
mod tests;
