//! Segments that ask for other segments: which comes first, and circles.

use crate::definition::Segment;
use std::collections::{BTreeMap, BTreeSet};

/// The names of the segments that a segment asks for, as its rules name them.
pub fn asks_for(segment: &Segment) -> BTreeSet<&str> {
    let rules = segment.rules.iter().flat_map(|rule| rule.where_.condition().segments());
    rules.map(|name| name.value.as_str()).collect()
}

/// The segments in an order in which each comes after those that it asks for; otherwise in their own order. Those of
/// a circle, and those that need them, are at the end, in their own order.
pub fn in_order(segments: &[Segment]) -> Vec<&Segment> {
    let names: BTreeSet<&str> = segments.iter().map(|segment| segment.name.as_str()).collect();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut ordered = Vec::new();
    let mut waiting: Vec<&Segment> = segments.iter().collect();
    while !waiting.is_empty() {
        let ready = |segment: &&Segment, done: &BTreeSet<&str>| {
            asks_for(segment).iter().all(|name| !names.contains(name) || done.contains(name))
        };
        let (now, later): (Vec<&Segment>, Vec<&Segment>) =
            waiting.into_iter().partition(|segment| ready(segment, &done));
        if now.is_empty() {
            ordered.extend(later);
            return ordered;
        }
        done.extend(now.iter().map(|segment| segment.name.as_str()));
        ordered.extend(now);
        waiting = later;
    }
    ordered
}

/// Every circle of segments that ask for each other: its segments, each asking for the next and the last for the
/// first, starting with the one whose name is smallest.
pub fn circles(segments: &[Segment]) -> Vec<Vec<String>> {
    let edges: BTreeMap<&str, BTreeSet<&str>> =
        segments.iter().map(|segment| (segment.name.as_str(), asks_for(segment))).collect();
    let mut found: Vec<Vec<String>> = Vec::new();
    for start in edges.keys() {
        if found.iter().any(|circle| circle.iter().any(|name| name == start)) {
            continue;
        }
        if let Some(circle) = way_back(start, &edges) {
            found.push(circle.into_iter().map(str::to_owned).collect());
        }
    }
    found
}

/// The shortest way from a segment to itself.
fn way_back<'s>(start: &'s str, edges: &BTreeMap<&'s str, BTreeSet<&'s str>>) -> Option<Vec<&'s str>> {
    let mut ways: Vec<Vec<&str>> = vec![vec![start]];
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in way.last().and_then(|last| edges.get(last)).into_iter().flatten() {
                if *next == start {
                    return Some(way);
                }
                if seen.insert(next) {
                    longer.push(way.iter().copied().chain([*next]).collect());
                }
            }
        }
        ways = longer;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{RuleText, SegmentRule, SetOperator};

    fn segments(all: &[(&str, &str)]) -> Vec<Segment> {
        let segment = |(name, text): &(&str, &str)| {
            let where_ = RuleText::parse(*text).unwrap();
            Segment::new(name, vec![SegmentRule { set: SetOperator::First, where_, via: Vec::new() }])
        };
        all.iter().map(segment).collect()
    }

    #[test]
    fn a_segment_comes_after_those_that_it_asks_for() {
        let all =
            segments(&[("C", "in segment B and in segment A"), ("A", "Age > 5"), ("B", "not in segment A")]);
        let names: Vec<&str> = in_order(&all).iter().map(|segment| segment.name.as_str()).collect();
        assert_eq!(names, ["A", "B", "C"]);
        assert!(circles(&all).is_empty());
    }

    #[test]
    fn a_circle_is_listed_in_its_order() {
        let all = segments(&[
            ("C", "in segment A"),
            ("A", "in segment B or in segment D"),
            ("B", "in segment C"),
            ("D", "in segment D"),
            ("E", "in segment A"),
        ]);
        assert_eq!(circles(&all), [vec!["A", "B", "C"], vec!["D"]]);
        assert_eq!(in_order(&all).len(), 5);
    }
}
