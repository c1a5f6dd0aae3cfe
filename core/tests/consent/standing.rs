//! What the decisions come to: by time, by meaning, and what a receipt says.

use std::time::Duration;

use patron_core::Error;
use patron_core::consent::signal::{Declared, LocationPermission, Signals};
use patron_core::consent::{AskReason, ConsentCatalogue, ConsentStatus, Purpose};
use patron_core::event::Tracked;
use patron_core::offer::{Profile, Trait};
use patron_core::place::{FixInput, TransitionKind};

use super::hand::*;
use super::support::{Model, open, wait};

#[test]
fn a_yes_runs_out_by_time_alone_and_is_asked_again() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    let receipt = wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    let expires = receipt.decisions[0].expires_at_ms.unwrap();
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::Recorded));
    clock.advance_to(expires);
    // At once, and not when the engine looks at the clock next.
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::NotPermitted));
    let stands = state(&patron, &Purpose::Engagement);
    assert_eq!((stands.status, stands.effective), (ConsentStatus::Expired, false));
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::NotPermitted));
    let prompt = patron.consent_prompts().into_iter().find(|prompt| prompt.purpose == Purpose::Engagement).unwrap();
    assert_eq!(prompt.reason, AskReason::RanOut);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::Recorded));
}

#[test]
fn what_a_yes_showed_is_hidden_in_the_moment_in_which_it_runs_out() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    let receipt = wait(patron.grant(vec![Purpose::PartnerOffers, Purpose::Personalisation])).unwrap();
    let expires = receipt.decisions.iter().filter_map(|decision| decision.expires_at_ms).min().unwrap();
    wait(patron.tell(vec![Trait::Segment { id: "runners".to_owned(), member: Some(true) }])).unwrap();
    clock.advance_to(expires - 1);
    wait(patron.refresh()).unwrap();
    let partners = || patron.offers("home").unwrap().iter().filter(|card| card.partner.is_some()).count();
    assert!(partners() > 0 && !patron.profile().unwrap().segments.is_empty());
    // Before the engine looks at the clock.
    clock.advance_to(expires);
    assert_eq!((partners(), patron.profile().unwrap()), (0, Profile::default()));
}

#[test]
fn a_catalogue_that_means_more_makes_a_yes_stale_until_it_is_said_again() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let mut newer = serde_json::to_value(ConsentCatalogue::standard()).unwrap();
    newer["revision"] = 2.into();
    for purpose in newer["purposes"].as_array_mut().unwrap() {
        if purpose["purpose"] == "engagement" {
            purpose["meaning"] = 2.into();
        }
    }
    model.0.lock().unwrap().consent_catalogue = Some(newer.to_string());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement, Purpose::Dialogue])).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    assert_eq!(state(&patron, &Purpose::Engagement).status, ConsentStatus::Stale);
    assert_eq!(state(&patron, &Purpose::Dialogue).status, ConsentStatus::Granted, "its meaning is the same");
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::NotPermitted));
    patron.close();
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(state(&patron, &Purpose::Engagement).status, ConsentStatus::Stale, "behind a restart too");
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::Recorded));
}

#[test]
fn a_receipt_says_what_was_shown_where_and_until_when() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    let receipt = wait(patron.decide(vec![Purpose::Engagement], true, Some("onboarding".into()))).unwrap();
    let decision = &receipt.decisions[0];
    let words = ConsentCatalogue::standard().text(&Purpose::Engagement, "en", None).unwrap().1;
    assert_eq!(decision.text, Some(words.hash()));
    assert_eq!((decision.locale.as_deref(), decision.surface.as_deref()), (Some("en"), Some("onboarding")));
    assert!(decision.parents.is_empty() && decision.expires_at_ms.is_some());
    let no = wait(patron.withdraw(Purpose::Engagement)).unwrap();
    assert_eq!(no.receipt.decisions[0].parents, [decision.hash], "it knew of the yes");
    let long = wait(patron.decide(vec![Purpose::Engagement], true, Some("x".repeat(65))));
    assert!(matches!(long, Err(Error::InvalidInput { .. })), "{long:?}");
}

