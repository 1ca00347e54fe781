//! The terminal's keyboard: keys as they are pressed, without echo, until the guard is dropped.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
pub struct Keyboard {
    state: Arc<Mutex<State>>,
    press: Arc<dyn Fn(Key) + Send + Sync>,
}

#[derive(Default)]
struct State {
    /// How the terminal was, once it was taken.
    before: Option<Modes>,
    is_read: bool,
    is_over: bool,
}

impl Keyboard {
    /// Reads keys from standard input on a thread of their own; nothing while it is no terminal, or another program's.
    pub fn listen(press: impl Fn(Key) + Send + Sync + 'static) -> Keyboard {
        let keyboard = Keyboard { state: Arc::default(), press: Arc::new(press) };
        keyboard.hold();
        keyboard
    }

    /// Takes the terminal where it is this program's to take and is not taken: a shell gives it back as it was after it had
    /// stopped the program, or had it in the background. Gives whether that happened.
    pub fn hold(&self) -> bool {
        let mut state = self.state();
        if state.is_over || !Modes::take(&mut state.before) {
            return false;
        }
        if !std::mem::replace(&mut state.is_read, true) {
            let press = Arc::clone(&self.press);
            std::thread::spawn(move || read(&*press));
        }
        true
    }

    /// Gives the terminal back as it was.
    pub fn restore(&self) {
        let mut state = self.state();
        state.is_over = true;
        state.before.take().iter().for_each(Modes::restore);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.restore();
    }
}

/// Presses the keys that come, until none will.
fn read(press: &dyn Fn(Key)) {
    let mut bytes = [0; 64];
    while Modes::wait() {
        let read = Modes::read(&mut bytes);
        if read == 0 {
            return;
        }
        bytes[..read].iter().filter_map(|byte| Key::of(*byte)).for_each(press);
    }
}

#[cfg(unix)]
struct Modes(rustix::termios::Termios);

#[cfg(unix)]
impl Modes {
    /// Takes the terminal, if standard input is one whose keys come by the line, and this program stands in its foreground;
    /// `before` keeps how it was at first. Gives whether it was taken just now.
    fn take(before: &mut Option<Modes>) -> bool {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let input = std::io::stdin();
        let Ok(now) = tcgetattr(&input) else { return false };
        if !is_ours() || before.is_some() && !now.local_modes.contains(LocalModes::ICANON) {
            return false;
        }
        let mut keys = now.clone();
        // Signals stay: Ctrl-C and Ctrl-Z mean what they always mean.
        keys.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        let is_taken = tcsetattr(&input, OptionalActions::Now, &keys).is_ok();
        if is_taken {
            before.get_or_insert(Modes(now));
        }
        is_taken
    }

    /// Waits until there is something to read; false when there never will be. Who reads in the background is stopped.
    fn wait() -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let input = std::io::stdin();
        let patience = Timespec { tv_sec: 0, tv_nsec: 500_000_000 };
        loop {
            if !is_ours() {
                std::thread::sleep(std::time::Duration::from_millis(500));
                continue;
            }
            let mut ready = [PollFd::new(&input, PollFlags::IN)];
            match poll(&mut ready, Some(&patience)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) if !is_ours() => {}
                Ok(_) => return true,
                Err(_) => return false,
            }
        }
    }

    /// Reads what there is, and gives how much of it. What the library's own buffer held, nobody would wait for.
    fn read(bytes: &mut [u8]) -> usize {
        rustix::io::retry_on_intr(|| rustix::io::read(std::io::stdin(), &mut *bytes)).unwrap_or(0)
    }

    /// Gives the terminal back, unless somebody else has it.
    fn restore(&self) {
        if is_ours() {
            let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Now, &self.0);
        }
    }
}

/// Whether this program stands in the foreground of its terminal.
#[cfg(unix)]
fn is_ours() -> bool {
    rustix::termios::tcgetpgrp(std::io::stdin()).is_ok_and(|group| group == rustix::process::getpgrp())
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
    fn take(_: &mut Option<Modes>) -> bool {
        false
    }

    fn wait() -> bool {
        false
    }

    fn read(_: &mut [u8]) -> usize {
        0
    }

    fn restore(&self) {}
}

/// Columns and rows of a usual terminal.
#[cfg(not(unix))]
pub fn size() -> (usize, usize) {
    (80, 24)
}
