//! Outcomes as a table for people.

use std::fmt::Write;

use crate::contest::Outcome;

/// One row per program with costs and quality, then what the first one needs in multiples of what each other one needs.
#[must_use]
pub fn costs(title: &str, outcomes: &[Outcome]) -> String {
    let mut text = format!("{title}\n\n");
    let heads = ["CPU s", "wall s", "RSS MB"].map(str::to_owned);
    line(&mut text, "program", heads.into_iter().chain(QUALITY.map(str::to_owned)));
    for outcome in outcomes {
        let cost = outcome.cost;
        let costs = [
            format!("{:.2}", cost.cpu),
            format!("{:.2}", cost.wall),
            format!("{:.0}", cost.rss as f64 / 1e6),
        ];
        line(&mut text, &outcome.program, costs.into_iter().chain(right(outcome)));
    }
    let Some((first, others)) = outcomes.split_first() else { return text };
    for other in others {
        let times = |a: f64, b: f64| format!("{:.1} x", a / b);
        let (cost, other_cost) = (first.cost, other.cost);
        let ratios = [
            times(cost.cpu, other_cost.cpu),
            times(cost.wall, other_cost.wall),
            times(cost.rss as f64, other_cost.rss as f64),
        ];
        line(&mut text, &format!("{} / {}", first.program, other.program), ratios.into_iter());
    }
    text
}

/// One row per program with its quality alone.
#[must_use]
pub fn quality(title: &str, outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    line(&mut text, title, QUALITY.map(str::to_owned).into_iter());
    for outcome in outcomes {
        line(&mut text, &outcome.program, right(outcome).into_iter());
    }
    text
}

/// Heads of the columns of quality.
const QUALITY: [&str; 5] = ["pairs", "P", "R", "F1", "best F1"];

fn right(outcome: &Outcome) -> [String; 5] {
    let pairs = outcome.quality.pairs;
    [
        outcome.pairs.map_or_else(|| "-".to_owned(), |pairs| pairs.to_string()),
        format!("{:.4}", pairs.precision()),
        format!("{:.4}", pairs.recall()),
        format!("{:.4}", pairs.f1()),
        outcome.best.map_or_else(|| "-".to_owned(), |best| format!("{:.4}", best.clusters.f1())),
    ]
}

fn line(text: &mut String, name: &str, cells: impl Iterator<Item = String>) {
    let mut line = format!("{name:<24}");
    for cell in cells {
        // Writing into a string does not fail.
        let _ = write!(line, "{cell:>10}");
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use crate::measure::Cost;
    use crate::truth::{Pairs, Quality};

    use super::*;

    #[test]
    fn the_ratio_is_the_first_program_over_the_other() {
        let outcome = |program: &str, cpu: f64| {
            let cost = Cost { cpu, wall: cpu * 2.0, rss: 3_000_000 };
            let pairs = Pairs { found: 4, wanted: 4, right: 3 };
            Outcome {
                program: program.to_owned(),
                processes: vec![cost],
                process: cost,
                cost,
                phases: Vec::new(),
                pairs: None,
                quality: Quality { pairs, clusters: 2, largest: 2 },
                best: None,
            }
        };
        let table = costs("A title", &[outcome("peer", 10.0), outcome("weir", 2.5)]);
        let last = table.lines().last().unwrap_or_default();
        assert_eq!(
            last.split_whitespace().collect::<Vec<_>>(),
            ["peer", "/", "weir", "4.0", "x", "4.0", "x", "1.0", "x"]
        );
    }
}
