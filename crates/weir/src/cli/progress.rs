//! Following a job: a live tree on a terminal, plain lines elsewhere.

use std::collections::BTreeSet;
use std::time::Duration;

use cdp::refresh::{JobProgress, ProgressBoard, SelectionReason, TaskProgress, TaskStatus};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::Out;

/// Many changes a second are one for the eye.
const BETWEEN: Duration = Duration::from_millis(40);

/// Shows the progress of one job after the other, while it is polled.
pub(super) struct Follower {
    board: ProgressBoard,
    view: Option<Box<dyn View>>,
}

impl Follower {
    /// A follower of what `board` shows.
    pub(super) fn new(board: &ProgressBoard, out: Out) -> Self {
        let view: Option<Box<dyn View>> = match (out.json, out.is_watched()) {
            (true, _) => None,
            (false, true) => Some(Box::<Tree>::default()),
            (false, false) => Some(Box::new(Lines { out, told: BTreeSet::new() })),
        };
        Self { board: board.clone(), view }
    }

    /// Follows until `job` is done, and shows its last state too.
    pub(super) async fn until<F: Future>(mut self, job: F) -> F::Output {
        let mut watch = self.board.watch();
        let mut next = tokio::time::Instant::now();
        tokio::pin!(job);
        loop {
            tokio::select! {
                biased;
                ended = &mut job => {
                    self.show(&watch);
                    return ended;
                }
                changed = async { tokio::time::sleep_until(next).await; watch.changed().await } => {
                    if changed.is_ok() {
                        self.show(&watch);
                        next = tokio::time::Instant::now() + BETWEEN;
                    }
                }
            }
        }
    }

    fn show(&mut self, watch: &Watched) {
        if let (Some(view), Some(progress)) = (&mut self.view, watch.borrow().as_ref()) {
            view.show(progress);
        }
    }
}

type Watched = tokio::sync::watch::Receiver<Option<JobProgress>>;

trait View: Send {
    fn show(&mut self, progress: &JobProgress);
}

/// One bar a task.
#[derive(Default)]
struct Tree {
    bars: MultiProgress,
    tasks: Vec<ProgressBar>,
}

impl View for Tree {
    fn show(&mut self, progress: &JobProgress) {
        if self.tasks.len() != progress.tasks.len() {
            let _ = self.bars.clear();
            self.tasks = progress.tasks.iter().map(|_| self.bars.add(ProgressBar::no_length())).collect();
        }
        for (bar, task) in self.tasks.iter().zip(&progress.tasks) {
            draw(bar, task);
        }
    }
}

fn draw(bar: &ProgressBar, task: &TaskProgress) {
    if bar.is_finished() {
        return;
    }
    let name = format!("{} {}", sign(task.status), label(task));
    bar.set_prefix(format!("{name:<44}"));
    let running = task.status == TaskStatus::Processing;
    let template = match (running, task.total) {
        (true, Some(_)) => "{prefix} {bar:24} {wide_msg}",
        _ => "{prefix} {wide_msg}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    if let Some(total) = task.total {
        bar.set_length(total);
        bar.set_position(task.done.min(total));
    }
    let message = task.message.as_deref().unwrap_or(if running { &task.doing } else { "" });
    bar.set_message(format!("{message}{}{}", unchanged(task), took(task)));
    if task.status.is_final() {
        bar.finish();
    } else {
        bar.tick();
    }
}

/// One line a task, as soon as it is final.
struct Lines {
    out: Out,
    told: BTreeSet<usize>,
}

impl View for Lines {
    fn show(&mut self, progress: &JobProgress) {
        for (position, task) in progress.tasks.iter().enumerate() {
            if task.status.is_final() && self.told.insert(position) {
                self.out.note(&line(task));
            }
        }
    }
}

fn label(task: &TaskProgress) -> String {
    format!("{} {}", task.operation, task.name)
}

fn line(task: &TaskProgress) -> String {
    let message = task.message.as_deref().unwrap_or_default();
    format!("{} {:<42} {message}{}{}", sign(task.status), label(task), unchanged(task), took(task))
}

fn took(task: &TaskProgress) -> String {
    match (task.started_at, task.ended_at) {
        (Some(started), Some(ended)) => {
            format!("  [{:.1} s]", ended.duration_since(started).as_secs_f64())
        }
        _ => String::new(),
    }
}

/// How a task stands, in a sign.
pub(super) fn sign(status: TaskStatus) -> char {
    match status {
        TaskStatus::Queued => '·',
        TaskStatus::Processing => '▸',
        TaskStatus::FailedRetrying => '↻',
        TaskStatus::Successful => '✓',
        TaskStatus::CompletedWithWarnings => '!',
        TaskStatus::CompletedWithErrors | TaskStatus::FailedPermanent => '✗',
        TaskStatus::Skipped | TaskStatus::Canceled => '–',
    }
}

fn unchanged(task: &TaskProgress) -> &'static str {
    if task.reason == SelectionReason::Unchanged { " (unchanged)" } else { "" }
}
