//! The vault on a store in a temporary folder.

use std::sync::Arc;

use store::SystemClock;
use tempfile::TempDir;

use super::*;

struct Place {
    folder: TempDir,
    store: Store,
}

impl Place {
    async fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let store =
            Store::open_file(&folder.path().join("weir.db"), Arc::new(SystemClock)).await.expect("a store");
        Self { folder, store }
    }

    fn key_path(&self) -> PathBuf {
        self.folder.path().join("vault.key")
    }

    async fn vault(&self) -> Result<Vault> {
        let environment = |name: &str| (name == "TEAMS_URL").then(|| "https://teams.example/hook".to_owned());
        Vault::open_with(self.store.clone(), &self.key_path(), environment).await
    }

    async fn put(&self, name: &str, secret: &str) -> Result<()> {
        let vault = self.vault().await?;
        let mut tx = self.store.write().await?;
        vault.put(&mut tx, name, &secret.to_owned().into()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn sql(&self, statement: &'static str) {
        sqlx::query(statement).execute(self.store.pool()).await.expect("a statement");
    }
}

async fn resolved(vault: &Vault, text: &str) -> Result<String> {
    vault.resolve(text).await.map(|secret| secret.expose_secret().to_owned())
}

#[tokio::test]
async fn a_secret_is_stored_replaced_listed_and_removed() {
    let place = Place::new().await;
    place.put("smtp", "first").await.expect("stored");
    place.put("smtp", "pa$$ wörd ${env:TEAMS_URL}").await.expect("replaced");
    place.put("api", "").await.expect("stored");
    let vault = place.vault().await.expect("the same key");
    assert_eq!(resolved(&vault, "${secret:smtp}").await.expect("there"), "pa$$ wörd ${env:TEAMS_URL}");
    assert_eq!(resolved(&vault, "<${secret:api}>").await.expect("there"), "<>");
    let names: Vec<_> = vault.list().await.expect("a list").into_iter().map(|info| info.name).collect();
    assert_eq!(names, ["api", "smtp"]);
    let mut tx = place.store.write().await.expect("a transaction");
    assert!(vault.remove(&mut tx, "smtp").await.expect("removed"));
    assert!(!vault.remove(&mut tx, "smtp").await.expect("gone already"));
    tx.commit().await.expect("committed");
    assert_eq!(resolved(&vault, "${secret:smtp}").await.expect_err("gone").code(), "secretMissing");
}

#[tokio::test]
async fn every_missing_reference_is_named_at_once() {
    let place = Place::new().await;
    let vault = place.vault().await.expect("a vault");
    assert_eq!(
        resolved(&vault, "${env:TEAMS_URL}?x=${y}").await.expect("there"),
        "https://teams.example/hook?x=${y}"
    );
    let error = resolved(&vault, "${env:NOPE} ${env:TEAMS_URL} ${secret:gone}").await.expect_err("missing");
    let text = error.to_string();
    assert!(text.contains("${env:NOPE}, ${secret:gone}") && !text.contains("teams.example"), "{text}");
}

#[tokio::test]
async fn nothing_of_a_secret_is_in_the_files_or_in_print() {
    let place = Place::new().await;
    place.put("smtp", "canary-secret").await.expect("stored");
    let vault = place.vault().await.expect("a vault");
    let secret = vault.reveal(&Reference::Secret("smtp".to_owned())).await.expect("there");
    assert!(!format!("{secret:?} {vault:?}").contains("canary"));
    place.store.close().await;
    for entry in std::fs::read_dir(place.folder.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("a file");
        assert!(!bytes.windows(6).any(|window| window == b"canary"), "{}", path.display());
    }
}

#[tokio::test]
async fn a_sealed_row_opens_only_in_its_own_place_and_unchanged() {
    let changes = [
        // Two rows change places.
        "UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE name = 'b'), \
         nonce = (SELECT nonce FROM secret WHERE name = 'b') WHERE name = 'a'",
        "UPDATE secret SET id = 'x' WHERE name = 'a'",
        "UPDATE secret SET name = CASE name WHEN 'a' THEN 'c' ELSE 'a' END; \
         UPDATE secret SET name = 'b' WHERE name = 'c'",
        "UPDATE secret SET nonce = 'AAAA' WHERE name = 'a'",
        "UPDATE secret SET sealed = '%' WHERE name = 'a'",
        "UPDATE secret SET key_id = 'x' WHERE name = 'a'",
    ];
    for change in changes {
        let place = Place::new().await;
        place.put("a", "first").await.expect("stored");
        place.put("b", "second").await.expect("stored");
        place.sql(change).await;
        let vault = place.vault().await.expect("a vault");
        assert_eq!(
            resolved(&vault, "${secret:a}").await.expect_err(change).code(),
            "secretSealed",
            "{change}"
        );
    }
}

#[tokio::test]
async fn a_lost_key_file_is_noticed_and_never_replaced() {
    let place = Place::new().await;
    place.put("a", "first").await.expect("stored");
    let kept = std::fs::read(place.key_path()).expect("a key file");
    std::fs::remove_file(place.key_path()).expect("removed");
    let error = place.vault().await.expect_err("no key");
    assert_eq!(error.code(), "vaultKeyMissing");
    assert!(!place.key_path().exists());
    for broken in ["", "weir-vault-key-1 a", "other 1 AAAA", "weir-vault-key-1 a AAAA"] {
        std::fs::write(place.key_path(), broken).expect("written");
        owner_only(&place.key_path());
        assert_eq!(place.vault().await.expect_err("broken").code(), "vaultKeyUnusable", "{broken:?}");
    }
    // An older key stays useful behind a newer one.
    let newer = format!("weir-vault-key-1 new {}\n{}", "A".repeat(43) + "=", String::from_utf8_lossy(&kept));
    std::fs::write(place.key_path(), newer).expect("written");
    let vault = place.vault().await.expect("two keys");
    assert_eq!(resolved(&vault, "${secret:a}").await.expect("old key"), "first");
}

#[cfg(unix)]
fn owner_only(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("permissions");
}

#[cfg(unix)]
#[tokio::test]
async fn the_key_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new().await;
    place.vault().await.expect("a vault");
    let mode = std::fs::metadata(place.key_path()).expect("a key file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::fs::set_permissions(place.key_path(), std::fs::Permissions::from_mode(0o644)).expect("permissions");
    let error = place.vault().await.expect_err("exposed");
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[tokio::test]
async fn limits_are_kept_to_the_one() {
    let place = Place::new().await;
    place.put(&"n".repeat(limits::MAX_NAME_CHARS), "x").await.expect("fits");
    place.put("large", &"x".repeat(limits::MAX_SECRET_BYTES)).await.expect("fits");
    let too_large = place.put("large", &"x".repeat(limits::MAX_SECRET_BYTES + 1)).await;
    assert_eq!(too_large.expect_err("too large").code(), "secretTooLarge");
    for name in ["", "a b", "a/b", "a}", "é", &"n".repeat(limits::MAX_NAME_CHARS + 1)] {
        assert_eq!(place.put(name, "x").await.expect_err(name).code(), "badSecretName", "{name}");
    }
    let vault = place.vault().await.expect("a vault");
    let mut tx = place.store.write().await.expect("a transaction");
    for number in 2..limits::MAX_SECRETS {
        vault.put(&mut tx, &format!("s{number}"), &"x".to_owned().into()).await.expect("fits");
    }
    let full = vault.put(&mut tx, "one-more", &"x".to_owned().into()).await;
    assert_eq!(full.expect_err("full").code(), "vaultFull");
    vault.put(&mut tx, "large", &"again".to_owned().into()).await.expect("replacing is always possible");
}
