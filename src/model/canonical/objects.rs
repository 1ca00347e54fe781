//! The canonical form of every object of a model.

use crate::model::Model;

/// The canonical form of `model`.
pub fn model(model: &Model) -> Model {
    model.clone()
}
