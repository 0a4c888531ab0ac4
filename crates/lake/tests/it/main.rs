//! The lake through its door: staging, publishing, reading, querying, keeping.

mod support;

mod publish;
mod view;
