//! Pictures of offers: a real server on a loopback socket, real files.
#![cfg(feature = "http")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]
#![allow(unreachable_pub, reason = "modules of a test")]

#[path = "images/cdn.rs"]
mod cdn;
mod support;
#[path = "images/town.rs"]
mod town;

use std::path::{Path, PathBuf};
use std::time::Duration;

use cdn::{CDN, Serve};
use patron_core::consent::{Purpose, Sha, WithdrawPolicy};
use patron_core::store::IMAGES_FOLDER;
use patron_core::sync::MAX_IMAGE_BYTES;
use patron_core::{Config, Edges, Error, Network, Patron};
use support::{config, wait};
use town::{Town, offer};

/// A wait that is longer has found a hang.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is published now: a request that was under way may have brought what was published before.
fn refetch(patron: &Patron) {
    wait(patron.refresh()).unwrap();
    wait(patron.refresh()).unwrap();
}

fn image(patron: &Patron, offer: &str) -> Result<PathBuf, Error> {
    wait(patron.image(offer.to_owned(), 0, false))
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[track_caller]
fn unavailable(result: Result<PathBuf, Error>, says: &str) {
    match result {
        Err(Error::Unavailable { why, .. }) if why.contains(says) => {}
        other => panic!("not unavailable for {says:?}: {other:?}"),
    }
}

#[test]
fn a_picture_is_fetched_once_and_then_here_without_a_network_and_in_the_next_process() {
    let town = Town::usual();
    let patron = town.open();
    let path = image(&patron, "own").unwrap();
    assert_eq!((read(&path), town.files()), (b"own picture".to_vec(), vec![path.clone()]));
    assert_eq!(path.file_name().unwrap().to_string_lossy(), Sha::of(format!("{CDN}/own.webp").as_bytes()).to_string());
    assert_eq!((image(&patron, "own").unwrap(), town.asked()), (path.clone(), 1));
    patron.close();
    let patron = town.open();
    patron.set_online(false).unwrap();
    assert_eq!((image(&patron, "own").unwrap(), town.asked()), (path, 1));
    wait(patron.grant(vec![Purpose::PartnerOffers])).unwrap();
    unavailable(image(&patron, "lumi"), "no network");
    patron.close();
}

#[test]
fn who_asks_at_once_for_the_same_waits_for_one_request() {
    let town = Town::usual();
    let patron = town.open();
    let (one, two) =
        wait(async { tokio::join!(patron.image("own".into(), 0, false), patron.image("own".into(), 0, false)) });
    assert_eq!((one.unwrap(), town.asked()), (two.unwrap(), 1));
    patron.close();
}

#[test]
fn what_does_not_exist_is_named() {
    let town = Town::usual();
    let patron = town.open();
    for (offer, index, named) in [("nothing", 0, "offer"), ("own", 1, "index")] {
        let refused = wait(patron.image(offer.to_owned(), index, false));
        assert!(matches!(&refused, Err(Error::InvalidInput { what, .. }) if what == named), "{refused:?}");
    }
    assert_eq!(town.asked(), 0);
    patron.close();
    assert_eq!(image(&patron, "own"), Err(Error::Closed));
}

#[test]
fn a_request_holds_nothing_by_which_anyone_could_be_known() {
    let town = Town::of(&[offer("own", None, None), offer("other", None, None)]);
    let patron = town.open();
    wait(patron.identify("token-of-ada".into())).unwrap();
    for id in ["own", "other"] {
        town.cdn.serve(&format!("/{id}.webp"), Serve::Picture(b"picture".to_vec()));
        image(&patron, id).unwrap();
    }
    let installation = wait(patron.diagnostics()).unwrap().installation.to_string();
    let heads = town.cdn.heads();
    assert_eq!(heads.len(), 2);
    for head in &heads {
        let mut names: Vec<&str> = head.lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0)).collect();
        names.sort_unstable();
        // No cookie either, though the server gave one with the first.
        assert_eq!(names, ["accept", "host", "user-agent"], "{head}");
        assert!(!head.contains("pk_test") && !head.contains(&installation) && !head.contains("ada"), "{head}");
        assert!(head.contains(&format!("user-agent: patron/{}\r\n", env!("CARGO_PKG_VERSION"))), "{head}");
    }
    patron.close();
}

