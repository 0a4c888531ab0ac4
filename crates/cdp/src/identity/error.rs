//! What can go wrong when ids are looked up or rows are pinned.

use store::StoreError;

/// An error of pins or ids. [`IdentityError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// There is no customer to speak of.
    #[error("nothing is unified yet: define a unification and run `weir refresh`")]
    NeverUnified,
    /// The text is no id.
    #[error("{0:?} is no customer id: an id looks like 79f4b973-02a0-5dfc-b4d3-725611e824cc")]
    NotAnId(String),
    /// Nobody ever had this id.
    #[error("no customer has or had the id {0}")]
    UnknownCustomer(unify::CustomerId),
    /// No customer has this id now.
    #[error("no customer has the id {id} now; it leads to {}", shown(.to))]
    NotLive {
        /// The id.
        id: unify::CustomerId,
        /// Where it leads.
        to: Vec<unify::CustomerId>,
    },
    /// The row does not exist.
    #[error("no row of {entity} with the key {key:?} belongs to a customer")]
    UnknownRow {
        /// The entity's full name.
        entity: String,
        /// The primary key.
        key: String,
    },
    /// The rows cannot be taken apart.
    #[error(transparent)]
    Unmerge(#[from] unify::UnmergeError),
    /// The tables of the last unification cannot be read.
    #[error(transparent)]
    Unify(#[from] unify::UnifyError),
    /// A stored pin does not have the form that this version writes.
    #[error("a stored pin cannot be read: {0:?} is no customer id")]
    Corrupt(String),
    /// The state store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] lake::LakeError),
}

fn shown(ids: &[unify::CustomerId]) -> String {
    if ids.is_empty() {
        return "nobody: all its rows are gone".to_owned();
    }
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl From<sqlx::Error> for IdentityError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl IdentityError {
    /// Whether what was asked for does not exist.
    pub fn is_missing(&self) -> bool {
        matches!(
            self,
            Self::NeverUnified | Self::UnknownCustomer(_) | Self::NotLive { .. } | Self::UnknownRow { .. }
        )
    }

    /// Whether what was asked for makes no sense.
    pub fn is_wrong(&self) -> bool {
        matches!(self, Self::NotAnId(_) | Self::Unmerge(_))
    }

    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NeverUnified => "neverUnified",
            Self::NotAnId(_) => "customerIdInvalid",
            Self::UnknownCustomer(_) => "customerNotFound",
            Self::NotLive { .. } => "customerNotLive",
            Self::UnknownRow { .. } => "rowNotFound",
            Self::Unmerge(error) => error.code(),
            Self::Unify(error) => error.code(),
            Self::Corrupt(_) => "pinUnreadable",
            Self::Store(error) => error.code(),
            Self::Lake(error) => error.code(),
        }
    }
}
