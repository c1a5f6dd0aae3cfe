use super::*;

/// As many as a debug build takes some seconds for; CI runs 10,000 optimised.
const SEEDS: u64 = 100;

fn run_or_show(seed: u64) -> Report {
    run(seed, &Options::default()).unwrap_or_else(|failure| panic!("{failure}"))
}

#[test]
fn nothing_is_lost_sent_twice_or_sent_without_consent_whatever_happens() {
    (0..SEEDS).for_each(|seed| drop(run_or_show(seed)));
}

#[test]
fn a_seed_replays_exactly_on_any_thread() {
    for seed in 0..8 {
        let here = run_or_show(seed);
        let there = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..2).map(|_| scope.spawn(move || run_or_show(seed))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(there.iter().all(|report| *report == here), "seed {seed}");
    }
    assert_ne!(run_or_show(1).trace, run_or_show(2).trace);
}
