//! What reaches the engine through its channel. Events come another way: through the ring.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::consent::signal::Signals;
use crate::consent::{Purpose, Receipt, Verified, WithdrawPolicy, Withdrawal};
use crate::diagnostics::{DeadLetter, Diagnostics, Drained, Erased, SignedOut};
use crate::error::Error;
use crate::offer::{ShopperAct, Trait};
use crate::place::beacon::{Heard, Scan};
use crate::place::checkin::CheckedIn;
use crate::place::plan::{Limits, Wake};
use crate::place::{FixInput, Plan, Transition};
use crate::store::Durability;
use crate::sync::{Network, Response, Ticket, TransportError};

/// Where an answer goes. The caller may have stopped waiting: what was asked is done all the same.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, Error>>;

/// One request to the engine.
pub(crate) enum Command {
    Ready(Answer<()>),
    /// Yes or no to these purposes, said on that screen.
    Decide {
        purposes: Vec<Purpose>,
        yes: bool,
        surface: Option<String>,
        answer: Answer<Receipt>,
    },
    Withdraw {
        purpose: Purpose,
        policy: WithdrawPolicy,
        surface: Option<String>,
        answer: Answer<Withdrawal>,
    },
    Declare(Box<Signals>, Answer<()>),
    Prompted(Vec<Purpose>, Answer<()>),
    VerifyLedger(Answer<Verified>),
    ConsentRecord(Answer<String>),
    Export(Answer<String>),
    RequestExport(Answer<()>),
    Erase(Answer<Erased>),
    Fix(FixInput, Answer<Vec<Transition>>),
    Scan(Scan, Answer<Heard>),
    CheckIn(String, Answer<CheckedIn>),
    PlanWatch(Limits, Answer<Plan>),
    Woke(String, Answer<Wake>),
    NextFix(Answer<Duration>),
    Act(Box<ShopperAct>, Answer<()>),
    /// What the app knows of the shopper.
    Tell(Vec<Trait>, Answer<()>),
    /// Where the shopper's clock stands now, by its IANA name.
    TimeZone(String, Answer<()>),
    /// A card was seen; the shopper had asked for offers, or it came by itself.
    Saw {
        offer: String,
        asked: bool,
        answer: Answer<bool>,
    },
    /// The decision as it stands is kept.
    KeepDecision {
        placement: String,
        asked: bool,
        answer: Answer<Uuid>,
    },
    /// Where a picture of an offer lies, fetched if it has to be.
    Image {
        offer: String,
        index: usize,
        even_metered: bool,
        answer: Answer<PathBuf>,
    },
    Identify {
        token: String,
        /// What the app calls the account.
        account: Option<String>,
        answer: Answer<()>,
    },
    SignOut(Answer<SignedOut>),
    Refresh(Answer<()>),
    Drain {
        deadline: Duration,
        max_bytes: Option<u64>,
        answer: Answer<Drained>,
    },
    /// Everything handed over so far is in the database, as durable as that.
    Flush {
        durability: Durability,
        answer: Answer<()>,
    },
    /// The newest, at most so many.
    DeadLetters(u32, Answer<Vec<DeadLetter>>),
    Diagnostics(Answer<Diagnostics>),
    Network(Network),
    Foreground(bool),
    RenewKey(String),
    /// The courier came back.
    Returned(Ticket, Result<Response, TransportError>),
}

impl Command {
    /// Answers with an error instead of doing it.
    pub(crate) fn refuse(self, error: Error) {
        // A caller that went away needs no answer.
        match self {
            Self::Ready(answer)
            | Self::Identify { answer, .. }
            | Self::Refresh(answer)
            | Self::Flush { answer, .. } => {
                let _ = answer.send(Err(error));
            }
            Self::Declare(_, answer) | Self::Prompted(_, answer) | Self::RequestExport(answer) => {
                let _ = answer.send(Err(error));
            }
            Self::Decide { answer, .. } => drop(answer.send(Err(error))),
            Self::Withdraw { answer, .. } => drop(answer.send(Err(error))),
            Self::VerifyLedger(answer) => drop(answer.send(Err(error))),
            Self::ConsentRecord(answer) | Self::Export(answer) => drop(answer.send(Err(error))),
            Self::Erase(answer) => drop(answer.send(Err(error))),
            Self::Fix(_, answer) => drop(answer.send(Err(error))),
            Self::Scan(_, answer) => drop(answer.send(Err(error))),
            Self::CheckIn(_, answer) => drop(answer.send(Err(error))),
            Self::PlanWatch(_, answer) => drop(answer.send(Err(error))),
            Self::Woke(_, answer) => drop(answer.send(Err(error))),
            Self::NextFix(answer) => drop(answer.send(Err(error))),
            Self::Act(_, answer) => drop(answer.send(Err(error))),
            Self::Tell(_, answer) => drop(answer.send(Err(error))),
            Self::TimeZone(_, answer) => drop(answer.send(Err(error))),
            Self::Saw { answer, .. } => drop(answer.send(Err(error))),
            Self::KeepDecision { answer, .. } => drop(answer.send(Err(error))),
            Self::Image { answer, .. } => drop(answer.send(Err(error))),
            Self::SignOut(answer) => drop(answer.send(Err(error))),
            Self::Drain { answer, .. } => drop(answer.send(Err(error))),
            Self::DeadLetters(_, answer) => drop(answer.send(Err(error))),
            Self::Diagnostics(answer) => drop(answer.send(Err(error))),
            Self::Network(_) | Self::Foreground(_) | Self::RenewKey(_) | Self::Returned(..) => {}
        }
    }
}
