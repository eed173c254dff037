//! The reviews of a run on disk: journals that only grow, drafts that are replaced whole, one writer at a time.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::journal::{Entry, Event, FORMAT, Submission, Via, submissions};
use super::proposals::TakenUp;
use super::record::{Review, Subject};
use super::reviewer::{ReviewerName, file_name};
use super::{ReviewError, journal};
use crate::run::json_lines::{append_all, cut_back, read};
use crate::run::{RunError, atomic, name::check_name};

/// Ending of journals.
const JOURNAL: &str = ".jsonl";
/// Ending of drafts.
const DRAFTS: &str = ".drafts.json";
/// What became of proposals.
const TAKEN_UP: &str = "taken-up.yaml";
/// How long a writer waits for another process.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause between two looks at the lock.
const PAUSE: Duration = Duration::from_millis(20);

/// What was typed about one hypothesis and not submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Last entry about the hypothesis when it was typed; a later entry makes the draft void.
    pub after: Option<u64>,
    /// When it was kept.
    pub at: jiff::Timestamp,
    /// What was typed.
    pub review: Review,
}

/// Drafts by the id of the hypothesis.
pub type Drafts = BTreeMap<String, Draft>;

/// What became of something that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// A new entry, with its place in the journal.
    New(u64),
    /// It had been kept before, or says what stands already.
    Already(u64),
}

/// Everything one reviewer entered.
#[derive(Debug, Clone)]
pub struct Reviewer {
    /// Name.
    pub name: String,
    /// Files, without ending.
    pub file: String,
    /// The journal.
    pub entries: Vec<Entry>,
    whole: u64,
}

impl Reviewer {
    /// Whether grades and scores are hidden from the reviewer.
    pub fn is_blinded(&self) -> bool {
        let entered_blinded = self
            .entries
            .iter()
            .any(|e| matches!(e.event, Event::Entered { blinded: true, .. }));
        entered_blinded && !self.entries.iter().any(|e| e.event == Event::Unblinded)
    }

    /// Every submission, in order.
    pub fn submissions(&self) -> Vec<Submission<'_>> {
        submissions(&self.entries)
    }

    /// Every submission about a hypothesis, in order.
    pub fn submissions_about(&self, subject: &Subject) -> Vec<Submission<'_>> {
        let mut about = self.submissions();
        about.retain(|s| s.subject.is_same_claim(subject));
        about
    }

    /// The submission about a hypothesis that stands: the last one not withdrawn.
    pub fn standing(&self, subject: &Subject) -> Option<Submission<'_>> {
        let mut about = self.submissions_about(subject);
        about.retain(|s| s.withdrawn.is_none());
        about.pop()
    }

    /// What stands, one submission per hypothesis, in the order it was submitted.
    pub fn all_standing(&self) -> Vec<Submission<'_>> {
        let mut standing: Vec<Submission<'_>> = Vec::new();
        for submission in self.submissions() {
            if submission.withdrawn.is_none() {
                standing.retain(|s| !s.subject.is_same_claim(submission.subject));
                standing.push(submission);
            }
        }
        standing
    }

    /// Whether the reviewer has ever submitted something about a hypothesis and so may have seen what is hidden before.
    pub fn has_submitted(&self, subject: &Subject) -> bool {
        !self.submissions_about(subject).is_empty()
    }

    /// Place of the last entry about a hypothesis.
    pub fn last_about(&self, subject: &Subject) -> Option<u64> {
        let about = self.submissions_about(subject);
        let seqs: Vec<u64> = about.iter().map(|s| s.seq).collect();
        let touched = self.entries.iter().filter(|entry| match &entry.event {
            Event::Submitted { .. } => seqs.contains(&entry.seq),
            Event::Withdrawn { submission } => seqs.contains(submission),
            Event::Entered { .. } | Event::Unblinded => false,
        });
        touched.map(|entry| entry.seq).next_back()
    }

    fn entry(&self, key: &str, event: Event) -> Entry {
        Entry {
            seq: self.entries.len() as u64,
            at: jiff::Timestamp::now(),
            key: key.to_owned(),
            event,
        }
    }
}

/// The reviews of one run.
#[derive(Debug)]
pub struct ReviewStore {
    folder: PathBuf,
    run: String,
    /// Writers of this process wait here, also where the file system knows no locks.
    queue: Mutex<()>,
}

/// The right to write, given back when dropped.
struct Turn<'a> {
    _queue: MutexGuard<'a, ()>,
    _lock: File,
}

