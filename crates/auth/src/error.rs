//! What can go wrong with secrets and tokens. No message holds a secret, a key or a token.

use std::path::PathBuf;

use store::StoreError;

/// An error of this crate. [`AuthError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// References that lead to nothing.
    #[error("{}: set the environment variable, or store the secret (weir secret set NAME)", missing_text(.0))]
    Missing(Vec<String>),
    /// A name that no secret can have.
    #[error("{name:?} is not a name for a secret: {detail}")]
    BadName {
        /// The name.
        name: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A secret larger than allowed.
    #[error("the secret {name} has {bytes} bytes; {limit} are allowed")]
    TooLarge {
        /// The secret's name.
        name: String,
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// More secrets than allowed.
    #[error("the vault holds {0} secrets already; remove one first")]
    Full(i64),
    /// The key file is gone, but there are secrets that only it opens.
    #[error(
        "the key file {} is missing, and {secrets} secret(s) are sealed with it; put it back from your \
         backup, or remove the secrets and store them again", path.display()
    )]
    KeyMissing {
        /// The key file.
        path: PathBuf,
        /// How many secrets wait for it.
        secrets: i64,
    },
    /// The key file cannot be used.
    #[error("the key file {} cannot be used: {detail}", path.display())]
    KeyUnusable {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// A secret was sealed with a key that the key file does not have, or was changed in the database.
    #[error("the secret {name} cannot be opened: {detail}; store it again (weir secret set {name})")]
    Sealed {
        /// The secret's name.
        name: String,
        /// Why.
        detail: String,
    },
    /// The machine gives no random numbers.
    #[error("no random numbers from the operating system: {0}")]
    Random(String),
    /// A name that no token can have.
    #[error("{0:?} is no name for a token: 1 to 128 letters, digits, blanks, '.', '-' and '_'")]
    BadTokenName(String),
    /// A live token has this name.
    #[error("there is a token {0:?} already: revoke it first, or take another name")]
    TokenNameTaken(String),
    /// A lifetime that no token can have.
    #[error("a token lives at least a moment and at most 3,650 days")]
    TokenLifetime,
    /// More tokens than allowed.
    #[error("there are {0} tokens, and more are not allowed; those that ended are forgotten after 90 days")]
    TooManyTokens(usize),
    /// The state store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for AuthError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(StoreError::from(error))
    }
}

impl AuthError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "secretMissing",
            Self::BadName { .. } => "badSecretName",
            Self::TooLarge { .. } => "secretTooLarge",
            Self::Full(_) => "vaultFull",
            Self::KeyMissing { .. } => "vaultKeyMissing",
            Self::KeyUnusable { .. } => "vaultKeyUnusable",
            Self::Sealed { .. } => "secretSealed",
            Self::Random(_) => "noRandomNumbers",
            Self::BadTokenName(_) => "badTokenName",
            Self::TokenNameTaken(_) => "tokenNameTaken",
            Self::TokenLifetime => "badTokenLifetime",
            Self::TooManyTokens(_) => "tooManyTokens",
            Self::Store(error) => error.code(),
        }
    }
}

fn missing_text(references: &[String]) -> String {
    format!("nothing is stored behind {}", references.join(", "))
}
