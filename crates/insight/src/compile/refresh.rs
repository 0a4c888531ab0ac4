//! Results after new rows, computed for the customers who have some.

use super::results::Places;
use super::{Program, Results};
use crate::index::Delta;
use crate::measures::CheckedMeasure;
use crate::segments::CheckedSegment;

impl Results {
    /// Takes in the new rows of a delta: members, rule counts and customer attributes become what a full run over an
    /// index with these rows gives, bit for bit. The definitions are those of the results, at the same moment. Measures
    /// with rows of their own are left as they are: they are about more customers than these.
    pub fn refresh(
        &mut self,
        delta: &Delta,
        segments: &[CheckedSegment],
        measures: &[CheckedMeasure],
        threads: usize,
    ) {
        let grouped = |it: &&CheckedMeasure| it.kind == crate::definition::MeasureKind::CustomerAttribute;
        let measures: Vec<CheckedMeasure> = measures.iter().filter(grouped).cloned().collect();
        // Of how it was, only the rules' counts are asked for.
        let before = Program::compile(&delta.before, segments, &measures).without_columns();
        let before = before.run(&delta.before, threads);
        let after = Program::compile(&delta.after, segments, &measures).run(&delta.after, threads);
        let places = Places::new(&delta.touched);
        for (segment, (old, new)) in self.segments.iter_mut().zip(before.segments.iter().zip(&after.segments))
        {
            segment.members.replace(&places, &new.members);
            for (rule, (old, new)) in segment.rules.iter_mut().zip(old.rules.iter().zip(&new.rules)) {
                rule.own = rule.own.wrapping_add(new.own).wrapping_sub(old.own);
                rule.total = rule.total.wrapping_add(new.total).wrapping_sub(old.total);
            }
        }
        for (column, new) in self.attributes.iter_mut().zip(&after.attributes) {
            let own = &mut column.numbers;
            for (at, place) in delta.touched.iter().enumerate() {
                let place = *place as usize;
                let new = (new.numbers.values.get(at), new.numbers.known.get(at));
                if let ((Some(value), Some(known)), Some(to), Some(flag)) =
                    (new, own.values.get_mut(place), own.known.get_mut(place))
                {
                    (*to, *flag) = (*value, *known);
                }
            }
        }
    }
}
