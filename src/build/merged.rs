//! Production of the modules that have come so far.

use std::sync::Arc;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::load::Loaded;
use super::partial::Partial;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::memo::{Memo, Query};
use crate::model::lower::Lowered;
use crate::production::{self, Claimant, Production, Settings};
use crate::syntax::toml::Stage;

/// What is wrong with production.
const VERDICT: Query = Query { name: "verdict", version: 1 };

/// Those who say what production consists of, and the settings.
pub struct Claims {
    busm_name: String,
    busm: Arc<Partial>,
    modules: Vec<(String, Arc<Partial>)>,
    settings: Settings,
    /// The digest of all that decides the schema.
    pub basis: Digest,
}

impl Claims {
    /// What `loaded` claims.
    pub fn new(config: &Config, loaded: &Loaded) -> Claims {
        let modules = loaded.modules.iter().filter(|(_, module)| module.info.stage == Stage::Production);
        let modules: Vec<_> = modules.map(|(name, module)| (name.clone(), Arc::clone(&module.view))).collect();
        let settings = Settings { harden: config.harden.clone(), resolutions: config.resolutions.clone() };
        let models: Vec<_> = modules.iter().map(|(name, view)| (name, view.marks().model)).collect();
        let busm = (&loaded.busm_name, loaded.busm.marks().model);
        let basis = digest::of("claims", &(busm, models, &settings));
        Claims { busm_name: loaded.busm_name.clone(), busm: Arc::clone(&loaded.busm), modules, settings, basis }
    }

    /// Merges, completes and hardens what is claimed.
    pub fn production(&self) -> Production {
        let views: Vec<&Partial> = self.views().collect();
        // In the cache, or in files: either way there is something to do for each.
        let lowered: Vec<&Lowered> = views.par_iter().map(|view| view.lowered()).collect();
        let names = std::iter::once(&self.busm_name).chain(self.modules.iter().map(|(name, _)| name));
        let claimants: Vec<Claimant<'_>> = names
            .zip(lowered)
            .enumerate()
            .map(|(place, (name, Lowered { model, origins, .. }))| Claimant {
                name: name.clone(),
                busm: place == 0,
                model,
                origins,
            })
            .collect();
        production::build(&claimants, &self.settings)
    }

    /// What is wrong with it, and production itself where it had to be made to find that out.
    pub fn verdict(&self, memo: &Memo) -> (Vec<Diagnostic>, Option<Production>) {
        // Where something was written matters to what is said about it, if anything is.
        let places: Vec<Digest> = self.views().map(|view| view.inputs).collect();
        let keys = [digest::of("anywhere", &self.basis), digest::of("there", &(self.basis, places))];
        let [anywhere, there] = keys.map(|inputs| memo.key(VERDICT, inputs));
        if let Some(known) = memo.held::<Vec<Diagnostic>>(anywhere).or_else(|| memo.held(there)) {
            return (known.to_vec(), None);
        }
        let made = self.production();
        let key = if made.diagnostics.is_empty() { anywhere } else { there };
        memo.hold(key, Arc::new(made.diagnostics.clone()));
        (made.diagnostics.clone(), Some(made))
    }

    fn views(&self) -> impl Iterator<Item = &Partial> {
        std::iter::once(&self.busm).chain(self.modules.iter().map(|(_, view)| view)).map(Arc::as_ref)
    }
}
