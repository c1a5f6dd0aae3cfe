use patron_core::consent::{Engagement, Permit};

fn main() {
    let _: Permit<'_, Engagement> = Permit { epoch: 1, purpose: std::marker::PhantomData };
}
