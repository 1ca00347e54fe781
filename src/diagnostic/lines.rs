//! Lines and columns, for programs that know a place by these.

/// A text, and where its lines begin.
#[derive(Clone, Debug)]
pub struct Lines {
    text: String,
    starts: Vec<usize>,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Lines {
    /// The lines of `text`.
    pub fn of(text: String) -> Lines {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Lines { text, starts }
    }

    /// The place of the byte at `offset`; one beyond the text is its end.
    pub fn place(&self, offset: u32) -> Place {
        let offset = super::excerpt::floor(&self.text, offset as usize);
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        Place { line, column: 1 + self.text[start..offset].chars().count() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, Place};

    #[test]
    fn places_are_counted_from_one_in_characters() {
        let lines = Lines::of("äb\n\nc".to_owned());
        for (offset, line, column) in
            [(0, 1, 1), (1, 1, 1), (2, 1, 2), (3, 1, 3), (4, 2, 1), (5, 3, 1), (6, 3, 2), (99, 3, 2)]
        {
            assert_eq!(lines.place(offset), Place { line, column }, "{offset}");
        }
        assert_eq!(Lines::of(String::new()).place(0), Place { line: 1, column: 1 });
    }
}
