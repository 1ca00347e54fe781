//! Many independent cases at once: each waits for a server most of the time.

use std::num::NonZero;
use std::sync::Mutex;
use std::thread;

/// The results of `work` on all items, in their order, from a few threads.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(0..items.len());
    let threads = thread::available_parallelism().map_or(2, NonZero::get) + 1;
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let one = || {
            let mut mine = Vec::new();
            while let Some(at) = { next.lock().expect("no holder of the counter panics").next() } {
                mine.push((at, work(&items[at])));
            }
            mine
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("a case panicked; see above")).collect()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
