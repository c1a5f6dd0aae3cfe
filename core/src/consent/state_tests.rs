use proptest::prelude::*;
use proptest::sample::Index;
use uuid::Uuid;

use super::*;

const ENGAGEMENT: Purpose = Purpose::Engagement;

fn catalogue() -> ConsentCatalogue {
    ConsentCatalogue::standard()
}

/// A decision that knew of everything that `consents` knows.
fn after(consents: &Consents, id: u64, purpose: Purpose, status: ConsentStatus) -> Decision {
    let mut decision = Decision::new(Uuid::from_u128(id.into()), purpose, status, id as i64, consents.epoch() + 1);
    decision.parents = consents.heads(&decision.purpose);
    decision
}

fn told(consents: &mut Consents, id: u64, purpose: Purpose, status: ConsentStatus) -> Decision {
    let decision = after(consents, id, purpose, status);
    consents.apply(&decision);
    decision
}

/// Takes in what another device decided, under this one's next epoch.
fn hear(consents: &mut Consents, decision: &Decision) {
    consents.apply(&Decision { epoch: consents.epoch() + 1, own: false, ..decision.clone() });
}

fn allows(consents: &Consents) -> bool {
    consents.granted().contains(PurposeKind::Engagement)
}

#[test]
fn the_latest_decision_of_one_device_stands() {
    let mut consents = Consents::default();
    assert_eq!(consents.status(&ENGAGEMENT, &catalogue(), 0), ConsentStatus::NotAsked);
    told(&mut consents, 1, ENGAGEMENT, ConsentStatus::Granted);
    assert!(consents.gate().allows(PurposeKind::Engagement));
    told(&mut consents, 2, ENGAGEMENT, ConsentStatus::Withdrawn);
    assert!(!consents.gate().allows(PurposeKind::Engagement));
    told(&mut consents, 3, ENGAGEMENT, ConsentStatus::Granted);
    assert!(consents.gate().allows(PurposeKind::Engagement));
    assert_eq!(consents.gate().epoch(), 3);
}

#[test]
fn sharing_with_one_partner_is_not_sharing_with_all() {
    let mut consents = Consents::default();
    let acme = Purpose::PartnerSharing { partner: "acme".into() };
    told(&mut consents, 1, acme.clone(), ConsentStatus::Granted);
    assert!(!consents.gate().allows(PurposeKind::PartnerSharing));
    let sharing = consents.sharing(&catalogue(), 0);
    assert_eq!(sharing.permit("acme").map(|permit| permit.partner().to_owned()), Some("acme".into()));
    assert!(sharing.permit("other").is_none());
}

#[test]
fn of_two_that_take_it_back_unknown_to_each_other_the_one_that_erases_is_followed() {
    let mut phone = Consents::default();
    let yes = told(&mut phone, 1, ENGAGEMENT, ConsentStatus::Granted);
    let mut tablet = Consents::default();
    hear(&mut tablet, &yes);
    let keeps = |consents: &Consents, id| Decision {
        keeps_captured: true,
        ..after(consents, id, ENGAGEMENT, ConsentStatus::Withdrawn)
    };
    let kept = keeps(&phone, 2);
    phone.apply(&kept);
    assert!(phone.holds_captured(&ENGAGEMENT) && !allows(&phone));
    let erased = told(&mut tablet, 3, ENGAGEMENT, ConsentStatus::Withdrawn);
    hear(&mut phone, &erased);
    hear(&mut tablet, &kept);
    assert!(!phone.holds_captured(&ENGAGEMENT) && !tablet.holds_captured(&ENGAGEMENT));
    // Who knew of a word that keeps, and erases after all, is followed; and so is who says yes anew and keeps that.
    let mut once = Consents::default();
    told(&mut once, 4, ENGAGEMENT, ConsentStatus::Granted);
    let first = keeps(&once, 5);
    once.apply(&first);
    told(&mut once, 6, ENGAGEMENT, ConsentStatus::Withdrawn);
    assert!(!once.holds_captured(&ENGAGEMENT));
    told(&mut once, 7, ENGAGEMENT, ConsentStatus::Granted);
    let last = keeps(&once, 8);
    once.apply(&last);
    assert!(once.holds_captured(&ENGAGEMENT));
    // A no to what was never allowed captured nothing.
    told(&mut once, 9, Purpose::Dialogue, ConsentStatus::Denied);
    assert!(!once.holds_captured(&Purpose::Dialogue));
}

