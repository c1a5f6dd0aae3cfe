//! How sure we are that the shopper is inside a fence.
//!
//! A fix says how far its position is from the edge and how good it is. Across the edge the error
//! is a bell curve, so the probability of being inside is Φ(depth ÷ σ); it is kept as its
//! argument, in standard deviations, where it can be averaged. The average forgets: fixes a few
//! seconds apart share their error (the same reflections, the same satellites) and count together
//! about as much as one.

/// A fix cannot be surer than this that the shopper is inside, …
const CEILING: f64 = 4.0;
/// … or outside. Lower bounds would take longer to overcome on arrival.
const FLOOR: f64 = -3.0;

/// From here on (2 %) a single fix puts the shopper outside as far as a crossing is concerned.
const OUTSIDE: f64 = -2.0;
/// A fix that leans this way speaks against being inside.
const AGAINST: f64 = -1.0;

/// So many fixes must agree where none is sure by itself.
const AGREEING: u8 = 2;

/// Where the rule draws its lines: standard deviations inside, and seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    /// The average forgets in so long.
    pub(super) memory_s: f64,
    /// From here on the shopper may have arrived, …
    pub(super) enter: f64,
    /// … and from here on has left.
    pub(super) exit: f64,
    /// One fix as sure as this is enough to have arrived.
    pub(super) sure_inside: f64,
    /// One fix as far out as this is enough to have left.
    pub(super) sure_outside: f64,
}

impl Bounds {
    /// Those that hold. Others are tried by [`super::edge`] alone.
    pub(super) const CHOSEN: Self = Self {
        // How long a receiver's error keeps its direction in a street is a minute or so; half of that
        // weighs noise against the delay for someone who walks.
        memory_s: 30.0,
        // 79 %. Low, since a small shop is crossed in seconds.
        enter: 0.8,
        // 1 %: far apart from the other, so that the noise of a phone that lies near the edge does not
        // open and close the door. At −2.0 a half more of them did at σ 5 m; an exit is told about ten
        // seconds later for it.
        exit: -2.3,
        // 98 %. At 3.0 whoever walks in at σ 15 m was told 8 s later, and no fewer phones at the edge
        // were wrong.
        sure_inside: 2.0,
        // No bell curve reaches there.
        sure_outside: -6.0,
    };
}

/// Of a bell curve in two dimensions, 68 % lie within 1.51 standard deviations of each axis.
const SIGMAS_PER_ACCURACY: f64 = 1.51;

/// The standard deviation across an edge of a fix of this accuracy, metres.
pub(super) fn sigma_m(accuracy_m: f64) -> f64 {
    accuracy_m / SIGMAS_PER_ACCURACY
}

/// How far from an edge a fix of this accuracy still says something but "outside", metres.
pub(super) fn reach_m(accuracy_m: f64) -> f64 {
    -FLOOR * sigma_m(accuracy_m)
}

/// What one fix says of one fence: standard deviations inside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sign(f64);

impl Sign {
    pub(super) fn new(edge_m: f64, accuracy_m: f64) -> Self {
        Self(-edge_m / sigma_m(accuracy_m))
    }

    pub(super) fn is_outside(self) -> bool {
        self.0 <= OUTSIDE
    }

    pub(super) fn leans_inside(self) -> bool {
        self.0 > 0.0
    }

    /// Nothing but "outside" is left to remember of it.
    pub(super) fn is_floor(self) -> bool {
        self.0 <= FLOOR
    }
}

/// What the fixes up to now say together.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Evidence {
    mean: f64,
    /// Fixes in a row that say inside, …
    inside: u8,
    /// … and that say outside.
    outside: u8,
}

impl Evidence {
    /// Outside for long.
    pub(super) const OUTSIDE: Self = Self { mean: FLOOR, inside: 0, outside: AGREEING };

    /// What a first fix says.
    pub(super) fn first(sign: Sign) -> Self {
        Self { mean: 0.0, inside: 0, outside: 0 }.after(sign, None)
    }

    /// What is to be thought after one more fix, so many seconds after the one before; `None`
    /// where nobody knows how many, so that only the new one counts.
    #[must_use]
    pub(super) fn after(self, sign: Sign, elapsed_s: Option<f64>) -> Self {
        self.after_by(&Bounds::CHOSEN, sign, elapsed_s)
    }

    /// The shopper has arrived, if not there already.
    pub(super) fn has_entered(self, sign: Sign) -> bool {
        self.has_entered_by(&Bounds::CHOSEN, sign)
    }

    /// The shopper has left, if there.
    pub(super) fn has_left(self, sign: Sign) -> bool {
        self.has_left_by(&Bounds::CHOSEN, sign)
    }

    #[must_use]
    pub(super) fn after_by(self, bounds: &Bounds, sign: Sign, elapsed_s: Option<f64>) -> Self {
        let keep = elapsed_s.map_or(0.0, |s| (-s / bounds.memory_s).exp());
        Self {
            mean: self.mean * keep + sign.0.clamp(FLOOR, CEILING) * (1.0 - keep),
            inside: if sign.0 >= bounds.enter { self.inside.saturating_add(1) } else { 0 },
            outside: if sign.0 <= AGAINST { self.outside.saturating_add(1) } else { 0 },
        }
    }

    pub(super) fn has_entered_by(self, bounds: &Bounds, sign: Sign) -> bool {
        sign.0 >= bounds.sure_inside || (self.mean >= bounds.enter && self.inside >= AGREEING)
    }

    pub(super) fn has_left_by(self, bounds: &Bounds, sign: Sign) -> bool {
        self.mean <= bounds.exit && (self.outside >= AGREEING || sign.0 <= bounds.sure_outside)
    }

    /// More likely outside than inside.
    pub(super) fn leans_outside(self) -> bool {
        self.mean < 0.0 || self.outside > 0
    }

    /// As good as [`Evidence::OUTSIDE`].
    pub(super) fn is_floor(self) -> bool {
        self.mean <= FLOOR + 0.1
    }
}
