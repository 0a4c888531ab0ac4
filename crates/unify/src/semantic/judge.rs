//! Puts together what names and values say. A wrong meaning would combine attributes that mean different things, so
//! where name and values do not agree nothing is suggested.

use super::kinds::Kind;
use super::names::{self, Said};
use super::values::{Form, Sample};
use super::{Reason, Suggestion};

/// The least share of values that must look like what the name says.
const ALIKE: f64 = 0.8;
/// The least share where the name does not say it, or says other things besides.
const ALIKE_WITHOUT_NAME: f64 = 0.95;
/// Values that are needed to suggest anything without the name.
const ENOUGH: usize = 20;

/// Suggestions for the attributes of one entity, in their order.
pub(super) fn all(columns: &[(&str, Sample)]) -> Vec<Suggestion> {
    let said: Vec<Option<Said>> = columns.iter().map(|(name, _)| names::read(name)).collect();
    let mut suggestions = Vec::new();
    for (at, (name, sample)) in columns.iter().enumerate() {
        let others: Vec<Kind> = said
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .filter_map(|(_, said)| said.as_ref().map(|it| it.kind))
            .collect();
        let own = said.get(at).and_then(Option::as_ref);
        let found = own.and_then(|said| by_name(said, sample, &others)).or_else(|| by_values(sample, own));
        suggestions.extend(found.map(|(kind, confidence, reason)| Suggestion {
            attribute: (*name).to_owned(),
            semantic_type: kind.as_str().to_owned(),
            confidence: (confidence * 100.0).round() / 100.0,
            reason,
        }));
    }
    suggestions
}

type Found = (Kind, f64, Reason);

fn by_name(said: &Said, sample: &Sample, others: &[Kind]) -> Option<Found> {
    let kind = resolve(said.kind, sample, others)?;
    let (word, of) = (said.word.clone(), sample.len());
    if of == 0 {
        // Half as sure as with values.
        return (said.strength >= 0.9).then(|| (kind, said.strength / 2.0, Reason::Name { word }));
    }
    let form = kind.form();
    let alike = sample.count(form);
    let share = alike as f64 / of as f64;
    let reason = Reason::NameAndValues { word, form, alike, of };
    if said.strength >= 0.9 {
        // A few values prove little.
        let few = if of < 5 { 0.8 } else { 1.0 };
        return (share >= ALIKE).then_some((kind, said.strength * (0.6 + 0.39 * share) * few, reason));
    }
    let telling = matches!(form, Form::Email | Form::Phone | Form::Date | Form::Url);
    (telling && share >= ALIKE_WITHOUT_NAME).then_some((kind, 0.75, reason))
}

/// What a name with two meanings means in this entity.
fn resolve(kind: Kind, sample: &Sample, others: &[Kind]) -> Option<Kind> {
    let of = sample.len();
    let at_least = |form, share: f64| of == 0 || sample.count(form) as f64 >= share * of as f64;
    let has = |wanted: [Kind; 2]| others.iter().any(|it| wanted.contains(it));
    Some(match kind {
        Kind::FirstOrFullName if has([Kind::LastName, Kind::LastOrFullName]) => Kind::FirstName,
        Kind::FirstOrFullName if at_least(Form::TwoWords, 0.5) => Kind::FullName,
        Kind::FirstOrFullName => Kind::FirstName,
        Kind::LastOrFullName if has([Kind::FirstName, Kind::FirstOrFullName]) => Kind::LastName,
        Kind::LastOrFullName | Kind::FullName => at_least(Form::TwoWords, 0.5).then_some(Kind::FullName)?,
        // Products and shops have names too: some of the names must be those of people.
        Kind::MaybeFullName if of > 0 => {
            (at_least(Form::TwoWords, ALIKE) && at_least(Form::GivenName, 0.25)).then_some(Kind::FullName)?
        }
        Kind::MaybeFullName => return None,
        other => other,
    })
}

/// What values are whatever the attribute is called; not where the name says something else.
fn by_values(sample: &Sample, said: Option<&Said>) -> Option<Found> {
    if sample.is_time() {
        return Some((Kind::Date, 0.9, Reason::DataType));
    }
    let of = sample.len();
    if of < ENOUGH || said.is_some_and(|said| said.strength >= 0.9 && said.kind != Kind::Date) {
        return None;
    }
    let of_form = |kind: Kind, form: Form, confidence: f64| -> Option<Found> {
        let alike = sample.count(form);
        let reason = Reason::Values { form, alike, of };
        (alike as f64 >= ALIKE_WITHOUT_NAME * of as f64).then_some((kind, confidence, reason))
    };
    of_form(Kind::Email, Form::Email, 0.85)
        .or_else(|| of_form(Kind::Date, Form::Date, 0.85))
        .or_else(|| of_form(Kind::Phone, Form::WrittenPhone, 0.75))
}
