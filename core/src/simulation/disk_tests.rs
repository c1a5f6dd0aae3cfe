use super::super::content::SECTOR;
use super::*;

fn bytes(disk: &Disk, name: &str) -> Vec<u8> {
    let file = disk.open(name, false).unwrap();
    let mut all = vec![0; disk.len(file).unwrap()];
    disk.read(file, &mut all, 0).unwrap();
    all
}

fn disk_with(synced: &[u8], written: &[u8]) -> Disk {
    let disk = Disk::new(1);
    let file = disk.open("a", true).unwrap();
    disk.write(file, synced, 0).unwrap();
    disk.sync(file).unwrap();
    disk.write(file, written, 0).unwrap();
    disk
}

#[test]
fn what_was_synced_survives_and_the_rest_is_as_the_outcome_says() {
    let old = [1; 2_000];
    let new = [2; 2_000];
    let kept = disk_with(&old, &new);
    kept.lose_power(Outcome::Kept);
    assert_eq!(bytes(&kept, "a"), new);
    let vanished = disk_with(&old, &new);
    vanished.lose_power(Outcome::Vanished);
    assert_eq!(bytes(&vanished, "a"), old);
    let torn = disk_with(&old, &new);
    torn.lose_power(Outcome::Torn);
    let left = bytes(&torn, "a");
    assert!(left.chunks(SECTOR).all(|sector| sector.iter().all(|byte| *byte == sector[0])), "sectors stay whole");
}

#[test]
fn a_later_write_may_survive_an_earlier_one() {
    let seen: BTreeSet<Vec<u8>> = (0..64)
        .map(|seed| {
            let disk = Disk::new(seed);
            let file = disk.open("a", true).unwrap();
            disk.sync(file).unwrap();
            disk.write(file, &[1], 0).unwrap();
            disk.write(file, &[2], 1).unwrap();
            disk.lose_power(Outcome::Reordered);
            bytes(&disk, "a")
        })
        .collect();
    assert!(seen.contains(&vec![0, 2]) && seen.contains(&vec![1]) && seen.contains(&vec![1, 2]), "{seen:?}");
}

#[test]
fn a_kill_keeps_all_that_was_written_and_a_cut_half_of_the_last() {
    let disk = disk_with(&[1; 10], &[2; 10]);
    disk.die();
    assert_eq!(disk.open("a", false), Err(Refusal::Io));
    disk.restart();
    assert_eq!(bytes(&disk, "a"), [2; 10]);
    disk.arm(Cut { after: 1, halfway: false, hook: Box::new(|| {}) });
    let file = disk.open("a", false).unwrap();
    disk.write(file, &[3; 10], 0).unwrap();
    assert!(disk.is_dead());
    assert_eq!(disk.write(file, &[4; 10], 0), Err(Refusal::Io));
    disk.restart();
    assert_eq!(bytes(&disk, "a"), [3; 10]);
}

#[test]
fn a_deletion_that_was_not_synced_may_be_undone() {
    let disk = disk_with(&[1; 10], &[1; 10]);
    disk.delete("a", false).unwrap();
    assert_eq!(disk.open("a", false), Err(Refusal::Missing));
    disk.lose_power(Outcome::Vanished);
    assert_eq!(bytes(&disk, "a"), [1; 10]);
    disk.delete("a", true).unwrap();
    disk.lose_power(Outcome::Vanished);
    assert_eq!(disk.open("a", false), Err(Refusal::Missing));
}

#[test]
fn a_full_disk_takes_what_needs_no_room() {
    let disk = disk_with(&[1; 10], &[1; 10]);
    disk.set_faults(Faults { full: true, ..Faults::default() });
    let file = disk.open("a", false).unwrap();
    assert_eq!(disk.write(file, &[2; 10], 0), Ok(()));
    assert_eq!(disk.write(file, &[2; 10], 1), Err(Refusal::Full));
}
