//! The JSON Schema of a grammar: what editors complete from.

use serde_json::{Map, Value, json};

use super::{Grammar, Shape};

/// The JSON Schema of documents of `shape`, with `title`.
pub fn json_schema(title: &str, shape: &Shape) -> Value {
    let mut schema = shape_schema(shape);
    if let Value::Object(fields) = &mut schema {
        fields.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
        fields.insert("title".to_owned(), json!(title));
    }
    schema
}

fn shape_schema(shape: &Shape) -> Value {
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::OneOf(words) => json!({ "type": "string", "enum": words }),
        Shape::Literal => json!({ "type": ["string", "number", "boolean"] }),
        Shape::List(item) => json!({ "type": "array", "items": shape_schema(item) }),
        Shape::Table(grammar) => table_schema(grammar),
        Shape::Map(item) => json!({ "type": "object", "additionalProperties": shape_schema(item) }),
        Shape::Either(short, long) => json!({ "anyOf": [shape_schema(short), shape_schema(long)] }),
    }
}

fn table_schema(grammar: &Grammar) -> Value {
    let properties: Map<String, Value> = grammar
        .keys
        .iter()
        .map(|key| {
            let mut schema = shape_schema(&key.shape);
            if let Value::Object(fields) = &mut schema {
                fields.insert("description".to_owned(), json!(key.doc));
            }
            (key.name.to_owned(), schema)
        })
        .collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}
