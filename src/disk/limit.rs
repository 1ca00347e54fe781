//! What the system refuses for a reason that lies with this process, and not with the file that it was about.

use std::io;

/// What helps where [`is_reached`].
pub const RAISE: &str = "raise the limit (`ulimit -n` shows it), or end programs that hold many files open";

/// Whether as many files are open as may be.
pub fn is_reached(error: &io::Error) -> bool {
    #[cfg(unix)]
    let codes = [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE].map(rustix::io::Errno::raw_os_error);
    #[cfg(not(unix))]
    let codes: [i32; 0] = [];
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

#[cfg(all(test, unix))]
mod tests {
    use std::io;

    use super::is_reached;

    #[test]
    fn the_limit_is_told_from_other_reasons() {
        assert!(is_reached(&io::Error::from_raw_os_error(rustix::io::Errno::MFILE.raw_os_error())));
        assert!(!is_reached(&io::Error::from_raw_os_error(rustix::io::Errno::ACCESS.raw_os_error())));
        assert!(!is_reached(&io::Error::from(io::ErrorKind::NotFound)));
    }
}
