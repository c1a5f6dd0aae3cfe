//! What stood when, for one purpose of one installation: by the core's own rule, over what that had
//! told up to an epoch of its own.

use std::collections::HashMap;

use patron_core::clock;
use patron_core::consent::{ConsentStatus, Consents, Decision, Entry, Purpose, PurposeKind, Sha};
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::consents::{epoch, sha};

/// Decisions that have to be weighed against each other at one time: those that no later one knew of. A device's own
/// know of all before them; it takes devices that were out of touch for there to be more than one or two. The rule takes
/// ever longer, and no shopper says so much: whoever claims more is held to have said no, until saying it.
const MAX_WEIGHED: usize = 128;

/// When a yes stood.
#[derive(Debug, Default)]
pub(super) struct Timeline(Vec<Stood>);

/// From this epoch on, to the next: the yes that stood, and that it did.
#[derive(Debug, Clone, Copy)]
struct Stood {
    since: u64,
    yes: Option<Yes>,
}

#[derive(Debug, Clone, Copy)]
struct Yes {
    entry: Sha,
    /// Wall clock of the device, milliseconds.
    expires_at: Option<i64>,
}

impl Yes {
    fn has_run_out(&self, at_ms: i64) -> bool {
        self.expires_at.is_some_and(|expiry| expiry <= at_ms)
    }
}

impl Timeline {
    /// What stood for `purpose`, from the first decision on it to the last that is held.
    pub(super) fn read(
        connection: &Connection,
        tenant: &str,
        installation: &str,
        purpose: &Purpose,
    ) -> rusqlite::Result<Self> {
        let mut query = connection.prepare_cached(
            "SELECT epoch, id, status, decided_at, own, entry, hash FROM decision
             WHERE tenant = ?1 AND installation = ?2 AND purpose = ?3 AND partner = ?4 ORDER BY epoch, seq",
        )?;
        let partner = purpose.partner().unwrap_or_default();
        let rows = query
            .query_map(params![tenant, installation, purpose.kind().as_str(), partner], |row| decision(row, purpose))?;
        Self::of(purpose, rows)
    }

    /// What `decisions` on `purpose` come to, in the order of their epochs.
    fn of<E>(purpose: &Purpose, decisions: impl IntoIterator<Item = Result<Decision, E>>) -> Result<Self, E> {
        let mut timeline = Self::default();
        let mut weighed = Consents::default();
        let mut too_many = false;
        for decision in decisions {
            let decision = decision?;
            let no = decision.status != ConsentStatus::Granted;
            if !too_many {
                weighed.apply(&decision);
                too_many = weighed.unsettled(purpose) > MAX_WEIGHED;
            }
            // What a no knows of counts no more: every yes to come must know of this no, and so of them. It
            // knows of all where nothing else stands at the end of its line; a device's own always does. A yes
            // that is all there is to weigh, said again and again, is all that need be kept as well.
            let knows_all = weighed.heads(purpose) == [decision.hash];
            let settles = no && knows_all || weighed.unsettled(purpose) == 1;
            if no && decision.own || !too_many && settles {
                (weighed, too_many) = (Consents::default(), false);
                weighed.apply(&decision);
            }
            let expires_at = weighed.expires_at(purpose);
            let yes = weighed.grant(purpose).filter(|_| !too_many).map(|(entry, _)| Yes { entry, expires_at });
            timeline.0.push(Stood { since: decision.epoch, yes });
        }
        Ok(timeline)
    }

    /// The yes that stood at `epoch`. Within one epoch the later decision stands.
    pub(super) fn yes_at(&self, epoch: u64) -> Option<Sha> {
        let before = self.0.partition_point(|stood| stood.since <= epoch);
        self.0[..before].last()?.yes.map(|yes| yes.entry)
    }

    /// When the yes that stands now runs out, wall clock; `None` for never.
    pub(super) fn runs_out_at(&self) -> Option<i64> {
        self.0.last()?.yes?.expires_at
    }

    /// Whether the yes of `epoch` stood at `at_ms` and stands at `now_ms`, wall clock. One that was taken back
    /// and given again covers nothing from before, and none covers the time after which it has run out.
    pub(super) fn covers(&self, epoch: u64, at_ms: i64, now_ms: i64) -> bool {
        let Some(from) = self.0.partition_point(|stood| stood.since <= epoch).checked_sub(1) else { return false };
        let stood: Option<Vec<Yes>> = self.0[from..].iter().map(|stood| stood.yes).collect();
        stood.is_some_and(|stood| {
            stood.first().is_some_and(|yes| !yes.has_run_out(at_ms))
                && stood.last().is_some_and(|yes| !yes.has_run_out(now_ms))
        })
    }
}

