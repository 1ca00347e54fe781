//! `forge watch` in a real terminal, which `tmux` provides: what stands on the screen, the keys, and the terminal that is
//! left behind.

use std::path::Path;
use std::process::Command;

use crate::support::project::Project;
use crate::support::watching::{hermetic, sh, until};

const ENTITY: &str = "modules/a/things.toml";
const GOOD: &str = "[things.fields]\nid = { type = \"uuid\", primary_key = true }\nphone = \"text\"\n";

/// A terminal with a shell in it.
struct Terminal<'a> {
    folder: &'a Path,
}

impl Terminal<'_> {
    fn open(folder: &Path, rows: usize) -> Terminal<'_> {
        Terminal::with("sh", folder, rows)
    }

    fn with<'a>(shell: &str, folder: &'a Path, rows: usize) -> Terminal<'a> {
        let terminal = Terminal { folder };
        let size = format!("new-session -d -x 100 -y {rows} 'env PS1=ready: TERM=xterm {shell}'");
        terminal.tmux(&size);
        terminal.waits("ready:");
        terminal
    }

    fn tmux(&self, arguments: &str) -> String {
        sh(self.folder, &format!("tmux -S tmux~ -f /dev/null {arguments}"))
    }

    /// Types keys; `Enter` and the like go by their names.
    fn types(&self, keys: &str) {
        self.tmux(&format!("send-keys {keys}"));
    }

    /// What it shows, in small letters.
    fn screen(&self) -> String {
        self.tmux("capture-pane -p -J").to_lowercase()
    }

    /// What it shows and what has scrolled off.
    fn history(&self) -> String {
        self.tmux("capture-pane -p -J -S -").to_lowercase()
    }

    fn waits(&self, text: &str) {
        until(&format!("the screen shows {text:?}"), || self.history().contains(text));
    }

    fn waits_without(&self, text: &str) {
        until(&format!("the screen does not show {text:?}"), || !self.screen().contains(text));
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        let mut tmux = Command::new("tmux");
        let _ = hermetic(tmux.args(["-S", "tmux~", "kill-server"]), self.folder).output();
    }
}

/// Whether there is a `tmux`; says so where there is none.
fn has_tmux() -> bool {
    let found = Command::new("tmux").arg("-V").output().is_ok_and(|output| output.status.success());
    if !found {
        println!("skipped: there is no `tmux`");
    }
    found
}

#[test]
fn findings_stand_until_they_are_fixed_and_keys_work() {
    if !has_tmux() {
        return;
    }
    let project = Project::new(&format!("//- {ENTITY}\n{GOOD}"));
    let terminal = Terminal::open(project.root(), 40);
    terminal.types(&format!("'{} watch' Enter", env!("CARGO_BIN_EXE_forge")));
    terminal.waits("q quit");
    terminal.waits("wrote ");
    project.write(ENTITY, GOOD.replace("phone = \"text\"", "phone = \"varchar(20)\""));
    terminal.waits("`text` -> `varchar(20)");
    // An error stands, below the lines and above the keys, through a build that does not concern it.
    project.write("modules/b/b.toml", "[b.fields]\nid = { type = \"uuid\", requird = true }\n");
    terminal.waits("unknown key `requird`");
    terminal.waits("did you mean `required`?");
    project.write(ENTITY, GOOD.replace("phone = \"text\"", "phone = \"integer\""));
    terminal.waits("`varchar(20)` -> `integer`");
    let screen = terminal.screen();
    assert_eq!(screen.matches("unknown key").count(), 1, "{screen}");
    assert!(screen.find("`varchar(20)` -> `integer`") < screen.find("unknown key"), "{screen}");
    assert!(screen.find("unknown key") < screen.find("q quit"), "{screen}");
    assert_eq!(screen.matches("q quit").count(), 1, "{screen}");
    project.write("modules/b/b.toml", "[b.fields]\nid = { type = \"uuid\", required = true }\n");
    terminal.waits_without("unknown key");
    // The keys, which are not echoed.
    terminal.types("w");
    terminal.waits("generated/concept/entities/b.md");
    terminal.types("f");
    terminal.waits("the same bytes");
    terminal.types("r");
    terminal.waits("up to date");
    // Two that come at once.
    terminal.types("xq");
    terminal.waits_without("q quit");
    left_as_it_was(&terminal);
}