impl ReviewStore {
    /// The reviews in the run folder `root`; nothing is written before somebody enters.
    pub fn of(root: &Path, run: &str) -> Self {
        Self {
            folder: root.join("reviews"),
            run: run.to_owned(),
            queue: Mutex::new(()),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every reviewer, by file name.
    ///
    /// # Errors
    /// A journal cannot be read, is damaged or was written by a newer version.
    pub fn reviewers(&self) -> Result<Vec<Reviewer>, ReviewError> {
        let mut files = Vec::new();
        if self.folder.is_dir() {
            let listed = fs::read_dir(&self.folder);
            for entry in listed.map_err(|e| ReviewError::reading(&self.folder, e))? {
                let entry = entry.map_err(|e| ReviewError::reading(&self.folder, e))?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if let Some(file) = name.strip_suffix(JOURNAL)
                    && check_name("reviewer", file).is_ok()
                {
                    files.push(file.to_owned());
                }
            }
        }
        files.sort();
        let mut reviewers = Vec::new();
        for file in files {
            reviewers.extend(self.read(&file)?);
        }
        Ok(reviewers)
    }

    /// The reviewer whose reviews stand in `file` (without ending).
    ///
    /// # Errors
    /// There is none, or as for [`Self::reviewers`].
    pub fn reviewer(&self, file: &str) -> Result<Reviewer, ReviewError> {
        let found = match check_name("reviewer", file) {
            Ok(()) => self.read(file)?,
            Err(_) => None,
        };
        match found {
            Some(reviewer) => Ok(reviewer),
            None => {
                let known: Vec<String> = self.reviewers()?.into_iter().map(|r| r.name).collect();
                Err(ReviewError::UnknownReviewer {
                    wanted: crate::report::text::tidy(file, crate::report::text::NAME),
                    known: match known.len() {
                        0 => "nobody has reviewed it yet".to_owned(),
                        _ => format!("there are {}", known.join(", ")),
                    },
                })
            }
        }
    }

    /// The reviewer of this name, made where there is none yet; whether grades are hidden is settled on the first time.
    ///
    /// # Errors
    /// As for any write.
    pub fn enter(&self, name: &ReviewerName, blinded: bool) -> Result<Reviewer, ReviewError> {
        let file = file_name(name);
        let _turn = self.turn()?;
        if let Some(known) = self.read(&file)? {
            return Ok(known);
        }
        let mut reviewer = self.new_reviewer(name, blinded);
        reviewer.whole = append_all(&self.journal(&file), 0, &reviewer.entries)?;
        Ok(reviewer)
    }

    fn new_reviewer(&self, name: &ReviewerName, blinded: bool) -> Reviewer {
        let mut reviewer = Reviewer {
            name: name.as_str().to_owned(),
            file: file_name(name),
            entries: Vec::new(),
            whole: 0,
        };
        let event = Event::Entered {
            format: FORMAT,
            reviewer: reviewer.name.clone(),
            run: self.run.clone(),
            blinded,
        };
        reviewer.entries.push(reviewer.entry("", event));
        reviewer
    }

    /// Ends the blinding of a reviewer; there is no way back.
    ///
    /// # Errors
    /// As for any write.
    pub fn unblind(&self, file: &str) -> Result<(), ReviewError> {
        let _turn = self.turn()?;
        let reviewer = self.reviewer(file)?;
        if reviewer.is_blinded() {
            let entry = reviewer.entry("", Event::Unblinded);
            append_all(&self.journal(file), reviewer.whole, &[entry])?;
        }
        Ok(())
    }

    /// Keeps a review. What was sent before (the same key), or says what stands already, is not entered again.
    ///
    /// # Errors
    /// The review has faults, or as for any write; then nothing was kept.
    pub fn submit(
        &self,
        file: &str,
        key: &str,
        subject: &Subject,
        review: Review,
        via: Via,
    ) -> Result<Kept, ReviewError> {
        let review = checked(review)?;
        let _turn = self.turn()?;
        let reviewer = self.reviewer(file)?;
        if let Some(seq) = sent_before(&reviewer, key, &review) {
            return Ok(Kept::Already(seq));
        }
        let kept = match submission(&reviewer, subject, review, via) {
            Err(seq) => Kept::Already(seq),
            Ok(event) => {
                let entry = reviewer.entry(key, event);
                let seq = entry.seq;
                append_all(&self.journal(file), reviewer.whole, &[entry])?;
                Kept::New(seq)
            }
        };
        // The review is safe; a draft that stays behind is void, since an entry followed it.
        let _ = self.forget_draft(file, subject);
        Ok(kept)
    }

    /// Takes a submission back. One that was taken back before stays so.
    ///
    /// # Errors
    /// There is no such submission, or as for any write.
    pub fn withdraw(&self, file: &str, key: &str, seq: u64) -> Result<Kept, ReviewError> {
        let _turn = self.turn()?;
        let reviewer = self.reviewer(file)?;
        let submissions = reviewer.submissions();
        let Some(submission) = submissions.iter().find(|s| s.seq == seq) else {
            return Err(ReviewError::NothingToWithdraw { seq });
        };
        if submission.withdrawn.is_some() {
            return Ok(Kept::Already(seq));
        }
        let entry = reviewer.entry(key, Event::Withdrawn { submission: seq });
        let seq = entry.seq;
        append_all(&self.journal(file), reviewer.whole, &[entry])?;
        Ok(Kept::New(seq))
    }

    /// Keeps what was typed about a hypothesis; a draft that is empty or says what stands already is forgotten.
    ///
    /// # Errors
    /// The draft has faults, or as for any write; an earlier draft then stays.
    pub fn draft(&self, file: &str, subject: &Subject, review: Review) -> Result<(), ReviewError> {
        let review = checked_draft(review)?;
        let _turn = self.turn()?;
        let reviewer = self.reviewer(file)?;
        let mut drafts = self.drafts(file)?;
        let says_what_stands = reviewer
            .standing(subject)
            .is_some_and(|standing| *standing.review == review);
        if review.is_empty() || says_what_stands {
            if drafts.remove(&subject.id).is_none() {
                return Ok(());
            }
        } else {
            let draft = Draft {
                after: reviewer.last_about(subject),
                at: jiff::Timestamp::now(),
                review,
            };
            drafts.insert(subject.id.clone(), draft);
        }
        self.write_drafts(file, &drafts)
    }

    /// The drafts of a reviewer.
    ///
    /// # Errors
    /// The file cannot be read or is damaged.
    pub fn drafts(&self, file: &str) -> Result<Drafts, ReviewError> {
        let path = self.folder.join(format!("{file}{DRAFTS}"));
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|e| RunError::damaged(&path, "its content", e).into()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Drafts::new()),
            Err(error) => Err(ReviewError::reading(&path, error)),
        }
    }

