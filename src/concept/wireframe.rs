//! The box that shows an entity as a text wireframe, as wide as a terminal or a Markdown page draws it.

use unicode_width::UnicodeWidthStr;

/// Boxes are as wide as a multiple of this, so that one longer field seldom redraws every line of the box.
const STEP: usize = 8;

/// Draws the box: a title, and a line `- name: type` for each field.
///
/// ```text
/// ┌──────────────────────┐
/// │  accounts            │
/// │  - id: uuid          │
/// └──────────────────────┘
/// ```
pub fn wireframe<'a>(title: &str, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let lines: Vec<String> = std::iter::once(title.to_owned())
        .chain(fields.into_iter().map(|(name, ty)| format!("- {name}: {ty}")))
        .map(|line| line.chars().map(visible).collect())
        .collect();
    let widest = lines.iter().map(|line| line.width()).max().unwrap_or(0);
    let inner = (widest + 4).next_multiple_of(STEP);
    let edge = "─".repeat(inner);
    let mut drawn = format!("┌{edge}┐\n");
    for line in &lines {
        let padding = " ".repeat(inner - 2 - line.width());
        drawn.push_str(&format!("│  {line}{padding}│\n"));
    }
    drawn.push_str(&format!("└{edge}┘\n"));
    drawn
}

/// A control character would break the box; its place is shown instead.
fn visible(character: char) -> char {
    if character.is_control() { '\u{fffd}' } else { character }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::wireframe;

    #[test]
    fn draws_the_box_of_the_entity() {
        let drawn = wireframe("accounts", [("id", "uuid"), ("name", "varchar(255)")]);
        let expected = "\
┌────────────────────────┐
│  accounts              │
│  - id: uuid            │
│  - name: varchar(255)  │
└────────────────────────┘
";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn every_line_is_as_wide_on_screen_whatever_the_letters() {
        let drawn = wireframe("取引先", [("名前", "text"), ("naïve", "text"), ("tab\there", "text")]);
        let widths: Vec<usize> = drawn.lines().map(|line| line.width()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{widths:?}\n{drawn}");
    }
}
