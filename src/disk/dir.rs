//! A folder that is held open, so that a look at each of its files does not walk the way to it again.

use std::io;
use std::path::Path;

use super::stamp::Stamp;

/// A folder to look into.
#[derive(Debug)]
pub struct Dir(imp::Dir);

impl Dir {
    /// Opens the folder at `path`; a symbolic link there is not followed.
    ///
    /// # Errors
    /// When there is none, or it may not be looked into.
    pub fn open(path: &Path) -> io::Result<Dir> {
        imp::Dir::open(path).map(Dir)
    }

    /// Looks at the folder itself.
    ///
    /// # Errors
    /// When it is gone.
    pub fn stamp(&self) -> io::Result<Stamp> {
        self.0.stamp()
    }

    /// Looks at what is called `name` in it, without following a symbolic link.
    ///
    /// # Errors
    /// As `lstat`: most often that there is nothing.
    pub fn look(&self, name: &str) -> io::Result<Stamp> {
        self.0.look(name)
    }
}

#[cfg(target_os = "linux")]
mod imp {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, Statx, StatxFlags, makedev, openat, statx};

    use crate::disk::stamp::{Stamp, nanoseconds};

    #[derive(Debug)]
    pub struct Dir(OwnedFd);

    impl Dir {
        pub fn open(path: &Path) -> io::Result<Dir> {
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            Ok(Dir(openat(CWD, path, flags, Mode::empty())?))
        }

        pub fn stamp(&self) -> io::Result<Stamp> {
            Ok(stamp(&statx(&self.0, c"", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS)?))
        }

        pub fn look(&self, name: &str) -> io::Result<Stamp> {
            Ok(stamp(&statx(&self.0, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BASIC_STATS)?))
        }
    }

    /// The same as what `std` makes of `lstat`.
    fn stamp(found: &Statx) -> Stamp {
        Stamp {
            size: found.stx_size,
            modified: nanoseconds(found.stx_mtime.tv_sec, found.stx_mtime.tv_nsec.into()),
            changed: nanoseconds(found.stx_ctime.tv_sec, found.stx_ctime.tv_nsec.into()),
            inode: found.stx_ino,
            device: makedev(found.stx_dev_major, found.stx_dev_minor),
            mode: found.stx_mode.into(),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use std::io;
    use std::path::{Path, PathBuf};

    use crate::disk::stamp::{self, Stamp};

    #[derive(Debug)]
    pub struct Dir(PathBuf);

    impl Dir {
        pub fn open(path: &Path) -> io::Result<Dir> {
            let (_, meta) = stamp::look(path)?;
            if meta.is_dir() { Ok(Dir(path.to_owned())) } else { Err(io::ErrorKind::NotADirectory.into()) }
        }

        pub fn stamp(&self) -> io::Result<Stamp> {
            stamp::look(&self.0).map(|(stamp, _)| stamp)
        }

        pub fn look(&self, name: &str) -> io::Result<Stamp> {
            stamp::look(&self.0.join(name)).map(|(stamp, _)| stamp)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Dir;
    use crate::disk::stamp;

    #[test]
    fn sees_what_a_look_along_the_whole_way_sees() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "text").unwrap();
        fs::create_dir(folder.path().join("folder")).unwrap();
        let dir = Dir::open(folder.path()).unwrap();
        assert_eq!(dir.stamp().unwrap(), stamp::look(folder.path()).unwrap().0);
        for name in ["file", "folder"] {
            assert_eq!(dir.look(name).unwrap(), stamp::look(&folder.path().join(name)).unwrap().0, "{name}");
        }
        assert!(dir.look("nothing").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn follows_no_symbolic_link() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("real")).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("real", &link).unwrap();
        assert!(Dir::open(&link).is_err());
        assert_eq!(Dir::open(folder.path()).unwrap().look("link").unwrap(), stamp::look(&link).unwrap().0);
    }
}
