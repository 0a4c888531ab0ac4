//! Following a job: a live tree on a terminal, plain lines elsewhere.

use std::collections::BTreeSet;
use std::time::Duration;

use cdp::refresh::{JobProgress, ProgressBoard, TaskProgress, TaskStatus};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::Out;
use super::out::padded;
use super::status::{operation, why};
use crate::words::{Words, decimals};

/// Many changes a second are one for the eye.
const BETWEEN: Duration = Duration::from_millis(40);
/// How wide the name of a task is, in columns.
const LABEL: usize = 42;

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
            (false, true) => {
                Some(Box::new(Tree { words: out.words, bars: MultiProgress::new(), tasks: Vec::new() }))
            }
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
struct Tree {
    words: &'static Words,
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
            draw(bar, task, self.words);
        }
    }
}

fn draw(bar: &ProgressBar, task: &TaskProgress, words: &Words) {
    if bar.is_finished() {
        return;
    }
    bar.set_prefix(format!("{} {}", sign(task.status), padded(&label(task, words), LABEL)));
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
    bar.set_message(format!("{message}{}{}", why(task.reason, words), took(task, words)));
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
                self.out.note(&line(task, self.out.words));
            }
        }
    }
}

fn label(task: &TaskProgress, words: &Words) -> String {
    format!("{} {}", operation(task.operation, words), task.name)
}

fn line(task: &TaskProgress, words: &Words) -> String {
    let message = task.message.as_deref().unwrap_or_default();
    let label = padded(&label(task, words), LABEL);
    let (why, took) = (why(task.reason, words), took(task, words));
    format!("{} {label} {message}{why}{took}", sign(task.status))
}

fn took(task: &TaskProgress, words: &Words) -> String {
    match (task.started_at, task.ended_at) {
        (Some(started), Some(ended)) => {
            let seconds = ended.duration_since(started).as_secs_f64();
            format!("  [{}]", words.text("seconds", &[("n", decimals(seconds, 1))]))
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
