//! Conditions as vectors of truth.

use super::Lowering;
use super::home::Home;
use super::nodes::{Form, Value, Why};
use crate::conditions::{Kind, Predicate, Value as Constant};
use crate::index::{Dictionary, double_key};
use crate::scan::plan::{FALSE, Function, Id, Node, Space, TRUE, UNKNOWN};
use crate::segments::CheckedRule;
use lang::rule::{Comparison, TextMatch};

/// Numbers, both ends included.
type Ranges = Vec<(i64, i64)>;

/// More ranges than this are looked up by code.
const MAX_RANGES: usize = 4;

/// The codes that a set of 64 bits has room for.
const SET: u64 = 63;

impl Lowering<'_> {
    /// The customers that a rule takes: true or false, never unknown.
    pub(super) fn rule(&mut self, rule: &CheckedRule) -> Result<Id, Why> {
        let home = Home::of_rule(self.index, &rule.tree)?;
        if home.table == 0 {
            let truth = self.joined_truth(&home, &[&rule.condition])?;
            return Ok(self.nodes.add(Node::Taken { of: truth }));
        }
        if !home.needs_customer() {
            return Err("its rows have no way to their customer in the index".to_owned());
        }
        // What is about the customer alone need not be asked for every row.
        let mut parts = Vec::new();
        flatten(&rule.condition, &mut parts);
        let customers = home.customers();
        let (own, rest): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| about_customer(&home, part));
        let mut truths = Vec::new();
        for part in own {
            truths.push(self.truth(&customers, part)?);
        }
        truths.push(self.exists(&home, &rest)?);
        let all = self.nodes.all(Space::Customers, truths);
        Ok(self.nodes.add(Node::Taken { of: all }))
    }

    fn joined_truth(&mut self, home: &Home, parts: &[&Predicate]) -> Result<Id, Why> {
        let mut all = home.joined(&mut self.nodes);
        for part in parts {
            all.push(self.truth(home, part)?);
        }
        Ok(self.nodes.all(home.space(), all))
    }

    /// Whether a customer has a row that fulfils all parts.
    fn exists(&mut self, home: &Home, parts: &[&Predicate]) -> Result<Id, Why> {
        let mut truths: Vec<Id> = Vec::new();
        for part in parts {
            let truth = self.truth(home, part)?;
            truths.push(truth);
        }
        let truths = self.narrowed(truths);
        if let [truth] = *truths
            && let Some(links) = home.only_links().map(<[_]>::to_vec)
            && let Some(shared) = self.shared_exists(home.table, &links, truth)
        {
            return Ok(shared);
        }
        let mut all = home.joined(&mut self.nodes);
        all.extend(truths);
        let joined = self.nodes.all(home.space(), all);
        let (table, function) = (home.table, Function::Exists);
        Ok(self.nodes.add(Node::Aggregate { table, function, of: None, by: None, when: Some(joined) }))
    }

    /// Tests of one value as one test: `within last` has two ends, of which often only one is ever met.
    fn narrowed(&mut self, truths: Vec<Id>) -> Vec<Id> {
        let mut narrowed: Vec<Id> = Vec::new();
        for truth in truths {
            let Some(Node::InRanges { of, ranges }) = self.nodes.list.get(truth).cloned() else {
                narrowed.push(truth);
                continue;
            };
            let same = narrowed.iter().enumerate().find_map(|(at, id)| match self.nodes.list.get(*id) {
                Some(Node::InRanges { of: other, ranges }) if *other == of => Some((at, ranges.clone())),
                _ => None,
            });
            let Some((at, others)) = same else {
                narrowed.push(truth);
                continue;
            };
            let pairs = ranges.iter().flat_map(|one| others.iter().map(move |other| (one, other)));
            let both = pairs.map(|(one, other)| (one.0.max(other.0), one.1.min(other.1)));
            let ranges = both.filter(|(low, high)| low <= high).collect();
            let both = self.nodes.add(Node::InRanges { of, ranges });
            narrowed.get_mut(at).into_iter().for_each(|place| *place = both);
        }
        narrowed
    }

    /// One test of one column, asked of what many tests of that column share: its greatest or smallest value per
    /// customer, or the set of its values.
    fn shared_exists(&mut self, table: usize, links: &[(usize, usize)], truth: Id) -> Option<Id> {
        let column = |this: &Self, of: Id| match this.nodes.list.get(of) {
            Some(Node::Column { links: own, .. }) => own == links,
            _ => false,
        };
        let aggregate =
            |function, of| Node::Aggregate { table, function, of: Some(of), by: None, when: None };
        match self.nodes.list.get(truth)?.clone() {
            Node::InRanges { of, ranges } if column(self, of) => {
                if let Some((base, most)) = self.code_limits(of, links).filter(|(_, most)| *most <= SET) {
                    let inside = |code: &u64| {
                        let value = base.wrapping_add(*code as i64);
                        ranges.iter().any(|(low, high)| (*low..=*high).contains(&value))
                    };
                    let set = (1..=most).filter(inside).fold(0u64, |set, code| set | 1 << code);
                    let of = self.nodes.add(aggregate(Function::Set, of));
                    return Some(self.nodes.add(Node::Meets { of, set }));
                }
                let function = match *ranges {
                    [(_, i64::MAX)] => Function::Max,
                    [(i64::MIN, _)] => Function::Min,
                    _ => return None,
                };
                let of = self.nodes.add(aggregate(function, of));
                let test = self.nodes.add(Node::InRanges { of, ranges });
                Some(self.nodes.add(Node::Taken { of: test }))
            }
            Node::Answer { of, by_code } if column(self, of) && by_code.len() as u64 <= SET + 1 => {
                let codes = by_code.iter().enumerate().filter(|(_, answer)| **answer == TRUE);
                let set = codes.fold(0u64, |set, (code, _)| set | 1 << code);
                let of = self.nodes.add(aggregate(Function::Set, of));
                Some(self.nodes.add(Node::Meets { of, set }))
            }
            _ => None,
        }
    }

    /// The base and the largest code of a column node.
    fn code_limits(&self, of: Id, links: &[(usize, usize)]) -> Option<(i64, u64)> {
        let Some(Node::Column { home, column, .. }) = self.nodes.list.get(of) else { return None };
        let table = match links.last() {
            None => *home,
            Some((table, link)) => self.index.tables.get(*table)?.links.get(*link)?.target,
        };
        let column = self.index.tables.get(table)?.columns.get(*column)?;
        Some((column.base, column.most))
    }

    /// The truth of a condition for each row.
    pub(super) fn truth(&mut self, home: &Home, predicate: &Predicate) -> Result<Id, Why> {
        match predicate {
            Predicate::And(parts) => {
                let of = parts.iter().map(|part| self.truth(home, part)).collect::<Result<_, _>>()?;
                Ok(self.nodes.add(Node::All { space: home.space(), of }))
            }
            Predicate::Or(parts) => {
                let of = parts.iter().map(|part| self.truth(home, part)).collect::<Result<_, _>>()?;
                Ok(self.nodes.add(Node::Any { space: home.space(), of }))
            }
            Predicate::Not(inner) => {
                let of = self.truth(home, inner)?;
                Ok(self.nodes.add(Node::Not { of }))
            }
            Predicate::InSegment(name) => {
                let of = self.segments.get(name).copied();
                let of = of.ok_or_else(|| format!("the segment {name} is not computed from the index"))?;
                Ok(home.of_customer(&mut self.nodes, of))
            }
            Predicate::IsNull(operand) => {
                let of = self.operand(home, operand)?.id;
                let of = self.nodes.add(Node::Known { of });
                Ok(self.nodes.add(Node::Not { of }))
            }
            Predicate::Constant { operand, holds } => {
                let value = self.operand(home, operand)?;
                let ranges = if *holds { vec![(i64::MIN, i64::MAX)] } else { Vec::new() };
                Ok(self.in_ranges(&value, ranges))
            }
            Predicate::Compare { operand, comparison, value, ignore_case } => {
                let of = self.operand(home, operand)?;
                self.compare(&of, *comparison, std::slice::from_ref(value), *ignore_case)
            }
            Predicate::In { operand, values, ignore_case } => {
                let of = self.operand(home, operand)?;
                self.compare(&of, Comparison::Equal, values, *ignore_case)
            }
            Predicate::Match { operand, kind, text, ignore_case } => {
                let of = self.operand(home, operand)?;
                let fold = |own: &str| if *ignore_case { own.to_lowercase() } else { own.to_owned() };
                self.texts(&of, |own| match kind {
                    TextMatch::Contains => fold(own).contains(text),
                    TextMatch::StartsWith => fold(own).starts_with(text),
                    TextMatch::EndsWith => fold(own).ends_with(text),
                })
            }
            Predicate::Relative { .. } => Err("a moment was not made absolute".to_owned()),
        }
    }

    /// Whether a value compares so with one of the constants.
    fn compare(
        &mut self,
        of: &Value,
        comparison: Comparison,
        constants: &[Constant],
        ignore_case: bool,
    ) -> Result<Id, Why> {
        if ignore_case {
            let is = |own: &str, constant: &Constant| match constant {
                Constant::Text(text) => holds(comparison, own.cmp(text.as_str())),
                _ => false,
            };
            return self.texts(of, |own| {
                let own = own.to_lowercase();
                constants.iter().any(|constant| is(&own, constant))
            });
        }
        let mut ranges = Ranges::new();
        for constant in constants {
            ranges.extend(match constant {
                Constant::Text(text) => {
                    let dictionary = self.dictionary(of).ok_or("texts without a dictionary")?;
                    text_ranges(comparison, dictionary.find(text))
                }
                Constant::Double(0.0) => zero_ranges(comparison),
                Constant::Double(double) => number_ranges(comparison, Some(double_key(*double))),
                Constant::Integer(number) | Constant::Time(number) => {
                    number_ranges(comparison, Some(*number))
                }
                Constant::Date(days) => number_ranges(comparison, Some(i64::from(*days))),
                Constant::Bool(value) => number_ranges(comparison, Some(i64::from(*value))),
                Constant::Decimal(digits) => match i64::try_from(*digits) {
                    Ok(digits) => number_ranges(comparison, Some(digits)),
                    // Beyond every value of the index.
                    Err(_) => number_ranges(comparison, None)
                        .into_iter()
                        .filter(|_| beyond(comparison, *digits))
                        .collect(),
                },
            });
        }
        Ok(self.in_ranges(of, ranges))
    }

    fn dictionary(&self, of: &Value) -> Option<&Dictionary> {
        let (table, column) = of.column?;
        self.index.tables.get(table)?.columns.get(column)?.dictionary.as_ref()
    }

    /// The answer for every text, found once per entry of the dictionary.
    fn texts(&mut self, of: &Value, answer: impl Fn(&str) -> bool) -> Result<Id, Why> {
        let dictionary = self.dictionary(of).ok_or("texts without a dictionary")?;
        let mut ranges = Ranges::new();
        for at in 0..dictionary.len() {
            if answer(&dictionary.text(at)) {
                let at = at as i64;
                match ranges.last_mut() {
                    Some((_, last)) if *last + 1 == at => *last = at,
                    _ => ranges.push((at, at)),
                }
            }
        }
        Ok(self.in_ranges(of, ranges))
    }

    /// Whether a value is in one of the ranges, asked in the cheapest way.
    fn in_ranges(&mut self, of: &Value, mut ranges: Ranges) -> Id {
        ranges.retain(|(low, high)| low <= high);
        ranges.sort_unstable();
        let mut merged = Ranges::new();
        for (low, high) in ranges {
            match merged.last_mut() {
                Some((_, last)) if low <= last.saturating_add(1) => *last = (*last).max(high),
                _ => merged.push((low, high)),
            }
        }
        let is_double = of.kind == Kind::Double;
        for (low, high) in merged.iter_mut().filter(|_| !is_double) {
            // An end that no value reaches is none: other tests may share the rest.
            *low = if i128::from(*low) <= of.limits.0 { i64::MIN } else { *low };
            *high = if i128::from(*high) >= of.limits.1 { i64::MAX } else { *high };
        }
        if of.form == Form::Codes {
            if merged.len() > MAX_RANGES
                && let Some((base, most)) = self.base_of(of)
                && most <= 1 << 24
            {
                let mut by_code = vec![FALSE; most as usize + 1];
                by_code.first_mut().into_iter().for_each(|none| *none = UNKNOWN);
                for (low, high) in merged {
                    let low = low.saturating_sub(base).max(1) as usize;
                    let high = (high.saturating_sub(base).min(most as i64)).max(0) as usize;
                    by_code.get_mut(low..=high).into_iter().flatten().for_each(|answer| *answer = TRUE);
                }
                return self.nodes.add(Node::Answer { of: of.id, by_code: by_code.into() });
            }
            return self.nodes.add(Node::InRanges { of: of.id, ranges: merged.into() });
        }
        // Tests of one sum or average share the search for the place of its value between all constants.
        let ranked = self.nodes.add(Node::Ranked { of: of.id, cuts: [].into() });
        self.nodes.add(Node::InRanges { of: ranked, ranges: merged.into() })
    }

    fn base_of(&self, of: &Value) -> Option<(i64, u64)> {
        let (table, column) = of.column?;
        let column = self.index.tables.get(table)?.columns.get(column)?;
        Some((column.base, column.most))
    }
}

