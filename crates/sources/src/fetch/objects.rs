//! Files in an object store: those of a pattern under a prefix; not fetched again while the store's list stays the
//! same.

use std::path::Path as FilePath;
use std::sync::Arc;

use futures::TryStreamExt;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use outbound::ObjectConnector;
use tokio::io::AsyncWriteExt;

use super::{Fetch, Fetched, failed};
use crate::access::Settings;
use crate::database::settings;
use crate::error::SourceError;

/// Bytes asked for at once: what is held in memory of an object.
const PIECE: u64 = 16 << 20;

impl Fetch<'_> {
    pub(super) async fn objects(
        &self,
        url: &str,
        connection: Option<&str>,
    ) -> Result<Option<Fetched>, SourceError> {
        let none = Settings::default();
        let settings = connection.map_or(Ok(&none), |name| settings(self.access, name))?;
        let (store, prefix) = open(url, settings, ObjectConnector::new(self.access.http.clone()))?;
        self.stored(store.as_ref(), &prefix, url).await
    }

    /// Fetches from a store that is open.
    async fn stored(
        &self,
        store: &dyn ObjectStore,
        prefix: &Path,
        url: &str,
    ) -> Result<Option<Fetched>, SourceError> {
        let objects = self.list(store, prefix, url).await?;
        let tag = Some(tag_of(&objects));
        if tag.as_deref() == self.tag {
            return Ok(None);
        }
        let folder = self.folder()?;
        for (name, object) in &objects {
            if object.size > self.limits.fetched_bytes as u64 {
                let detail = format!("{name} is larger than {} bytes", self.limits.fetched_bytes);
                return Err(failed(url, detail, false));
            }
            fetch(store, object, &folder.path().join(name), url).await?;
        }
        Ok(Some(Fetched { folder, pattern: self.entity.file.clone(), tag }))
    }

    /// The objects that match the entity's pattern, by their names under the prefix.
    async fn list(
        &self,
        store: &dyn ObjectStore,
        prefix: &Path,
        url: &str,
    ) -> Result<Vec<(String, ObjectMeta)>, SourceError> {
        let file = &self.entity.file;
        let wanted = glob::Pattern::new(file).map_err(|error| SourceError::BadPattern {
            pattern: file.clone(),
            reason: error.msg.to_owned(),
        })?;
        let options = glob::MatchOptions { require_literal_separator: true, ..Default::default() };
        let mut found = Vec::new();
        let mut listing = store.list(Some(prefix));
        while let Some(object) = listing.try_next().await.map_err(|error| wrong(url, &error))? {
            let name: Vec<String> = match object.location.prefix_match(prefix) {
                Some(parts) => parts.map(|part| part.as_ref().to_owned()).collect(),
                None => continue,
            };
            let name = name.join("/");
            if wanted.matches_with(&name, options) || name == *file {
                found.push((name, object));
            }
            if found.len() > self.limits.files {
                return Err(SourceError::TooManyFiles { pattern: file.clone(), limit: self.limits.files });
            }
        }
        if found.is_empty() {
            return Err(SourceError::NoMatch { pattern: file.clone(), folder: url.into() });
        }
        found.sort_by(|left, right| left.0.cmp(&right.0));
        Ok(found)
    }
}

async fn fetch(
    store: &dyn ObjectStore,
    object: &ObjectMeta,
    to: &FilePath,
    url: &str,
) -> Result<(), SourceError> {
    let local = |source: std::io::Error| SourceError::Unreadable { path: to.to_owned(), source };
    if let Some(folder) = to.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(local)?;
    }
    let mut file = tokio::fs::File::create(to).await.map_err(local)?;
    let mut start = 0;
    while start < object.size {
        let end = object.size.min(start + PIECE);
        let piece =
            store.get_range(&object.location, start..end).await.map_err(|error| wrong(url, &error))?;
        file.write_all(&piece).await.map_err(local)?;
        start = end;
    }
    file.flush().await.map_err(local)
}