/// As [`after`], where what was captured is kept.
fn keeping(consents: &Consents, id: u64) -> Decision {
    Decision { keeps_captured: true, ..after(consents, id, ENGAGEMENT, ConsentStatus::Withdrawn) }
}

/// One device says yes, erases, says yes again and keeps; what it knows, and what it told.
fn one_that_erased_once_and_keeps_since() -> (Consents, Vec<Decision>) {
    let mut phone = Consents::default();
    let words = [ConsentStatus::Granted, ConsentStatus::Withdrawn, ConsentStatus::Granted];
    let mut of_phone: Vec<Decision> =
        (1..).zip(words).map(|(id, status)| told(&mut phone, id, ENGAGEMENT, status)).collect();
    of_phone.push(keeping(&phone, 4));
    phone.apply(&of_phone[3]);
    (phone, of_phone)
}

#[test]
fn what_a_newer_no_keeps_an_old_one_does_not_take_in_whatever_order_it_is_heard() {
    let (phone, of_phone) = one_that_erased_once_and_keeps_since();
    let mut tablet = Consents::default();
    let of_tablet = told(&mut tablet, 5, ENGAGEMENT, ConsentStatus::Granted);
    let (mut here, mut there) = (phone.clone(), tablet.clone());
    hear(&mut here, &of_tablet);
    of_phone.iter().for_each(|decision| hear(&mut there, decision));
    assert!(!allows(&here) && !allows(&there));
    assert!(here.holds_captured(&ENGAGEMENT) && there.holds_captured(&ENGAGEMENT));
    assert!(!phone.loses_captured(&of_tablet, &here), "what the phone keeps stays there");
    // What the tablet had captured went with the old no, which it hears of first.
    let mut hearing = tablet;
    let lost = of_phone.iter().map(|decision| {
        let before = hearing.clone();
        hear(&mut hearing, decision);
        before.loses_captured(decision, &hearing)
    });
    assert_eq!(lost.collect::<Vec<_>>(), [false, true, false, false]);
}

#[test]
fn an_old_no_that_is_heard_late_takes_what_was_captured_before_it_all_the_same() {
    let (_, of_phone) = one_that_erased_once_and_keeps_since();
    let mut tablet = Consents::default();
    told(&mut tablet, 5, ENGAGEMENT, ConsentStatus::Granted);
    let [yes, old, again, keeps] = of_phone.as_slice() else { panic!("four decisions") };
    [yes, again, keeps].into_iter().for_each(|decision| hear(&mut tablet, decision));
    assert!(tablet.holds_captured(&ENGAGEMENT), "nobody has told of the old no");
    let before = tablet.clone();
    hear(&mut tablet, old);
    assert!(before.loses_captured(old, &tablet));
}

#[test]
fn two_that_each_erased_and_keep_since_keep_nothing_of_each_other_until_someone_who_knows_of_both_says_so() {
    let (mut phone, of_phone) = one_that_erased_once_and_keeps_since();
    let mut tablet = Consents::default();
    for (id, status) in [(5, ConsentStatus::Granted), (6, ConsentStatus::Withdrawn), (7, ConsentStatus::Granted)] {
        let decision = told(&mut tablet, id, ENGAGEMENT, status);
        hear(&mut phone, &decision);
    }
    let kept = keeping(&tablet, 8);
    tablet.apply(&kept);
    hear(&mut phone, &kept);
    of_phone.iter().for_each(|decision| hear(&mut tablet, decision));
    assert!(!phone.holds_captured(&ENGAGEMENT) && !tablet.holds_captured(&ENGAGEMENT));
    told(&mut phone, 9, ENGAGEMENT, ConsentStatus::Granted);
    phone.apply(&keeping(&phone, 10));
    assert!(phone.holds_captured(&ENGAGEMENT));
}

#[test]
fn only_what_was_taken_back_can_be_kept() {
    let mut phone = Consents::default();
    told(&mut phone, 1, ENGAGEMENT, ConsentStatus::Granted);
    let denied = after(&phone, 2, ENGAGEMENT, ConsentStatus::Denied);
    phone.apply(&Decision { keeps_captured: true, ..denied });
    assert!(!phone.holds_captured(&ENGAGEMENT));
}

