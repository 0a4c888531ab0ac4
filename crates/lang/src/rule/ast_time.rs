//! Parts of dates, and moments that depend on when a condition is evaluated.

/// A part of a date or time, as a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DatePart {
    /// The year, as 2024.
    Year,
    /// The quarter of the year, 1 to 4.
    Quarter,
    /// The month of the year, 1 to 12.
    Month,
    /// The day of the month, 1 to 31.
    Day,
    /// The day of the week, 1 (Monday) to 7 (Sunday), as in ISO 8601.
    Weekday,
    /// The hour of the day, 0 to 23.
    Hour,
}

impl DatePart {
    /// All parts.
    pub const ALL: [Self; 6] = [Self::Year, Self::Quarter, Self::Month, Self::Day, Self::Weekday, Self::Hour];

    /// The name, as printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Day => "day",
            Self::Weekday => "weekday",
            Self::Hour => "hour",
        }
    }

    /// The part of this name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name().eq_ignore_ascii_case(name))
    }
}

/// A moment that depends on when it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// Where it starts.
    pub base: Base,
    /// How far it is moved, and whether back.
    pub offset: Option<Offset>,
}

/// What a moment is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Base {
    /// The whole day.
    Today,
    /// The instant.
    Now,
}

impl Base {
    /// The word, as printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Now => "now",
        }
    }
}

/// How far a moment is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset {
    /// Into the past.
    pub back: bool,
    /// How far.
    pub period: Period,
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// How many units, at most [`super::MAX_PERIOD`].
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

/// A unit of time. Months and years follow the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours, or calendar days where dates are compared.
    Day,
    /// 7 days.
    Week,
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
}

impl Unit {
    /// All units.
    pub const ALL: [Self; 6] = [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// The name of one, as printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The unit of this name, in any case, one or several: `day`, `Days`.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let one = name.strip_suffix('s').unwrap_or(&name);
        Self::ALL.into_iter().find(|unit| unit.name() == one)
    }
}
