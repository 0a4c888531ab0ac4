//! The choice of rules: one after the other, each the one that adds most, each tried by the engine before it counts.

use tokio_util::sync::CancellationToken;

use crate::definition::{DeduplicationRule, Exception, MatchRule, OwnException, Precision, Unification};
use crate::explain::RuleStage;
use crate::input::Input;
use crate::limits::Options;
use crate::plan::Plan;
use crate::rules::Rule;
use crate::space::Space;

use super::answer::{Note, WrittenRule};
use super::groups::Group;
use super::pairs::{Pairs, pairs};
use super::probe::{Probe, deduplication};
use super::requirements::{Mask, Requirement, Requirements};
use super::search::{Found, Search};
use super::trained::Trained;

/// The most rules of one entity and stage.
const RULES: usize = 6;
/// How often a rule may prove worse than it looked before the search ends.
const ATTEMPTS: usize = 24;
/// What a rule must add at least: a part of all matches, and so many of them.
const ADDS: f64 = 0.005;
const ADDS_MATCHES: f64 = 2.0;

/// What rules are chosen from.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub(crate) requirements: &'a Requirements,
    pub(crate) probe: &'a Probe,
    pub(crate) trained: &'a Trained,
    pub(crate) groups: &'a [Group],
    pub(crate) space: &'a Space,
    pub(crate) inputs: &'a [Input],
    /// The entities in match order, without rules.
    pub(crate) bare: &'a Unification,
    pub(crate) options: &'a Options,
    pub(crate) cancel: &'a CancellationToken,
    /// The least precision.
    pub(crate) floor: f64,
}

/// Pairs of rows within one entity, or between an entity and those above it.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    pub(crate) stage: RuleStage,
    pub(crate) on: usize,
    pub(crate) lefts: Vec<usize>,
}

/// A rule that was chosen.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) stage: RuleStage,
    pub(crate) on: usize,
    pub(crate) lefts: Vec<usize>,
    pub(crate) mask: Mask,
    pub(crate) name: String,
    pub(crate) rule: WrittenRule,
    pub(crate) pairs: u64,
    pub(crate) excepted: u64,
    /// The pairs that no rule before it finds, with the codes of their patterns.
    pub(crate) added: Vec<(u32, u32, u64)>,
    pub(crate) precision: f64,
    /// Expected matches.
    pub(crate) matches: f64,
    pub(crate) added_matches: f64,
    /// Expected matches in its scope.
    pub(crate) total: f64,
}

impl Scope {
    pub(crate) fn holds(&self, left: u32, right: u32) -> bool {
        right as usize == self.on && self.lefts.contains(&(left as usize))
    }
}

