//! How languages name months and days and write dates. Names from the Unicode CLDR, patterns as .NET has them.

/// What formatting and reading of dates need to know of a locale.
#[derive(Debug)]
pub(crate) struct Culture {
    /// Locale names in lower case.
    names: &'static [&'static str],
    pub(crate) months: [&'static str; 12],
    pub(crate) short_months: [&'static str; 12],
    /// From Sunday on.
    pub(crate) days: [&'static str; 7],
    pub(crate) short_days: [&'static str; 7],
    pub(crate) morning: &'static str,
    pub(crate) afternoon: &'static str,
    /// Whether 3/4 is the 3rd of April.
    pub(crate) day_first: bool,
    /// Stands for `/` in a format.
    pub(crate) separator: &'static str,
    pub(crate) short_date: &'static str,
    pub(crate) long_date: &'static str,
    pub(crate) short_time: &'static str,
    pub(crate) long_time: &'static str,
    pub(crate) month_day: &'static str,
    pub(crate) year_month: &'static str,
}

/// The culture used when none is named.
pub(crate) static EN_US: Culture = ENGLISH;

const ENGLISH: Culture = Culture {
    names: &["en-us", "en", ""],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    short_months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    days: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    short_days: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
    morning: "AM",
    afternoon: "PM",
    day_first: false,
    separator: "/",
    short_date: "M/d/yyyy",
    long_date: "dddd, MMMM d, yyyy",
    short_time: "h:mm tt",
    long_time: "h:mm:ss tt",
    month_day: "MMMM d",
    year_month: "MMMM yyyy",
};

static CULTURES: &[Culture] = &[
    ENGLISH,
    Culture {
        names: &["en-gb"],
        short_months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"],
        morning: "am",
        afternoon: "pm",
        day_first: true,
        short_date: "dd/MM/yyyy",
        long_date: "dddd, d MMMM yyyy",
        short_time: "HH:mm",
        long_time: "HH:mm:ss",
        month_day: "d MMMM",
        ..ENGLISH
    },
    Culture {
        names: &["fr-fr", "fr"],
        months: [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
        short_months: [
            "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
        ],
        days: ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
        short_days: ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
        morning: "AM",
        afternoon: "PM",
        day_first: true,
        separator: "/",
        short_date: "dd/MM/yyyy",
        long_date: "dddd d MMMM yyyy",
        short_time: "HH:mm",
        long_time: "HH:mm:ss",
        month_day: "d MMMM",
        year_month: "MMMM yyyy",
    },
    Culture {
        names: &["de-de", "de"],
        months: [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
        short_months: [
            "Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.",
        ],
        days: ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"],
        short_days: ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"],
        morning: "AM",
        afternoon: "PM",
        day_first: true,
        separator: ".",
        short_date: "dd.MM.yyyy",
        long_date: "dddd, d. MMMM yyyy",
        short_time: "HH:mm",
        long_time: "HH:mm:ss",
        month_day: "d. MMMM",
        year_month: "MMMM yyyy",
    },
    Culture {
        names: &["es-es", "es"],
        months: [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
        short_months: ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"],
        days: ["domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"],
        short_days: ["dom", "lun", "mar", "mié", "jue", "vie", "sáb"],
        morning: "a. m.",
        afternoon: "p. m.",
        day_first: true,
        separator: "/",
        short_date: "d/M/yyyy",
        long_date: "dddd, d 'de' MMMM 'de' yyyy",
        short_time: "H:mm",
        long_time: "H:mm:ss",
        month_day: "d 'de' MMMM",
        year_month: "MMMM 'de' yyyy",
    },
];

/// The culture of a locale name.
///
/// # Errors
/// A sentence that names the known ones.
pub(crate) fn culture(name: &str) -> Result<&'static Culture, String> {
    let lower = name.to_ascii_lowercase();
    let found = CULTURES.iter().find(|culture| culture.names.contains(&lower.as_str()));
    found.ok_or_else(|| {
        let known: Vec<&str> = CULTURES.iter().filter_map(|culture| culture.names.first().copied()).collect();
        format!("does not know how dates are written in the locale '{name}'; known are {}", known.join(", "))
    })
}