/// What tells whether the list has changed.
fn tag_of(objects: &[(String, ObjectMeta)]) -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, object) in objects {
        let version = object.e_tag.clone().unwrap_or_else(|| object.last_modified.to_rfc3339());
        hasher.update(format!("{name}\n{}\n{version}\n", object.size).as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

fn wrong(url: &str, error: &object_store::Error) -> SourceError {
    use object_store::Error as E;
    let transient = !matches!(
        error,
        E::NotFound { .. }
            | E::InvalidPath { .. }
            | E::NotSupported { .. }
            | E::NotImplemented { .. }
            | E::PermissionDenied { .. }
            | E::Unauthenticated { .. }
            | E::UnknownConfigurationKey { .. }
    );
    failed(url, error, transient)
}

/// The store at a place, and the prefix in it. Every call goes through `connector`.
fn open(
    url: &str,
    settings: &Settings,
    connector: ObjectConnector,
) -> Result<(Arc<dyn ObjectStore>, Path), SourceError> {
    let bad = |reason: String| SourceError::BadSetting { what: "url", reason };
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let prefix = Path::parse(prefix).map_err(|error| bad(error.to_string()))?;
    // An address of one's own may be plain http: the guard decides where calls go, not the scheme.
    let plain = settings.get("endpoint").is_some_and(|endpoint| endpoint.starts_with("http://"));
    let store: object_store::Result<Arc<dyn ObjectStore>> = match scheme {
        "s3" => {
            let known = [
                ("region", AmazonS3ConfigKey::Region),
                ("endpoint", AmazonS3ConfigKey::Endpoint),
                ("accessKeyId", AmazonS3ConfigKey::AccessKeyId),
                ("secretAccessKey", AmazonS3ConfigKey::SecretAccessKey),
                ("sessionToken", AmazonS3ConfigKey::Token),
            ];
            let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_allow_http(plain);
            for (name, key) in known {
                builder =
                    settings.get(name).into_iter().fold(builder, |it, value| it.with_config(key, value));
            }
            let anonymous = settings.get("accessKeyId").is_none();
            builder = builder.with_skip_signature(anonymous).with_http_connector(connector);
            builder.build().map(|store| Arc::new(store) as Arc<dyn ObjectStore>)
        }
        "az" => {
            let known = [
                ("accountName", AzureConfigKey::AccountName),
                ("accountKey", AzureConfigKey::AccessKey),
                ("sasToken", AzureConfigKey::SasKey),
                ("endpoint", AzureConfigKey::Endpoint),
            ];
            let mut builder = MicrosoftAzureBuilder::new().with_container_name(bucket).with_allow_http(plain);
            for (name, key) in known {
                builder =
                    settings.get(name).into_iter().fold(builder, |it, value| it.with_config(key, value));
            }
            let anonymous = settings.get("accountKey").or(settings.get("sasToken")).is_none();
            builder = builder.with_skip_signature(anonymous).with_http_connector(connector);
            builder.build().map(|store| Arc::new(store) as Arc<dyn ObjectStore>)
        }
        "gs" => {
            let mut builder = GoogleCloudStorageBuilder::new().with_bucket_name(bucket);
            let key = settings.get("serviceAccountKey");
            builder = key
                .into_iter()
                .fold(builder, |it, value| it.with_config(GoogleConfigKey::ServiceAccountKey, value));
            builder = builder.with_skip_signature(key.is_none()).with_http_connector(connector);
            builder.build().map(|store| Arc::new(store) as Arc<dyn ObjectStore>)
        }
        _ => return Err(bad(format!("{url:?} is no object store: write s3://…, az://… or gs://…"))),
    };
    Ok((store.map_err(|error| bad(error.to_string()))?, prefix))
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;

    use super::*;
    use crate::access::Access;
    use crate::limits::Limits;

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }

    #[test]
    fn objects_of_a_pattern_are_fetched_once_until_the_list_changes() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().to_owned();
        let access = Access::new(folder.clone(), folder, Default::default());
        let entity = serde_json::json!({"name": "a", "file": "in/*.csv", "primaryKey": "id"});
        let entity = serde_json::from_value(entity).unwrap();
        let (store, limits, prefix) = (InMemory::new(), Limits::default(), Path::from("top"));
        let put = |name: &str, text: &'static str| {
            block_on(store.put(&Path::from(format!("top/{name}")), text.into())).unwrap();
        };
        put("in/a.csv", "id\n1\n");
        put("in/deep/b.csv", "id\n2\n");
        put("out.csv", "id\n3\n");
        let run = |tag: Option<&str>| {
            let fetch = Fetch { access: &access, entity: &entity, limits: &limits, tag };
            block_on(fetch.stored(&store, &prefix, "s3://b/top")).unwrap()
        };
        let first = run(None).unwrap();
        assert_eq!(std::fs::read_to_string(first.folder.path().join("in/a.csv")).unwrap(), "id\n1\n");
        assert!(
            !first.folder.path().join("in/deep").exists() && !first.folder.path().join("out.csv").exists()
        );
        assert!(run(first.tag.as_deref()).is_none(), "nothing changed");
        put("in/c.csv", "id\n4\n");
        assert!(run(first.tag.as_deref()).unwrap().folder.path().join("in/c.csv").exists());
    }

    #[test]
    fn a_place_names_its_store_and_calls_go_through_the_guard() {
        let settings = Settings::default();
        let connector = || ObjectConnector::new(outbound::HttpClient::new(Default::default()));
        assert_eq!(open("ftp://a/b", &settings, connector()).unwrap_err().code(), "badSourceSetting");
        let values = [("endpoint", "http://127.0.0.1:9"), ("region", "here")];
        let values = values.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let settings = Settings { kind: "objectStore".into(), values };
        let (store, prefix) = open("s3://bucket/some/prefix", &settings, connector()).unwrap();
        assert_eq!(prefix.as_ref(), "some/prefix");
        let refused = block_on(store.get(&Path::from("x"))).unwrap_err().to_string();
        assert!(refused.contains("127.0.0.1") && refused.contains("refused"), "{refused}");
    }
}
