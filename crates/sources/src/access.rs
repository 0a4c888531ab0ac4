//! What reading a data source needs from outside: where relative paths start, the way out, and connections.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use outbound::{AddressPolicy, Connector, HttpClient};

/// What a data source may use. Cheap to clone.
#[derive(Clone)]
pub struct Access {
    /// The folder that relative paths start from.
    pub base_dir: PathBuf,
    /// A folder on the disk of the data, for files that live as long as a read.
    pub scratch: PathBuf,
    /// The way to databases.
    pub door: Connector,
    /// The way to web addresses and object stores.
    pub http: HttpClient,
    /// The settings of connections by name, secrets filled in.
    pub connections: BTreeMap<String, Settings>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("base_dir", &self.base_dir).finish_non_exhaustive()
    }
}

impl Access {
    /// Access to files below a folder, and to the addresses that a policy lets through.
    pub fn new(base_dir: PathBuf, scratch: PathBuf, policy: AddressPolicy) -> Self {
        let (door, http) = (Connector::new(policy.clone()), HttpClient::new(policy));
        Self { base_dir, scratch, door, http, connections: BTreeMap::new() }
    }
}

/// The settings of one connection, by the keys of the definitions. They hold secrets: no debug form shows a value.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Its kind: `postgres`, `mysql`, `s3` and so on.
    pub kind: String,
    /// What is said under each key.
    pub values: BTreeMap<String, String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&String> = self.values.keys().collect();
        f.debug_struct("Settings").field("kind", &self.kind).field("keys", &keys).finish_non_exhaustive()
    }
}

impl Settings {
    /// What is said under a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }
}
