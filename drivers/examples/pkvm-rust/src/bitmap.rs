//! A set of small numbers: what was put into tables, so that giving it back need not look at every entry.

pub struct Bitmap<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Bitmap<WORDS> {
    pub const EMPTY: Self = Bitmap([0; WORDS]);

    pub fn clear(&mut self) {
        self.0.fill(0);
    }

    pub fn insert(&mut self, number: u32) {
        self.0[number as usize / 64] |= 1 << (number % 64);
    }

    pub fn remove(&mut self, number: u32) {
        self.0[number as usize / 64] &= !(1 << (number % 64));
    }

    /// The members in order, of the set as it is now or as it becomes: the one from `number` on.
    pub fn next(&self, number: u32) -> Option<u32> {
        let word = number as usize / 64;
        let first = self.0.get(word)? & (u64::MAX << (number % 64));
        if first != 0 {
            return Some(word as u32 * 64 + first.trailing_zeros());
        }
        let later = self.0[word + 1..].iter().position(|&bits| bits != 0)? + word + 1;
        Some(later as u32 * 64 + self.0[later].trailing_zeros())
    }
}