/// Fills in the cuts of what is ranked, and asks for ranks in place of values.
pub(super) fn rank(nodes: &mut [Node]) {
    let mut cuts = vec![Vec::new(); nodes.len()];
    let tests = |nodes: &[Node], at: usize| match nodes.get(at) {
        Some(Node::InRanges { of, ranges }) if matches!(nodes.get(*of), Some(Node::Ranked { .. })) => {
            Some((*of, ranges.clone()))
        }
        _ => None,
    };
    for at in 0..nodes.len() {
        if let Some((of, ranges)) = tests(nodes, at) {
            let ends = ranges.iter().flat_map(|(low, high)| [Some(*low), high.checked_add(1)]).flatten();
            cuts.get_mut(of)
                .into_iter()
                .for_each(|cuts: &mut Vec<i64>| cuts.extend(ends.clone().filter(|end| *end != i64::MIN)));
        }
    }
    for cuts in &mut cuts {
        cuts.sort_unstable();
        cuts.dedup();
    }
    for at in 0..nodes.len() {
        let Some((of, ranges)) = tests(nodes, at) else { continue };
        let Some(cuts) = cuts.get(of) else { continue };
        let rank = |value: i64| cuts.partition_point(|cut| *cut <= value) as i64 + 1;
        let ranges = ranges.iter().map(|(low, high)| (rank(*low), rank(*high))).collect();
        if let Some(node) = nodes.get_mut(at) {
            *node = Node::InRanges { of, ranges };
        }
    }
    for (node, cuts) in nodes.iter_mut().zip(cuts) {
        if let Node::Ranked { cuts: own, .. } = node {
            *own = cuts.into();
        }
    }
}

