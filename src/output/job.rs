//! Replacing one output: the last look at what stands there, setting it aside if need be, the new file in its place.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::compare::Found;
use super::{Change, Fetch, Outputs, report};
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::disk::atomic;
use crate::disk::place::make_own;
use crate::disk::stamp::{self, Stamp};
use crate::path::RepoPath;

/// One output to write.
pub struct Job {
    /// Where.
    pub path: RepoPath,
    /// Why.
    pub change: Change,
    /// What stands there now.
    pub found: Option<Found>,
    /// What it will hold.
    pub digest: Digest,
}

/// What became of a job: the stamp of the new file, a finding, or the operating system's refusal.
pub struct Done {
    /// The file that was set aside.
    pub aside: Option<Aside>,
    /// The rest.
    pub result: io::Result<Result<Option<Stamp>, Box<Diagnostic>>>,
}

impl Job {
    /// Does the job: the file is replaced in one step, or stays as it is.
    pub fn run(&self, outputs: &Outputs, unfinished: &Path, fetch: &Fetch<'_>) -> Done {
        let mut aside = None;
        let result = self.replace(outputs, unfinished, fetch, &mut aside);
        Done { aside, result }
    }

    fn replace(
        &self,
        outputs: &Outputs,
        unfinished: &Path,
        fetch: &Fetch<'_>,
        aside: &mut Option<Aside>,
    ) -> io::Result<Result<Option<Stamp>, Box<Diagnostic>>> {
        let Some(bytes) = fetch(&self.path).filter(|bytes| bytes.digest == self.digest) else {
            return Ok(Err(Box::new(report::lost(&self.path))));
        };
        let place = outputs.place(&self.path);
        if self.change.is_kept() {
            match set_aside(outputs, &self.path, self.change) {
                Ok(kept) => *aside = Some(kept),
                Err(finding) => return Ok(Err(finding)),
            }
        }
        if is_touched(&place, self.found.as_ref()) {
            return Ok(Err(Box::new(report::touched(&self.path))));
        }
        let write = || atomic::replace_by_way_of(unfinished, &place, bytes.chunks.iter().map(|chunk| &**chunk));
        let file = match (write(), place.parent()) {
            (Err(error), Some(folder)) if error.kind() == io::ErrorKind::NotFound => {
                outputs.make(folder)?;
                write()?
            }
            (written, _) => written?,
        };
        Ok(Ok(stamp_of(&file)))
    }
}

fn stamp_of(file: &File) -> Option<Stamp> {
    file.metadata().ok().map(|meta| Stamp::from(&meta))
}

/// Whether what stands at `place` is no longer what was found there.
pub fn is_touched(place: &Path, found: Option<&Found>) -> bool {
    stamp::look(place).ok().map(|(stamp, _)| stamp) != found.map(|found| found.stamp)
}

/// An output that was set aside.
pub struct Aside {
    /// The finding about it; none about a conflict, of which git keeps both sides.
    pub warning: Option<Diagnostic>,
    /// Where it is kept.
    pub place: PathBuf,
}

/// The room for outputs that were set aside, in bytes.
const ROOM: u64 = 128 << 20;

/// Removes the oldest of the outputs that were set aside, until all take no more room than there is; `these` stay, which
/// somebody is just told of.
pub fn thin_out(outputs: &Outputs, these: &BTreeSet<PathBuf>) {
    thin_out_to(ROOM, &outputs.cache.join(super::clean::ASIDE), these);
}

fn thin_out_to(room: u64, folder: &Path, these: &BTreeSet<PathBuf>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let file = |entry: fs::DirEntry| {
        let about = entry.metadata().ok()?;
        Some((about.modified().ok()?, entry.path(), about.len()))
    };
    let mut files: Vec<(SystemTime, PathBuf, u64)> = entries.filter_map(file).collect();
    files.sort();
    let mut taken: u64 = files.iter().map(|(.., length)| length).sum();
    for (_, place, length) in files.iter().filter(|(_, place, _)| !these.contains(place)) {
        if taken <= room {
            break;
        }
        if fs::remove_file(place).is_ok() {
            taken -= length;
        }
    }
}

/// Copies an output that forge did not make into the cache, under its content's digest; says where.
pub fn set_aside(outputs: &Outputs, path: &RepoPath, change: Change) -> Result<Aside, Box<Diagnostic>> {
    let keep = || -> io::Result<PathBuf> {
        let bytes = fs::read(outputs.place(path))?;
        let folder = outputs.cache.join(super::clean::ASIDE);
        make_own(&folder)?;
        let place = folder.join(format!("{}-{}", digest::bytes(&bytes).short(), path.file_name()));
        // Also where it is kept already: what was set aside last goes last.
        atomic::replace(&place, &bytes)?;
        Ok(place)
    };
    let warning = |place: &Path| (change == Change::Edited).then(|| report::set_aside(path, place));
    keep()
        .map(|place| Aside { warning: warning(&place), place })
        .map_err(|error| Box::new(report::not_set_aside(path, &error)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs::{self, File, FileTimes};
    use std::time::{Duration, SystemTime};

    use super::thin_out_to;

    #[test]
    fn of_what_was_set_aside_the_oldest_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        for (name, age) in [("a", 3), ("b", 1), ("c", 2), ("d", 9)] {
            fs::write(place(name), [0; 10]).unwrap();
            let then = SystemTime::UNIX_EPOCH + Duration::from_secs(99 - age);
            File::options()
                .write(true)
                .open(place(name))
                .unwrap()
                .set_times(FileTimes::new().set_modified(then))
                .unwrap();
        }
        let left = |room| {
            thin_out_to(room, folder.path(), &BTreeSet::from([place("d"), place("a")]));
            ["a", "b", "c", "d"].map(|name| place(name).exists())
        };
        assert_eq!(left(40), [true; 4]);
        assert_eq!(left(35), [true, true, false, true], "the oldest, but for what was just set aside");
        assert_eq!(left(0), [true, false, false, true]);
    }
}