#[test]
fn what_is_not_the_picture_is_refused_leaves_no_byte_and_is_left_alone_for_a_minute() {
    let known: &[u8] = b"the picture that was published";
    let town = Town::of(&[offer("known", None, Some(known)), offer("own", None, None)]);
    let patron = town.open();
    let html = |body: &[u8]| Serve::Answer("200 OK\r\ncontent-type: text/html", body.to_vec());
    for (id, what, says) in [
        ("known", Serve::Picture(b"another picture".to_vec()), "SHA-256"),
        ("own", Serve::Picture(vec![7; MAX_IMAGE_BYTES + 1]), "longer than"),
        ("own", html(b"<html>sign in</html>"), "no picture"),
        ("own", Serve::Answer("302 Found\r\nlocation: https://track.example/", Vec::new()), "302"),
        ("own", Serve::Answer("404 Not Found", Vec::new()), "404"),
    ] {
        town.cdn.serve(&format!("/{id}.webp"), what);
        let before = town.asked();
        unavailable(image(&patron, id), says);
        unavailable(image(&patron, id), says);
        assert_eq!((town.asked(), town.files()), (before + 1, Vec::<PathBuf>::new()), "{says}");
        town.clock.advance(Duration::from_secs(61));
    }
    town.cdn.serve("/known.webp", Serve::Picture(known.to_vec()));
    town.cdn.serve("/own.webp", Serve::Picture(vec![7; MAX_IMAGE_BYTES]));
    assert_eq!(read(&image(&patron, "known").unwrap()), known);
    assert_eq!(read(&image(&patron, "own").unwrap()).len(), MAX_IMAGE_BYTES);
    patron.close();
}

#[test]
fn a_picture_that_was_published_anew_is_fetched_anew() {
    let town = Town::of(&[offer("own", None, Some(b"old"))]);
    town.cdn.serve("/own.webp", Serve::Picture(b"old".to_vec()));
    let patron = town.open();
    image(&patron, "own").unwrap();
    town.publishes(&[offer("own", None, Some(b"new"))]);
    town.cdn.serve("/own.webp", Serve::Picture(b"new".to_vec()));
    refetch(&patron);
    assert_eq!((read(&image(&patron, "own").unwrap()), town.asked()), (b"new".to_vec(), 2));
    patron.close();
}

#[test]
fn a_partners_picture_is_not_asked_for_without_the_yes_and_goes_with_it() {
    for policy in [WithdrawPolicy::Purge, WithdrawPolicy::KeepCaptured] {
        let town = Town::usual();
        let patron = town.open();
        let own = image(&patron, "own").unwrap();
        let not_permitted = Err(Error::NotPermitted { purpose: Purpose::PartnerOffers });
        assert_eq!((image(&patron, "lumi"), town.asked()), (not_permitted.clone(), 1));
        wait(patron.grant(vec![Purpose::PartnerOffers])).unwrap();
        let path = image(&patron, "lumi").unwrap();
        assert_eq!((read(&path), town.asked()), (b"lumi picture".to_vec(), 2));
        wait(patron.withdraw_with(Purpose::PartnerOffers, policy, None)).unwrap();
        assert_eq!(town.files(), [own], "{policy:?}");
        assert_eq!((image(&patron, "lumi"), town.asked()), (not_permitted, 2));
        patron.close();
    }
}

#[test]
fn a_withdrawal_breaks_off_a_request_for_a_partners_picture() {
    let town = Town::usual();
    town.cdn.serve("/lumi.webp", Serve::Hang);
    let patron = town.open();
    wait(patron.grant(vec![Purpose::PartnerOffers])).unwrap();
    let asking = std::thread::spawn({
        let patron = patron.clone();
        move || image(&patron, "lumi")
    });
    assert_eq!(town.cdn.hung.recv_timeout(PATIENCE), Ok("arrived"));
    wait(patron.withdraw(Purpose::PartnerOffers)).unwrap();
    assert_eq!(town.cdn.hung.recv_timeout(PATIENCE), Ok("closed"));
    assert_eq!(asking.join().unwrap(), Err(Error::NotPermitted { purpose: Purpose::PartnerOffers }));
    assert_eq!(town.files(), Vec::<PathBuf>::new());
    // And the next one comes as ever.
    assert_eq!(read(&image(&patron, "own").unwrap()), b"own picture");
    patron.close();
}

