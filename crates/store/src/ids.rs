//! Typed identifiers. Each shows its kind in print (`run_…`), so that a log line needs no context.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::StoreError;

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &'static str = concat!($prefix, "_");

            /// A fresh id; later ids sort after earlier ones.
            pub fn fresh() -> Self {
                Self(format!("{}{}", Self::PREFIX, uuid::Uuid::now_v7().simple()))
            }

            /// The id whose unique part is `hash`: the same cause always has the same id.
            pub fn of_hash(hash: &str) -> Self {
                Self(format!("{}{hash}", Self::PREFIX))
            }

            /// The id as text, with its prefix.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = StoreError;
            fn from_str(text: &str) -> Result<Self, StoreError> {
                match text.strip_prefix(Self::PREFIX) {
                    Some(rest) if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                        Ok(Self(text.to_owned()))
                    }
                    _ => Err(StoreError::Corrupt {
                        what: stringify!($name),
                        detail: format!("{text:?} is not of the form {}…", Self::PREFIX),
                    }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = StoreError;
            fn try_from(text: String) -> Result<Self, StoreError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

typed_id!(/// One run of the refresh graph.
    JobId, "job");
typed_id!(/// One event: the hash of its cause.
    EventId, "evt");
typed_id!(/// Somebody's wish to hear of events.
    SubscriptionId, "sub");
typed_id!(/// One event for one subscriber.
    DeliveryId, "dlv");
typed_id!(/// One run of a flow.
    RunId, "run");

/// One published version of all entities. Versions are ordered and have no gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SnapshotId(i64);

impl SnapshotId {
    /// The snapshot with this number in the catalog.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number in the catalog.
    pub const fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
