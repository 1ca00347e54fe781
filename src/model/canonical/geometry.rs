//! Constants of geometric types, as the server prints them. Source: `src/backend/utils/adt/geo_ops.c`.

use super::literal::double;

/// The value of the geometric type `ty` that `text` stands for; `None` when it is not read here.
pub fn spell(text: &str, ty: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let numbers = numbers(&text)?;
    let points = || -> Vec<String> { numbers.chunks(2).map(|pair| format!("({})", pair.join(","))).collect() };
    let pairs = numbers.len().is_multiple_of(2) && !numbers.is_empty();
    match (ty, numbers.len()) {
        ("point", 2) => Some(points().concat()),
        ("lseg", 4) => Some(format!("[{}]", points().join(","))),
        ("box", 4) => corners(&numbers),
        ("polygon", _) if pairs => Some(format!("({})", points().join(","))),
        ("path", _) if pairs && text.starts_with('[') => Some(format!("[{}]", points().join(","))),
        ("path", _) if pairs => Some(format!("({})", points().join(","))),
        ("circle", 3) => Some(format!("<({},{}),{}>", numbers[0], numbers[1], numbers[2])),
        ("line", 3) if text.starts_with('{') => Some(format!("{{{}}}", numbers.join(","))),
        _ => None,
    }
}

/// The numbers between the brackets and commas.
fn numbers(text: &str) -> Option<Vec<String>> {
    let items = text.split(['(', ')', '[', ']', '<', '>', '{', '}', ',']).filter(|item| !item.is_empty());
    items.map(double).collect()
}

/// A box by its upper right and its lower left corner.
fn corners(numbers: &[String]) -> Option<String> {
    let value = |at: usize| numbers[at].parse::<f64>().ok();
    let ordered = |a: usize, b: usize| Some(if value(a)? >= value(b)? { (a, b) } else { (b, a) });
    let ((right, left), (upper, lower)) = (ordered(0, 2)?, ordered(1, 3)?);
    let [right, left, upper, lower] = [right, left, upper, lower].map(|at| &numbers[at]);
    Some(format!("({right},{upper}),({left},{lower})"))
}

#[cfg(test)]
mod tests {
    use super::spell;

    #[test]
    fn one_spelling_for_each_value() {
        for (ty, text, spelled) in [
            ("point", " 1.0 , -2e1", "(1,-20)"),
            ("lseg", "(1,2), (3,4)", "[(1,2),(3,4)]"),
            ("box", "(1,4),(3,2)", "(3,4),(1,2)"),
            ("box", "((3,4),(1,2))", "(3,4),(1,2)"),
            ("polygon", "1,2,3,4", "((1,2),(3,4))"),
            ("path", "[(1,2), (3,4)]", "[(1,2),(3,4)]"),
            ("path", "(1,2),(3,4)", "((1,2),(3,4))"),
            ("circle", "((1,2),3)", "<(1,2),3>"),
            ("line", "{ 1, 2, 3 }", "{1,2,3}"),
        ] {
            assert_eq!(spell(text, ty).as_deref(), Some(spelled), "{ty} {text}");
        }
        assert_eq!(spell("(1,2),(3,4)", "line"), None);
        assert_eq!(spell("(1,x)", "point"), None);
    }
}