/// What stood when, for every purpose of one installation that is asked for: the same few times over.
#[derive(Default)]
pub(super) struct Timelines(HashMap<Purpose, Timeline>);

impl Timelines {
    /// The yes that an event of `epoch` rests on.
    pub(super) fn yes_at(
        &mut self,
        connection: &Connection,
        (tenant, installation): (&str, &str),
        purpose: Purpose,
        epoch: u64,
    ) -> rusqlite::Result<Option<Sha>> {
        if let Some(known) = self.0.get(&purpose) {
            return Ok(known.yes_at(epoch));
        }
        let timeline = Timeline::read(connection, tenant, installation, &purpose)?;
        let yes = timeline.yes_at(epoch);
        self.0.insert(purpose, timeline);
        Ok(yes)
    }
}

/// What an event is held to: its purpose, and the partner where that is a part of it.
pub(super) fn purpose_of(kind: PurposeKind, partner: Option<&str>) -> Option<Purpose> {
    // Only this purpose is granted per partner; for the others the partner says whom the event concerns.
    Purpose::from_parts(kind, partner.filter(|_| kind == PurposeKind::PartnerSharing))
}

/// A decision as it was signed; as a device without a ledger told it, where it has no entry.
fn decision(row: &Row<'_>, purpose: &Purpose) -> rusqlite::Result<Decision> {
    let (epoch, own) = (epoch(row, 0)?, row.get(4)?);
    let entry: Option<String> = row.get(5)?;
    if let (Some(entry), Some(hash)) = (entry, sha(row, 6)?) {
        let read = serde_json::from_str::<Entry>(&entry).ok().and_then(|entry| entry.decision(hash, epoch, own).ok());
        // It was checked before it was stored.
        return read.ok_or(rusqlite::Error::InvalidQuery);
    }
    let id = row.get::<_, String>(1)?.parse().unwrap_or(Uuid::nil());
    let status = ConsentStatus::from_name(&row.get::<_, String>(2)?).ok_or(rusqlite::Error::InvalidQuery)?;
    let at_ms = clock::parse_rfc3339(&row.get::<_, String>(3)?).unwrap_or_default();
    Ok(Decision::new(id, purpose.clone(), status, at_ms, epoch))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;

    const PURPOSE: Purpose = Purpose::Engagement;

    /// What one of three devices knows, in the order of its epochs; they decide, and hear of each other.
    fn stories(acts: &[(u8, bool, Vec<Index>)]) -> [Vec<Decision>; 3] {
        let mut known: [(Consents, Vec<Decision>); 3] = Default::default();
        let mut all: Vec<Decision> = Vec::new();
        for (n, (device, yes, heard)) in (1..).zip(acts) {
            let (consents, story) = &mut known[usize::from(device % 3)];
            for index in heard.iter().filter(|_| !all.is_empty()) {
                // What a decision comes after is told before it.
                let upto = index.index(all.len());
                let before = past(&all[upto], &all);
                for told in all[..=upto].iter().filter(|told| before.contains(&told.hash)) {
                    if !consents.knows(told.hash) {
                        let told = Decision { epoch: consents.epoch() + 1, own: false, ..told.clone() };
                        consents.apply(&told);
                        story.push(told);
                    }
                }
            }
            let status = if *yes { ConsentStatus::Granted } else { consents.refusal(&PURPOSE) };
            let mut decision = Decision::new(Uuid::from_u128(n), PURPOSE, status, 0, consents.epoch() + 1);
            decision.parents = consents.heads(&PURPOSE);
            consents.apply(&decision);
            story.push(decision.clone());
            all.push(decision);
        }
        known.map(|(_, story)| story)
    }

    /// `decision` and all that it comes after.
    fn past(decision: &Decision, all: &[Decision]) -> BTreeSet<Sha> {
        let mut past = BTreeSet::from([decision.hash]);
        for earlier in all.iter().rev() {
            if past.contains(&earlier.hash) {
                past.extend(&earlier.parents);
            }
        }
        past
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn what_stood_is_what_the_device_went_by(
            acts in proptest::collection::vec((any::<u8>(), any::<bool>(), proptest::collection::vec(any::<Index>(), 0..4)), 1..24),
        ) {
            for story in stories(&acts) {
                let timeline = Timeline::of(&PURPOSE, story.iter().cloned().map(Ok::<_, ()>)).unwrap();
                let mut consents = Consents::default();
                prop_assert_eq!(timeline.yes_at(0), None);
                for decision in &story {
                    consents.apply(decision);
                    let stood = consents.grant(&PURPOSE).is_some();
                    prop_assert_eq!(timeline.yes_at(decision.epoch).is_some(), stood, "{:?}", story);
                }
            }
        }
    }

    #[test]
    fn a_device_that_claims_to_have_heard_without_end_is_held_to_have_said_no() {
        let decision = |epoch: u64, status, own: bool| {
            let id = Uuid::from_u128(epoch.into());
            Decision { own, ..Decision::new(id, PURPOSE, status, 0, epoch) }
        };
        let most = MAX_WEIGHED as u64;
        let heard = (1..=most + 1).map(|epoch| decision(epoch, ConsentStatus::Granted, epoch == 1));
        let own = [ConsentStatus::Granted, ConsentStatus::Withdrawn, ConsentStatus::Granted];
        let own = (most + 2..).zip(own).map(|(epoch, status)| decision(epoch, status, true));
        let timeline = Timeline::of(&PURPOSE, heard.chain(own).map(Ok::<_, ()>)).unwrap();
        let stood = [1, most, most + 1, most + 2, most + 3, most + 4].map(|epoch| timeline.yes_at(epoch).is_some());
        assert_eq!(stood, [true, true, false, false, false, true]);
        let covers = |epoch| timeline.covers(epoch, 0, 0);
        assert!(covers(most + 4) && !covers(most) && !covers(0));
    }

    #[test]
    fn a_yes_that_is_said_again_at_each_start_of_an_app_stands_for_ever() {
        let mut consents = Consents::default();
        let story: Vec<Decision> = (1..=2_000u64)
            .map(|epoch| {
                let id = Uuid::from_u128(epoch.into());
                let mut decision = Decision::new(id, PURPOSE, ConsentStatus::Granted, 0, epoch);
                (decision.own, decision.parents) = (true, consents.heads(&PURPOSE));
                consents = Consents::default();
                consents.apply(&decision);
                decision
            })
            .collect();
        let timeline = Timeline::of(&PURPOSE, story.into_iter().map(Ok::<_, ()>)).unwrap();
        assert!([1, 128, 129, 2_000].iter().all(|epoch| timeline.yes_at(*epoch).is_some()));
        assert!(timeline.covers(1, 0, 0));
    }

    #[test]
    fn a_yes_that_ran_out_covers_nothing_until_it_is_given_again_and_nothing_of_the_time_in_between() {
        let yes = |epoch: u64, at_ms: i64, expires_at_ms: i64| {
            let id = Uuid::from_u128(epoch.into());
            let decision = Decision::new(id, PURPOSE, ConsentStatus::Granted, at_ms, epoch);
            Ok::<_, ()>(Decision { expires_at_ms: Some(expires_at_ms), ..decision })
        };
        let once = Timeline::of(&PURPOSE, [yes(1, 0, 1_000)]).unwrap();
        assert!(once.covers(1, 999, 999) && !once.covers(1, 999, 1_000) && !once.covers(1, 1_000, 999));
        let again = Timeline::of(&PURPOSE, [yes(1, 0, 1_000), yes(2, 2_000, 3_000)]).unwrap();
        assert!(again.covers(1, 999, 2_500) && !again.covers(1, 1_500, 2_500) && again.covers(2, 2_100, 2_500));
    }

    #[test]
    fn a_shopper_who_changes_their_mind_for_years_costs_next_to_nothing() {
        let mut consents = Consents::default();
        let story = (1..=5_000u64).map(|epoch| {
            let status = if epoch % 2 == 1 { ConsentStatus::Granted } else { ConsentStatus::Withdrawn };
            let own = epoch % 3 > 0;
            let mut decision = Decision::new(Uuid::from_u128(epoch.into()), PURPOSE, status, 0, epoch);
            decision.parents = consents.heads(&PURPOSE);
            decision.own = own;
            consents = Consents::default();
            consents.apply(&decision);
            Ok::<_, ()>(decision)
        });
        let timeline = Timeline::of(&PURPOSE, story).unwrap();
        assert!((1..=5_000).all(|epoch| timeline.yes_at(epoch).is_some() == (epoch % 2 == 1)));
    }
}
