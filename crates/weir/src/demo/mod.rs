//! What `weir demo` brings along: made-up data with known truth, an instance for it, and a local inbox.

pub mod data;
pub mod inbox;
pub mod instance;
pub mod quality;
pub mod story;

#[cfg(test)]
mod tests;