    /// The draft of a reviewer about a hypothesis that no entry has followed.
    ///
    /// # Errors
    /// As [`Self::drafts`].
    pub fn draft_about(
        &self,
        reviewer: &Reviewer,
        subject: &Subject,
    ) -> Result<Option<Draft>, ReviewError> {
        let draft = self.drafts(&reviewer.file)?.remove(&subject.id);
        Ok(draft.filter(|d| d.after == reviewer.last_about(subject)))
    }

    /// Keeps the reviews of several people: all of them or, on any error, none. Gives how many were new.
    ///
    /// # Errors
    /// A review has faults, or as for any write.
    pub fn submit_all(
        &self,
        batch: Vec<(ReviewerName, Subject, Review)>,
        via: Via,
    ) -> Result<usize, ReviewError> {
        let _turn = self.turn()?;
        let mut people: BTreeMap<String, (Reviewer, usize)> = BTreeMap::new();
        let mut count = 0;
        for (name, subject, review) in batch {
            let review = checked(review)?;
            let file = file_name(&name);
            if !people.contains_key(&file) {
                let known = self.read(&file)?;
                let before = known.as_ref().map_or(0, |r| r.entries.len());
                let reviewer = known.unwrap_or_else(|| self.new_reviewer(&name, false));
                people.insert(file.clone(), (reviewer, before));
            }
            if let Some((reviewer, _)) = people.get_mut(&file)
                && let Ok(event) = submission(reviewer, &subject, review, via)
            {
                reviewer.entries.push(reviewer.entry("", event));
                count += 1;
            }
        }
        let mut written: Vec<(PathBuf, u64)> = Vec::new();
        for (file, (reviewer, before)) in &people {
            let new = &reviewer.entries[*before..];
            if new.is_empty() {
                continue;
            }
            let path = self.journal(file);
            if let Err(error) = append_all(&path, reviewer.whole, new) {
                for (path, whole) in &written {
                    cut_back(path, *whole)?;
                }
                return Err(error.into());
            }
            written.push((path, reviewer.whole));
        }
        Ok(count)
    }

    /// The record of what became of proposals.
    pub fn taken_up_file(&self) -> PathBuf {
        self.folder.join(TAKEN_UP)
    }

