//! A contest: every program does the same work in turn, and its clusters are held against the truth.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::measure::{self, Cost};
use crate::programs::{Kind, Program, Workshop, call};
use crate::truth::{Best, Quality, Truth, best_threshold};

/// What is to be done.
#[derive(Debug)]
pub struct Contest {
    /// Where programs are and write.
    pub workshop: Workshop,
    /// What the tables are.
    pub kind: Kind,
    /// Their folder, with `truth.parquet`.
    pub data: PathBuf,
    /// Measured runs of each program.
    pub runs: usize,
}

/// What one program did.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// The program.
    pub program: String,
    /// The whole process in each run.
    pub processes: Vec<Cost>,
    /// The process of the run in the middle.
    pub process: Cost,
    /// What is compared: the measured phases of the run in the middle, if the program reports them, else the process.
    pub cost: Cost,
    /// The phases of the last run.
    pub phases: Vec<Phase>,
    /// Pairs that were compared.
    pub pairs: Option<u64>,
    /// Its clusters at the threshold that it was given.
    pub quality: Quality,
    /// What the best threshold would have given.
    pub best: Option<Best>,
}

/// What a program says of itself.
#[derive(Debug, Default, Deserialize)]
struct Report {
    #[serde(default)]
    phases: Vec<Phase>,
    rss: Option<u64>,
    pairs: Option<u64>,
}

/// A part of the work.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Phase {
    /// Its name.
    pub phase: String,
    /// Seconds of CPU, user and system.
    pub cpu: f64,
    /// Seconds by the clock.
    pub wall: f64,
}

/// The runs of one program so far.
struct Entrant {
    program: Program,
    out: PathBuf,
    processes: Vec<Cost>,
    works: Vec<Cost>,
    phases: Vec<Phase>,
}

impl Contest {
    /// Runs all programs, each as often as the others and in turn.
    ///
    /// # Errors
    /// When a program fails or leaves something out.
    pub fn run(&self, programs: &[Program], say: &mut dyn FnMut(&str)) -> Result<Vec<Outcome>> {
        let mut entrants: Vec<Entrant> = programs.iter().map(|program| self.entrant(*program)).collect();
        for run in 1..=self.runs.max(1) {
            for entrant in &mut entrants {
                say(&format!("{}: run {run} of {}", entrant.program, self.runs.max(1)));
                self.measured(entrant)?;
            }
        }
        say("reading the truth");
        let truth = Truth::read(&self.data.join("truth.parquet"))?;
        entrants.into_iter().map(|entrant| self.outcome(entrant, &truth, say)).collect()
    }

    fn entrant(&self, program: Program) -> Entrant {
        let data = self.data.file_name().unwrap_or_default();
        let out = self.workshop.folder("out").join(data).join(program.to_string().replace(' ', "-"));
        Entrant { program, out, processes: Vec::new(), works: Vec::new(), phases: Vec::new() }
    }

    fn measured(&self, entrant: &mut Entrant) -> Result<()> {
        let _ = fs::remove_dir_all(&entrant.out);
        let mut command = self.workshop.command(entrant.program, self.kind, &self.data, &entrant.out)?;
        let process = measure::run(&mut command)?;
        let report = report(&entrant.out)?;
        entrant.works.push(work(&report, process));
        entrant.processes.push(process);
        entrant.phases = report.phases;
        Ok(())
    }

    /// The quality is that of the measured runs. Scored pairs come from one more run, which is not measured.
    fn outcome(&self, entrant: Entrant, truth: &Truth, say: &mut dyn FnMut(&str)) -> Result<Outcome> {
        let quality = truth.quality(&entrant.out.join("clusters.parquet"))?;
        say(&format!("{}: once more for its pairs", entrant.program));
        let mut command = self.workshop.command(entrant.program, self.kind, &self.data, &entrant.out)?;
        call(command.arg("--pairs"))?;
        let pairs = entrant.out.join("pairs.parquet");
        let best = if pairs.exists() { Some(best_threshold(truth, &pairs)?) } else { None };
        Ok(Outcome {
            program: entrant.program.to_string(),
            process: measure::median(&entrant.processes).context("no run")?,
            cost: measure::median(&entrant.works).context("no run")?,
            processes: entrant.processes,
            phases: entrant.phases,
            pairs: report(&entrant.out)?.pairs,
            quality,
            best,
        })
    }
}

/// The phases alone, without starting up and without what is written only for measuring.
fn work(report: &Report, process: Cost) -> Cost {
    if report.phases.is_empty() {
        return process;
    }
    Cost {
        cpu: report.phases.iter().map(|phase| phase.cpu).sum(),
        wall: report.phases.iter().map(|phase| phase.wall).sum(),
        rss: report.rss.unwrap_or(process.rss),
    }
}

fn report(out: &Path) -> Result<Report> {
    let path = out.join("report.json");
    if !path.exists() {
        return Ok(Report::default());
    }
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_count_when_there_are_any() {
        let process = Cost { cpu: 5.0, wall: 6.0, rss: 7 };
        assert_eq!(work(&Report::default(), process), process);
        let text =
            r#"{"phases": [{"phase": "a", "cpu": 1.5, "wall": 2}, {"phase": "b", "cpu": 1, "wall": 1}]}"#;
        let report: Report = serde_json::from_str(text).unwrap();
        assert_eq!(work(&report, process), Cost { cpu: 2.5, wall: 3.0, rss: 7 });
    }
}
