//! A progress bar, for builds that take long enough to be wondered about.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::ui::Ui;
use crate::build::Progress;

/// How long a build may take before a bar is drawn.
const PATIENCE: Duration = Duration::from_millis(500);

/// Runs `work` and, where somebody is looking, draws how far it is once it takes long.
pub fn with<T>(ui: &Ui, work: impl FnOnce(&Progress<'_>) -> T) -> T {
    if !ui.is_watched() {
        return work(&|_, _| {});
    }
    let start = Instant::now();
    let bar: OnceLock<ProgressBar> = OnceLock::new();
    let result = work(&|done, all| {
        if start.elapsed() > PATIENCE {
            bar.get_or_init(|| drawn(all)).set_position(done as u64);
        }
    });
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    result
}

fn drawn(all: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("  rendering [{bar:40}] {pos}/{len}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(all as u64).with_style(style.progress_chars("=> "))
}
