//! Adds floating-point numbers as if with unlimited digits, and rounds once.
//!
//! Plain sums depend on the order of the additions, so on threads and blocks; a customer would enter and leave a
//! segment for no reason. Here the running sum is a list of numbers that do not overlap (Shewchuk 1997, "Adaptive
//! Precision Floating-Point Arithmetic", as in Python's `math.fsum`), which represents the sum without error.

/// A sum without error.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ExactSum {
    /// The sum of the finite values: increasing magnitudes that do not overlap.
    parts: Vec<f64>,
    /// The sum of the values that are infinite or no number.
    special: f64,
    /// How many values were added, less those taken away.
    count: i64,
}

impl ExactSum {
    /// Adds a value. The caller has seen to it that no sum exceeds the largest number.
    pub(crate) fn add(&mut self, value: f64) {
        self.count += 1;
        self.add_part(value);
    }

    fn add_part(&mut self, value: f64) {
        if !value.is_finite() {
            self.special += value;
            return;
        }
        let mut value = value + 0.0; // a negative zero becomes a positive one
        let mut kept = 0;
        for at in 0..self.parts.len() {
            let Some(part) = self.parts.get(at).copied() else { break };
            let (large, small) = if value.abs() < part.abs() { (part, value) } else { (value, part) };
            let sum = large + small;
            let error = small - (sum - large);
            if error != 0.0 {
                if let Some(place) = self.parts.get_mut(kept) {
                    *place = error;
                }
                kept += 1;
            }
            value = sum;
        }
        self.parts.truncate(kept);
        self.parts.push(value);
    }

    /// Adds what another sum has.
    pub(crate) fn merge(&mut self, other: &Self) {
        other.parts.iter().for_each(|part| self.add_part(*part));
        self.special += other.special;
        self.count += other.count;
    }

    /// Whether a value was added.
    pub(crate) fn any(&self) -> bool {
        self.count > 0
    }

    /// The sum, rounded once to the nearest number, ties to even.
    pub(crate) fn total(&self) -> f64 {
        if self.special != 0.0 || self.special.is_nan() {
            return self.special;
        }
        let mut rest = self.parts.iter().rev().copied();
        let Some(mut total) = rest.next() else { return 0.0 };
        let mut error = 0.0;
        for part in rest.by_ref() {
            let before = total;
            total = before + part;
            error = part - (total - before);
            if error != 0.0 {
                break;
            }
        }
        // Half way between two numbers, what is left decides.
        let next = rest.next().unwrap_or(0.0);
        if (error < 0.0 && next < 0.0) || (error > 0.0 && next > 0.0) {
            let double = error * 2.0;
            let rounded = total + double;
            if double == rounded - total {
                total = rounded;
            }
        }
        total
    }
}
