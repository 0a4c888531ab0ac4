//! Nested lines, drawn as a tree.

/// A line and the lines below it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Tree {
    line: String,
    below: Vec<Tree>,
}

impl Tree {
    pub(super) fn new(line: impl Into<String>) -> Self {
        Self { line: line.into(), below: Vec::new() }
    }

    /// With more lines below.
    pub(super) fn with(mut self, below: impl IntoIterator<Item = Self>) -> Self {
        self.below.extend(below);
        self
    }

    /// With more lines below that have none themselves.
    pub(super) fn leaves(self, below: impl IntoIterator<Item = String>) -> Self {
        self.with(below.into_iter().map(Self::new))
    }

    /// All lines.
    pub(super) fn draw(&self) -> String {
        let mut text = format!("{}\n", self.line);
        self.draw_below("", &mut text);
        text
    }

    fn draw_below(&self, indent: &str, text: &mut String) {
        for (at, below) in (1..).zip(&self.below) {
            let last = at == self.below.len();
            let (branch, next) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            text.push_str(&format!("{indent}{branch}{}\n", below.line));
            below.draw_below(&format!("{indent}{next}"), text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_reach_as_far_as_they_must() {
        let tree = Tree::new("a").with([Tree::new("b").leaves(["c".to_owned()]), Tree::new("d")]);
        assert_eq!(tree.draw(), "a\n├─ b\n│  └─ c\n└─ d\n");
    }
}
