//! Production of the modules that have come so far.

use super::load::Loaded;
use crate::config::Config;
use crate::production::{self, Claimant, Production, Settings};
use crate::syntax::toml::Stage;

/// Merges, completes and hardens what `loaded` claims.
pub fn production(config: &Config, loaded: &Loaded) -> Production {
    let modules = loaded.modules.iter().filter(|(_, module)| module.info.stage == Stage::Production);
    let modules = modules.map(|(name, module)| Claimant {
        name: name.clone(),
        busm: false,
        model: &module.lowered.model,
        origins: &module.lowered.origins,
    });
    let busm = Claimant {
        name: loaded.busm_name.clone(),
        busm: true,
        model: &loaded.busm.model,
        origins: &loaded.busm.origins,
    };
    let claimants: Vec<Claimant<'_>> = std::iter::once(busm).chain(modules).collect();
    production::build(&claimants, &Settings { harden: config.harden.clone(), resolutions: config.resolutions.clone() })
}
