//! Comments: what the schema files say that entities and fields are for, where the next person looks for it: in the database.
//!
//! A comment that a SQL file wrote itself stays.

use super::piece::{Piece, Proposal};
use super::{Rule, Site};

/// The rule.
pub const RULE: Rule = Rule {
    name: "comments",
    title: "Comments",
    about: "What the schema files say about an entity and its fields becomes a comment in the database, where every \
            tool shows it.",
    propose,
    needs: &[],
};

fn propose(site: &Site<'_>) -> Proposal {
    let mut proposal = Proposal::default();
    if let (Some(doc), None) = (&site.table.doc, &site.table.comment) {
        proposal.add(Piece::TableComment(doc.clone()), "says what the entity is");
    }
    for column in &site.table.columns {
        if let (Some(doc), None) = (&column.doc, &column.comment) {
            proposal.add(Piece::ColumnComment(column.name.clone(), doc.clone()), "says what the field means");
        }
    }
    proposal
}