#[test]
fn a_yes_given_again_covers_nothing_from_before() {
    let mut consents = Consents::default();
    told(&mut consents, 1, ENGAGEMENT, ConsentStatus::Granted);
    told(&mut consents, 2, Purpose::PreciseLocation, ConsentStatus::Granted);
    assert!(consents.covers(PurposeKind::Engagement, 1, 0) && consents.covers(PurposeKind::Engagement, 2, 0));
    assert!(!consents.covers(PurposeKind::Engagement, 3, 0), "of a decision that did not survive");
    told(&mut consents, 3, ENGAGEMENT, ConsentStatus::Withdrawn);
    assert!(!consents.covers(PurposeKind::Engagement, 2, 0));
    told(&mut consents, 4, ENGAGEMENT, ConsentStatus::Granted);
    assert!(!consents.covers(PurposeKind::Engagement, 2, 0) && consents.covers(PurposeKind::Engagement, 4, 0));
}

#[test]
fn saying_no_first_is_a_denial_and_later_a_withdrawal() {
    let mut consents = Consents::default();
    assert_eq!(consents.refusal(&ENGAGEMENT), ConsentStatus::Denied);
    told(&mut consents, 1, ENGAGEMENT, ConsentStatus::Granted);
    assert_eq!(consents.refusal(&ENGAGEMENT), ConsentStatus::Withdrawn);
}

#[test]
fn a_yes_runs_out_at_its_hour_and_one_given_after_it_covers_what_the_first_did() {
    let mut consents = Consents::default();
    let mut yes = after(&consents, 1, ENGAGEMENT, ConsentStatus::Granted);
    yes.expires_at_ms = Some(1_000);
    consents.apply(&yes);
    assert_eq!(consents.next_expiry(0), Some(1_000));
    assert_eq!(consents.status(&ENGAGEMENT, &catalogue(), 999), ConsentStatus::Granted);
    assert_eq!(consents.status(&ENGAGEMENT, &catalogue(), 1_000), ConsentStatus::Expired);
    assert!(consents.allowed(&catalogue(), 1_000).is_empty());
    let mut again = after(&consents, 2, ENGAGEMENT, ConsentStatus::Granted);
    again.decided_at_ms = 2_000;
    consents.apply(&again);
    let covers = |epoch, at_ms| consents.covers(PurposeKind::Engagement, epoch, at_ms);
    assert!(covers(1, 999) && covers(2, 2_000));
    assert!(!covers(1, 1_000) && !covers(1, 2_500), "of the time in between");
}

#[test]
fn a_yes_that_a_clock_set_back_renewed_covers_what_the_one_before_did() {
    let mut consents = Consents::default();
    for (id, expires_at_ms) in [(1, 10_000), (2, 1_000)] {
        let mut yes = after(&consents, id, ENGAGEMENT, ConsentStatus::Granted);
        yes.expires_at_ms = Some(expires_at_ms);
        consents.apply(&yes);
    }
    let covers = |epoch, at_ms| consents.covers(PurposeKind::Engagement, epoch, at_ms);
    assert!(covers(1, 9_000) && covers(2, 999));
    assert!(!covers(2, 9_000), "of the one that stands");
}

#[test]
fn a_yes_covers_nothing_from_the_hour_on_at_which_it_runs_out() {
    let mut consents = Consents::default();
    let mut yes = after(&consents, 1, ENGAGEMENT, ConsentStatus::Granted);
    yes.expires_at_ms = Some(1_000);
    consents.apply(&yes);
    assert!(consents.covers(PurposeKind::Engagement, 1, 999) && !consents.covers(PurposeKind::Engagement, 1, 1_000));
}

#[test]
fn a_yes_to_less_is_stale_and_new_words_for_the_same_are_not() {
    let mut consents = Consents::default();
    told(&mut consents, 1, ENGAGEMENT, ConsentStatus::Granted);
    let mut more = catalogue();
    for entry in &mut more.purposes {
        entry.texts.values_mut().for_each(|text| text.title.push('!'));
    }
    assert_eq!(consents.status(&ENGAGEMENT, &more, 0), ConsentStatus::Granted);
    more.purposes.iter_mut().for_each(|entry| entry.meaning = 2);
    assert_eq!(consents.status(&ENGAGEMENT, &more, 0), ConsentStatus::Stale);
    assert!(consents.allowed(&more, 0).is_empty());
}

