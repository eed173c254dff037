//! One call, seen from outside: how far it is, and whether it is still wanted.

use std::sync::{Mutex, PoisonError};

use tokio::sync::{mpsc, watch};

use crate::agent::{Observer, Stage};

/// How far a call is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    /// Stages done, with the fraction of the one at work.
    pub done: f64,
    /// Stages in all.
    pub total: f64,
    /// What was done last.
    pub message: String,
}

/// A call that may be told of and cancelled.
#[derive(Debug)]
pub(super) struct Watched {
    tell: Option<mpsc::UnboundedSender<Step>>,
    cancelled: watch::Receiver<bool>,
    done: Mutex<f64>,
}

/// The stages of a run that asks no model.
fn stages() -> impl Iterator<Item = Stage> {
    Stage::ALL
        .into_iter()
        .filter(|s| !matches!(s, Stage::Approve | Stage::Papers | Stage::Read))
}

/// Stages before this one.
fn before(stage: Stage) -> f64 {
    stages().take_while(|s| *s < stage).count() as f64
}

impl Watched {
    /// Progress goes to `tell`, where anybody asked for it.
    pub(super) fn new(
        tell: Option<mpsc::UnboundedSender<Step>>,
        cancelled: watch::Receiver<bool>,
    ) -> Self {
        Self {
            tell,
            cancelled,
            done: Mutex::new(0.0),
        }
    }

    /// Waits until the call is cancelled, or nobody is there any more who could want it.
    pub(super) async fn cancellation(&self) {
        let mut cancelled = self.cancelled.clone();
        let _ = cancelled.wait_for(|cancelled| *cancelled).await;
    }

    /// Tells what is new: the protocol wants progress that grows.
    fn tell(&self, done: f64, message: String) {
        let Some(tell) = &self.tell else { return };
        let mut last = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        if done > *last {
            *last = done;
            // A call that nobody waits for any more has nobody to tell.
            let _ = tell.send(Step {
                done,
                total: stages().count() as f64,
                message,
            });
        }
    }
}

impl Observer for Watched {
    fn entered(&self, _stage: Stage) {}

    fn finished(&self, stage: Stage, summary: &str) {
        self.tell(before(stage) + 1.0, format!("{}: {summary}", stage.name()));
    }

    fn decoys(&self, done: usize, planned: usize) {
        if done < planned {
            let done_part = done as f64 / planned as f64;
            let message = format!("{}: {done} of {planned}", Stage::Decoys.name());
            self.tell(before(Stage::Decoys) + done_part, message);
        }
    }

    fn wanted(&self) -> bool {
        !*self.cancelled.borrow() && self.cancelled.has_changed().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_grows_and_ends_at_the_total() {
        let (tell, mut told) = mpsc::unbounded_channel();
        let (_stop, cancelled) = watch::channel(false);
        let watched = Watched::new(Some(tell), cancelled);
        watched.finished(Stage::Audit, "a");
        watched.decoys(20, 40);
        // Strata were given up: fewer are planned than before, and what is told must not shrink.
        watched.decoys(15, 60);
        watched.finished(Stage::Decoys, "b");
        watched.finished(Stage::Write, "c");
        let mut steps = Vec::new();
        while let Ok(step) = told.try_recv() {
            steps.push(step.done);
        }
        assert_eq!(steps, [6.0, 6.5, 7.0, 9.0]);
        assert_eq!(stages().count(), 9);
    }

    #[test]
    fn a_call_is_unwanted_once_cancelled_or_left_alone() {
        let (stop, cancelled) = watch::channel(false);
        let watched = Watched::new(None, cancelled);
        assert!(watched.wanted());
        stop.send_replace(true);
        assert!(!watched.wanted());
        let (gone, cancelled) = watch::channel(false);
        let left = Watched::new(None, cancelled);
        drop(gone);
        assert!(!left.wanted());
    }
}
