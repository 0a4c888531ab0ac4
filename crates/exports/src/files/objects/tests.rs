//! Exports to object stores: the library's own store on the file system, and calls to an S3 that is not there.

use object_store::local::LocalFileSystem;
use tempfile::TempDir;

use super::*;
use crate::definition::Files;
use crate::files::FileDestination;
use crate::testing::{customers, run, schema, server};
use crate::{Rows, export};

#[tokio::test]
async fn objects_are_whole_and_a_discarded_upload_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    let objects = || Objects::within(Arc::clone(&store), "exports/daily", "test");
    let to = FileDestination::new("Nightly", &Files::default(), Box::new(objects())).unwrap();
    let rows = Rows::of("Customer", schema(), vec![customers(0..3)]);
    let written = export(&to, vec![rows], &run()).await.unwrap();
    let text =
        std::fs::read_to_string(folder.path().join("exports/daily").join(&written[0].files[0])).unwrap();
    assert_eq!(text.lines().count(), 4);

    let mut upload = objects().create("large.bin").await.unwrap();
    upload.write(vec![1; 3 * limits::PART_BYTES + 10]).await.unwrap();
    upload.write(vec![2; 10]).await.unwrap();
    upload.complete().await.unwrap();
    assert!(!folder.path().join("exports/daily/large.bin").exists());
    upload.publish().await.unwrap();
    let size = std::fs::metadata(folder.path().join("exports/daily/large.bin")).unwrap().len();
    assert_eq!(size, 3 * limits::PART_BYTES as u64 + 20);

    let mut upload = objects().create("gone.bin").await.unwrap();
    upload.write(vec![1; limits::PART_BYTES + 10]).await.unwrap();
    upload.discard().await;
    let left: Vec<_> = std::fs::read_dir(folder.path().join("exports/daily")).unwrap().flatten().collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

fn settings(endpoint: &str) -> ObjectSettings {
    [("accessKeyId", "AKIA"), ("secretAccessKey", "canary"), ("endpoint", endpoint)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), SecretString::from(value)))
        .collect()
}

#[tokio::test]
async fn calls_are_signed_and_go_through_the_guard() {
    let (port, calls) =
        server(|_| "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 0\r\n\r\n".to_owned()).await;
    let settings = settings(&format!("http://127.0.0.1:{port}"));
    let upload = async |policy: &str| {
        let client = HttpClient::new(policy.parse().unwrap());
        let mut upload =
            Objects::open("s3://bucket/a/b", &settings, &client).unwrap().create("x.csv").await.unwrap();
        upload.write(b"hello".to_vec()).await.unwrap();
        upload.complete().await.unwrap();
        upload.publish().await
    };
    let error = upload("").await.unwrap_err();
    assert_eq!((error.code(), calls.lock().unwrap().len()), ("blockedAddress", 0), "{error}");
    upload("127.0.0.1/32").await.unwrap();
    let calls = calls.lock().unwrap();
    assert!(calls[0].starts_with("PUT /bucket/a/b/x.csv HTTP/1.1"), "{}", calls[0]);
    assert!(calls[0].contains("authorization: AWS4-HMAC-SHA256 Credential=AKIA/"), "{}", calls[0]);
    assert!(calls[0].ends_with("hello") && !calls[0].contains("canary"), "{}", calls[0]);
}

#[test]
fn urls_and_settings_that_cannot_be_used_are_refused() {
    let client = HttpClient::new(outbound::AddressPolicy::public_only());
    let unknown = [("profile".to_owned(), SecretString::from("x")), ("accessKeyId".to_owned(), "x".into())];
    for (url, settings) in [
        ("file:///etc", ObjectSettings::new()),
        ("s3://", ObjectSettings::new()),
        ("s3://key:secret@bucket/", settings("http://a.test")),
        ("s3://bucket/../x%2F..", ObjectSettings::new()),
        ("s3://bucket", ObjectSettings::new()),
        ("gs://bucket", ObjectSettings::new()),
        ("s3://bucket", ObjectSettings::from(unknown)),
    ] {
        let error = Objects::open(url, &settings, &client).err().unwrap();
        assert_eq!(error.code(), "exportSettingWrong", "{url}: {error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}