#[test]
fn a_visit_under_way_ends_unseen_when_the_yes_to_it_runs_out() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    patron.set_online(false).unwrap();
    let yes = wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
    visit(&patron, &clock);
    assert_eq!(patron.visits().len(), 1);
    // Far behind its dwell, which nothing may record any more.
    clock.advance_to(yes.decisions[0].expires_at_ms.unwrap() + 1_000);
    wait(patron.flush()).unwrap();
    assert_eq!(patron.visits().len(), 0);
    let account = wait(patron.diagnostics()).unwrap().account;
    wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
    let told = wait(patron.update_location(in_the_store())).unwrap();
    assert!(told.iter().all(|transition| transition.kind != TransitionKind::Dwelt), "{told:?}");
    assert_eq!(account.accepted, 1, "the arrival alone");
}

#[test]
fn partners_offers_leave_the_disk_when_the_yes_to_keep_them_runs_out_and_when_it_ran_out_unseen() {
    for seen in [true, false] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), with_canary(), clock());
        let patron = open(folder.path(), &model, &clock);
        let yes = wait(patron.grant(vec![Purpose::PartnerOffers])).unwrap();
        wait(patron.refresh()).unwrap();
        assert!(is_on_disk(folder.path()));
        let runs_out = yes.decisions[0].expires_at_ms.unwrap();
        patron.set_online(false).unwrap();
        if seen {
            clock.advance_to(runs_out);
            wait(patron.flush()).unwrap();
            assert!(!is_on_disk(folder.path()));
        }
        patron.close();
        model.fail("catalogue", super::support::Fault::Hang);
        clock.advance_to(runs_out);
        let patron = open(folder.path(), &model, &clock);
        wait(patron.ready()).unwrap();
        assert!(!is_on_disk(folder.path()), "seen: {seen}");
    }
}

#[test]
fn the_last_position_leaves_the_disk_with_the_yes_or_the_permission_to_know_it() {
    for runs_out in [true, false] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        let patron = open(folder.path(), &model, &clock);
        wait(patron.refresh()).unwrap();
        patron.set_online(false).unwrap();
        let yes = wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
        visit(&patron, &clock);
        // A kilometre on: the visit is over, and where that was seen is kept.
        let away = FixInput { latitude: in_the_store().latitude + 0.01, ..in_the_store() };
        while !patron.visits().is_empty() {
            clock.advance(Duration::from_secs(60));
            wait(patron.update_location(away)).unwrap();
        }
        let digits = away.latitude.to_string();
        let knows = || {
            std::fs::read_dir(folder.path()).unwrap().any(|file| {
                let bytes = std::fs::read(file.unwrap().path()).unwrap();
                bytes.windows(digits.len()).any(|window| window == digits.as_bytes())
            })
        };
        assert!(knows());
        if runs_out {
            clock.advance_to(yes.decisions[0].expires_at_ms.unwrap());
            wait(patron.flush()).unwrap();
        } else {
            let none = Declared::Is(LocationPermission::None);
            wait(patron.declare_signals(Signals { location: none, ..Signals::default() })).unwrap();
        }
        assert!(!knows(), "runs out: {runs_out}");
    }
}

/// A catalogue of the app's own, by which engagement means more.
fn means_more() -> ConsentCatalogue {
    let mut newer = serde_json::to_value(ConsentCatalogue::standard()).unwrap();
    newer["revision"] = 2.into();
    for purpose in newer["purposes"].as_array_mut().unwrap() {
        if purpose["purpose"] == "engagement" {
            purpose["meaning"] = 2.into();
        }
    }
    ConsentCatalogue::parse(newer.to_string().as_bytes()).unwrap()
}

#[test]
fn what_is_tracked_before_the_store_is_open_is_held_to_what_stands_once_it_is() {
    // As the ring's mirror lets it through: the yes ran out while the app was away, or means less than is asked now.
    for stale in [true, false] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        let patron = open(folder.path(), &model, &clock);
        let yes = wait(patron.grant(vec![Purpose::Engagement])).unwrap();
        patron.close();
        model.fail("events", super::support::Fault::Hang);
        let mut config = super::support::config(folder.path());
        if stale {
            config.consent_catalogue = means_more();
        } else {
            clock.advance_to(yes.decisions[0].expires_at_ms.unwrap());
        }
        let patron = super::support::open_with(config, &model, &clock).unwrap();
        // Let through or not, by who is first; the account has what was.
        let tracked: Vec<_> = (0..50).map(|_| patron.track(&saved("cup")).unwrap()).collect();
        let let_through = tracked.iter().filter(|tracked| **tracked == Tracked::Recorded).count() as u64;
        let account = wait(patron.diagnostics()).unwrap().account;
        assert_eq!((account.accepted, account.purged, account.queued), (let_through, let_through, 0), "stale: {stale}");
        assert!(account.balances());
    }
}
