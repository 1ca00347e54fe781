//! Which templates a render asked for: kept on a stack for each thread, since a render may start another.

use std::cell::RefCell;
use std::collections::BTreeSet;

thread_local! {
    static STACK: RefCell<Vec<BTreeSet<String>>> = const { RefCell::new(Vec::new()) };
}

/// Runs `render` and returns what it returns, with the names that were noted meanwhile on this thread.
///
/// When `render` panics its frame stays on the stack, which later frames of the thread do not look at.
pub fn record<T>(render: impl FnOnce() -> T) -> (T, BTreeSet<String>) {
    let depth = STACK.with_borrow_mut(|stack| {
        stack.push(BTreeSet::new());
        stack.len()
    });
    let result = render();
    let names = STACK.with_borrow_mut(|stack| {
        stack.truncate(depth);
        stack.pop().unwrap_or_default()
    });
    (result, names)
}

/// Notes that the template `name` was asked for, whether it is there or not.
pub fn note(name: &str) {
    STACK.with_borrow_mut(|stack| {
        if let Some(frame) = stack.last_mut().filter(|frame| !frame.contains(name)) {
            frame.insert(name.to_owned());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{note, record};

    #[test]
    fn an_inner_render_is_not_the_outer_one() {
        let (inner, outer) = record(|| {
            note("a");
            let ((), inner) = record(|| note("b"));
            note("c");
            inner
        });
        assert_eq!(inner.into_iter().collect::<Vec<_>>(), ["b"]);
        assert_eq!(outer.into_iter().collect::<Vec<_>>(), ["a", "c"]);
    }
}
