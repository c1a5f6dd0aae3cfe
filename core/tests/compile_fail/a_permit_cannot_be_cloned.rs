use patron_core::consent::{Engagement, Gate, PurposeKind};

fn main() {
    let gate = Gate::new(1, [PurposeKind::Engagement]);
    let permit = gate.permit::<Engagement>().unwrap();
    let _ = permit.clone();
}