#[test]
fn pictures_that_a_killed_process_did_not_remove_go_before_the_next_is_ready() {
    let town = Town::usual();
    town.open().close();
    let images = town.folder.path().join(IMAGES_FOLDER);
    std::fs::create_dir_all(&images).unwrap();
    for url in [format!("{CDN}/lumi.webp"), format!("{CDN}/own.webp"), "https://gone.example/".to_owned()] {
        std::fs::write(images.join(Sha::of(url.as_bytes()).to_string()), b"left").unwrap();
    }
    let patron = town.open();
    let own = images.join(Sha::of(format!("{CDN}/own.webp").as_bytes()).to_string());
    assert_eq!(town.files(), [own]);
    patron.close();
}

#[test]
fn the_next_shopper_finds_none() {
    let leave: [fn(&Patron); 2] = [|patron| drop(wait(patron.sign_out())), |patron| drop(wait(patron.erase()))];
    for leave in leave {
        let town = Town::usual();
        let patron = town.open();
        wait(patron.grant(vec![Purpose::PartnerOffers])).unwrap();
        image(&patron, "own").unwrap();
        image(&patron, "lumi").unwrap();
        assert!(wait(patron.diagnostics()).unwrap().disk_bytes > 0 && town.files().len() == 2);
        leave(&patron);
        assert_eq!(town.files(), Vec::<PathBuf>::new());
        assert_eq!((read(&image(&patron, "own").unwrap()), town.asked()), (b"own picture".to_vec(), 3));
        patron.close();
    }
}

#[test]
fn a_picture_goes_with_its_offer() {
    let town = Town::usual();
    let patron = town.open();
    image(&patron, "own").unwrap();
    town.publishes(&[offer("lumi", Some("lumi"), None)]);
    refetch(&patron);
    assert_eq!(town.files(), Vec::<PathBuf>::new());
    patron.close();
}

#[test]
fn together_they_take_no_more_than_they_may() {
    let offers = ["a", "b", "c"].map(|id| offer(id, None, None));
    let town = Town::of(&offers);
    for id in ["a", "b", "c"] {
        town.cdn.serve(&format!("/{id}.webp"), Serve::Picture(vec![1; 250 * 1024]));
    }
    let most = Config { max_image_bytes: MAX_IMAGE_BYTES as u64, ..config(town.folder.path()) };
    let patron = town.open_with(most.clone());
    let a = image(&patron, "a").unwrap();
    image(&patron, "b").unwrap();
    image(&patron, "a").unwrap();
    let c = image(&patron, "c").unwrap();
    let mut left = town.files();
    left.sort();
    let mut expected = vec![a, c];
    expected.sort();
    assert_eq!(left, expected, "b was not used for longest");
    patron.close();
    for bad in [0, MAX_IMAGE_BYTES as u64 - 1, 1 << 40] {
        let refused = Patron::open(
            Config { max_image_bytes: bad, ..most.clone() },
            Edges::system(&Config::sandbox(town.folder.path())).unwrap(),
        );
        assert!(matches!(refused, Err(Error::InvalidInput { what, .. }) if what == "config.max_image_bytes"));
    }
}

#[test]
fn on_a_metered_network_a_picture_is_fetched_for_who_says_so() {
    let town = Town::usual();
    let patron = town.open();
    patron.set_network(Network::Metered).unwrap();
    unavailable(image(&patron, "own"), "metered");
    assert_eq!(town.asked(), 0);
    let path = wait(patron.image("own".into(), 0, true)).unwrap();
    assert_eq!((image(&patron, "own").unwrap(), town.asked()), (path, 1), "what is here costs nothing");
    patron.close();
}
