//! How an object and its rows are carried over from a past state.
//!
//! Nearly no object has hints, and every object could: those without any take one word.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Sql;
use super::name::{Ident, Name};

/// The schema, if one is said, and the name that `renamed_from` says of an entity outside of SQL.
pub fn former_entity(text: &str) -> (Option<Ident>, Ident) {
    match text.split_once('.') {
        Some((schema, name)) => (Some(Ident::new(schema)), Ident::new(name)),
        None => (None, Ident::new(text)),
    }
}

/// An object's hints. No part of the state: hints shape the way, not the goal.
#[derive(Clone, Debug, Default)]
pub struct Hints(Option<Box<Said>>);

/// What hints say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The name that the object had before (`renamed_from`).
    pub renamed_from: Option<Ident>,
    /// The schema that the object was in before, when `renamed_from` names one.
    pub moved_from: Option<Ident>,
    /// For a column that becomes NOT NULL or is added so: the expression that fills rows which lack a value.
    pub backfill: Option<Sql>,
    /// For a column whose type changes: the expression that converts old values (`USING`).
    pub using: Option<Sql>,
}

static NOTHING: Said = Said { renamed_from: None, moved_from: None, backfill: None, using: None };

impl From<Said> for Hints {
    fn from(said: Said) -> Hints {
        Hints((said != NOTHING).then(|| Box::new(said)))
    }
}

impl Hints {
    /// What the object `name` was called before, if they say so.
    pub fn former(&self, name: &Name) -> Option<Name> {
        let old = self.renamed_from.as_ref()?.as_str();
        Some(self.moved_from.as_ref().map_or_else(|| name.sibling(old), |schema| Name::qualified(schema.as_str(), old)))
    }

    /// What they say, to take apart.
    pub fn said(self) -> Said {
        self.0.map(|said| *said).unwrap_or_default()
    }
}

impl Deref for Hints {
    type Target = Said;

    fn deref(&self) -> &Said {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for Hints {
    fn deref_mut(&mut self) -> &mut Said {
        self.0.get_or_insert_default()
    }
}

impl PartialEq for Hints {
    fn eq(&self, other: &Hints) -> bool {
        **self == **other
    }
}

impl Eq for Hints {}

impl Serialize for Hints {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Hints {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Hints, D::Error> {
        Said::deserialize(deserializer).map(Hints::from)
    }
}

#[cfg(test)]
mod tests {
    use super::{Hints, Said};
    use crate::model::name::Ident;

    #[test]
    fn hints_that_say_nothing_are_none_however_they_came_about() {
        let mut touched = Hints::default();
        assert_eq!(touched.renamed_from.take(), None);
        assert_eq!(touched, Hints::default());
        assert_eq!(touched, Hints::from(Said::default()));
        touched.renamed_from = Some(Ident::new("old"));
        assert_ne!(touched, Hints::default());
        let bytes = postcard::to_stdvec(&touched).unwrap();
        assert_eq!(postcard::from_bytes::<Hints>(&bytes).unwrap(), touched);
    }
}
