//! What the shopper does with the shopper's own rules, wishes and saved offers; and how they stand.

use uuid::Uuid;

use super::{MomentError, Moments, Quiet, Refusal, Saved, SavedOffer, Wish, Wishes};
use crate::error::Error;

/// Something that the shopper wants no more of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Offers of this partner.
    Partner {
        /// The partner's id.
        partner: String,
    },
    /// This offer.
    Offer {
        /// The offer's id.
        offer: String,
    },
    /// Offers on this topic.
    Topic {
        /// In the publisher's words.
        topic: String,
    },
}

impl Refused {
    fn as_refusal(&self) -> Refusal<'_> {
        match self {
            Self::Partner { partner } => Refusal::Partner(partner),
            Self::Offer { offer } => Refusal::Offer(offer),
            Self::Topic { topic } => Refusal::Topic(topic),
        }
    }
}

impl From<Refusal<'_>> for Refused {
    fn from(refusal: Refusal<'_>) -> Self {
        match refusal {
            Refusal::Partner(id) => Self::Partner { partner: id.to_owned() },
            Refusal::Offer(id) => Self::Offer { offer: id.to_owned() },
            Refusal::Topic(id) => Self::Topic { topic: id.to_owned() },
        }
    }
}

/// One act of the shopper's. It takes no consent and holds at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShopperAct {
    /// Nothing comes by itself between these times of day, `HH:MM`; past midnight too.
    Quiet {
        /// When they begin.
        from: String,
        /// When they end.
        to: String,
    },
    /// There are no quiet hours.
    NoQuiet,
    /// Nothing comes by itself until then: wall clock, milliseconds since the Unix epoch.
    Snooze {
        /// Within a year.
        until_ms: i64,
    },
    /// The snooze ends.
    EndSnooze,
    /// So many different offers a day come by themselves; `None` for as many as fit.
    Daily {
        /// 1 to 100.
        most: Option<u16>,
    },
    /// Offers come only when the shopper asks.
    OnlyWhenAsked {
        /// Or they come by themselves again.
        only: bool,
    },
    /// No more of this.
    Refuse(Refused),
    /// This again.
    Welcome(Refused),
    /// This offer was seen too often: it rests for thirty days.
    Rest {
        /// The offer's id.
        offer: String,
    },
    /// The visit under way is not recorded.
    Unseen,
    /// The shopper looks for something; matched on the device.
    Wish {
        /// In the shopper's own words, a line.
        words: String,
        /// Topics, in the publisher's words; may be empty.
        topics: Vec<String>,
        /// Wall clock, milliseconds since the Unix epoch; `None` until it is taken back.
        until_ms: Option<i64>,
    },
    /// The wish is taken back.
    Unwish {
        /// Of [`Wish::id`].
        id: u32,
    },
    /// Keeps an offer, or changes its reminders.
    Save {
        /// The offer's id.
        offer: String,
        /// Remind me at one of its places.
        when_here: bool,
        /// Remind me so many hours before it ends, 1 to 336.
        before_end_h: Option<u16>,
    },
    /// Keeps it no longer.
    Unsave {
        /// The offer's id.
        offer: String,
    },
}

/// How the shopper's own side stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopperSide {
    /// When quiet hours begin, `HH:MM`.
    pub quiet_from: Option<String>,
    /// When they end.
    pub quiet_to: Option<String>,
    /// Wall clock, milliseconds since the Unix epoch; `None` when it is not snoozed.
    pub snoozed_until_ms: Option<i64>,
    /// So many different offers a day come by themselves at most.
    pub daily: Option<u16>,
    /// Offers come only when the shopper asks.
    pub only_when_asked: bool,
    /// What the shopper wants no more of.
    pub refused: Vec<Refused>,
    /// Offers that were seen too often, and until when each rests: wall clock, milliseconds since the Unix epoch.
    /// [`ShopperAct::Welcome`] takes it back.
    pub resting: Vec<(String, i64)>,
    /// The visit under way is not recorded.
    pub unseen: bool,
    /// What the shopper looks for.
    pub wishes: Vec<Wish>,
    /// What the shopper keeps.
    pub saved: Vec<SavedOffer>,
}

impl ShopperSide {
    pub(crate) fn of(moments: &Moments, wishes: &Wishes, saved: &Saved, now_ms: i64) -> Self {
        Self {
            quiet_from: moments.quiet().map(|quiet| quiet.begins().to_owned()),
            quiet_to: moments.quiet().map(|quiet| quiet.ends().to_owned()),
            snoozed_until_ms: moments.snoozed_until_ms(now_ms),
            daily: moments.daily(),
            only_when_asked: moments.only_when_asked(),
            refused: moments.refusals().map(Refused::from).collect(),
            resting: moments.resting(now_ms).map(|(offer, until_ms)| (offer.to_owned(), until_ms)).collect(),
            unseen: moments.unseen(),
            wishes: wishes.iter().cloned().collect(),
            saved: saved.iter().cloned().collect(),
        }
    }
}

/// Does what `act` asks.
///
/// # Errors
/// [`MomentError`]; then nothing is changed that counts.
pub(crate) fn act(
    act: &ShopperAct,
    (moments, wishes, saved): (&mut Moments, &mut Wishes, &mut Saved),
    open: impl IntoIterator<Item = Uuid>,
    now_ms: i64,
) -> Result<(), MomentError> {
    match act {
        ShopperAct::Quiet { from, to } => moments.set_quiet(Some(Quiet::new(from, to)?)),
        ShopperAct::NoQuiet => moments.set_quiet(None),
        ShopperAct::Snooze { until_ms } => moments.snooze(*until_ms, now_ms)?,
        ShopperAct::EndSnooze => moments.wake(),
        ShopperAct::Daily { most } => moments.set_daily(*most)?,
        ShopperAct::OnlyWhenAsked { only } => moments.set_only_when_asked(*only),
        ShopperAct::Refuse(refused) => moments.refuse(refused.as_refusal())?,
        ShopperAct::Welcome(refused) => moments.welcome(refused.as_refusal()),
        ShopperAct::Rest { offer } => moments.rest(offer, now_ms)?,
        ShopperAct::Unseen => moments.go_unseen(open)?,
        ShopperAct::Wish { words, topics, until_ms } => {
            let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
            wishes.add(words, &topics, *until_ms, now_ms)?;
        }
        ShopperAct::Unwish { id } => drop(wishes.remove(*id)),
        ShopperAct::Save { offer, when_here, before_end_h } => saved.save(offer, *when_here, *before_end_h, now_ms)?,
        ShopperAct::Unsave { offer } => drop(saved.remove(offer)),
    }
    Ok(())
}

impl From<MomentError> for Error {
    fn from(error: MomentError) -> Self {
        match &error {
            MomentError::Invalid { what, why } => Self::invalid(*what, why.clone()),
            MomentError::Full { what, .. } => Self::invalid(*what, error.to_string()),
            MomentError::NoVisit => Self::invalid("visit", error.to_string()),
        }
    }
}
