//! Outcomes as a table for people.

use std::fmt::Write;

use crate::contest::Outcome;

/// One row per program, then what the first one needs in multiples of what each other one needs.
#[must_use]
pub fn costs(title: &str, outcomes: &[Outcome]) -> String {
    let mut text = format!("{title}\n\n");
    line(
        &mut text,
        ["program", "CPU s", "wall s", "RSS MB", "pairs", "P", "R", "F1", "best F1"].map(str::to_owned),
    );
    for outcome in outcomes {
        let pairs = outcome.quality.pairs;
        line(
            &mut text,
            [
                outcome.program.clone(),
                format!("{:.2}", outcome.cost.cpu),
                format!("{:.2}", outcome.cost.wall),
                format!("{:.0}", outcome.cost.rss as f64 / 1e6),
                outcome.pairs.map_or_else(|| "-".to_owned(), |pairs| pairs.to_string()),
                format!("{:.4}", pairs.precision()),
                format!("{:.4}", pairs.recall()),
                format!("{:.4}", pairs.f1()),
                outcome.best.map_or_else(|| "-".to_owned(), |best| format!("{:.4}", best.clusters.f1())),
            ],
        );
    }
    if let Some((first, others)) = outcomes.split_first() {
        for other in others {
            let times = |a: f64, b: f64| format!("{:.1} x", a / b);
            let mut cells = [const { String::new() }; 9];
            cells[0] = format!("{} / {}", first.program, other.program);
            cells[1] = times(first.cost.cpu, other.cost.cpu);
            cells[2] = times(first.cost.wall, other.cost.wall);
            cells[3] = times(first.cost.rss as f64, other.cost.rss as f64);
            line(&mut text, cells);
        }
    }
    text
}

fn line(text: &mut String, cells: [String; 9]) {
    let [name, numbers @ ..] = cells;
    let mut line = format!("{name:<28}");
    for number in numbers {
        // Writing into a string does not fail.
        let _ = write!(line, "{number:>10}");
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