#[test]
fn of_two_that_did_not_know_of_each_other_the_no_stands_until_someone_says_yes_to_both() {
    let (mut phone, mut tablet) = (Consents::default(), Consents::default());
    let yes = told(&mut phone, 1, ENGAGEMENT, ConsentStatus::Granted);
    let no = told(&mut tablet, 2, ENGAGEMENT, ConsentStatus::Denied);
    hear(&mut phone, &no);
    hear(&mut tablet, &yes);
    assert!(!allows(&phone) && !allows(&tablet));
    let again = told(&mut phone, 3, ENGAGEMENT, ConsentStatus::Granted);
    hear(&mut tablet, &again);
    assert!(allows(&phone) && allows(&tablet));
}

#[test]
fn a_no_that_comes_after_a_yes_wins_whatever_the_clocks_say() {
    let (mut phone, mut tablet) = (Consents::default(), Consents::default());
    let yes = told(&mut phone, 1_000_000, ENGAGEMENT, ConsentStatus::Granted);
    hear(&mut tablet, &yes);
    assert!(allows(&tablet));
    let no = told(&mut tablet, 1, ENGAGEMENT, ConsentStatus::Withdrawn);
    hear(&mut phone, &no);
    assert!(!allows(&phone));
    assert!(!phone.covers(PurposeKind::Engagement, 1, 0));
}

/// A shopper with three devices: each decides, and hears some of what the others decided.
fn devices(acts: &[(u8, bool, Vec<Index>)]) -> ([Consents; 3], Vec<Decision>) {
    let mut devices = [Consents::default(), Consents::default(), Consents::default()];
    let mut all: Vec<Decision> = Vec::new();
    for (id, (device, yes, heard)) in (1..).zip(acts) {
        let device = &mut devices[usize::from(*device) % 3];
        for index in heard.iter().filter(|_| !all.is_empty()) {
            let decision = index.get(&all).clone();
            hear(device, &decision);
        }
        let status = if *yes { ConsentStatus::Granted } else { device.refusal(&ENGAGEMENT) };
        all.push(told(device, id, ENGAGEMENT, status));
    }
    (devices, all)
}

/// All that `a` and `b` know, taken in by `a`.
fn merged(a: &Consents, b: &Consents, all: &[Decision]) -> Consents {
    let mut merged = a.clone();
    all.iter().filter(|decision| b.knows(decision.hash)).for_each(|decision| hear(&mut merged, decision));
    merged
}

fn acts() -> impl Strategy<Value = Vec<(u8, bool, Vec<Index>)>> {
    let act = (any::<u8>(), prop::bool::weighted(0.7), prop::collection::vec(any::<Index>(), 0..3));
    prop::collection::vec(act, 1..10)
}

/// What a shopper does on one of three devices: hear of what was told so far, perhaps with a word behind it.
type Act = (u8, Option<Word>, Vec<Index>);

#[derive(Debug, Clone, Copy)]
enum Word {
    Yes,
    Erases,
    Keeps,
}

fn words() -> impl Strategy<Value = Vec<Act>> {
    let word = prop_oneof![4 => Just(Word::Yes), 2 => Just(Word::Erases), 3 => Just(Word::Keeps)];
    let act = (0..3u8, prop::option::weighted(0.8, word), prop::collection::vec(any::<Index>(), 0..3));
    prop::collection::vec(act, 1..14)
}

