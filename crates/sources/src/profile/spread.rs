//! How numbers and times are spread: smallest and largest exactly, quantiles and a histogram from a sample of fixed
//! size (Vitter's reservoir, with chance that is the same in every run).

/// Values of the sample.
const SAMPLE: usize = 4_096;
/// Steps of the histogram.
const STEPS: usize = 20;

/// A value as a number and as text.
type Shown = (f64, String);

/// The spread of a column.
#[derive(Debug, Default)]
pub(super) struct Spread {
    sample: Vec<Shown>,
    seen: u64,
    chance: u64,
    ends: Option<(Shown, Shown)>,
}

impl Spread {
    /// Adds a value; `shown` writes it.
    pub(super) fn add(&mut self, number: f64, shown: impl Fn() -> String) {
        if !number.is_finite() {
            return;
        }
        match &mut self.ends {
            None => self.ends = Some(((number, shown()), (number, shown()))),
            Some((min, max)) => {
                if number < min.0 {
                    *min = (number, shown());
                } else if number > max.0 {
                    *max = (number, shown());
                }
            }
        }
        self.seen += 1;
        if self.sample.len() < SAMPLE {
            self.sample.push((number, shown()));
            return;
        }
        // SplitMix64.
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.chance ^ (self.chance >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let place = (u128::from(mixed ^ (mixed >> 31)) * u128::from(self.seen)) >> 64;
        if let Some(slot) = usize::try_from(place).ok().and_then(|place| self.sample.get_mut(place)) {
            *slot = (number, shown());
        }
    }

    /// The smallest value.
    pub(super) fn min(&self) -> Option<String> {
        self.ends.as_ref().map(|(min, _)| min.1.clone())
    }

    /// The largest value.
    pub(super) fn max(&self) -> Option<String> {
        self.ends.as_ref().map(|(_, max)| max.1.clone())
    }

    /// The values below which 5, 25, 50, 75 and 95 of 100 are.
    pub(super) fn quantiles(&self) -> Vec<String> {
        let mut sorted: Vec<&Shown> = self.sample.iter().collect();
        sorted.sort_by(|left, right| left.0.total_cmp(&right.0));
        let last = sorted.len().saturating_sub(1);
        let at = |share: f64| sorted.get((share * last as f64).round() as usize).map(|value| value.1.clone());
        [0.05, 0.25, 0.5, 0.75, 0.95].into_iter().filter_map(at).collect()
    }

    /// About how many of `values` values are in each step from the smallest to the largest.
    pub(super) fn histogram(&self, values: u64) -> Vec<u64> {
        let Some(((min, _), (max, _))) = &self.ends else { return Vec::new() };
        let mut steps = vec![0_u64; STEPS];
        for (number, _) in &self.sample {
            let share = if max > min { (number - min) / (max - min) } else { 0.0 };
            if let Some(step) = steps.get_mut(((share * STEPS as f64) as usize).min(STEPS - 1)) {
                *step += 1;
            }
        }
        let scale = values as f64 / self.sample.len().max(1) as f64;
        steps.into_iter().map(|count| (count as f64 * scale).round() as u64).collect()
    }
}
