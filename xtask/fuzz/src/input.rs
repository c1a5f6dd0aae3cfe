//! Reads a fuzzer's bytes as choices; what is no longer there reads as nought.

/// What is left of the bytes.
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let run = self.bytes(N);
        array[..run.len()].copy_from_slice(run);
        array
    }

    pub(crate) fn u8(&mut self) -> u8 {
        u8::from_le_bytes(self.array())
    }

    pub(crate) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    pub(crate) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    pub(crate) fn i64(&mut self) -> i64 {
        i64::from_le_bytes(self.array())
    }

    /// True for one byte in `n`, nought among them.
    pub(crate) fn one_in(&mut self, n: u8) -> bool {
        self.u8().is_multiple_of(n)
    }

    /// One of `choices`, which are not none.
    pub(crate) fn one_of<'c, T>(&mut self, choices: &'c [T]) -> &'c T {
        &choices[usize::from(self.u8()) % choices.len()]
    }

    /// The next `len` bytes, or as many as there are.
    pub(crate) fn bytes(&mut self, len: usize) -> &'a [u8] {
        let (run, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        run
    }

    /// A run of bytes behind its length, which takes two.
    pub(crate) fn run(&mut self) -> &'a [u8] {
        let len = usize::from(self.u16());
        self.bytes(len)
    }

    /// As [`Input::run`], as text.
    pub(crate) fn text(&mut self) -> String {
        String::from_utf8_lossy(self.run()).into_owned()
    }

    pub(crate) fn rest(&mut self) -> &'a [u8] {
        self.bytes(self.0.len())
    }
}

/// The other way round, for seeds.
#[derive(Default)]
pub(crate) struct Seed(Vec<u8>);

impl Seed {
    pub(crate) fn raw(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.0.extend(bytes.as_ref());
        self
    }

    pub(crate) fn run(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.0.extend((bytes.as_ref().len() as u16).to_le_bytes());
        self.raw(bytes)
    }

    pub(crate) fn done(self) -> Vec<u8> {
        self.0
    }
}
