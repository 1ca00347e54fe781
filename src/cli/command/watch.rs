//! `forge watch`: build, then build again on change, until somebody ends it.
//!
//! A loop over the library: build, watch what the build read, wait until something of it changed and is at rest. No error
//! ends it. The errors of a build are held back for a moment ([`HOLD`]): when a file is saved in pieces the next build
//! makes them untrue, and nobody need have seen them. What was built is shown at once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use super::project;
use crate::build::session::{Concern, Look, Session};
use crate::build::{Mode, Report};
use crate::cli::args::{Global, Watch as Options};
use crate::cli::exit::Exit;
use crate::cli::live::terminal::{Key, Keyboard};
use crate::cli::live::{Around, Built, Live};
use crate::cli::ui::{DIM, Ui, paint};
use crate::diagnostic::{Diagnostic, Severity};
use crate::digest::Digest;
use crate::disk::place::make_own;
use crate::output::Outcome;
use crate::path::RepoPath;
use crate::source::rest::{Rest, Sign};
use crate::watch::burst::Burst;
use crate::watch::{Event, Watch};

/// How long the new errors of a build are held back.
const HOLD: Duration = Duration::from_millis(200);

/// How soon to try again what another process or a full disk was in the way of: no event tells that it is gone. Each time
/// that it still is, so much later, up to [`LATEST`] times.
const RETRY: Duration = Duration::from_secs(1);
const LATEST: u32 = 5;

/// How often to ask whether the project's folder is still the one that is watched.
const BEAT: Duration = Duration::from_secs(1);

/// How many builds in a row give way to a git that begins to work during each of them.
const PATIENCE: u32 = 10;

/// The findings that go away by themselves.
const PASSING: [&str; 6] =
    ["output-not-written", "output-read-only", "output-busy", "output-changed", "output-lost", "file-changed"];

/// Where forge looks from time to time, it spends at most one part in this of the time on it.
const SHARE: u32 = 5;

/// What the loop waits for.
enum Signal {
    Seen(Event),
    Pressed(Key),
    Stop,
}

/// What to do next.
enum Next {
    Build(Order),
    Press(Key),
    End,
}

/// A build to make.
struct Order {
    look: Look,
    /// Whether somebody asked for it, and wants to hear of it whatever comes of it.
    is_asked: bool,
    /// Whether it is made although git is at work.
    beside_git: bool,
}

impl Order {
    /// A build that somebody asked for.
    const ASKED: Order = Order { look: Look::All, is_asked: true, beside_git: true };

    /// A build that follows from what was seen.
    fn of(look: Look) -> Order {
        Order { look, is_asked: false, beside_git: false }
    }
}

/// Runs the command.
pub fn run(global: &Global, options: &Options, ui: &Ui) -> Exit {
    let project = match project(global, ui) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let (send, signals) = mpsc::channel();
    let live = Live::start(ui, &project, options.format, options.clear);
    let keyboard = live.takes_keys().then(|| {
        let send = send.clone();
        Keyboard::listen(move |key| pass(&send, Signal::Pressed(key)))
    });
    end_on_interrupt(send.clone(), keyboard.clone());
    let _ = make_own(&project.cache.local); // without it the first build says what is wrong
    let hear = Arc::new(move |event| pass(&send, Signal::Seen(event)));
    let watch = Watch::start(&project.root, &project.cache.local, hear);
    let now = Instant::now();
    let watching = Loop {
        ui,
        live,
        keyboard: keyboard.clone(),
        watch,
        session: Session::new(project),
        signals,
        burst: None,
        folders: BTreeSet::new(),
        held: None,
        changed: None,
        inputs: None,
        last: (now, Duration::ZERO),
        retries: 0,
        postponed: 0,
        asked: now,
        told: None,
        heard: true,
    };
    watching.run();
    if let Some(keyboard) = keyboard {
        keyboard.restore();
    }
    Exit::Fine
}

/// Sends a signal to the loop, which may have ended.
fn pass(send: &Sender<Signal>, signal: Signal) {
    let _ = send.send(signal);
}

/// The first Ctrl-C ends the loop after the build that runs, a second one ends everything.
fn end_on_interrupt(send: Sender<Signal>, keyboard: Option<Keyboard>) {
    let mut asked = false;
    let handler = move || {
        if std::mem::replace(&mut asked, true) {
            keyboard.iter().for_each(Keyboard::restore);
            std::process::exit(Exit::Failed as i32);
        }
        pass(&send, Signal::Stop);
    };
    // Without a handler Ctrl-C ends the program at once, which is safe at any moment.
    let _ = ctrlc::set_handler(handler);
}

