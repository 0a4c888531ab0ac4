//! How often things happen: to people over the years, and to their data on the way into a table.

/// What happens to people. Shares, unless said otherwise.
#[derive(Debug)]
pub struct Lives {
    /// Of people, those with 1, 2, … 7 records.
    pub records: [f64; 7],
    /// Of households, those with 1, 2, 3, 4 customers.
    pub customers: [f64; 4],
    /// Of households with several customers, those whose adults are not related.
    pub flat_share: f64,
    /// Of families, those with two parents among the customers.
    pub couple: f64,
    /// Of couples, those who keep their names.
    pub separate_surnames: f64,
    /// Of couples with one name, those who took it within the years of the records.
    pub wedding: f64,
    /// Of single women, those who change their surname within the years of the records.
    pub new_surname: f64,
    /// Of second children, twins of the first.
    pub twins: f64,
    /// Of first sons, those with the name of their father.
    pub named_after_father: f64,
    /// Of grown children, those who move out within the years of the records.
    pub moved_out: f64,
    /// Of households, those who move within the years of the records.
    pub moves: f64,
    /// Of households, those with a landline.
    pub landline: f64,
    /// Of households with several customers, those with a common mailbox.
    pub shared_mailbox: f64,
    /// Of people, those who go by a short form of their name, if it has one.
    pub goes_by_short: f64,
    /// Of people, those who change their mailbox within the years of the records.
    pub new_mailbox: f64,
    /// Of people, those with a second mailbox at work.
    pub work_mailbox: f64,
    /// Of people, those who change their mobile number within the years of the records.
    pub new_mobile: f64,
}

/// What happens to the data of one source. Shares of its records, unless said otherwise.
#[derive(Debug)]
pub struct Slips {
    /// Of all records, those of this source.
    pub share: f64,
    /// Short form of the given name, of those who go by it.
    pub short_form: f64,
    /// Another short form of the given name.
    pub other_short_form: f64,
    /// Only the first letter of the given name.
    pub initial: f64,
    /// A second letter after the given name ("Anna K.").
    pub middle_letter: f64,
    /// No given name.
    pub no_first: f64,
    /// No surname.
    pub no_last: f64,
    /// Given name and surname in each other's place.
    pub swapped: f64,
    /// A slip in one of the two names, each.
    pub name_slip: f64,
    /// Accents lost, of names with accents.
    pub accents_lost: f64,
    /// No e-mail address.
    pub no_email: f64,
    /// The e-mail address that the staff types in when there is none.
    pub default_email: f64,
    /// The work mailbox, of those who have one.
    pub work_email: f64,
    /// The common mailbox, of those who have one.
    pub shared_email: f64,
    /// The mailbox from before the last change, of those who changed it.
    pub old_email: f64,
    /// A slip in the e-mail address.
    pub email_slip: f64,
    /// No telephone number.
    pub no_phone: f64,
    /// A telephone number that stands for none.
    pub default_phone: f64,
    /// The landline, of those who have one.
    pub landline: f64,
    /// The number from before the last change, of those who changed it.
    pub old_phone: f64,
    /// A slip in the telephone number.
    pub phone_slip: f64,
    /// No street.
    pub no_street: f64,
    /// The address from before the last move, of those who moved.
    pub old_address: f64,
    /// A slip in the street.
    pub street_slip: f64,
    /// No town.
    pub no_city: f64,
    /// No postcode.
    pub no_postcode: f64,
    /// A slip in the postcode.
    pub postcode_slip: f64,
    /// No birth date; 1 for sources that do not have that column.
    pub no_birth: f64,
    /// The birth date 1900-01-01.
    pub default_birth: f64,
    /// The first of January of the right year.
    pub first_of_year: f64,
    /// Day and month in each other's place, where that gives a date.
    pub day_month: f64,
    /// One part of the birth date wrong by a little.
    pub birth_slip: f64,
    /// All in capitals.
    pub capitals: f64,
    /// All in small letters.
    pub small: f64,
    /// A blank too many at an end of a field, of fields.
    pub blanks: f64,
}