/// The parts of nested conjunctions.
fn flatten<'p>(predicate: &'p Predicate, parts: &mut Vec<&'p Predicate>) {
    match predicate {
        Predicate::And(inner) if !inner.is_empty() => inner.iter().for_each(|part| flatten(part, parts)),
        other => parts.push(other),
    }
}

/// Whether a condition reads nothing of the row itself.
fn about_customer(home: &Home, predicate: &Predicate) -> bool {
    let reaches = |entity: &str| home.reach(entity).is_ok_and(|reach| reach.by_customer);
    predicate.attributes().iter().all(|attribute| reaches(&attribute.entity))
}

fn holds(comparison: Comparison, order: std::cmp::Ordering) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

fn below(value: i64) -> Option<(i64, i64)> {
    value.checked_sub(1).map(|high| (i64::MIN, high))
}

fn above(value: i64) -> Option<(i64, i64)> {
    value.checked_add(1).map(|low| (low, i64::MAX))
}

/// The numbers that compare so with a number; all numbers without one.
fn number_ranges(comparison: Comparison, value: Option<i64>) -> Ranges {
    let Some(value) = value else { return vec![(i64::MIN, i64::MAX)] };
    let found = match comparison {
        Comparison::Equal => [Some((value, value)), None],
        Comparison::NotEqual => [below(value), above(value)],
        Comparison::Less => [below(value), None],
        Comparison::LessOrEqual => [Some((i64::MIN, value)), None],
        Comparison::Greater => [above(value), None],
        Comparison::GreaterOrEqual => [Some((value, i64::MAX)), None],
    };
    found.into_iter().flatten().collect()
}

