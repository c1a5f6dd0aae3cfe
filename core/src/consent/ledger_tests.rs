use proptest::prelude::*;

use super::*;

const INSTALLATION: Uuid = Uuid::from_u128(7);

/// A ledger of `length` decisions, one purpose after the other, yes and no.
fn ledger(length: u64) -> Vec<(Decision, Seal)> {
    let signer = Signer::from_seed(&[7; 32]);
    let mut prev = Sha::NONE;
    (1..=length)
        .map(|epoch| {
            let purpose = PurposeKind::ALL[(epoch % 6) as usize];
            let purpose = Purpose::from_parts(purpose, None).unwrap_or(Purpose::Engagement);
            let status = if epoch % 2 == 0 { ConsentStatus::Granted } else { ConsentStatus::Denied };
            let mut decision =
                Decision::new(Uuid::from_u128(epoch.into()), purpose, status, 1_000 * epoch as i64, epoch);
            decision.surface = Some("settings".into());
            let seal = signer.seal(&mut decision, prev);
            prev = seal.hash();
            (decision, seal)
        })
        .collect()
}

fn anchor_of(ledger: &[(Decision, Seal)]) -> Anchor {
    let (decision, seal) = ledger.last().unwrap();
    let signer = Signer::from_seed(&[9; 32]);
    let at = "2026-11-24T10:00:00Z".to_owned();
    let message = Anchor::message(INSTALLATION, decision.epoch, seal.hash(), &at);
    Anchor {
        head: seal.hash(),
        epoch: decision.epoch,
        at,
        key: signer.public(),
        signature: signer.sign(message.as_bytes()),
    }
}

#[test]
fn a_ledger_holds_as_it_was_written() {
    let ledger = ledger(20);
    let anchor = anchor_of(&ledger[..12]);
    let verified = verify_ledger(INSTALLATION, &ledger, Some(&anchor)).unwrap();
    assert_eq!((verified.entries, verified.anchored_epoch), (20, Some(12)));
    assert_eq!(verified.head, ledger.last().unwrap().1.hash());
}

#[test]
fn a_ledger_that_was_cut_short_is_found_against_the_countersigned_head() {
    let ledger = ledger(20);
    let anchor = anchor_of(&ledger);
    assert!(verify_ledger(INSTALLATION, &ledger[..19], None).is_ok(), "by itself a shorter chain is a chain");
    let cut = verify_ledger(INSTALLATION, &ledger[..19], Some(&anchor));
    assert_eq!(cut, Err(LedgerError::Truncated { epoch: 20 }));
    assert_eq!(verify_ledger(INSTALLATION, &[], Some(&anchor)), Err(LedgerError::Truncated { epoch: 20 }));
}

#[test]
fn a_countersignature_counts_for_its_installation_and_its_key_alone() {
    let ledger = ledger(3);
    let anchor = anchor_of(&ledger);
    let elsewhere = verify_ledger(Uuid::from_u128(8), &ledger, Some(&anchor));
    assert_eq!(elsewhere, Err(LedgerError::Anchor));
    let forged = Anchor { key: Signer::from_seed(&[1; 32]).public(), ..anchor };
    assert_eq!(verify_ledger(INSTALLATION, &ledger, Some(&forged)), Err(LedgerError::Anchor));
}

#[test]
fn an_entry_that_was_removed_put_in_or_moved_is_found() {
    let whole = ledger(10);
    for at in 0..9 {
        let mut removed = whole.clone();
        removed.remove(at);
        assert!(verify_ledger(INSTALLATION, &removed, None).is_err(), "removed {at}");
        let mut moved = whole.clone();
        moved.swap(at, at + 1);
        assert!(verify_ledger(INSTALLATION, &moved, None).is_err(), "moved {at}");
        let mut twice = whole.clone();
        twice.insert(at, whole[at].clone());
        assert!(verify_ledger(INSTALLATION, &twice, None).is_err(), "twice {at}");
    }
}

#[test]
fn a_row_that_says_something_else_than_its_entry_is_found() {
    let mut ledger = ledger(4);
    ledger[2].0.status = ConsentStatus::Granted;
    assert_eq!(verify_ledger(INSTALLATION, &ledger, None), Err(LedgerError::Altered { epoch: 3 }));
}

proptest! {
    #[test]
    fn each_flipped_bit_of_an_entry_or_its_signature_is_found(at in 0usize..5, byte in 0usize..1_000, bit in 0u8..8) {
        let mut ledger = ledger(5);
        let seal = &mut ledger[at].1;
        let mut text = seal.entry.clone().into_bytes();
        let spot = byte % (text.len() + 64);
        if spot < text.len() {
            text[spot] ^= 1 << bit;
            // What is not text any more cannot be stored as text.
            let Ok(text) = String::from_utf8(text) else { return Ok(()) };
            seal.entry = text;
        } else {
            seal.signature[spot - text.len()] ^= 1 << bit;
        }
        prop_assert!(verify_ledger(INSTALLATION, &ledger, None).is_err());
    }
}
