//! `[prototype]`: for which tool the migrations are laid out.

use serde::{Deserialize, Serialize};

/// The tool that runs the migrations, which decides how their files are called and what is in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// forge's own: a file a step, up and down, numbered.
    #[default]
    Forge,
    /// Supabase's command line.
    Supabase,
    /// sqlx, with a file for each direction.
    Sqlx,
    /// dbmate.
    Dbmate,
    /// Flyway, with undo migrations.
    Flyway,
}

impl Layout {
    /// Every layout by the name that `forge.toml` gives it.
    pub const ALL: [(&str, Layout); 5] = [
        ("forge", Layout::Forge),
        ("supabase", Layout::Supabase),
        ("sqlx", Layout::Sqlx),
        ("dbmate", Layout::Dbmate),
        ("flyway", Layout::Flyway),
    ];
}