/// Three devices, each told of a decision behind all that it comes after. `at` sees each step: on which device, what it
/// went by, the decision, and what it goes by from then on.
fn in_touch(
    acts: &[Act],
    mut at: impl FnMut(usize, &Consents, &Decision, &Consents),
) -> ([Consents; 3], Vec<Decision>) {
    let mut devices = [Consents::default(), Consents::default(), Consents::default()];
    let mut all: Vec<Decision> = Vec::new();
    let mut parents: BTreeMap<Sha, Vec<Sha>> = BTreeMap::new();
    for (id, (number, word, heard)) in (1..).zip(acts) {
        let number = usize::from(*number);
        let device = &mut devices[number];
        for index in heard.iter().filter(|_| !all.is_empty()) {
            let last = index.get(&all).hash;
            let before = past(last, &parents);
            for told in all.iter().filter(|told| told.hash == last || before.contains(&told.hash)) {
                if !device.knows(told.hash) {
                    let earlier = device.clone();
                    hear(device, told);
                    at(number, &earlier, told, device);
                }
            }
        }
        let Some(word) = word else { continue };
        let mut decision = match word {
            Word::Yes => after(device, id, ENGAGEMENT, ConsentStatus::Granted),
            Word::Erases | Word::Keeps => after(device, id, ENGAGEMENT, device.refusal(&ENGAGEMENT)),
        };
        // As the engine has it: what was never allowed cannot be kept.
        decision.keeps_captured = matches!(word, Word::Keeps) && decision.status == ConsentStatus::Withdrawn;
        let earlier = device.clone();
        device.apply(&decision);
        at(number, &earlier, &decision, device);
        parents.insert(decision.hash, decision.parents.clone());
        all.push(decision);
    }
    (devices, all)
}

/// `PATRON_CASES` for more: a million takes some minutes with optimisation.
fn cases() -> u32 {
    std::env::var("PATRON_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn devices_agree_in_whatever_order_they_hear_of_each_other_and_never_allow_what_neither_did(acts in acts()) {
        let ([a, b, c], all) = devices(&acts);
        let (here, there) = (merged(&a, &b, &all), merged(&b, &a, &all));
        prop_assert_eq!(allows(&here), allows(&there), "commutative");
        prop_assert!(!allows(&here) || allows(&a) || allows(&b), "more permissive than both");
        let left = merged(&here, &c, &all);
        let right = merged(&a, &merged(&b, &c, &all), &all);
        prop_assert_eq!(allows(&left), allows(&right), "associative");
        let again = merged(&here, &b, &all);
        prop_assert_eq!((allows(&again), again.stands), (allows(&here), here.stands), "idempotent");
    }
    #[test]
    fn what_is_kept_is_agreed_on_and_never_more_than_one_of_them_keeps(acts in words()) {
        let ([a, b, c], all) = in_touch(&acts, |_, _, _, _| ());
        let holds = |device: &Consents| device.holds_captured(&ENGAGEMENT);
        let (here, there) = (merged(&a, &b, &all), merged(&b, &a, &all));
        prop_assert_eq!(holds(&here), holds(&there), "commutative");
        prop_assert!(!holds(&here) || holds(&a) || holds(&b), "keeps what neither did");
        let left = merged(&here, &c, &all);
        let right = merged(&a, &merged(&b, &c, &all), &all);
        prop_assert_eq!(holds(&left), holds(&right), "associative");
        let again = merged(&here, &b, &all);
        prop_assert_eq!((holds(&again), again.stands), (holds(&here), here.stands), "idempotent");
    }

    #[test]
    fn what_a_device_captured_before_it_heard_of_a_no_that_erases_is_gone(acts in words()) {
        // What each device has captured: the yes under which.
        let mut captured: [Vec<Sha>; 3] = Default::default();
        let (mut devices, all) = in_touch(&acts, |device, before, decision, after| {
            if before.loses_captured(decision, after) {
                captured[device].clear();
            }
            captured[device].extend(after.grant(&ENGAGEMENT).map(|(yes, _)| yes));
        });
        let parents: BTreeMap<Sha, Vec<Sha>> = all.iter().map(|told| (told.hash, told.parents.clone())).collect();
        let erasing: Vec<Sha> = all.iter().filter(|told| told.erases_captured()).map(|told| told.hash).collect();
        for (device, captured) in devices.iter_mut().zip(&mut captured) {
            for decision in &all {
                let before = device.clone();
                if !before.knows(decision.hash) {
                    hear(device, decision);
                    if before.loses_captured(decision, device) {
                        captured.clear();
                    }
                }
            }
            for yes in captured.iter() {
                let past = past(*yes, &parents);
                prop_assert!(erasing.iter().all(|erases| past.contains(erases)), "of a yes that was ended");
                prop_assert!(device.holds_captured(&ENGAGEMENT), "where nothing may be held");
            }
        }
    }
}
