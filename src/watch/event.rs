//! What the watcher's library reports, in the few words that matter.

use std::path::PathBuf;

use notify::EventKind;
use notify::event::{AccessKind, AccessMode, ModifyKind};

/// Something that the file system said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The file was written to, and is still open: more may come.
    Writing(PathBuf),
    /// The file or folder is as somebody left it.
    Changed(PathBuf),
    /// Something appeared there, went from there, or was moved there or away.
    Replaced(PathBuf),
    /// Events were lost: look at everything.
    Lost,
}

/// Reads a report and passes on what it says.
pub fn read(heard: notify::Result<notify::Event>, hear: &super::Hear) {
    let event = match heard {
        // Whatever the watcher could not do, there may be changes that it did not see.
        Err(_) => return hear(Event::Lost),
        Ok(event) if event.need_rescan() || event.paths.is_empty() => return hear(Event::Lost),
        Ok(event) => event,
    };
    let say: fn(PathBuf) -> Event = match event.kind {
        // Only Linux says when a file is closed.
        EventKind::Modify(ModifyKind::Data(_)) if cfg!(any(target_os = "linux", target_os = "android")) => {
            Event::Writing
        }
        EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_)) => Event::Changed,
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Event::Changed,
        EventKind::Access(_) => return,
        EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(_) | EventKind::Any | EventKind::Other => {
            Event::Replaced
        }
    };
    event.paths.into_iter().map(say).for_each(hear);
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Mutex;

    use notify::EventKind;
    use notify::event::{AccessKind, AccessMode, CreateKind, DataChange, Flag, ModifyKind};

    use super::{Event, read};

    fn said(heard: notify::Result<notify::Event>) -> Vec<Event> {
        let events = std::sync::Arc::new(Mutex::new(Vec::new()));
        let hear = std::sync::Arc::clone(&events);
        read(heard, &move |event| hear.lock().unwrap().push(event));
        events.lock().unwrap().clone()
    }

    fn event(kind: EventKind) -> notify::Result<notify::Event> {
        Ok(notify::Event::new(kind).add_path(PathBuf::from("a")))
    }

    #[test]
    fn an_overflow_and_an_error_are_lost_events() {
        assert_eq!(said(Ok(notify::Event::new(EventKind::Other).set_flag(Flag::Rescan))), [Event::Lost]);
        assert_eq!(said(Ok(notify::Event::new(EventKind::Any))), [Event::Lost]);
        assert_eq!(said(Err(notify::Error::generic("out of order"))), [Event::Lost]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_is_written_to_until_it_is_closed() {
        let path = || PathBuf::from("a");
        assert_eq!(said(event(EventKind::Modify(ModifyKind::Data(DataChange::Any)))), [Event::Writing(path())]);
        let closed = EventKind::Access(AccessKind::Close(AccessMode::Write));
        assert_eq!(said(event(closed)), [Event::Changed(path())]);
        assert_eq!(said(event(EventKind::Access(AccessKind::Close(AccessMode::Read)))), []);
        assert_eq!(said(event(EventKind::Create(CreateKind::Folder))), [Event::Replaced(path())]);
    }
}
