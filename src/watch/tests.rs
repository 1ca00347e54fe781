//! The watch against a real file system.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use super::{Event, Watch};

fn start(root: &Path) -> (Watch, Receiver<Event>) {
    let (said, heard) = mpsc::channel();
    (Watch::start(root, root, Arc::new(move |event| drop(said.send(event)))), heard)
}

/// Waits for an event that names `path`.
fn hear(heard: &Receiver<Event>, path: &Path) -> Event {
    loop {
        let event = heard.recv_timeout(Duration::from_secs(20)).expect("an event comes");
        match &event {
            Event::Writing(at) | Event::Changed(at) | Event::Replaced(at) if at == path => return event,
            _ => {}
        }
    }
}

fn set(folders: &[&Path]) -> BTreeSet<PathBuf> {
    folders.iter().map(|folder| folder.to_path_buf()).collect()
}

#[test]
fn folders_that_are_new_to_the_watch_are_given_back_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut watch, _heard) = start(folder.path());
    assert!(watch.poll().is_some(), "nothing is watched yet");
    let missing = folder.path().join("missing");
    let wanted = set(&[folder.path(), &missing]);
    assert_eq!(watch.aim(&wanted), [folder.path()]);
    assert_eq!((watch.aim(&wanted), watch.folders()), (vec![], 1));
    assert_eq!(watch.poll(), None);
    assert_eq!(watch.why_polling(), None);
    fs::create_dir(&missing).unwrap();
    assert_eq!(watch.aim(&wanted), [missing]);
}

#[test]
fn a_folder_that_was_replaced_is_heard_of_again() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let (mut watch, heard) = start(folder.path());
    let wanted = set(&[folder.path(), &inner]);
    watch.aim(&wanted);
    for round in 0..20 {
        fs::rename(&inner, folder.path().join(format!("old-{round}"))).unwrap();
        fs::create_dir(&inner).unwrap();
        assert_eq!(hear(&heard, &inner), Event::Replaced(inner.clone()));
        watch.forget(&inner);
        watch.aim(&wanted);
        let file = inner.join(format!("file-{round}"));
        fs::write(&file, "x").unwrap();
        hear(&heard, &file);
    }
}

#[test]
fn reading_is_not_heard_of() {
    let folder = tempfile::tempdir().unwrap();
    let (read, written) = (folder.path().join("read"), folder.path().join("written"));
    fs::write(&read, "x").unwrap();
    let (mut watch, heard) = start(folder.path());
    watch.aim(&set(&[folder.path()]));
    fs::read(&read).unwrap();
    fs::write(&written, "x").unwrap();
    let first = heard.recv_timeout(Duration::from_secs(20)).unwrap();
    assert_eq!(first, Event::Replaced(written));
}
