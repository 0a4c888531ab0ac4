//! The first pass: what the values of each column look like, and whether the file is in UTF-8.

use std::ops::Range;

use super::run;
use crate::error::SourceError;
use crate::files::encoding::{Survey, Why};
use crate::files::pieces::Pass;
use crate::files::records::Records;
use crate::files::text::{Columns, TextFile};
use crate::read::{Job, Stage};
use crate::types::dates::DateFormat;
use crate::types::infer::Looks;
use crate::types::plan::Said;

/// A column whose values are looked at.
struct Looked {
    place: usize,
    format: Option<DateFormat>,
    /// Its type is decided by what is said about it: values are only counted.
    settled: bool,
}

/// Looks at the values of one file.
struct Looking {
    columns: Vec<Looked>,
    /// Whether the file is in UTF-8 is to be found out.
    survey: bool,
}

impl Pass for Looking {
    type Found = (Vec<Looks>, Survey);

    fn look(&self, records: &Records) -> Self::Found {
        let survey = match self.survey {
            true => records.survey(),
            false => Survey::default(),
        };
        let mut looks: Vec<Looks> = self.columns.iter().map(|_| Looks::default()).collect();
        for rows in records.blocks() {
            for (column, looks) in self.columns.iter().zip(&mut looks) {
                column.look(records, rows.clone(), looks);
            }
        }
        (looks, survey)
    }
}

impl Looked {
    fn look(&self, records: &Records, rows: Range<usize>, looks: &mut Looks) {
        for row in rows {
            let cell = records.cell(row, self.place);
            if self.settled {
                looks.values += u64::from(!cell.text.trim_ascii_start().is_empty());
            } else {
                looks.add(cell, self.format.as_ref(), "", records.line(row));
            }
        }
    }
}

/// Looks at all values of a file. `counts` are rows, and records that are none.
pub(crate) fn infer(
    job: &Job<'_>,
    said: &Said<'_>,
    file: &mut TextFile,
    columns: &mut Columns,
    looks: &mut Vec<Looks>,
    (count, bad): &mut (u64, u64),
) -> Result<(), SourceError> {
    let rows = file.open_silently(columns, &job.meter, job.limits())?;
    let pieces = file.pieces(&rows, &job.meter, job.limits())?;
    let column = |(name, place)| {
        let (format, settled) = (said.format(name)?, said.settle(name)?.is_some());
        Ok(Looked { place, format, settled })
    };
    let columns = columns.names().zip(rows.places(columns.len())).map(column);
    let looking = Looking { columns: columns.collect::<Result<_, SourceError>>()?, survey: file.assumed };
    looks.resize_with(looking.columns.len(), Looks::default);
    let mut survey = Survey::default();
    let mut whole = true;
    run(job, file, pieces, &looking, |seen| {
        let (found, surveyed) = seen.found;
        for (looks, found) in looks.iter_mut().zip(found) {
            looks.merge(found, &file.input.name, seen.line);
        }
        survey.merge(&surveyed);
        whole &= !seen.shortened;
        *count += seen.records.len() as u64;
        *bad += seen.records.bad.len() as u64;
        job.tell(Stage::Inferring, *count)
    })?;
    if file.assumed && whole {
        let decision = survey.decide();
        file.assumed = decision.why == Why::NotUtf8;
        file.encoding = decision;
    }
    Ok(())
}
