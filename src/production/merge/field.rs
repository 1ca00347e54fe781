//! One field: its type, where its values come from, whether it is required.

use crate::model::datatype::DataType;
use crate::model::hints::Said;
use crate::model::name::Name;
use crate::model::table::{Column, Generated, Identity};
use crate::model::{Hints, Sql, lattice};
use crate::production::claim::{Claim, EntityClaim};
use crate::production::conflict::{Conflict, Fact, Side, disagreement, toml_text};
use crate::production::meaning::{same_expression, same_value};
use crate::production::settle::Settlements;

/// The field that all `claims`, of which there is at least one, make of it.
pub fn merge(entity: &Name, claims: &[Claim<'_>], settlements: &mut Settlements<'_>) -> Column {
    let first = claims[0].column;
    let mut column = Column::new(first.name.as_str(), merge_type(entity, claims, settlements));
    column.not_null = claims.iter().any(|claim| claim.column.not_null);
    merge_source(&mut column, entity, claims, settlements);
    let mut agreement = Agreement { entity, claims, settlements };
    column.collation = agreement.on("collation", |column| column.collation.clone());
    column.storage = agreement.on("storage", |column| column.storage.clone());
    column.compression = agreement.on("compression", |column| column.compression.clone());
    column.statistics = agreement.on("statistics target", |column| column.statistics);
    let options = |column: &Column| {
        let spelled: Vec<String> = column.options.iter().map(|(key, value)| format!("{key}={value}")).collect();
        (!spelled.is_empty()).then(|| spelled.join(", "))
    };
    if agreement.on("statistics options", options).is_some() {
        let said = claims.iter().find(|claim| !claim.column.options.is_empty());
        column.options = said.map(|claim| claim.column.options.clone()).unwrap_or_default();
    }
    column.comment = claims.iter().find_map(|claim| claim.column.comment.clone());
    column.doc = claims.iter().find_map(|claim| claim.column.doc.clone());
    column.hints = Hints::from(Said {
        renamed_from: claims.iter().find_map(|claim| claim.column.hints.renamed_from.clone()),
        moved_from: None,
        backfill: claims.iter().find_map(|claim| claim.column.hints.backfill.clone()),
        using: claims.iter().find_map(|claim| claim.column.hints.using.clone()),
    });
    column
}

/// The type that holds every claim. Where the BUSM speaks, that is its type: a claim that does not fit is a conflict.
fn merge_type(entity: &Name, claims: &[Claim<'_>], settlements: &mut Settlements<'_>) -> DataType {
    let first = &claims[0].column.ty;
    if claims.iter().all(|claim| claim.column.ty == *first) {
        return first.clone();
    }
    let joined = lattice::join_all(claims.iter().map(|claim| &claim.column.ty));
    let busm = claims.iter().find(|claim| claim.entity.by.busm).map(|claim| &claim.column.ty);
    let place = || format!("{entity}.{}", claims[0].column.name);
    let (message, proposal) = match (joined, busm) {
        (Some(joined), None) => return joined,
        (Some(joined), Some(busm)) if lattice::fits(&joined, busm) => return busm.clone(),
        (Some(joined), Some(busm)) => {
            (format!("a claim about `{}` does not fit into the BUSM's `{busm}`", place()), joined.to_string())
        }
        (None, _) => (format!("no type can hold all claims about `{}`", place()), busm.unwrap_or(first).to_string()),
    };
    let proposal = toml_text(&proposal);
    let conflict = conflict(entity, claims, Fact::Type, message, proposal, |claim| Some(claim.column.ty.to_string()));
    settlements.settle(conflict).and_then(|resolution| resolution.ty.clone()).unwrap_or_else(|| first.clone())
}

/// Where a field's value comes from when a row does not say it.
#[derive(Clone, Copy)]
enum Source<'a> {
    Default(&'a Sql),
    Identity(&'a Identity),
    Generated(&'a Generated),
}

impl<'a> Source<'a> {
    fn of(column: &'a Column) -> Option<Source<'a>> {
        let identity = column.identity.as_deref().map(Source::Identity);
        let generated = || column.generated.as_ref().map(Source::Generated);
        identity.or_else(generated).or_else(|| column.default.as_ref().map(Source::Default))
    }

    /// Whether two claims about a field of type `ty` say the same.
    fn same(
        (one, by): (Source<'_>, EntityClaim<'_>),
        (other, by_other): (Source<'_>, EntityClaim<'_>),
        ty: &DataType,
    ) -> bool {
        let (model, other_model) = (by.by.model, by_other.by.model);
        match (one, other) {
            (Source::Default(a), Source::Default(b)) => same_value((a, model), (b, other_model), ty),
            (Source::Identity(a), Source::Identity(b)) => a == b,
            (Source::Generated(a), Source::Generated(b)) => {
                let (one, other) = ((&a.expression, model), (&b.expression, other_model));
                a.stored == b.stored && same_expression(one, other, by.name)
            }
            _ => false,
        }
    }

    fn put(self, column: &mut Column) {
        match self {
            Source::Default(default) => column.default = Some(default.clone()),
            Source::Identity(identity) => column.identity = Some(Box::new(identity.clone())),
            Source::Generated(generated) => column.generated = Some(generated.clone()),
        }
    }

    fn says(self) -> String {
        match self {
            Source::Default(default) => format!("default {default}"),
            Source::Identity(identity) => {
                format!("generated {} as identity", if identity.always { "always" } else { "by default" })
            }
            Source::Generated(generated) => format!("generated as {}", generated.expression),
        }
    }
}

fn merge_source(column: &mut Column, entity: &Name, claims: &[Claim<'_>], settlements: &mut Settlements<'_>) {
    let said: Vec<(Source<'_>, EntityClaim<'_>)> =
        claims.iter().filter_map(|claim| Some((Source::of(claim.column)?, claim.entity))).collect();
    let Some((first, by)) = said.first().copied() else { return };
    if said.iter().all(|source| Source::same((first, by), *source, &column.ty)) {
        return first.put(column);
    }
    let default = said.iter().find_map(|(source, _)| match source {
        Source::Default(default) => Some(default.as_str()),
        _ => None,
    });
    let proposal = format!("{{ sql = {} }}", toml_text(default.unwrap_or("NULL")));
    let message = format!("`{entity}.{}` has several defaults", column.name);
    let conflict = conflict(entity, claims, Fact::Default, message, proposal, |claim| {
        Source::of(claim.column).map(|source| format!("`{}`", source.says()))
    });
    match settlements.settle(conflict).and_then(|resolution| resolution.default.clone()) {
        Some(default) => column.default = Some(default),
        None => first.put(column),
    }
}

/// A conflict about `fact` with a side for each claim that says something.
pub fn conflict(
    entity: &Name,
    claims: &[Claim<'_>],
    fact: Fact,
    message: String,
    proposal: String,
    says: impl Fn(&Claim<'_>) -> Option<String>,
) -> Conflict {
    // The modules first, those that say something of their own before the others: one of these lines is the likely place
    // to change.
    let of_busm = claims.iter().find(|claim| claim.entity.by.busm).and_then(&says);
    let said = claims.iter().filter_map(|claim| Some((claim, says(claim)?)));
    let mut said: Vec<(&Claim<'_>, String)> = said.collect();
    said.sort_by_key(|(claim, says)| (claim.entity.by.busm, of_busm.as_ref() == Some(says)));
    let side = |(claim, says): (&Claim<'_>, String)| Side {
        who: claim.entity.by.name.clone(),
        says,
        span: claim.span().cloned(),
    };
    let sides = said.into_iter().map(side);
    let field = Some(claims[0].column.name.clone());
    Conflict { entity: entity.clone(), field, fact, message, sides: sides.collect(), proposal }
}

/// Facts of a field on which those who speak of them have to agree.
struct Agreement<'c, 'a, 's, 'r> {
    entity: &'c Name,
    claims: &'c [Claim<'a>],
    settlements: &'s mut Settlements<'r>,
}

impl Agreement<'_, '_, '_, '_> {
    /// The first answer; another one is reported.
    fn on<T: PartialEq + std::fmt::Display>(&mut self, what: &str, answer: impl Fn(&Column) -> Option<T>) -> Option<T> {
        let answers: Vec<(&Claim<'_>, T)> =
            self.claims.iter().filter_map(|claim| answer(claim.column).map(|answer| (claim, answer))).collect();
        if answers.windows(2).any(|pair| pair[0].1 != pair[1].1) {
            let message = format!("`{}.{}` has several {what}s", self.entity, self.claims[0].column.name);
            let sides = answers.iter().map(|(claim, answer)| Side {
                who: claim.entity.by.name.clone(),
                says: format!("{what} `{answer}`"),
                span: claim.span().cloned(),
            });
            let finding = disagreement("field-conflict", message, sides.collect());
            self.settlements.diagnostics.push(finding.help("say the same in all of them, or in the BUSM only"));
        }
        answers.into_iter().next().map(|(_, answer)| answer)
    }
}
