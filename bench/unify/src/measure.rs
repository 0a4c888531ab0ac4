//! What a program costs: CPU time, wall time and memory of one child process.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use wait4::Wait4;

/// What one run of a program cost, its threads and the programs that it waited for included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cost {
    /// Seconds of CPU, user and system.
    pub cpu: f64,
    /// Seconds by the clock.
    pub wall: f64,
    /// The most memory that was resident at one time, in bytes.
    pub rss: u64,
}

/// Runs a program to its end.
///
/// # Errors
/// When the program cannot be started or fails.
pub fn run(command: &mut Command) -> Result<Cost> {
    let name = command.get_program().to_string_lossy().into_owned();
    let start = Instant::now();
    let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    let end = child.wait4().with_context(|| format!("cannot wait for {name}"))?;
    let wall = start.elapsed().as_secs_f64();
    if !end.status.success() {
        bail!("{name} failed: {}", end.status);
    }
    let cpu = (end.rusage.utime + end.rusage.stime).as_secs_f64();
    Ok(Cost { cpu, wall, rss: end.rusage.maxrss })
}

/// The run in the middle by CPU time.
#[must_use]
pub fn median(costs: &[Cost]) -> Option<Cost> {
    let mut sorted = costs.to_vec();
    sorted.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    sorted.get(sorted.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_has_its_own_figures() {
        let cost = run(Command::new("sh").args(["-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"]));
        let cost = cost.unwrap();
        assert!(cost.cpu > 0.0 && cost.cpu < 60.0 && cost.rss > 100_000, "{cost:?}");
    }

    #[test]
    fn a_program_that_fails_is_an_error() {
        assert!(run(Command::new("sh").args(["-c", "exit 3"])).is_err());
        assert!(run(&mut Command::new("no-such-program-here")).is_err());
    }

    #[test]
    fn the_median_is_a_run() {
        let cost = |cpu| Cost { cpu, wall: cpu, rss: 1 };
        assert_eq!(median(&[cost(3.0), cost(1.0), cost(2.0)]), Some(cost(2.0)));
        assert_eq!(median(&[cost(3.0), cost(1.0)]), Some(cost(1.0)));
        assert_eq!(median(&[]), None);
    }
}