struct Loop<'a> {
    ui: &'a Ui,
    live: Live<'a>,
    keyboard: Option<Keyboard>,
    watch: Watch,
    session: Session,
    signals: Receiver<Signal>,
    burst: Option<Burst>,
    /// The folders that the last build read.
    folders: BTreeSet<PathBuf>,
    /// A build whose errors are held back, and until when.
    held: Option<(Built, Instant)>,
    /// The last build that made something else of an output.
    changed: Option<Report>,
    /// What the last build was made from.
    inputs: Option<Digest>,
    /// When the last build ended, and how long it took.
    last: (Instant, Duration),
    /// How many builds in a row met what may pass with no event to tell of it.
    retries: u32,
    /// How many builds have given way to git, one after the other.
    postponed: u32,
    /// When the project's folder was last asked for.
    asked: Instant,
    /// Whether it was said that nothing is heard of what happens, once it was said that the watch is on.
    told: Option<bool>,
    /// Whether anybody still reads what is said.
    heard: bool,
}

impl Loop<'_> {
    fn run(mut self) {
        self.build(&Order::ASKED);
        self.tell_around();
        while self.heard {
            match self.wait() {
                Next::Build(order) => self.build(&order),
                Next::Press(Key::Rebuild) => self.build(&Order::ASKED),
                Next::Press(Key::Scratch) => self.compare(),
                Next::Press(Key::Why) => self.live.why(self.changed.as_ref().unwrap_or(&Report::nothing())),
                Next::Press(Key::Quit) | Next::End => break,
            }
        }
        self.live.end();
        self.session.end();
    }

    /// Builds, or waits for git.
    fn build(&mut self, Order { look, is_asked, beside_git }: &Order) {
        let start = Instant::now();
        let quiet = |_: usize, _: usize| {};
        let is_due = *beside_git || self.postponed >= PATIENCE;
        let root = &self.session.project().root;
        let report = match () {
            () if !root.is_dir() => Some(gone(root)),
            () if is_due => Some(self.session.build(look, Mode::Write, &quiet)),
            () => self.session.build_at_rest(look, Mode::Write, &quiet),
        };
        let Some(mut report) = report else { return self.postpone() };
        self.postponed = 0;
        let took = start.elapsed();
        self.last = (Instant::now(), took);
        let is_hindered = report.all_diagnostics().any(|found| PASSING.contains(&found.code.as_ref()));
        self.retries = if is_hindered { (self.retries + 1).min(LATEST) } else { 0 };
        self.folders = self.session.folders(&report);
        self.aim();
        if self.told == Some(false) && self.watch.why_polling().is_some() {
            self.tell_around(); // the kernel's watches ran out
        }
        if let Some((held, _)) = self.held.take() {
            join(&mut report.outcome, held.report.outcome);
        }
        let is_anew = std::mem::replace(&mut self.inputs, report.inputs) != report.inputs;
        if *is_asked || self.live.is_news(&report, is_anew) {
            let hold = !is_asked && self.live.has_new_errors(&report);
            let built = Built { report, took, files: files(look) };
            if hold {
                self.held = Some((built, Instant::now() + HOLD));
            } else {
                self.show(built);
            }
        }
        self.session.tidy();
    }

    /// Says that the watch is on, and of what it hears.
    fn tell_around(&mut self) {
        let around = Around { folders: self.watch.folders(), polling: self.watch.why_polling() };
        self.told = Some(around.polling.is_some());
        self.heard &= self.live.watching(&around);
    }

    /// Says that a lock of git's stood longer than git is waited for.
    fn note_stale(&mut self, lock: &Path) {
        if self.session.note_stale(lock) {
            self.live.say(paint(DIM, format!("`{}` stays; forge goes on beside it", lock.display())));
        }
    }

    /// Waits until git is done; what it did meanwhile is a part of what has to be looked at.
    fn postpone(&mut self) {
        let now = Instant::now();
        self.postponed += 1;
        let burst = self.burst.get_or_insert_with(|| Burst::begin(now));
        burst.note_git(now);
        burst.note(&Event::Lost, now);
    }

    fn show(&mut self, built: Built) {
        self.heard &= self.live.built(&built);
        if built.report.causes().next().is_some() {
            self.changed = Some(Report { seen: None, ..built.report });
        }
    }

    /// Watches what the last build read. What was not watched until now may have changed since it was read.
    fn aim(&mut self) {
        let now = Instant::now();
        for folder in self.watch.aim(&self.folders) {
            self.burst.get_or_insert_with(|| Burst::begin(now)).note(&Event::Changed(folder), now);
        }
    }

    /// Builds from scratch, with a cache of its own, and compares with what is there.
    fn compare(&mut self) {
        let start = Instant::now();
        let scratch = match tempfile::tempdir() {
            Ok(scratch) => scratch,
            Err(error) => return self.ui.complain(format!("forge: no temporary folder can be made: {error}")),
        };
        let mut session = Session::from_scratch(self.session.project(), scratch.path());
        let report = session.build(&Look::All, Mode::Check, &|_, _| {});
        self.live.compared(&report.outcome, start.elapsed());
    }

    /// Waits until there is something to do.
    fn wait(&mut self) -> Next {
        loop {
            let now = Instant::now();
            let mut met = Rest::Still;
            let due = self.burst.as_mut().map(|burst| {
                let rest = || {
                    met = self.session.rest();
                    met.clone()
                };
                burst.due(now, rest)
            });
            if due.is_some_and(|due| due <= now) {
                if let Rest::Locked(lock) = &met {
                    self.note_stale(lock);
                }
                if let Some(look) = self.burst.take().and_then(|burst| self.look(burst)) {
                    return Next::Build(Order { beside_git: met == Rest::Rebasing, ..Order::of(look) });
                }
                // Nothing to build, but a folder that forge made for its outputs may stand where another was watched.
                self.aim();
                continue;
            }
            // While something happens, the errors may be about to be untrue.
            let hold = self.held.as_ref().map(|(_, until)| *until).filter(|_| due.is_none());
            if hold.is_some_and(|until| until <= now) {
                self.held.take().into_iter().for_each(|(built, _)| self.show(built));
                continue;
            }
            let interval = self.watch.poll().or((self.retries > 0).then(|| RETRY * self.retries));
            let poll = interval.map(|interval| self.last.0 + interval.max(self.last.1 * SHARE));
            // A look at everything waits for git like any other; one that waits already will see what there is.
            let poll = poll.filter(|_| due.is_none());
            if poll.is_some_and(|poll| poll <= now) {
                self.burst.get_or_insert_with(|| Burst::begin(now)).note(&Event::Lost, now);
                continue;
            }
            let beat = self.asked + BEAT;
            if beat <= now {
                self.asked = now;
                let given_back = self.keyboard.as_ref().is_some_and(Keyboard::hold);
                self.live.renew(given_back);
                if !self.watch.stands() {
                    self.watch.forget(&self.session.project().root);
                    return Next::Build(Order::of(Look::All));
                }
                continue;
            }
            let until = [due, hold, poll].into_iter().flatten().fold(beat, Instant::min);
            match self.signals.recv_timeout(until.saturating_duration_since(now)) {
                Ok(Signal::Seen(event)) => self.hear(&event),
                Ok(Signal::Pressed(key)) => return Next::Press(key),
                Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return Next::End,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Adds an event to the burst, unless it is nobody's concern.
    fn hear(&mut self, event: &Event) {
        let now = Instant::now();
        if let Event::Replaced(path) = event {
            self.watch.forget(path);
        }
        let concern = match event {
            Event::Lost => None,
            Event::Writing(path) | Event::Changed(path) | Event::Replaced(path) => match self.session.concern(path) {
                Concern::Nothing => return,
                concern => Some(concern),
            },
        };
        let gone = match (&concern, event) {
            (Some(Concern::Project(path)), Event::Replaced(place)) if self.session.knows(path) => Some(place),
            _ => None,
        };
        let burst = self.burst.get_or_insert_with(|| Burst::begin(now));
        gone.into_iter().for_each(|place| burst.note_gone(place, place.symlink_metadata().is_err()));
        match concern {
            Some(Concern::Git(sign)) => {
                burst.note_git(now);
                if sign == Sign::Refs {
                    burst.note(event, now);
                }
            }
            _ => burst.note(event, now),
        }
    }

    /// What a burst asks to look at; nothing when all of it is what forge itself has written.
    fn look(&mut self, burst: Burst) -> Option<Look> {
        if burst.is_empty() {
            return None;
        }
        let Some(changed) = burst.changed() else { return Some(Look::All) };
        let mut paths = BTreeSet::new();
        let mut refs = false;
        for place in &changed {
            match self.session.concern(place) {
                Concern::Project(path) if !self.session.is_as_left(&path) => drop(paths.insert(path)),
                Concern::Git(_) => refs = true,
                Concern::Project(_) | Concern::Nothing => {}
            }
        }
        (refs || !paths.is_empty()).then_some(Look::At(paths))
    }
}

/// What an earlier build did and nobody was told, added to what a later one did.
fn join(outcome: &mut Outcome, earlier: Outcome) {
    for (path, change) in earlier.written {
        if !outcome.removed.contains_key(&path) && outcome.written.insert(path, change).is_none() {
            let before = if outcome.unchanged > 0 { &mut outcome.unchanged } else { &mut outcome.kept };
            *before = before.saturating_sub(1);
        }
    }
    for (path, change) in earlier.removed {
        if !outcome.written.contains_key(&path) {
            outcome.removed.insert(path, change);
        }
    }
}

/// What there is to say of a project whose folder is not there: nothing is made before it is back.
fn gone(root: &Path) -> Report {
    let found = Diagnostic::new(Severity::Error, "no-folder", format!("the folder `{}` is gone", root.display()));
    let found = found.help("forge goes on when it is back; `q` or Ctrl-C ends the watch");
    Report { diagnostics: vec![found], ..Report::nothing() }
}

/// The files that a look was about; where none is among them, the folders.
fn files(look: &Look) -> Vec<String> {
    let Look::At(paths) = look else { return Vec::new() };
    let paths = paths.iter().filter(|path| !path.is_root());
    let (files, others): (Vec<&RepoPath>, Vec<&RepoPath>) = paths.partition(|path| path.extension().is_some());
    let named = if files.is_empty() { others } else { files };
    named.into_iter().map(ToString::to_string).collect()
}
