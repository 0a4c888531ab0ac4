//! Reading the word lists in `data/`: sections in brackets, words between blanks.

use std::collections::HashMap;

/// The words of every section of a list; an underscore in a word stands for a blank.
#[derive(Debug)]
pub struct Lists(HashMap<&'static str, Vec<String>>);

impl Lists {
    /// Reads a list.
    #[must_use]
    pub fn read(text: &'static str) -> Self {
        let mut lists = HashMap::<_, Vec<String>>::new();
        let mut section = "";
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name;
                continue;
            }
            lists
                .entry(section)
                .or_default()
                .extend(line.split_whitespace().map(|word| word.replace('_', " ")));
        }
        Self(lists)
    }

    /// The words of a section; none when there is no such section.
    #[must_use]
    pub fn words(&self, section: &str) -> &[String] {
        self.0.get(section).map_or(&[], Vec::as_slice)
    }

    /// The names of the sections, in no order.
    pub fn sections(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.keys().copied()
    }
}
