//! The terminal's keyboard: keys as they are pressed, without echo, until the guard is dropped.

use std::sync::{Arc, Mutex, PoisonError};

/// A key that means something to `forge watch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Look at everything and build.
    Rebuild,
    /// Build from scratch, and compare.
    Scratch,
    /// Say why the last build did what it did.
    Why,
    /// End.
    Quit,
}

impl Key {
    fn of(byte: u8) -> Option<Key> {
        const END: u8 = 4;
        match byte.to_ascii_lowercase() {
            b'r' => Some(Key::Rebuild),
            b'f' => Some(Key::Scratch),
            b'w' => Some(Key::Why),
            b'q' | END => Some(Key::Quit),
            _ => None,
        }
    }
}

/// A terminal whose keys are read one by one; as it was before when this is dropped, or restored earlier.
#[derive(Clone)]
pub struct Keyboard(Arc<Mutex<Option<Modes>>>);

impl Keyboard {
    /// Reads keys from standard input on a thread of their own; nothing when it is no terminal, or another program's.
    pub fn listen(press: impl Fn(Key) + Send + 'static) -> Keyboard {
        let modes = Modes::take();
        if modes.is_some() {
            std::thread::spawn(move || read(&press));
        }
        Keyboard(Arc::new(Mutex::new(modes)))
    }

    /// Gives the terminal back as it was.
    pub fn restore(&self) {
        if let Some(modes) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            modes.restore();
        }
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.restore();
    }
}

fn read(press: &dyn Fn(Key)) {
    use std::io::Read;
    let mut byte = [0];
    let mut input = std::io::stdin();
    while input.read(&mut byte).is_ok_and(|read| read > 0) {
        Key::of(byte[0]).into_iter().for_each(press);
    }
}

#[cfg(unix)]
struct Modes(rustix::termios::Termios);

#[cfg(unix)]
impl Modes {
    /// Takes the terminal, if standard input is one and this program stands in its foreground.
    fn take() -> Option<Modes> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcgetpgrp, tcsetattr};
        let input = std::io::stdin();
        let before = tcgetattr(&input).ok()?;
        if tcgetpgrp(&input).ok()? != rustix::process::getpgrp() {
            return None;
        }
        let mut keys = before.clone();
        // Signals stay: Ctrl-C and Ctrl-Z mean what they always mean.
        keys.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(&input, OptionalActions::Now, &keys).ok()?;
        Some(Modes(before))
    }

    fn restore(&self) {
        let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Now, &self.0);
    }
}

/// Columns and rows of the terminal behind standard error.
#[cfg(unix)]
pub fn size() -> (usize, usize) {
    let size = rustix::termios::tcgetwinsize(std::io::stderr()).ok();
    let size = size.filter(|size| size.ws_col > 0 && size.ws_row > 0);
    size.map_or((80, 24), |size| (size.ws_col.into(), size.ws_row.into()))
}

/// Elsewhere keys are not read, and Ctrl-C ends the watch.
#[cfg(not(unix))]
struct Modes;

#[cfg(not(unix))]
impl Modes {
    fn take() -> Option<Modes> {
        None
    }

    fn restore(&self) {}
}

/// Columns and rows of a usual terminal.
#[cfg(not(unix))]
pub fn size() -> (usize, usize) {
    (80, 24)
}
