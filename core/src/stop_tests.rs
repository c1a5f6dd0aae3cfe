//! A withdrawal in a process that dies: a real one, by a real SIGKILL, behind each step, and the next process that opens
//! what it left.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::{Step, arm};
use crate::consent::{ConsentStatus, Purpose, PurposeKind};
use crate::event::{Engagement, Tracked};
use crate::sandbox::{SandboxTransport, TOWN_JSON};
use crate::store::MAIN_FILE;
use crate::{Config, Edges, Patron};

/// For the child: the store's folder, the purpose and the step.
const FOR_THE_CHILD: [&str; 3] = ["PATRON_STOP_FOLDER", "PATRON_STOP_PURPOSE", "PATRON_STOP_STEP"];

/// In the events, and in the offers of partners.
const CANARY: &str = "canary-5e0d17";

/// In the database; as many again are handed over right in front of the withdrawal.
const EVENTS: u64 = 40;

fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(30), future).await.expect("it hangs") })
}

fn open(folder: &Path) -> Patron {
    let mut town: serde_json::Value = serde_json::from_str(TOWN_JSON).unwrap();
    for offer in town["offers"].as_array_mut().unwrap().iter_mut().filter(|offer| offer["partner"].is_string()) {
        offer["title"] = CANARY.into();
    }
    let config = Config::sandbox(folder);
    let transport = Arc::new(SandboxTransport::new(town.to_string()));
    let edges = Edges { transport, ..Edges::system(&config).unwrap() };
    Patron::open(config, edges).unwrap()
}

fn track(patron: &Patron) {
    for n in 0..EVENTS {
        let event = Engagement::Saved { offer: format!("{CANARY}-{n}") };
        assert_eq!(patron.track(&event), Ok(Tracked::Recorded));
    }
}

/// The files in which the canary stands.
fn found(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).filter(|e| e.path().is_file());
    let has = |path: &Path| std::fs::read(path).unwrap().windows(CANARY.len()).any(|w| w == CANARY.as_bytes());
    files.filter(|e| has(&e.path())).map(|e| e.file_name().to_string_lossy().into_owned()).collect()
}

/// The child's side. Without the variables it has nothing to do.
#[test]
fn child() {
    let [Some(folder), Some(purpose), Some(step)] = FOR_THE_CHILD.map(std::env::var_os) else { return };
    let step = Step::ALL[step.to_str().unwrap().parse::<usize>().unwrap()];
    let purpose = of(purpose.to_str().unwrap());
    let patron = open(Path::new(&folder));
    wait(patron.grant(vec![Purpose::Engagement, Purpose::PartnerOffers])).unwrap();
    wait(patron.refresh()).unwrap();
    patron.set_online(false).unwrap();
    track(&patron);
    wait(patron.flush()).unwrap();
    track(&patron);
    arm(step);
    let gone = wait(patron.withdraw(purpose));
    panic!("it went on behind {step:?}: {gone:?}");
}

fn of(name: &str) -> Purpose {
    let kind = PurposeKind::ALL.into_iter().find(|kind| kind.as_str() == name).unwrap();
    Purpose::from_parts(kind, None).unwrap()
}

/// What a process left that died behind `step` of the withdrawal of `purpose`.
fn killed(purpose: &Purpose, step: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "stop::tests::child", "--test-threads=1"])
        .envs(FOR_THE_CHILD.into_iter().zip([
            folder.path().as_os_str(),
            purpose.kind().as_str().as_ref(),
            step.to_string().as_ref(),
        ]))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert_eq!(child.status.signal(), Some(9), "{:?}: {said}", Step::ALL[step]);
    folder
}

/// The next process finds the withdrawal done to its end.
fn is_finished(folder: &Path, purpose: &Purpose, at: &str) {
    let patron = open(folder);
    patron.set_online(false).unwrap();
    wait(patron.ready()).unwrap();
    let state = patron.consents().into_iter().find(|state| state.purpose == *purpose).unwrap();
    assert_eq!((state.status, state.effective), (ConsentStatus::Withdrawn, false), "{at}");
    let account = wait(patron.diagnostics()).unwrap().account;
    assert!(account.balances() && account.accepted == 2 * EVENTS, "{at}: {account:?}");
    if *purpose == Purpose::Engagement {
        let tracked = patron.track(&Engagement::Saved { offer: "cup".to_owned() });
        assert_eq!((tracked, account.purged), (Ok(Tracked::NotPermitted), 2 * EVENTS), "{at}: {account:?}");
    } else {
        // It is online for a moment.
        assert_eq!(account.queued + account.delivered, 2 * EVENTS, "{at}: {account:?}");
        assert!(patron.offers("home").unwrap().iter().all(|card| card.partner.is_none()), "{at}");
    }
    patron.close();
    let db = rusqlite::Connection::open(folder.join(MAIN_FILE)).unwrap();
    let open: i64 = db.query_row("SELECT count(*) FROM meta WHERE key = 'purge'", [], |row| row.get(0)).unwrap();
    assert_eq!(open, 0, "{at}: the intent is still to be followed");
}

#[test]
fn a_withdrawal_that_was_killed_behind_any_step_is_done_by_the_next_process() {
    for (n, step) in Step::ALL.into_iter().enumerate().skip(1) {
        let of_offers = matches!(step, Step::OffersWritten | Step::OffersLeft);
        if !of_offers {
            let folder = killed(&Purpose::Engagement, n);
            let at = format!("Engagement, {step:?}");
            let left = found(folder.path());
            is_finished(folder.path(), &Purpose::Engagement, &at);
            // Partners' offers were not taken back, and carry it too.
            let now = found(folder.path());
            assert!(now.iter().all(|file| file.starts_with("offers.db")), "{at}: {left:?}, then {now:?}");
            // There was something to do: the decision alone takes nothing out of the log.
            assert!(step != Step::Committed || left.iter().any(|file| file.starts_with("patron.db")), "{left:?}");
        }
        let folder = killed(&Purpose::PartnerOffers, n);
        let at = format!("PartnerOffers, {step:?}");
        let left = found(folder.path());
        is_finished(folder.path(), &Purpose::PartnerOffers, &at);
        let now = found(folder.path());
        assert!(!now.iter().any(|file| file.starts_with("offers.db")), "{at}: {left:?}, then {now:?}");
        assert!(step != Step::OffersWritten || left.iter().any(|file| file.starts_with("offers.db")), "{left:?}");
    }
}

#[test]
fn one_that_was_killed_before_it_was_written_has_taken_nothing() {
    let folder = killed(&Purpose::Engagement, 0);
    let patron = open(folder.path());
    patron.set_online(false).unwrap();
    wait(patron.ready()).unwrap();
    assert_eq!(patron.track(&Engagement::Saved { offer: "cup".to_owned() }), Ok(Tracked::Recorded));
    wait(patron.flush()).unwrap();
    let account = wait(patron.diagnostics()).unwrap().account;
    assert_eq!((account.accepted, account.queued + account.delivered), (2 * EVENTS + 1, 2 * EVENTS + 1));
}
