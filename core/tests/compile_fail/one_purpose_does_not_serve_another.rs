use patron_core::consent::{Engagement, Gate, PurposeKind};
use patron_core::place::{Fix, VisitTracker};

fn follow(tracker: &mut VisitTracker, fix: &Fix) {
    let gate = Gate::new(1, [PurposeKind::Engagement]);
    let permit = gate.permit::<Engagement>().unwrap();
    let _ = tracker.update(&permit, fix, &mut |_| uuid::Uuid::nil());
}

fn main() {}
