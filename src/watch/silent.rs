//! File systems that raise no events: told by their kind, or by making a file and hearing nothing.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use notify::Watcher;

use super::poll::Why;
use super::{MODE, kernel};

/// How long to wait for the event of a file that was just made; it takes well below a millisecond.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why nothing will be heard of changes in `root`; `None` when it will.
pub fn reason(root: &Path, scratch: &Path) -> Option<Why> {
    kind(root).map(Why::Silent).or_else(|| unheard(scratch))
}

/// File systems that are shared with another machine: it writes, and this kernel does not hear of it. The numbers are
/// those of `statfs(2)`.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn kind(root: &Path) -> Option<&'static str> {
    named(rustix::fs::statfs(root).ok()?.f_type as u64 & 0xffff_ffff)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn named(number: u64) -> Option<&'static str> {
    const SHARED: [(u64, &str); 11] = [
        (0x6969, "a network file system (NFS)"),
        (0x517b, "a network file system (SMB)"),
        (0xfe53_4d42, "a network file system (SMB)"),
        (0xff53_4d42, "a network file system (CIFS)"),
        (0x0102_1997, "a folder of another system (9P, as of WSL and virtual machines)"),
        (0x6573_5546, "a file system in user space (FUSE, as of sshfs and of containers' shared folders)"),
        (0x786f_4256, "a shared folder of VirtualBox"),
        (0xbacb_acbc, "a shared folder of VMware"),
        (0x00c3_6400, "a network file system (Ceph)"),
        (0x5346_414f, "a network file system (AFS)"),
        (0x0bd0_0bd0, "a network file system (Lustre)"),
    ];
    SHARED.iter().find(|(kind, _)| *kind == number).map(|(_, name)| *name)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn kind(_: &Path) -> Option<&'static str> {
    None
}

/// Makes a file in `scratch` and listens; a folder in which nothing can be made says nothing either way.
fn unheard(scratch: &Path) -> Option<Why> {
    let (said, heard) = mpsc::channel();
    let mut watcher = match kernel(Arc::new(move |_| said.send(()).unwrap_or_default())) {
        Ok(watcher) => watcher,
        Err(why) => return Some(why),
    };
    match watcher.watch(scratch, MODE) {
        Ok(()) => {}
        Err(error) if Why::is_gone(&error) => return None,
        Err(error) => return Some(Why::of(&error)),
    }
    let _file = tempfile::Builder::new().prefix(crate::disk::atomic::PREFIX).tempfile_in(scratch).ok()?;
    heard.recv_timeout(PATIENCE).err().map(|_| Why::Unheard)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{Why, kind, named, reason};

    #[test]
    fn network_file_systems_are_silent_and_local_ones_are_not() {
        assert_eq!(named(0x6969), Some("a network file system (NFS)"));
        assert!(named(0x0102_1997).is_some_and(|name| name.contains("WSL")));
        const EXT4: u64 = 0xef53;
        assert_eq!(named(EXT4), None);
        let folder = tempfile::tempdir().unwrap();
        assert_eq!((kind(folder.path()), reason(folder.path(), folder.path())), (None, None));
        let said = Why::Silent("a network file system (NFS)").diagnostic(std::time::Duration::from_millis(300));
        assert!(said.message.ends_with("forge looks every 300ms instead"), "{}", said.message);
    }
}
