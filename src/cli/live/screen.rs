//! A terminal: lines that scroll away above, and below them what stands until it is no longer true: the findings,
//! and the keys.
//!
//! What stands is erased and drawn again around each line. It is never taller than the terminal, since what has
//! scrolled off can no longer be erased; and it leaves room for what was said last.

use anstream::adapter::strip_str;
use unicode_width::UnicodeWidthStr;

use super::terminal;
use crate::cli::ui::{DIM, Ui, paint};

const KEYS: &str = "r rebuild · f from scratch and compare · w why · q quit";

/// Takes the cursor to the start of the line and erases from there to the end.
const ERASE: &str = "\r\x1b[J";
/// Erases everything and takes the cursor to the top.
const CLEAR: &str = "\x1b[2J\x1b[H";

/// What stands on the terminal.
pub struct Screen {
    clear: bool,
    notes: String,
    findings: String,
    drawn: String,
    /// The rows of what was said last.
    said: usize,
    /// The size of the terminal that it was drawn on.
    size: (usize, usize),
}

impl Screen {
    /// An empty one; with `clear`, each build begins at its top.
    pub fn new(clear: bool) -> Screen {
        Screen { clear, notes: String::new(), findings: String::new(), drawn: String::new(), said: 1, size: (0, 0) }
    }

    /// What stands because of the surroundings.
    pub fn set_notes(&mut self, notes: String) {
        self.notes = notes;
    }

    /// What stands because of the last build.
    pub fn set_findings(&mut self, findings: String) {
        self.findings = findings;
    }

    /// Adds lines above what stands.
    pub fn append(&mut self, ui: &Ui, lines: &str) {
        let erase = self.erase();
        self.said = lines.lines().map(|line| rows(line, terminal::size().0)).sum();
        ui.draw(if self.clear { CLEAR } else { &erase }, &format!("{lines}\n"));
        self.drawn.clear();
        self.draw(ui);
    }

    /// Draws what stands again, if the terminal has another size, or somebody else has drawn on it (`is_lost`).
    pub fn renew(&mut self, ui: &Ui, is_lost: bool) {
        if is_lost {
            self.drawn.clear();
        }
        if is_lost || self.size != terminal::size() {
            self.draw(ui);
        }
    }

    /// Draws what stands.
    pub fn draw(&mut self, ui: &Ui) {
        let erase = self.erase();
        self.drawn = self.standing();
        self.size = terminal::size();
        ui.draw(&erase, &self.drawn);
    }

    /// Leaves the findings, without the keys.
    pub fn end(&mut self, ui: &Ui) {
        ui.draw(&self.erase(), &format!("{}{}", self.notes, self.findings));
        self.drawn.clear();
    }

    fn standing(&self) -> String {
        let (width, height) = terminal::size();
        let text = format!("{}{}", self.notes, self.findings);
        // Beside the keys, and a line that says how much is left out.
        let room = height.saturating_sub(2 + self.said.clamp(1, (2 * height / 3).max(1)));
        let mut kept = String::new();
        let mut used = 0;
        let mut lines = text.lines();
        for line in lines.by_ref() {
            let needs = rows(line, width);
            if used + needs > room {
                let left = 1 + lines.count();
                kept.push_str(&paint(DIM, format!("… {left} more lines; `forge check` shows all\n")));
                break;
            }
            used += needs;
            kept.push_str(line);
            kept.push('\n');
        }
        // The last line is not ended, so that nothing scrolls.
        kept + &paint(DIM, KEYS.chars().take(width.saturating_sub(1)).collect::<String>())
    }

    /// The controls that erase what was drawn.
    fn erase(&self) -> String {
        let (width, _) = terminal::size();
        let up: usize = self.drawn.lines().map(|line| rows(line, width)).sum();
        match up.saturating_sub(1) {
            0 => ERASE.to_owned(),
            up => format!("\x1b[{up}A{ERASE}"),
        }
    }
}

/// The rows that a line takes on a terminal of this width.
fn rows(line: &str, width: usize) -> usize {
    let plain = strip_str(line).to_string();
    plain.width().div_ceil(width.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn a_line_takes_as_many_rows_as_it_needs() {
        assert_eq!(rows("", 10), 1);
        assert_eq!(rows("0123456789", 10), 1);
        assert_eq!(rows("0123456789x", 10), 2);
        assert_eq!(rows("\x1b[31m0123456789\x1b[0m", 10), 1);
    }
}