/// What happens to people.
pub const LIVES: Lives = Lives {
    records: [0.72, 0.19, 0.06, 0.018, 0.007, 0.003, 0.002],
    customers: [0.78, 0.16, 0.042, 0.018],
    flat_share: 0.10,
    couple: 0.75,
    separate_surnames: 0.25,
    wedding: 0.18,
    new_surname: 0.07,
    twins: 0.03,
    named_after_father: 0.04,
    moved_out: 0.35,
    moves: 0.28,
    landline: 0.35,
    shared_mailbox: 0.12,
    goes_by_short: 0.25,
    new_mailbox: 0.30,
    work_mailbox: 0.20,
    new_mobile: 0.25,
};

/// A web shop: people type for themselves, guests come twice, no birth date.
pub const SHOP: Slips = Slips {
    share: 0.48,
    short_form: 0.60,
    other_short_form: 0.03,
    initial: 0.015,
    middle_letter: 0.02,
    no_first: 0.015,
    no_last: 0.004,
    swapped: 0.008,
    name_slip: 0.025,
    accents_lost: 0.45,
    no_email: 0.02,
    default_email: 0.002,
    work_email: 0.25,
    shared_email: 0.35,
    old_email: 0.15,
    email_slip: 0.015,
    no_phone: 0.30,
    default_phone: 0.004,
    landline: 0.15,
    old_phone: 0.10,
    phone_slip: 0.012,
    no_street: 0.06,
    old_address: 0.08,
    street_slip: 0.04,
    no_city: 0.03,
    no_postcode: 0.03,
    postcode_slip: 0.012,
    no_birth: 1.0,
    default_birth: 0.0,
    first_of_year: 0.0,
    day_month: 0.0,
    birth_slip: 0.0,
    capitals: 0.02,
    small: 0.06,
    blanks: 0.01,
};

/// A loyalty scheme: paper forms read by machine or typed in at the counter; no street.
pub const LOYALTY: Slips = Slips {
    share: 0.32,
    short_form: 0.45,
    other_short_form: 0.02,
    initial: 0.02,
    middle_letter: 0.04,
    no_first: 0.01,
    no_last: 0.004,
    swapped: 0.012,
    name_slip: 0.04,
    accents_lost: 0.70,
    no_email: 0.20,
    default_email: 0.012,
    work_email: 0.10,
    shared_email: 0.45,
    old_email: 0.15,
    email_slip: 0.03,
    no_phone: 0.20,
    default_phone: 0.008,
    landline: 0.40,
    old_phone: 0.12,
    phone_slip: 0.02,
    no_street: 1.0,
    old_address: 0.15,
    street_slip: 0.0,
    no_city: 0.08,
    no_postcode: 0.05,
    postcode_slip: 0.02,
    no_birth: 0.08,
    default_birth: 0.015,
    first_of_year: 0.015,
    day_month: 0.015,
    birth_slip: 0.02,
    capitals: 0.08,
    small: 0.01,
    blanks: 0.02,
};

/// A CRM: staff type what they hear; every column is there, many are empty.
pub const CRM: Slips = Slips {
    share: 0.20,
    short_form: 0.30,
    other_short_form: 0.02,
    initial: 0.03,
    middle_letter: 0.05,
    no_first: 0.03,
    no_last: 0.003,
    swapped: 0.01,
    name_slip: 0.035,
    accents_lost: 0.50,
    no_email: 0.22,
    default_email: 0.006,
    work_email: 0.60,
    shared_email: 0.20,
    old_email: 0.20,
    email_slip: 0.02,
    no_phone: 0.20,
    default_phone: 0.005,
    landline: 0.45,
    old_phone: 0.15,
    phone_slip: 0.015,
    no_street: 0.15,
    old_address: 0.15,
    street_slip: 0.04,
    no_city: 0.08,
    no_postcode: 0.10,
    postcode_slip: 0.015,
    no_birth: 0.45,
    default_birth: 0.02,
    first_of_year: 0.02,
    day_month: 0.01,
    birth_slip: 0.015,
    capitals: 0.03,
    small: 0.005,
    blanks: 0.01,
};
