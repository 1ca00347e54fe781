//! Templates: plain view values in, text out.
//!
//! An [`engine::Engine`] holds the built-in templates and the project's own, which override them file by file. It
//! gives a template nothing but its view: no clock, no environment, no chance, no file. What a render read is
//! reported with the text, so that a build knows when to render again. [`target`] says which outputs there are, and
//! [`outputs`] refuses paths that would collide; [`filters`] documents the filters that templates may use.

pub mod builtin;
pub mod engine;
pub mod error;
pub mod facts;
pub mod filters;
pub mod migration;
pub mod outputs;
pub mod parts;
pub mod target;
pub mod text;
pub mod texts;
pub mod view;

pub mod iteration;
mod known;

#[cfg(test)]
mod tests;
