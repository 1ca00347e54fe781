//! The documentation of the seed's example, and of schemas that are too large to draw in full.

use super::diagram::{CHARACTERS, Detail, Diagram, LINES};
use super::fixture::{field_service, large, model, paths, source};
use super::page::EntityPage;
use super::show::{Unknown, show};
use super::{Concept, Source};
use crate::model::constraint::Constraint;
use crate::model::name::{Ident, Name};
use crate::model::{Access, Model};

/// Asks `ask` about the concept that `models` make.
fn about<T>(models: &[(impl AsRef<str>, Model)], ask: impl Fn(&Concept<'_>) -> T) -> T {
    let sources: Vec<Source<'_>> = models.iter().map(|(name, model)| source(name.as_ref(), model)).collect();
    let paths = paths(&sources);
    ask(&Concept::new("Field service", None, &sources, &paths))
}

fn entity(name: &str) -> EntityPage {
    about(&field_service(), |concept| concept.entity_page(&Name::local(name)).unwrap())
}

fn sentences(page: &EntityPage) -> Vec<&str> {
    page.entity.relationships.iter().map(|it| it.sentence.as_str()).collect()
}

#[test]
fn relationships_read_as_sentences_both_ways() {
    assert_eq!(
        sentences(&entity("accounts")),
        [
            "an account belongs to one territory (optional)",
            "an account belongs to one user as owner",
            "an account may have a parent account",
            "an account may be the parent account of many accounts",
            "an account has many contacts",
            "an account has many locations",
        ]
    );
    assert_eq!(
        sentences(&entity("users")),
        [
            "a user has many accounts as owner",
            "a user has at most one user profile",
            "a user has many work orders through assigned_to",
            "a user has many work orders through created_by",
        ]
    );
}

#[test]
fn several_references_without_a_role_are_told_apart_by_their_fields() {
    let mut matches = model("teams: id uuid pk\nmatches: id uuid pk, home uuid ! -> teams, away uuid -> teams");
    let shown = about(&[("m", matches.clone())], |concept| {
        sentences(&concept.entity_page(&Name::local("matches")).unwrap()).join("; ")
    });
    assert_eq!(shown, "a match belongs to one team through home; a match belongs to one team through away (optional)");

    let table = matches.tables.get_mut(&Name::local("matches")).unwrap();
    table.constraints.retain(|name, _| name.as_str() != "matches_away_fkey");
    let shown = about(&[("m", matches)], |concept| {
        sentences(&concept.entity_page(&Name::local("matches")).unwrap()).join("; ")
    });
    assert_eq!(shown, "a match belongs to one team through home");
}

#[test]
fn a_merged_entity_keeps_every_claim() {
    let page = entity("accounts");
    let names: Vec<&str> = page.claimed_by.iter().map(|module| module.name.as_str()).collect();
    assert_eq!(names, ["account-management", "master-view"]);
    let field = |name: &str| page.entity.fields.iter().find(|field| field.name == name).unwrap();
    assert_eq!(page.entity.fields.last().unwrap().name, "email");

    let name = field("name");
    assert_eq!(
        (name.r#type.as_str(), name.required, name.meaning.as_deref()),
        ("varchar(255)", true, Some("What we call them"))
    );
    let sides: Vec<(&str, Vec<(&str, String)>)> = name
        .differs
        .iter()
        .map(|it| (it.fact, it.sides.iter().map(|side| (side.value.as_str(), side.by.join(" "))).collect()))
        .collect();
    assert_eq!(
        sides,
        [("type", vec![("varchar(255)", "BUSM master-view".to_owned()), ("text", "account-management".to_owned())]),]
    );
    assert_eq!(field("id").facts, ["primary key", "by default a random uuid"]);
    assert_eq!(field("type").facts, ["required", "one of Residential, Commercial, Industrial"]);
    assert_eq!(field("account_number").facts, ["required", "unique"]);
    assert!(field("account_number").claimed_by.is_empty());
}

/// As production merges them: who reads the page of the whole sees what there will be.
#[test]
fn a_field_has_the_type_that_holds_all_claims() {
    let shown = |[one, other]: [&str; 2]| {
        let claim = |ty: &str| model(&format!("notes: id uuid pk, size {ty}"));
        about(&[("a", claim(one)), ("b", claim(other))], |concept| {
            let page = concept.entity_page(&Name::local("notes")).unwrap();
            let field = page.entity.fields.iter().find(|field| field.name == "size").unwrap();
            let diagram = page.diagram.as_ref().unwrap().text.clone();
            (field.r#type.clone(), diagram.contains(&format!("{} size", field.r#type)))
        })
    };
    assert_eq!(shown(["integer", "bigint"]), ("bigint".to_owned(), true));
    assert_eq!(shown(["bigint", "integer"]), ("bigint".to_owned(), true));
    // Where none does, production asks, and the page shows the first beside all of them.
    assert_eq!(shown(["date", "integer"]), ("date".to_owned(), true));
}

#[test]
fn a_module_sees_only_its_own_view() {
    let page = about(&field_service(), |concept| concept.module_page("service-scheduler").unwrap());
    let names: Vec<&str> = page.entities.iter().map(|entity| entity.name.as_str()).collect();
    assert_eq!(names, ["services", "work_orders"]);
    let refers: Vec<_> = page.refers_to.iter().map(|it| (it.name.as_str(), it.href.as_deref())).collect();
    assert_eq!(refers, [("locations", Some("../entities/locations.md"))]);
    let expected = "\
erDiagram
    services ||--o{ work_orders : service_id
    locations |o--o{ work_orders : location_id
    services {
        uuid id PK
        varchar name
    }
    work_orders {
        uuid id PK
        uuid service_id FK
        uuid location_id FK
    }
";
    assert_eq!(page.diagram, Some(Diagram { detail: Detail::Full, text: expected.to_owned() }));
}

#[test]
fn rules_speak_only_of_fields_that_the_view_has() {
    let named = |text: &str| {
        let mut model = model(text);
        let table = model.tables.get_mut(&Name::local("accounts")).unwrap();
        table.intent.access = Some(Access { owner: Some(Ident::new("owner_id")), ..Access::default() });
        let key = Constraint::unique(vec![Ident::new("id"), Ident::new("name")]);
        table.constraints.insert(Ident::new("both"), key);
        about(&[("m", model)], |concept| concept.entity_page(&Name::local("accounts")).unwrap().entity.rules)
    };
    let both = "no two accounts share the same `id` and `name`";
    assert_eq!(named("accounts: id uuid, name text"), [both]);
    let owned = "an account is reached by the user whom `owner_id` names";
    assert_eq!(named("accounts: id uuid, name text, owner_id uuid"), [both, owned]);
}

#[test]
fn an_entity_that_nobody_declares_has_no_link() {
    let page = about(&[("m", model("a: id uuid pk, b_id uuid -> bs"))], |concept| {
        concept.entity_page(&Name::local("a")).unwrap()
    });
    assert_eq!(page.entity.relationships[0].entity.href, None);
    assert_eq!(page.entity.fields[1].references[0].href, None);
}

#[test]
fn large_schemas_are_drawn_with_less() {
    let details: Vec<Option<Detail>> = [1, 20, 21, 60, 61, 500]
        .iter()
        .map(|tables| about(&large(*tables), |concept| concept.project_page().diagram.map(|drawn| drawn.detail)))
        .collect();
    let expected = [Detail::Full, Detail::Full, Detail::Keys, Detail::Keys, Detail::Map, Detail::Map].map(Some);
    assert_eq!(details, expected);
}

#[test]
fn every_diagram_stays_below_the_limits() {
    for tables in [25, 80, 500] {
        let drawn = about(&large(tables), |concept| {
            let modules = (0..tables.div_ceil(10)).map(|module| format!("module-{module:03}"));
            let mut drawn: Vec<Option<Diagram>> =
                modules.map(|name| concept.module_page(&name).unwrap().diagram).collect();
            drawn.extend(concept.entities().map(|name| concept.entity_page(name).unwrap().diagram));
            drawn.push(concept.project_page().diagram);
            drawn
        });
        for diagram in drawn.into_iter().flatten() {
            assert!(diagram.text.chars().count() <= CHARACTERS);
            assert!(diagram.text.matches(" --- ").count() + diagram.text.matches(" -.-> ").count() <= LINES);
        }
    }
}

#[test]
fn an_entity_that_everybody_refers_to_shows_what_it_refers_to() {
    let mut lines = vec!["users: id uuid pk, team_id uuid -> teams".to_owned()];
    lines.extend((0..70).map(|number| format!("things_{number}: id uuid pk, user_id uuid -> users")));
    let page = about(&[("m", model(&lines.join("\n")))], |concept| concept.entity_page(&Name::local("users")).unwrap());
    let diagram = page.diagram.unwrap();
    assert_eq!((diagram.detail, diagram.text.matches("--o{").count()), (Detail::Outgoing, 1));
    assert_eq!(page.entity.relationships.len(), 71);
}

#[test]
fn one_more_module_moves_no_other_on_the_map() {
    let lines = |models: &[(String, Model)]| -> Vec<String> {
        let map = about(models, |concept| concept.project_page().diagram.unwrap());
        assert_eq!(map.detail, Detail::Map);
        map.text.lines().map(str::to_owned).collect()
    };
    let mut models = large(80);
    let before = lines(&models);
    models.insert(0, ("a-first".to_owned(), model("first: id uuid pk, entity_5_id uuid -> entity_5")));
    let after = lines(&models);
    assert!(before.iter().all(|line| after.contains(line)));
}

#[test]
fn the_terminal_shows_the_box_the_fields_and_the_relationships() {
    let shown = about(&field_service(), |concept| show(concept, "locations", Some("master-view"), false).unwrap());
    let expected = "\
┌────────────────────────┐
│  locations             │
│  - id: uuid            │
│  - account_id: uuid    │
│  - address: text       │
└────────────────────────┘

Fields
  id          uuid  primary key
  account_id  uuid  refers to accounts
  address     text

Relationships
  a location belongs to one account (optional)
";
    assert_eq!(shown, expected);
}

#[test]
fn the_terminal_names_what_was_probably_meant() {
    let (module, entity, merged) = about(&field_service(), |concept| {
        (
            show(concept, "locations", Some("master-veiw"), false),
            show(concept, "acounts", Some("master-view"), false),
            show(concept, "contacts", None, true).unwrap(),
        )
    });
    assert_eq!(module, Err(Unknown::Module(Some("master-view".to_owned()))));
    assert_eq!(entity, Err(Unknown::Entity(Some("accounts".to_owned()))));
    assert!(merged.contains("claimed by BUSM, account-management"), "{merged}");
    assert!(merged.contains("\u{1b}["));
}
