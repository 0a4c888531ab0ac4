//! Schedules of single things: what they refresh, and things that have two.

use super::super::gather::Parts;
use super::super::model::{OwnSchedule, Target};
use super::super::node::Node;
use super::Checker;

pub(super) fn check(parts: &Parts, checker: &mut Checker<'_>) {
    let mut taken: Vec<(Target, String)> = Vec::new();
    for part in &parts.schedules {
        let Some(schedule) = &part.value else { continue };
        target(schedule, &part.node, parts, checker);
        if let Some(entry) = part.node.entry("timeZone").filter(|_| schedule.schedule.is_none()) {
            let message = "without `cron`, a schedule has no times, and no time zone";
            checker.problems.error(entry.key_place, "keysExclude", message);
        }
        match taken.iter().find(|(target, _)| *target == schedule.target) {
            Some((target, first)) => {
                let message = format!("the {target} has the schedule `{first}` already");
                let more = "one schedule may have several cron lines".to_owned();
                checker.problems.suggest(part.node.head(), "duplicateName", message, Some(more));
            }
            None => taken.push((schedule.target.clone(), schedule.name.clone())),
        }
    }
}

fn target(schedule: &OwnSchedule, node: &Node, parts: &Parts, checker: &mut Checker<'_>) {
    let name = |node: &Node| node.get("name").and_then(Node::text).map(str::to_owned);
    let (known, code, what) = match &schedule.target {
        Target::DataSource(_) => {
            let sources = parts.data_sources.iter().filter_map(|part| name(&part.node)).collect();
            (sources, "unknownDataSource", "data source")
        }
        Target::Measure(_) => (checker.names.measures.clone(), "unknownMeasure", "measure"),
        Target::Segment(_) => (checker.names.segments.clone(), "unknownSegment", "segment"),
        // An export says itself when it runs.
        Target::Export(_) => return,
        Target::Unification => {
            if parts.unification.is_none() {
                let message = "there is no unification to refresh";
                checker.problems.error(node.place_of("unification"), "unknownUnification", message);
            }
            return;
        }
    };
    let wanted = schedule.target.name();
    if !known.iter().any(|known| known == wanted) {
        let suggestion = super::near(wanted, &known);
        let message = format!("there is no {what} `{wanted}`");
        checker.problems.suggest(node.place_of(schedule.target.kind()), code, message, suggestion);
    }
}
