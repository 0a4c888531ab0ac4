//! Work spread over threads; its results come back in the order of the work, whoever did it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Does the work for every item; threads take the next item that is free.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    map_with(items, threads, |_| (), |(), item| work(item)).0
}

/// `map` with something that each thread keeps, begun from the thread's number; gives also what they kept.
pub(crate) fn map_with<T: Sync, R: Send, S: Send>(
    items: &[T],
    threads: usize,
    start: impl Fn(usize) -> S + Sync,
    work: impl Fn(&mut S, &T) -> R + Sync,
) -> (Vec<R>, Vec<S>) {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let run = &|thread: usize| {
        let mut own = start(thread);
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return own };
            let result = work(&mut own, item);
            if let Ok(mut results) = results.lock() {
                results.push((at, result));
            }
        }
    };
    let threads = threads.clamp(1, items.len().max(1));
    let kept = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|thread| scope.spawn(move || run(thread))).collect();
        let mut kept = vec![run(0)];
        kept.extend(others.into_iter().filter_map(|thread| thread.join().ok()));
        kept
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_unstable_by_key(|(at, _)| *at);
    (results.into_iter().map(|(_, result)| result).collect(), kept)
}

/// Works on a slice in one part per thread; `work` gets the place of the part's first item.
pub(crate) fn each_chunk<T: Send>(items: &mut [T], threads: usize, work: impl Fn(usize, &mut [T]) + Sync) {
    if threads < 2 {
        return work(0, items);
    }
    let size = items.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        for (part, items) in items.chunks_mut(size).enumerate() {
            let work = &work;
            scope.spawn(move || work(part * size, items));
        }
    });
}
