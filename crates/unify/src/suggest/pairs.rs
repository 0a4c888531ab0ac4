//! All pairs of records that a rule takes for one customer: those that a run finds, each once.

use crate::features::NONE;
use crate::rules::{Blocks, Crowd, Postings, Rule, Scratch, Shown};

/// The pairs of one rule.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Pairs {
    /// A record above, by its number in the rule's space, and a record of the rule's entity; ascending.
    pub(crate) all: Vec<(u32, u32)>,
    /// Pairs that fulfilled all conditions, and an exception.
    pub(crate) excepted: u64,
}

/// Finds all pairs; none where more than `most` had to be compared.
pub(crate) fn pairs(rule: &Rule<'_>, within: bool, sharing: u32, most: u64) -> Option<Pairs> {
    let blocks = Blocks::new(rule);
    let heavy = rule.heavy(sharing);
    let postings = match within {
        true => Postings::new(blocks.right().iter().copied(), blocks.count, heavy),
        false => Postings::new(blocks.left(), blocks.count, heavy),
    };
    let mut asking: Vec<(u32, u32)> = blocks.right().iter().copied().zip(0..).collect();
    asking.retain(|(block, _)| *block != NONE && !postings.used(*block).is_empty());
    asking.sort_unstable();
    let mut compared = 0u64;
    let mut scratch = Scratch::default();
    let mut all = Vec::new();
    for block in asking.chunk_by(|one, other| one.0 == other.0) {
        let Some((number, _)) = block.first() else { continue };
        let members = postings.used(*number);
        compared += members.len() as u64 * block.len() as u64;
        if compared > most {
            return None;
        }
        // As in a run: values that too many records of a large block share are not used.
        let crowd = (!rule.is_plain() && members.len() > sharing as usize)
            .then(|| Crowd::new(rule, members, sharing));
        let used = crowd.as_ref().map_or(members, |crowd| crowd.left.all());
        for (_, right) in block {
            let is_used = !within || crowd.is_none() || used.contains(right);
            for left in used.iter().filter(|left| is_used && (!within || **left < *right)) {
                if rule.judge(Shown::Left(*left), Shown::Right(*right), &mut scratch).is_some() {
                    all.push((*left, *right));
                }
            }
        }
    }
    all.sort_unstable();
    Some(Pairs { all, excepted: scratch.excepted })
}
