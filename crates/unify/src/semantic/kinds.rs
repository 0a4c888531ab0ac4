//! The semantic types that can be suggested, and what their values look like.

use super::values::Form;

/// A semantic type, or two of which the other attributes decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    FirstName,
    /// A first name where there is a last name besides, a full name otherwise.
    FirstOrFullName,
    MiddleName,
    LastName,
    /// A last name where there is a first name besides, a full name otherwise.
    LastOrFullName,
    FullName,
    /// `name`: a full name of a person, if the values look so.
    MaybeFullName,
    BirthDate,
    Gender,
    Email,
    Phone,
    Address,
    City,
    PostalCode,
    State,
    Country,
    Latitude,
    Longitude,
    Organization,
    GovernmentId,
    ProfileImage,
    Facebook,
    Twitter,
    Date,
}

/// Every kind, its name in the list of names, and what its values look like.
const KINDS: [(Kind, &str, Form); 24] = [
    (Kind::FirstName, "Person.FirstName", Form::Words),
    (Kind::FirstOrFullName, "Person.FirstName?", Form::Words),
    (Kind::MiddleName, "Person.MiddleName", Form::Words),
    (Kind::LastName, "Person.LastName", Form::Words),
    (Kind::LastOrFullName, "Person.LastName?", Form::Words),
    (Kind::FullName, "Person.FullName", Form::Words),
    (Kind::MaybeFullName, "Person.FullName?", Form::TwoWords),
    (Kind::BirthDate, "Person.BirthDate", Form::Date),
    (Kind::Gender, "Person.Gender", Form::Gender),
    (Kind::Email, "Identity.Service.Email", Form::Email),
    (Kind::Phone, "Identity.Service.Phone", Form::Phone),
    (Kind::Address, "Location.Address", Form::Address),
    (Kind::City, "Location.City", Form::Words),
    (Kind::PostalCode, "Location.PostalCode", Form::PostalCode),
    (Kind::State, "Location.StateOrProvince", Form::Place),
    (Kind::Country, "Location.Country", Form::Place),
    (Kind::Latitude, "Location.Latitude", Form::Degrees),
    (Kind::Longitude, "Location.Longitude", Form::Degrees),
    (Kind::Organization, "Organization.Name", Form::Text),
    (Kind::GovernmentId, "Identity.GovernmentID", Form::Code),
    (Kind::ProfileImage, "Person.ProfileImage", Form::Url),
    (Kind::Facebook, "Identity.Service.Facebook", Form::Text),
    (Kind::Twitter, "Identity.Service.Twitter", Form::Text),
    (Kind::Date, "Calendar.Date", Form::Date),
];

impl Kind {
    /// The kind of a name in the list of names.
    pub(super) fn named(name: &str) -> Option<Self> {
        KINDS.iter().find(|(_, it, _)| *it == name).map(|(kind, ..)| *kind)
    }

    /// The semantic type.
    pub(super) fn as_str(self) -> &'static str {
        let name = KINDS.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, name, _)| name);
        name.trim_end_matches('?')
    }

    /// What the values look like.
    pub(super) fn form(self) -> Form {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or(Form::Text, |(.., form)| *form)
    }
}
