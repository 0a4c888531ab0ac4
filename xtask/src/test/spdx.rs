//! Licence expressions: `(MIT OR Apache-2.0) AND Unicode-3.0`, and the older `MIT/Apache-2.0`.

/// Whether an expression can be met with the allowed licences alone. What cannot be read is not allowed.
pub(super) fn allowed(expression: &str, allow: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, at: 0, allow, depth: 0 };
    let met = reader.any();
    met == Some(true) && reader.at == words.len()
}

/// Nested parentheses in an expression.
const DEPTH: usize = 16;

struct Reader<'a> {
    words: &'a [&'a str],
    at: usize,
    allow: &'a [String],
    depth: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let word = self.words.get(self.at).copied();
        self.at += 1;
        word
    }

    fn next_is(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at).is_some_and(|next| next.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Option<bool> {
        let mut met = self.all()?;
        while self.next_is("OR") {
            met |= self.all()?;
        }
        Some(met)
    }

    fn all(&mut self) -> Option<bool> {
        let mut met = self.one()?;
        while self.next_is("AND") {
            met &= self.one()?;
        }
        Some(met)
    }

    fn one(&mut self) -> Option<bool> {
        match self.next()? {
            "(" if self.depth < DEPTH => {
                self.depth += 1;
                let met = self.any()?;
                self.depth -= 1;
                self.next_is(")").then_some(met)
            }
            "(" | ")" | "AND" | "OR" | "WITH" => None,
            licence if self.next_is("WITH") => {
                let exception = self.next()?;
                Some(self.allow.contains(&format!("{licence} WITH {exception}")))
            }
            licence => Some(self.allow.iter().any(|allowed| allowed == licence)),
        }
    }
}

#[cfg(test)]
mod checks {
    use super::*;

    #[test]
    fn expressions_are_met_or_not() {
        let allow = ["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        for (expression, met) in [
            ("MIT", true),
            ("MIT OR GPL-3.0", true),
            ("GPL-3.0/MIT", true),
            ("MIT AND GPL-3.0", false),
            ("(MIT OR GPL-3.0) AND Unicode-3.0", true),
            ("MIT AND (GPL-3.0 OR LGPL-3.0)", false),
            ("GPL-3.0 AND MIT OR Apache-2.0", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("MIT WITH LLVM-exception", false),
            ("GPL-3.0", false),
            ("", false),
            ("MIT OR", false),
            ("(MIT", false),
            ("MIT)", false),
            ("MIT Apache-2.0", false),
        ] {
            assert_eq!(allowed(expression, &allow), met, "{expression}");
        }
        assert!(!allowed(&"(".repeat(10_000), &allow), "depth is bounded");
    }
}
