use patron_core::consent::{Engagement, Gate, Permit, PurposeKind};

fn keep() -> Option<Permit<'static, Engagement>> {
    let gate = Gate::new(1, [PurposeKind::Engagement]);
    gate.permit::<Engagement>()
}

fn main() {
    let _ = keep();
}
