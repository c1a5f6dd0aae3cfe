//! Ends this very process behind one step of a withdrawal, as a SIGKILL would: for the test that looks at what is left.
//! In the unit tests alone, and in nothing that ships.

use std::sync::Mutex;

/// How far a withdrawal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It was asked for, and nothing is written.
    Asked,
    /// The decision, the deletion and the intent are committed.
    Committed,
    /// The offers' file is written without those of partners; its free pages and its log have them still.
    OffersWritten,
    /// And those are gone.
    OffersLeft,
    /// What stood in the ring met the no.
    RingTaken,
    /// And is overwritten there.
    RingWiped,
    /// The main file gave its free pages back; the log has them still.
    Vacuumed,
    /// And is cut to nothing.
    Checkpointed,
    /// The intent is gone as well.
    Followed,
    /// All is done, and the caller was not told.
    Unanswered,
}

impl Step {
    pub(crate) const ALL: [Self; 10] = [
        Self::Asked,
        Self::Committed,
        Self::OffersWritten,
        Self::OffersLeft,
        Self::RingTaken,
        Self::RingWiped,
        Self::Vacuumed,
        Self::Checkpointed,
        Self::Followed,
        Self::Unanswered,
    ];
}

static ARMED: Mutex<Option<Step>> = Mutex::new(None);

/// From now on the process ends behind `step`.
fn arm(step: Step) {
    *ARMED.lock().unwrap() = Some(step);
}

/// To be called behind each step.
pub(crate) fn behind(step: Step) {
    if *ARMED.lock().unwrap() == Some(step) {
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
        // The signal is on its way: nothing more may happen meanwhile.
        loop {
            std::thread::park();
        }
    }
}

#[path = "stop_tests.rs"]
mod tests;