impl<'a> Ground<'a> {
    pub(crate) fn name(&self, entity: usize) -> &'a str {
        self.bare.match_.order.get(entity).map_or("", |ordered| ordered.entity.as_str())
    }

    /// The rules of a scope, in the order in which they are to be tried, or why there are none.
    pub(crate) fn choose(&self, scope: &Scope) -> (Vec<Chosen>, Option<Note>) {
        let mut groups: Vec<(Group, bool)> =
            self.groups.iter().filter(|it| scope.holds(it.left, it.right)).map(|it| (*it, false)).collect();
        let total: f64 = groups.iter().map(|(group, _)| group.matches).sum();
        let (entity, stage) = (self.name(scope.on).to_owned(), scope.stage);
        let least = (ADDS * total).max(ADDS_MATCHES);
        if total < least {
            return (Vec::new(), Some(Note::NothingAlike { entity, stage }));
        }
        let covered = |mask: Mask| self.is_covered(mask);
        let (mut chosen, mut banned, mut taken): (Vec<Chosen>, Vec<_>, Vec<(u32, u32)>) = Default::default();
        for _ in (0..ATTEMPTS).take_while(|_| !self.cancel.is_cancelled()) {
            let search = Search {
                requirements: self.requirements,
                groups: &groups,
                floor: self.floor,
                least,
                total,
                covered: &covered,
                banned: &banned,
            };
            let Some(found) = search.best() else { break };
            banned.push((found.mask, found.exception));
            for (lefts, written) in self.written(scope, &found, &chosen) {
                if chosen.len() >= RULES {
                    break;
                }
                let Some(rule) = self.tried(scope, lefts, &found, written, &taken, least) else { continue };
                taken.extend(rule.added.iter().map(|(left, right, _)| (*left, *right)));
                taken.sort_unstable();
                take(&mut groups, &rule.lefts, &found);
                chosen.push(Chosen { total, ..rule });
            }
            if chosen.len() >= RULES {
                break;
            }
        }
        let note = chosen.is_empty().then_some(Note::NothingPrecise { entity, stage });
        (chosen, note)
    }

    /// Whether all pairs that meet a set were compared, those of too common values aside: only then is it known how
    /// many of them are matches.
    fn is_covered(&self, mask: Mask) -> bool {
        let atoms = self.requirements.atoms(mask);
        self.trained.model.rules.iter().any(|key| key.atoms.iter().all(|atom| atoms.contains(atom)))
    }

    /// The rule in the form of a definition: one, or one for each entity above that names its attributes differently.
    fn written(&self, scope: &Scope, found: &Found, chosen: &[Chosen]) -> Vec<(Vec<usize>, WrittenRule)> {
        let name = |more: &str| {
            let name = format!("{}{more}", self.rule_name(scope.on, found.mask));
            let same =
                chosen.iter().filter(|it| it.name == name || it.name.starts_with(&format!("{name} #")));
            match same.count() {
                0 => name,
                count => format!("{name} #{}", count + 1),
            }
        };
        if scope.stage == RuleStage::Deduplication {
            let rule = self.own_rule(scope.on, found, name(""));
            return rule.map(|it| (vec![scope.on], WrittenRule::Deduplication(it))).into_iter().collect();
        }
        let able = |left: &usize| self.match_rule((*left, false), scope.on, found, String::new());
        let mut alike: Vec<(MatchRule, Vec<usize>)> = Vec::new();
        for (left, rule) in scope.lefts.iter().filter_map(|left| Some((*left, able(left)?))) {
            match alike.iter_mut().find(|(it, _)| *it == rule) {
                Some((_, lefts)) => lefts.push(left),
                None => alike.push((rule, vec![left])),
            }
        }
        let all = alike.len() == 1;
        let mut written = Vec::new();
        for (mut rule, lefts) in alike {
            rule.name = name("");
            if all && self.rule_lefts(&WrittenRule::Match(rule.clone())) == lefts {
                written.push((lefts, WrittenRule::Match(rule)));
                continue;
            }
            for left in lefts {
                let name = name(&format!(" ({})", self.name(left)));
                let rule = self.match_rule((left, true), scope.on, found, name);
                written.extend(rule.map(|rule| (vec![left], WrittenRule::Match(rule))));
            }
        }
        written
    }

    fn own_rule(&self, on: usize, found: &Found, name: String) -> Option<DeduplicationRule> {
        let of = |mask| -> Option<Vec<_>> {
            self.requirements.of(mask).map(|(_, it)| self.requirements.own_condition(it, on)).collect()
        };
        let exceptions = match found.exception {
            Some(mask) => vec![OwnException { name: None, conditions: of(mask)? }],
            None => Vec::new(),
        };
        Some(DeduplicationRule { name, conditions: of(found.mask)?, exceptions, active: true })
    }

    fn match_rule(
        &self,
        (left, named): (usize, bool),
        on: usize,
        found: &Found,
        name: String,
    ) -> Option<MatchRule> {
        let above = (left, self.name(left), named);
        let of = |mask| -> Option<Vec<_>> {
            self.requirements.of(mask).map(|(_, it)| self.requirements.condition(it, above, on)).collect()
        };
        let exceptions = match found.exception {
            Some(mask) => vec![Exception { name: None, conditions: of(mask)? }],
            None => Vec::new(),
        };
        let on = self.name(on).to_owned();
        Some(MatchRule { on, name, conditions: of(found.mask)?, exceptions, active: true })
    }

    /// The attributes of a rule, those that need not be equal with how alike they must be.
    fn rule_name(&self, on: usize, mask: Mask) -> String {
        let part = |(_, it): (usize, &Requirement)| {
            let name = self.requirements.column(it.signal, on).map_or("", |column| &column.name);
            match it.precision {
                Precision::High => format!("{name}-high"),
                Precision::Medium => format!("{name}-medium"),
                _ => name.to_owned(),
            }
        };
        plain_name(&self.requirements.of(mask).map(part).collect::<Vec<_>>().join("-and-"))
    }

    fn plan(&self, rule: &WrittenRule, on: usize) -> Option<Plan> {
        let mut unification = self.bare.clone();
        match rule {
            WrittenRule::Deduplication(rule) => {
                unification.deduplication = vec![deduplication(self.name(on), vec![rule.clone()])];
            }
            WrittenRule::Match(rule) => unification.match_.rules = vec![rule.clone()],
        }
        Plan::new(&unification, self.inputs, &self.options.limits).ok()
    }

    /// The entities in which a match rule looks.
    fn rule_lefts(&self, rule: &WrittenRule) -> Vec<usize> {
        let plan = self.plan(rule, 0);
        plan.and_then(|plan| plan.rules.first().map(|rule| rule.lefts.clone())).unwrap_or_default()
    }

    /// Lets the engine find the pairs of a rule; none when it is not as good as it looked.
    fn tried(
        &self,
        scope: &Scope,
        lefts: Vec<usize>,
        found: &Found,
        written: WrittenRule,
        taken: &[(u32, u32)],
        least: f64,
    ) -> Option<Chosen> {
        let plan = self.plan(&written, scope.on)?;
        let rule_plan = plan.deduplication.iter().chain(&plan.rules).next()?;
        let limits = &self.options.limits;
        let rule = Rule::new(rule_plan, &self.probe.features, |at| self.probe.count(at), limits.fuzzy_chars)?;
        let within = scope.stage == RuleStage::Deduplication;
        let Pairs { all, excepted } = pairs(&rule, within, limits.sharing, limits.comparisons)?;
        let (mut matches, mut added_matches, mut added) = (0.0, 0.0, Vec::new());
        for (left, right) in &all {
            let (entity, record) = rule.above.place(*left);
            let entity = rule_plan.lefts.get(entity as usize).copied()?;
            let pair = (self.space.number(entity as u32, record), self.space.number(scope.on as u32, *right));
            let (code, probability) = self.trained.judge(pair.0, pair.1);
            matches += probability;
            if taken.binary_search(&pair).is_err() {
                added_matches += probability;
                added.push((pair.0, pair.1, code));
            }
        }
        let count = all.len() as f64;
        let precise = matches >= self.floor * count && added_matches >= self.floor * added.len() as f64;
        let name = match &written {
            WrittenRule::Deduplication(rule) => rule.name.clone(),
            WrittenRule::Match(rule) => rule.name.clone(),
        };
        (precise && added_matches >= least.min(ADDS_MATCHES)).then(|| Chosen {
            stage: scope.stage,
            on: scope.on,
            lefts,
            mask: found.mask,
            name,
            rule: written,
            pairs: all.len() as u64,
            excepted,
            added,
            precision: matches / count.max(1.0),
            matches,
            added_matches,
            total: 0.0,
        })
    }
}

/// Marks the groups that a rule takes.
fn take(groups: &mut [(Group, bool)], lefts: &[usize], found: &Found) {
    for (group, taken) in groups.iter_mut().filter(|(group, _)| lefts.contains(&(group.left as usize))) {
        let meets = |mask: Mask| group.mask & mask == mask;
        *taken |= meets(found.mask) && !found.exception.is_some_and(meets);
    }
}

/// A name as definitions accept it: it starts with a letter and has only letters, digits, `_` and `-`.
fn plain_name(name: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let name: String = name.chars().map(fits).collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("by-{name}") }
}
