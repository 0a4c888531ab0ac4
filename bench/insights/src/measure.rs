//! What Weir's answers cost.

use std::fs;
use std::io::{Write, stderr};
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use insight::compile::{self, KeptResults};
use insight::index::Index;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use crate::weir::{self, Question, Shop};

/// Seconds of CPU of this process so far.
fn cpu() -> f64 {
    let at = clock_gettime(ClockId::ProcessCPUTime);
    at.tv_sec as f64 + at.tv_nsec as f64 / 1e9
}

pub(crate) fn say(text: &str) {
    // Who reads the progress may have gone.
    let _ = writeln!(stderr(), "{text}");
}

/// Runs something several times; the cheapest run counts.
pub(crate) fn cheapest<T>(runs: usize, mut run: impl FnMut() -> Result<T>) -> Result<(f64, f64, T)> {
    let mut best: Option<(f64, f64, T)> = None;
    for _ in 0..runs.max(1) {
        let (start, wall) = (cpu(), Instant::now());
        let answer = run()?;
        let cost = (cpu() - start, wall.elapsed().as_secs_f64(), answer);
        if best.as_ref().is_none_or(|best| cost.0 < best.0) {
            best = Some(cost);
        }
    }
    best.ok_or_else(|| anyhow::anyhow!("nothing ran"))
}

/// Builds the index, answers everything, and writes a report in the form of the peers'.
///
/// # Errors
/// A file cannot be read or written, or a definition does not fit.
pub(crate) fn weir(data: &Path, work: &Path, out: &Path, runs: usize, threads: usize) -> Result<()> {
    let shop = Shop::new()?;
    let start = cpu();
    let index = shop.index(data, work, &["orders.parquet"])?;
    let load = cpu() - start;
    say(&format!("load {load:.3}"));
    let questions = weir::questions()?;
    let hundred = weir::hundred()?;
    let mut report = serde_json::Map::new();
    for question in questions.iter().chain([&hundred]) {
        let (cpu, wall, answer) = cheapest(runs, || ask(&shop, &index, question, threads))?;
        say(&format!("{} {:.1} ms {:?}", question.question, cpu * 1e3, &answer[..answer.len().min(8)]));
        report.insert(question.question.clone(), json!({"cpu": cpu, "wall": wall, "answer": answer}));
    }
    let all: Vec<&Question> = questions.iter().collect();
    let (cpu, wall, ()) = cheapest(runs, || {
        let program = shop.program(&index, &all)?;
        program.run(&index, threads);
        Ok(())
    })?;
    say(&format!("all in one {:.1} ms", cpu * 1e3));
    report.insert("all in one".to_owned(), json!({"cpu": cpu, "wall": wall, "answer": Value::Null}));
    let update = update(&shop, &index, data, work, &questions, &hundred, runs)?;
    let rss = update.get("rss").cloned();
    let report = json!({"update": update, "load": load, "questions": report, "rss": rss});
    fs::write(out, serde_json::to_string_pretty(&report)?)?;
    Ok(())
}

/// What a hundred segments and the customers' measures cost after 1 % new orders, and whether they are what a full
/// computation gives.
fn update(
    shop: &Shop,
    index: &Index,
    data: &Path,
    work: &Path,
    questions: &[Question],
    hundred: &Question,
    runs: usize,
) -> Result<Value> {
    let asked: Vec<&Question> =
        questions.iter().filter(|it| matches!(it.question.as_str(), "q5")).chain([hundred]).collect();
    let (segments, measures) = shop.check(&asked)?;
    let unfit = |it: compile::Unfit| anyhow::anyhow!("{}: {}", it.name, it.why);
    let before = KeptResults::compute(index, &segments, &measures, 1).map_err(unfit)?;
    let new = weir::new_orders(index, data)?;
    let (cpu, wall, (touched, results)) = {
        let mut best = None;
        for _ in 0..runs.max(1) {
            let mut results = before.clone();
            let run = cheapest(1, || {
                let start = cpu();
                let delta = index.delta(&new)?;
                say(&format!("delta {:.1} ms", (cpu() - start) * 1e3));
                results.refresh(&delta, &segments, &measures, 1).map_err(unfit)?;
                Ok(delta.touched.len())
            })?;
            if best.as_ref().is_none_or(|(cpu, _, _)| run.0 < *cpu) {
                best = Some((run.0, run.1, (run.2, results.results)));
            }
        }
        best.ok_or_else(|| anyhow::anyhow!("nothing ran"))?
    };
    // The index with all rows is made for the comparison alone.
    let rss = most_memory()?;
    let full = shop.index(data, &work.join("full"), &["orders.parquet", "more.parquet"])?;
    let expected = shop.program(&full, &asked)?.run(&full, 2);
    let equal = results.segments == expected.segments
        && results
            .attributes
            .iter()
            .zip(&expected.attributes)
            .all(|(own, other)| own.array(index) == other.array(&full));
    say(&format!("update of {touched} customers {:.1} ms, equal: {equal}", cpu * 1e3));
    say(&format!("memory {:.0} MB", rss as f64 / 1e6));
    Ok(json!({"cpu": cpu, "wall": wall, "customers": touched, "equal": equal, "rss": rss}))
}

fn ask(shop: &Shop, index: &Index, question: &Question, threads: usize) -> Result<Vec<i64>> {
    let program = shop.program(index, &[question])?;
    let results = program.run(index, threads);
    weir::answer(&question.question, &results)
}

/// The most memory that was resident at one time, in bytes.
fn most_memory() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    Ok(line.split_whitespace().next().unwrap_or("0").parse::<u64>()? * 1024)
}
