//! The other way round, for tests: writes TC and GPP strings as the specifications say.

use std::ops::RangeInclusive;

/// First and last of each interval.
pub(super) type Ranges = Vec<(u16, u16)>;

/// Bits, most significant first.
#[derive(Default, Clone)]
pub(super) struct Writer(Vec<bool>);

impl Writer {
    pub(super) fn put(&mut self, count: u32, value: u64) -> &mut Self {
        self.0.extend((0..count).rev().map(|at| value >> at & 1 == 1));
        self
    }

    pub(super) fn fibonacci(&mut self, mut value: u64) -> &mut Self {
        let mut numbers = vec![1, 2];
        while numbers[numbers.len() - 1] <= value {
            numbers.push(numbers[numbers.len() - 1] + numbers[numbers.len() - 2]);
        }
        let mut code: Vec<bool> = numbers
            .iter()
            .rev()
            .map(|number| {
                let fits = *number <= value;
                value -= if fits { *number } else { 0 };
                fits
            })
            .skip_while(|bit| !bit)
            .collect();
        code.reverse();
        self.0.extend(code);
        self.0.push(true);
        self
    }

    /// Ranges, as `(first, last)`.
    pub(super) fn ranges(&mut self, ranges: &[(u16, u16)]) -> &mut Self {
        self.put(12, ranges.len() as u64);
        for (first, last) in ranges {
            self.put(1, u64::from(first != last)).put(16, u64::from(*first));
            if first != last {
                self.put(16, u64::from(*last));
            }
        }
        self
    }

    /// A section of vendors, in either form.
    pub(super) fn vendors(&mut self, ranges: &[(u16, u16)], as_ranges: bool) -> &mut Self {
        let max = ranges.iter().map(|(_, last)| *last).max().unwrap_or_default();
        self.put(16, u64::from(max)).put(1, u64::from(as_ranges));
        if as_ranges {
            return self.ranges(ranges);
        }
        let from = self.0.len();
        self.0.resize(from + usize::from(max), false);
        for (first, last) in ranges {
            self.0[from + usize::from(*first) - 1..from + usize::from(*last)].fill(true);
        }
        self
    }

    /// As base64url, padded with nought to a multiple of `multiple` bits and then to whole characters.
    pub(super) fn text(&self, multiple: usize) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut bits = self.0.clone();
        bits.resize(bits.len().next_multiple_of(multiple).next_multiple_of(6), false);
        let sextets = bits.chunks(6).map(|six| six.iter().fold(0, |value, bit| value << 1 | usize::from(*bit)));
        sextets.map(|value| char::from(ALPHABET[value])).collect()
    }
}

/// What goes into a TC string.
#[derive(Debug, Clone)]
pub(super) struct TcParts {
    pub(super) created_ds: u64,
    pub(super) updated_ds: u64,
    pub(super) policy: u64,
    pub(super) service_specific: bool,
    pub(super) special_features: u64,
    pub(super) purposes: u64,
    pub(super) purposes_li: u64,
    pub(super) vendors: Ranges,
    pub(super) vendors_li: Ranges,
    pub(super) as_ranges: bool,
    pub(super) restrictions: Vec<(u64, u64, Ranges)>,
    pub(super) disclosed: Option<Ranges>,
    pub(super) publisher: Option<(u64, u64)>,
    pub(super) multiple: usize,
}

impl TcParts {
    /// A yes to everything, and to vendors 1 to 100.
    pub(super) fn all(policy: u64, created_ms: u64) -> Self {
        Self {
            created_ds: created_ms / 100,
            updated_ds: created_ms / 100,
            policy,
            service_specific: true,
            special_features: 0xfff,
            purposes: 0xff_ffff,
            purposes_li: 0,
            vendors: vec![(1, 100)],
            vendors_li: Vec::new(),
            as_ranges: true,
            restrictions: Vec::new(),
            disclosed: None,
            publisher: None,
            multiple: 8,
        }
    }

    /// A no to everything.
    pub(super) fn none(policy: u64, created_ms: u64) -> Self {
        Self { special_features: 0, purposes: 0, vendors: Vec::new(), ..Self::all(policy, created_ms) }
    }

    /// Purposes as a mask, from their numbers.
    pub(super) fn mask(numbers: impl IntoIterator<Item = u32>) -> u64 {
        numbers.into_iter().fold(0, |mask, number| mask | 1 << (24 - number))
    }

    pub(super) fn text(&self) -> String {
        let mut core = Writer::default();
        core.put(6, 2).put(36, self.created_ds).put(36, self.updated_ds).put(12, 10).put(12, 3).put(6, 1);
        core.put(6, 5).put(6, 8).put(12, 150).put(6, self.policy).put(1, u64::from(self.service_specific)).put(1, 0);
        core.put(12, self.special_features).put(24, self.purposes).put(24, self.purposes_li).put(1, 0);
        core.put(6, 5).put(6, 8);
        core.vendors(&self.vendors, self.as_ranges).vendors(&self.vendors_li, self.as_ranges);
        core.put(12, self.restrictions.len() as u64);
        for (purpose, kind, vendors) in &self.restrictions {
            core.put(6, *purpose).put(2, *kind).ranges(vendors);
        }
        let mut segments = vec![core.text(self.multiple)];
        if let Some(disclosed) = &self.disclosed {
            segments.push(Writer::default().put(3, 1).vendors(disclosed, self.as_ranges).text(self.multiple));
        }
        if let Some((consents, li)) = self.publisher {
            segments.push(Writer::default().put(3, 3).put(24, consents).put(24, li).put(6, 0).text(self.multiple));
        }
        segments.join(".")
    }
}

/// A GPP string of these sections, each with the text that it has.
pub(super) fn gpp_text(sections: &[(u64, String)], multiple: usize) -> String {
    let mut header = Writer::default();
    header.put(6, 3).put(6, 1).put(12, sections.len() as u64);
    let mut last = 0;
    for (id, _) in sections {
        header.put(1, 0).fibonacci(id - last);
        last = *id;
    }
    let texts = sections.iter().map(|(_, text)| text.clone());
    std::iter::once(header.text(multiple)).chain(texts).collect::<Vec<_>>().join("~")
}

/// How many two-bit fields stand behind the version.
pub(super) fn us_fields(id: u64, version: u64) -> RangeInclusive<usize> {
    match (id, version) {
        (8, _) => 1..=20,
        (_, 2) => 1..=32,
        _ => 1..=27,
    }
}

/// A section usnat or usca; `value` gives each field's two bits, by its number from 1.
pub(super) fn us_text(id: u64, version: u64, value: impl Fn(usize) -> u64, gpc: Option<bool>) -> String {
    let mut core = Writer::default();
    core.put(6, version);
    for field in us_fields(id, version) {
        core.put(2, value(field));
    }
    let core = core.text(8);
    match gpc {
        Some(gpc) => format!("{core}.{}", Writer::default().put(2, 1).put(1, u64::from(gpc)).text(8)),
        None => core,
    }
}
