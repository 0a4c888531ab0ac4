//! The threads that queries run on: few, apart from those that serve, and with deep stacks.
//!
//! The engine walks expressions and plans recursively, several large frames a level. What [`super::check`] lets
//! through fits these stacks; on an ordinary thread a long `OR` would end the whole process.

use std::future::Future;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

use crate::limits::QUERY_STACK_BYTES;
use crate::{LakeError, Result};

static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();

fn runtime() -> Result<&'static Runtime> {
    let made = RUNTIME.get_or_init(|| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("weir-query")
            .thread_stack_size(QUERY_STACK_BYTES)
            .enable_all()
            .build()
    });
    made.as_ref().map_err(|error| LakeError::Engine { detail: error.to_string() })
}

/// Runs `work` on the query threads. Dropped before its end, it goes on until it notices.
pub async fn run_deep<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T> {
    Ok(runtime()?.spawn(work).await?)
}