/// Findings that do not fit leave room for the line of the build, and for what a key asks for.
#[test]
fn what_was_said_last_is_seen_beside_many_findings() {
    if !has_tmux() {
        return;
    }
    let project = Project::new(&format!("//- {ENTITY}\n{GOOD}"));
    let terminal = Terminal::open(project.root(), 14);
    terminal.types(&format!("'{} watch' Enter", env!("CARGO_BIN_EXE_forge")));
    terminal.waits("q quit");
    let broken: String =
        (0..8).map(|at| format!("[b{at}.fields]\nid = {{ type = \"uuid\", requird = true }}\n")).collect();
    project.write("modules/b/b.toml", broken);
    terminal.waits("more lines; `forge check` shows all");
    until("the line is seen", || terminal.screen().contains(" 8 errors, "));
    project.write(ENTITY, GOOD.replace("phone = \"text\"", "phone = \"varchar(20)\""));
    until("the cause is seen", || terminal.screen().contains("`things.phone` type: `text` -> `varchar(20)`"));
    terminal.types("w");
    until("the answer is seen", || {
        terminal.screen().contains("more lines") && terminal.screen().contains("\n  `things.phone` type:")
    });
}

#[test]
fn an_interrupt_gives_the_terminal_back() {
    if !has_tmux() {
        return;
    }
    let project = Project::new(&format!("//- {ENTITY}\n{GOOD}"));
    let terminal = Terminal::open(project.root(), 30);
    terminal.types(&format!("'{} watch --clear' Enter", env!("CARGO_BIN_EXE_forge")));
    terminal.waits("q quit");
    project.write(ENTITY, GOOD.replace("phone = \"text\"", "phone = \"varchar(20)\""));
    terminal.waits("`text` -> `varchar(20)");
    assert!(!terminal.screen().contains("ready:"), "the screen was cleared: {}", terminal.screen());
    terminal.types("C-c");
    left_as_it_was(&terminal);
}

/// A shell that had stopped the program gives it the terminal back as it has it itself.
#[test]
fn after_a_stop_the_keys_are_its_own_again() {
    if !has_tmux() || Command::new("bash").arg("--version").output().is_err() {
        return;
    }
    let project = Project::new(&format!("//- {ENTITY}\n{GOOD}"));
    let terminal = Terminal::with("bash --norc --noprofile --noediting", project.root(), 30);
    terminal.types(&format!("'{} watch' Enter", env!("CARGO_BIN_EXE_forge")));
    terminal.waits("q quit");
    terminal.types("C-z");
    until("the shell has the terminal", || terminal.screen().trim_end().ends_with("ready:"));
    terminal.types("'fg' Enter");
    until("what stands is drawn again", || terminal.screen().trim_end().ends_with("q quit"));
    terminal.types("f");
    terminal.waits("the same bytes");
    // A taller terminal is drawn on anew.
    terminal.tmux("resize-window -x 30 -y 20");
    terminal.waits_without("q quit");
    terminal.tmux("resize-window -x 100 -y 30");
    until("all keys are named", || terminal.screen().trim_end().ends_with("q quit"));
    terminal.types("q");
    left_as_it_was(&terminal);
}

#[test]
fn more_findings_than_the_terminal_has_rows_are_cut_and_counted() {
    if !has_tmux() {
        return;
    }
    let project = Project::new(&format!("//- {ENTITY}\n{GOOD}"));
    let terminal = Terminal::open(project.root(), 15);
    terminal.types(&format!("'{} watch' Enter", env!("CARGO_BIN_EXE_forge")));
    terminal.waits("q quit");
    let wrong = "[b.fields]\na = { requird = 1 }\nb = { requird = 1 }\nc = { requird = 1 }\nd = { requird = 1 }\n";
    project.write("modules/b/b.toml", wrong);
    terminal.waits("more lines; `forge check` shows all");
    terminal.waits("q quit");
    project.write("modules/b/b.toml", "[b.fields]\nid = \"uuid\"\n");
    terminal.waits_without("requird");
    assert_eq!(terminal.screen().matches("q quit").count(), 1, "{}", terminal.screen());
    terminal.types("q");
    terminal.waits_without("q quit");
}

/// The shell's terminal echoes and takes lines, and nothing that was typed before is left over.
fn left_as_it_was(terminal: &Terminal<'_>) {
    // Above, the prompt of the command itself may still stand.
    until("the shell waits for a command", || terminal.screen().trim_end().lines().last() == Some("ready:"));
    terminal.types("'stty -a | tr \" ;\" \"\\n\\n\" | grep -cx -e echo -e icanon -e isig' Enter");
    terminal.waits("\n3\n");
}