/// The keys of the doubles that compare so with zero, of either sign.
fn zero_ranges(comparison: Comparison) -> Ranges {
    let (minus, plus) = (double_key(-0.0), double_key(0.0));
    match comparison {
        Comparison::Equal => vec![(minus, plus)],
        Comparison::NotEqual => below(minus).into_iter().chain(above(plus)).collect(),
        Comparison::Less => below(minus).into_iter().collect(),
        Comparison::LessOrEqual => vec![(i64::MIN, plus)],
        Comparison::Greater => above(plus).into_iter().collect(),
        Comparison::GreaterOrEqual => vec![(minus, i64::MAX)],
    }
}

/// Whether every number of 64 bits compares so with one that has more.
fn beyond(comparison: Comparison, digits: i128) -> bool {
    match comparison {
        Comparison::Equal => false,
        Comparison::NotEqual => true,
        Comparison::Less | Comparison::LessOrEqual => digits > 0,
        Comparison::Greater | Comparison::GreaterOrEqual => digits < 0,
    }
}

/// The places of the texts that compare so with a text that is, or would be, at a place.
fn text_ranges(comparison: Comparison, place: Result<usize, usize>) -> Ranges {
    match place {
        Ok(place) => number_ranges(comparison, Some(place as i64)),
        Err(place) => {
            let place = place as i64;
            let found = match comparison {
                Comparison::Equal => None,
                Comparison::NotEqual => Some((i64::MIN, i64::MAX)),
                Comparison::Less | Comparison::LessOrEqual => below(place),
                Comparison::Greater | Comparison::GreaterOrEqual => Some((place, i64::MAX)),
            };
            found.into_iter().collect()
        }
    }
}