    /// What became of every proposal, as it was kept last; nothing where none was taken up.
    ///
    /// # Errors
    /// The file cannot be read or is damaged.
    pub fn taken_up(&self) -> Result<Vec<TakenUp>, ReviewError> {
        let path = self.taken_up_file();
        match fs::read(&path) {
            Ok(bytes) => serde_yaml::from_slice(&bytes)
                .map_err(|e| RunError::damaged(&path, "its content", e).into()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(ReviewError::reading(&path, error)),
        }
    }

    /// Keeps what became of every proposal, in place of what was kept before.
    ///
    /// # Errors
    /// As for any write.
    pub fn keep_taken_up(&self, all: &[TakenUp]) -> Result<(), ReviewError> {
        let _turn = self.turn()?;
        let path = self.taken_up_file();
        let text = serde_yaml::to_string(all).map_err(|e| RunError::NotSerialisable {
            path: path.clone(),
            reason: e.to_string(),
        })?;
        Ok(atomic::write_bytes(&path, text.as_bytes())?)
    }

    fn journal(&self, file: &str) -> PathBuf {
        self.folder.join(format!("{file}{JOURNAL}"))
    }

    fn read(&self, file: &str) -> Result<Option<Reviewer>, ReviewError> {
        let path = self.journal(file);
        let lines = read::<Entry>(&path)?;
        for (expected, entry) in lines.values.iter().enumerate() {
            if entry.seq != expected as u64 {
                let reason = format!("expected entry {expected}, found entry {}", entry.seq);
                let place = format!("line {}", expected + 1);
                return Err(RunError::damaged(&path, place, reason).into());
            }
        }
        let Some(first) = lines.values.first() else {
            return Ok(None);
        };
        let Event::Entered {
            format, reviewer, ..
        } = &first.event
        else {
            let reason = "the first entry does not say who entered";
            return Err(RunError::damaged(&path, "line 1", reason).into());
        };
        if *format != journal::FORMAT {
            return Err(ReviewError::Format {
                path,
                found: *format,
                known: journal::FORMAT,
            });
        }
        Ok(Some(Reviewer {
            name: reviewer.clone(),
            file: file.to_owned(),
            whole: lines.whole,
            entries: lines.values,
        }))
    }

    fn forget_draft(&self, file: &str, subject: &Subject) -> Result<(), ReviewError> {
        let mut drafts = self.drafts(file)?;
        match drafts.remove(&subject.id) {
            Some(_) => self.write_drafts(file, &drafts),
            None => Ok(()),
        }
    }

    fn write_drafts(&self, file: &str, drafts: &Drafts) -> Result<(), ReviewError> {
        let path = self.folder.join(format!("{file}{DRAFTS}"));
        let bytes = serde_json::to_vec(drafts).map_err(|e| RunError::NotSerialisable {
            path: path.clone(),
            reason: e.to_string(),
        })?;
        Ok(atomic::write_bytes(&path, &bytes)?)
    }

    /// Waits for the right to write.
    fn turn(&self) -> Result<Turn<'_>, ReviewError> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        fs::create_dir_all(&self.folder).map_err(|e| RunError::writing(&self.folder, e))?;
        let path = self.folder.join(".lock");
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| RunError::writing(&path, e))?;
        let since = Instant::now();
        loop {
            match lock.try_lock() {
                // Some network file systems know no locks; there one process at a time is all that can be asked for.
                Ok(()) | Err(TryLockError::Error(_)) => {
                    return Ok(Turn {
                        _queue: queue,
                        _lock: lock,
                    });
                }
                Err(TryLockError::WouldBlock) if since.elapsed() < PATIENCE => {
                    std::thread::sleep(PAUSE);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(ReviewError::Busy {
                        path,
                        seconds: PATIENCE.as_secs(),
                    });
                }
            }
        }
    }
}

/// The review as it is kept.
fn checked(review: Review) -> Result<Review, ReviewError> {
    let review = checked_draft(review)?;
    if review.is_empty() {
        let fault = super::Fault {
            field: "review".to_owned(),
            rule: "it is empty: give a score, a decision or a comment".to_owned(),
        };
        return Err(ReviewError::Faults {
            faults: vec![fault],
        });
    }
    Ok(review)
}

fn checked_draft(review: Review) -> Result<Review, ReviewError> {
    let review = review.tidied();
    let faults = review.faults();
    if faults.is_empty() {
        Ok(review)
    } else {
        Err(ReviewError::Faults { faults })
    }
}

/// The entry that an earlier sending of the same made, even if another review stands by now. The same key with other words
/// is a form that a browser kept, and new.
fn sent_before(reviewer: &Reviewer, key: &str, review: &Review) -> Option<u64> {
    let keyed = |seq: u64| {
        reviewer
            .entries
            .iter()
            .any(|e| e.seq == seq && e.key == key)
    };
    let mut known = reviewer.submissions();
    known.retain(|s| s.withdrawn.is_none() && s.review == review && keyed(s.seq));
    known.first().filter(|_| !key.is_empty()).map(|s| s.seq)
}

/// The event of a review, or the place of the submission that says the same and stands.
fn submission(
    reviewer: &Reviewer,
    subject: &Subject,
    review: Review,
    via: Via,
) -> Result<Event, u64> {
    if let Some(standing) = reviewer.standing(subject)
        && *standing.review == review
    {
        return Err(standing.seq);
    }
    Ok(Event::Submitted {
        hypothesis: subject.clone(),
        review: Box::new(review),
        blinded: reviewer.is_blinded() && !reviewer.has_submitted(subject),
        via,
    })
}
