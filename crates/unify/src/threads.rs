//! Work on several threads, with the results of all.

use crate::error::UnifyError;

/// Runs `work` on each of `threads` threads and puts what they give one after the other, in no order.
pub(crate) fn gather<T: Send>(
    threads: usize,
    work: impl Fn() -> Result<Vec<T>, UnifyError> + Sync,
) -> Result<Vec<T>, UnifyError> {
    if threads <= 1 {
        return work();
    }
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(&work)).collect();
        let mut done = Vec::new();
        for worker in workers {
            done.extend(worker.join().map_err(|_| UnifyError::Thread)??);
        }
        Ok(done)
    })
}
