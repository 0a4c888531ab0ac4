//! Tokens on a store in a temporary folder.

use std::sync::Arc;

use secrecy::ExposeSecret;
use store::ManualClock;
use tempfile::TempDir;

use super::*;

struct Place {
    _folder: TempDir,
    clock: Arc<ManualClock>,
    store: Store,
    tokens: Tokens,
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Place {
    async fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let clock = Arc::new(ManualClock::at("2026-03-02T06:00:00Z".parse().expect("a moment")));
        let store = Store::open_file(&folder.path().join("weir.db"), clock.clone()).await.expect("a store");
        let tokens = Tokens::new(store.clone());
        Self { _folder: folder, clock, store, tokens }
    }

    async fn create(&self, name: &str, role: Role, lifetime: SignedDuration) -> Result<NewToken> {
        let mut tx = self.store.write().await?;
        let made = self.tokens.create(&mut tx, name, role, lifetime).await?;
        tx.commit().await?;
        Ok(made)
    }

    async fn revoke(&self, which: &str) -> Option<TokenInfo> {
        let mut tx = self.store.write().await.expect("a transaction");
        let revoked = self.tokens.revoke(&mut tx, which).await.expect("an answer");
        tx.commit().await.expect("a commit");
        revoked
    }

    async fn role(&self, text: &str) -> Option<Role> {
        self.tokens.check(text).await.expect("an answer").map(|caller| caller.role)
    }
}

#[tokio::test]
async fn a_token_opens_until_it_is_revoked_or_ends() {
    let place = Place::new().await;
    let [first, second] = ["reports", "other"];
    let first = place.create(first, Role::Viewer, DAY).await.expect("a token");
    let second = place.create(second, Role::Owner, DAY * 2).await.expect("a token");
    let texts = [first.text.expose_secret(), second.text.expose_secret()];
    assert_eq!(place.role(texts[0]).await, Some(Role::Viewer));
    assert_eq!(place.role(texts[1]).await, Some(Role::Owner));
    place.clock.advance(DAY);
    assert_eq!(place.role(texts[0]).await, None, "it has ended");
    assert_eq!(place.role(texts[1]).await, Some(Role::Owner));
    assert_eq!(place.revoke("nobody").await, None);
    assert!(place.revoke(&second.info.id).await.is_some_and(|token| token.revoked_at.is_some()));
    assert_eq!(place.role(texts[1]).await, None, "it is revoked");
    assert_eq!(place.revoke("other").await, None, "only once");
    assert_eq!(place.tokens.list().await.expect("a list").len(), 2, "those that ended are listed too");
}

#[tokio::test]
async fn a_token_with_another_secret_or_another_id_opens_nothing() {
    let place = Place::new().await;
    let one = place.create("one", Role::Owner, DAY).await.expect("a token");
    let two = place.create("two", Role::Owner, DAY).await.expect("a token");
    let (one, two) = (one.text.expose_secret(), two.text.expose_secret());
    let mixed = format!("{}{}", &one[..22], &two[22..]);
    assert_eq!(place.role(&mixed).await, None);
    assert_eq!(place.role(&one.to_uppercase()).await, None);
    assert_eq!(place.role("").await, None);
}

#[tokio::test]
async fn neither_the_state_nor_debug_shows_a_token() {
    let place = Place::new().await;
    let made = place.create("one", Role::Owner, DAY).await.expect("a token");
    let secret = &made.text.expose_secret()[22..];
    assert!(!format!("{made:?} {:?}", place.tokens).contains(secret));
    let row: (String, String) = sqlx::query_as("SELECT token_id, hash FROM api_token")
        .fetch_one(place.store.pool())
        .await
        .expect("a row");
    assert!(row.1.len() == 64 && !row.1.contains(secret), "{row:?}");
}

#[tokio::test]
async fn names_and_lifetimes_have_limits_and_a_name_is_free_again_after_its_token() {
    let place = Place::new().await;
    for name in ["", " a", "a\nb", "a\u{1b}[31m", &"x".repeat(129)] {
        let error = place.create(name, Role::Viewer, DAY).await.expect_err("a bad name");
        assert_eq!(error.code(), "badTokenName", "{name:?}");
    }
    for lifetime in [SignedDuration::ZERO, -DAY, limits::MAX_TOKEN_LIFETIME + DAY, SignedDuration::MAX] {
        let error = place.create("a", Role::Viewer, lifetime).await.expect_err("a bad lifetime");
        assert_eq!(error.code(), "badTokenLifetime");
    }
    place.create("a", Role::Viewer, DAY).await.expect("a token");
    let error = place.create("a", Role::Viewer, DAY).await.expect_err("taken");
    assert_eq!(error.code(), "tokenNameTaken");
    place.clock.advance(DAY);
    place.create("a", Role::Viewer, DAY).await.expect("the name is free");
    place.clock.advance(limits::KEEP_ENDED_TOKENS + DAY * 2);
    place.create("b", Role::Viewer, DAY).await.expect("a token");
    assert_eq!(place.tokens.list().await.expect("a list").len(), 1, "what ended long ago is forgotten");
}

#[tokio::test]
async fn a_role_that_is_not_known_may_nothing() {
    let place = Place::new().await;
    let made = place.create("a", Role::Owner, DAY).await.expect("a token");
    sqlx::query("UPDATE api_token SET role = 'Root'").execute(place.store.pool()).await.expect("an update");
    assert_eq!(place.role(made.text.expose_secret()).await, None);
}
