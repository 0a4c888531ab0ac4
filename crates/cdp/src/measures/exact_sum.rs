//! An aggregate that adds floating-point numbers as if with unlimited digits, and rounds once.
//!
//! Plain sums depend on the order of the additions, so on threads and files; a customer would enter and leave a
//! segment for no reason. Here the running sum is a list of numbers that do not overlap (Shewchuk 1997, "Adaptive
//! Precision Floating-Point Arithmetic", as in Python's `math.fsum`), which represents the sum without error.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type};
use datafusion::common::utils::SingleRowListArrayBuilder;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Accumulator, AggregateUDF, Volatility, create_udaf};
use datafusion::scalar::ScalarValue;
use std::mem::size_of;
use std::sync::Arc;

/// `exact_sum(double)`: null without values.
pub(crate) fn exact_sum() -> AggregateUDF {
    let list = DataType::List(Arc::new(Field::new_list_field(DataType::Float64, true)));
    create_udaf(
        "exact_sum",
        vec![DataType::Float64],
        Arc::new(DataType::Float64),
        Volatility::Immutable,
        Arc::new(|_| Ok(Box::new(ExactSum::default()))),
        Arc::new(vec![list, DataType::Float64, DataType::Boolean]),
    )
}

#[derive(Debug, Default)]
struct ExactSum {
    /// The sum of the finite values: increasing magnitudes that do not overlap.
    parts: Vec<f64>,
    /// The sum of the values that are infinite or no number.
    special: f64,
    /// Whether there was a value at all.
    any: bool,
}

impl ExactSum {
    fn add(&mut self, value: f64) -> Result<()> {
        self.any = true;
        if !value.is_finite() {
            self.special += value;
            return Ok(());
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
        if !value.is_finite() {
            return Err(DataFusionError::Execution(
                "a sum is too large for a floating-point number".to_owned(),
            ));
        }
        self.parts.truncate(kept);
        self.parts.push(value);
        Ok(())
    }

    /// The sum, rounded once to the nearest number, ties to even.
    fn total(&self) -> f64 {
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

    fn add_all(&mut self, values: &Float64Array) -> Result<()> {
        values.iter().flatten().try_for_each(|value| self.add(value))
    }
}

impl Accumulator for ExactSum {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        match values.first().and_then(|values| values.as_primitive_opt::<Float64Type>()) {
            Some(values) => self.add_all(values),
            None => Err(DataFusionError::Internal("exact_sum adds doubles".to_owned())),
        }
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(self.any.then(|| self.total())))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.parts.capacity() * size_of::<f64>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let parts = Arc::new(Float64Array::from(self.parts.clone()));
        let parts = SingleRowListArrayBuilder::new(parts).build_list_scalar();
        Ok(vec![parts, ScalarValue::Float64(Some(self.special)), ScalarValue::Boolean(Some(self.any))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let wrong = || DataFusionError::Internal("exact_sum merges its own states".to_owned());
        let [parts, special, any] = states else { return Err(wrong()) };
        let parts = parts.as_list_opt::<i32>().ok_or_else(wrong)?;
        let special = special.as_primitive_opt::<Float64Type>().ok_or_else(wrong)?;
        let any = any.as_boolean_opt().ok_or_else(wrong)?;
        for row in 0..parts.len() {
            if any.is_null(row) || !any.value(row) {
                continue;
            }
            self.any = true;
            if parts.is_valid(row) {
                self.add_all(parts.value(row).as_primitive_opt::<Float64Type>().ok_or_else(wrong)?)?;
            }
            if special.is_valid(row) {
                self.special += special.value(row);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(values: &[f64]) -> f64 {
        let mut sum = ExactSum::default();
        values.iter().for_each(|value| sum.add(*value).unwrap());
        sum.total()
    }

    #[test]
    fn nothing_is_lost_and_the_rounding_is_right() {
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(sum(&[1e100, 1.0, -1e100]), 1.0);
        assert_eq!(sum(&[1.0, 2f64.powi(-53), 2f64.powi(-106)]), 1.0 + f64::EPSILON);
        assert_eq!(sum(&[]), 0.0);
        assert_eq!(sum(&[-0.0, -0.0]).to_bits(), 0.0f64.to_bits());
    }

    #[test]
    fn infinities_and_no_number_are_kept() {
        assert_eq!(sum(&[f64::INFINITY, 1.0]), f64::INFINITY);
        assert!(sum(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
        assert!(sum(&[f64::NAN, 1.0]).is_nan());
        assert!(ExactSum { parts: vec![f64::MAX], ..ExactSum::default() }.add(f64::MAX).is_err());
    }

    #[test]
    fn no_values_make_no_sum() {
        let mut none = ExactSum::default();
        none.update_batch(&[Arc::new(Float64Array::from(vec![None, None]))]).unwrap();
        assert_eq!(none.evaluate().unwrap(), ScalarValue::Float64(None));
    }

    proptest! {
        #[test]
        fn the_order_and_the_split_do_not_matter(
            values in proptest::collection::vec((-1e9f64..1e9, -20i32..20), 0..60), seed in any::<u64>(), cut in 0usize..60,
        ) {
            let values: Vec<f64> = values.into_iter().map(|(value, power)| value * 2f64.powi(power)).collect();
            let mut shuffled = values.clone();
            let mut state = seed | 1;
            for at in (1..shuffled.len()).rev() {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                shuffled.swap(at, (state >> 33) as usize % (at + 1));
            }
            prop_assert_eq!(sum(&values).to_bits(), sum(&shuffled).to_bits());
            let (left, right) = shuffled.split_at(cut.min(shuffled.len()));
            let mut total = ExactSum::default();
            for half in [left, right] {
                let mut part = ExactSum::default();
                part.update_batch(&[Arc::new(Float64Array::from(half.to_vec()))]).unwrap();
                let states: Vec<ArrayRef> = part.state().unwrap().iter().map(|state| state.to_array().unwrap()).collect();
                total.merge_batch(&states).unwrap();
            }
            prop_assert_eq!(total.total().to_bits(), sum(&values).to_bits());
        }
    }
}
