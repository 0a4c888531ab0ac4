//! The rules that texts follow: names, references, formats, secrets.

use lang::diagnose::{Diagnostic, Severity, Span, did_you_mean};

use super::super::limits::MAX_NAME_CHARS;
use super::super::model::{
    AttributeRef, AttributeType, CalculationText, DimensionText, QualifiedAttribute, RefError, RuleText,
    SecretRef,
};

/// A rule for a text.
pub(in super::super) struct TextRule {
    /// What it is, in words: `a name`.
    pub(in super::super) what: &'static str,
    /// The part of the rule that a JSON Schema can say.
    pub(in super::super) pattern: Option<&'static str>,
    /// Everything that is wrong with a text; nothing when it follows the rule.
    pub(in super::super) check: fn(&str) -> Vec<Fault>,
}

/// Something wrong with a text.
#[derive(Debug)]
pub(in super::super) struct Fault {
    pub(in super::super) severity: Severity,
    pub(in super::super) code: &'static str,
    pub(in super::super) message: String,
    pub(in super::super) suggestion: Option<String>,
    /// Where in the text; all of it when not given.
    pub(in super::super) span: Option<Span>,
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>, suggestion: Option<String>) -> Vec<Self> {
        vec![Self { severity: Severity::Error, code, message: message.into(), suggestion, span: None }]
    }
}

/// Any text that is not empty.
pub(super) static ANY: TextRule = TextRule {
    what: "a text",
    pattern: Some(r"\S"),
    check: |text| not_empty(text).err().unwrap_or_default(),
};

/// A name that is also the name, or part of the name, of an entity or attribute.
pub(super) static NAME: TextRule = TextRule {
    what: "a name",
    pattern: Some("^[A-Za-z][A-Za-z0-9_]*$"),
    check: |text| name(text, "_", "letters, digits and `_`"),
};

/// The name of a segment.
pub(super) static SEGMENT_NAME: TextRule = TextRule {
    what: "a name",
    pattern: Some("^[A-Za-z][A-Za-z0-9]*$"),
    check: |text| name(text, "", "letters and digits"),
};

/// A name that is only a label: of a connection, a threshold, a match rule, the instance.
pub(in super::super) static LABEL: TextRule = TextRule {
    what: "a name",
    pattern: Some("^[A-Za-z][A-Za-z0-9_-]*$"),
    check: |text| name(text, "_-", "letters, digits, `_` and `-`"),
};

/// A header of a web request.
pub(super) static HEADER_NAME: TextRule = TextRule {
    what: "the name of a header",
    pattern: Some("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"),
    check: |text| {
        // RFC 9110 §5.6.2: a token.
        let ok = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if !text.is_empty() && text.chars().all(ok) {
            return Vec::new();
        }
        Fault::new("invalidName", format!("`{text}` cannot be the name of a header"), None)
    },
};

/// `Attribute` or `Entity.Attribute`.
pub(super) static ATTRIBUTE: TextRule = TextRule {
    what: "an attribute: `Attribute` or `Entity.Attribute`",
    pattern: Some(r"\S"),
    check: |text| reference(text.parse::<AttributeRef>().map(drop), text),
};

/// An attribute, or the period of a date.
pub(super) static DIMENSION: TextRule = TextRule {
    what: "an attribute, or the period of a date: `month(Entity.Date)`",
    pattern: Some(r"\S"),
    check: |text| reference(text.parse::<DimensionText>().map(drop), text),
};

/// A label.
pub(super) static TAG: TextRule = TextRule {
    what: "a label",
    pattern: Some(r"\S"),
    check: |text| not_empty(text).err().unwrap_or_default(),
};

/// A number as a key.
pub(super) static NUMBER_KEY: TextRule = TextRule {
    what: "a number",
    pattern: Some(r"^-?[0-9]+(\.[0-9]+)?$"),
    check: |text| match lang::rule::Number::parse(text) {
        Some(_) => Vec::new(),
        None => Fault::new("wrongType", format!("`{text}` is not a number"), None),
    },
};

/// A query.
pub(super) static SQL: TextRule = TextRule {
    what: "a query that only reads, such as `SELECT CustomerId FROM …`",
    pattern: Some(r"\S"),
    check: |text| not_empty(text).err().unwrap_or_default(),
};

/// `Entity.Attribute`.
pub(super) static QUALIFIED: TextRule = TextRule {
    what: "an attribute with its entity: `Entity.Attribute`",
    pattern: Some(r"\S\.\S"),
    check: |text| reference(text.parse::<QualifiedAttribute>().map(drop), text),
};

/// The type of an attribute.
pub(super) static TYPE: TextRule = TextRule {
    what: "a type",
    pattern: Some(
        r"^(string|int64|double|boolean|date|dateTime|dateTimeOffset|decimal\(\s*[0-9]+\s*(,\s*[0-9]+\s*)?\))$",
    ),
    check: |text| {
        const WORDS: [&str; 8] =
            ["string", "int64", "double", "boolean", "date", "dateTime", "dateTimeOffset", "decimal(18,2)"];
        let word = match text.to_ascii_lowercase().as_str() {
            "text" | "varchar" | "guid" | "uuid" => Some("string"),
            "int" | "integer" | "int32" | "long" | "bigint" => Some("int64"),
            "float" | "real" | "number" => Some("double"),
            "bool" => Some("boolean"),
            "timestamp" => Some("dateTime"),
            "decimal" | "numeric" | "money" => Some("decimal(18,2)"),
            _ => did_you_mean(text, WORDS),
        };
        let say =
            |message| Fault::new("unknownType", message, word.map(|word| format!("did you mean `{word}`?")));
        text.parse::<AttributeType>().map_err(say).err().unwrap_or_default()
    },
};

/// How dates are written.
pub(super) static DATE_FORMAT: TextRule = TextRule {
    what: "a date format such as `M/D/YYYY`",
    pattern: Some("M"),
    check: |text| {
        if text.contains(['Y', 'y']) && text.contains('M') && text.contains(['D', 'd']) {
            return Vec::new();
        }
        let message = format!("the date format `{text}` does not say where year, month and day stand");
        Fault::new(
            "invalidDateFormat",
            message,
            Some("for example `YYYY-MM-DD`, `M/D/YYYY` or `DD.MM.YYYY`".into()),
        )
    },
};

/// The label of a character encoding.
pub(super) static ENCODING: TextRule = TextRule {
    what: "a character encoding such as `utf-8` or `windows-1252`",
    pattern: Some(r"\S"),
    check: |text| {
        const COMMON: [&str; 7] =
            ["utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1", "iso-8859-15", "windows-1251"];
        if encoding_rs::Encoding::for_label(text.as_bytes()).is_some() {
            return Vec::new();
        }
        let near = did_you_mean(text, COMMON).map(|word| format!("did you mean `{word}`?"));
        let or_list = near.or_else(|| Some(format!("common ones are {}", COMMON.join(", "))));
        Fault::new("unknownEncoding", format!("`{text}` is no character encoding"), or_list)
    },
};

/// One character.
pub(super) static DELIMITER: TextRule = TextRule {
    what: "one character",
    pattern: Some(r#"^[^"\r\n]$"#),
    check: |text| {
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(c), None) if c.is_ascii() && !matches!(c, '"' | '\r' | '\n') => Vec::new(),
            _ => Fault::new(
                "invalidDelimiter",
                format!("the delimiter is one character, not `{text}`"),
                Some(r#"for example `";"`, or `"\t"` for a tab"#.into()),
            ),
        }
    },
};

/// An IANA time zone.
pub(super) static TIME_ZONE: TextRule = TextRule {
    what: "a time zone such as `Europe/Paris`",
    pattern: Some(r"\S"),
    check: |text| {
        if jiff::tz::TimeZone::get(text).is_ok() {
            return Vec::new();
        }
        let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.as_str().to_owned()).collect();
        let near = did_you_mean(text, known.iter().map(String::as_str));
        let near = near.map(|zone| format!("did you mean `{zone}`?"));
        Fault::new("unknownTimeZone", format!("`{text}` is no IANA time zone"), near)
    },
};

/// A length of time.
pub(super) static DURATION: TextRule = TextRule {
    what: "a length of time such as `PT6H` or `2d`",
    pattern: Some("[0-9]"),
    check: |text| {
        let example = Some("for example `PT6H` or `6h`, `90m`, `2d`".to_owned());
        match text.parse::<jiff::SignedDuration>() {
            Ok(duration) if !duration.is_negative() => Vec::new(),
            Ok(_) => Fault::new("invalidDuration", format!("`{text}` is less than no time"), example),
            Err(_) => Fault::new("invalidDuration", format!("`{text}` is no length of time"), example),
        }
    },
};

/// A calendar day.
pub(super) static DAY: TextRule = TextRule {
    what: "a day such as `2024-01-31`",
    pattern: Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    check: |text| match text.parse::<jiff::civil::Date>() {
        Ok(day) if day.to_string() == text => Vec::new(),
        _ => Fault::new("invalidDay", format!("`{text}` is no day"), Some("for example `2024-01-31`".into())),
    },
};

/// A number of days, weeks or another unit.
pub(super) static PERIOD: TextRule = TextRule {
    what: "a period such as `90 days`",
    pattern: Some(r"^\s*[0-9]+\s+[A-Za-z]+\s*$"),
    check: |text| match RuleText::parse(format!("It within last {text}")) {
        Ok(rule)
            if text.trim().bytes().all(|it| it.is_ascii_alphanumeric() || it == b' ')
                && rule.condition().paths().len() == 1 =>
        {
            Vec::new()
        }
        _ => {
            let example = Some("for example `90 days` or `2 years`".into());
            Fault::new("invalidPeriod", format!("`{text}` is no period"), example)
        }
    },
};

/// A cron line.
pub(super) static CRON: TextRule = TextRule {
    what: "a cron line such as `0 6 * * *`",
    pattern: Some(r"^\s*\S+(\s+\S+){4}\s*$"),
    check: |text| {
        let fields = text.split_whitespace().count();
        if fields != 5 {
            let message =
                format!("a cron line has five fields (minute, hour, day, month, weekday), not {fields}");
            return Fault::new(
                "invalidCron",
                message,
                Some("for example `0 6 * * *`: every day at 6:00".into()),
            );
        }
        match text.parse::<croner::Cron>() {
            Ok(_) => Vec::new(),
            Err(error) => Fault::new("invalidCron", format!("`{text}` is no cron line: {error}"), None),
        }
    },
};

/// A condition.
pub(super) static RULE: TextRule = TextRule {
    what: "a condition such as `State = 'California'`",
    pattern: Some(r"\S"),
    check: |text| RuleText::parse(text).err().map(said_by_lang).unwrap_or_default(),
};

/// A calculation.
pub(super) static CALCULATION: TextRule = TextRule {
    what: "a calculation such as `sum(Entity.Attribute)`",
    pattern: Some(r"\S"),
    check: |text| CalculationText::parse(text).err().map(said_by_lang).unwrap_or_default(),
};

/// A secret: only a reference to it.
pub(super) static SECRET: TextRule = TextRule {
    what: "a reference to a secret: `${env:NAME}` or `${secret:NAME}`",
    pattern: Some(r"^\$\{(env|secret):\s*[A-Za-z0-9_.-]+\s*\}$"),
    check: |text| {
        if text.parse::<SecretRef>().is_ok() {
            return Vec::new();
        }
        // The text itself is not repeated: it may be the secret.
        let message = "a secret may not stand in a file; write a reference to it".to_owned();
        Fault::new(
            "literalSecret",
            message,
            Some(
                "`${env:NAME}` reads an environment variable, `${secret:NAME}` the instance's secret store"
                    .into(),
            ),
        )
    },
};

/// A web address without credentials, or a reference.
pub(super) static URL: TextRule = TextRule {
    what: "a web address, or a reference to it",
    pattern: Some(r"^(https?://\S+|\$\{(env|secret):.*\}.*)$"),
    check: url,
};

/// A suggestion of `lang` is the text to put in the place of the mistake.
fn said_by_lang(diagnostics: Vec<Diagnostic>) -> Vec<Fault> {
    let fault = |it: Diagnostic| Fault {
        severity: it.severity,
        code: it.code,
        message: it.message,
        suggestion: it.suggestion.map(|text| format!("write `{text}`")),
        span: Some(it.span),
    };
    diagnostics.into_iter().map(fault).collect()
}

fn not_empty(text: &str) -> Result<(), Vec<Fault>> {
    if text.trim().is_empty() {
        return Err(Fault::new("emptyText", "the text is empty", None));
    }
    Ok(())
}

fn name(text: &str, more: &str, allowed: &str) -> Vec<Fault> {
    let ok = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
    let chars = text.chars().count();
    if chars > MAX_NAME_CHARS {
        let message = format!("the name has {chars} characters; {MAX_NAME_CHARS} are allowed");
        return Fault::new("nameTooLong", message, None);
    }
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(ok) {
        return Vec::new();
    }
    let right: String = deunicode::deunicode(text)
        .trim()
        .chars()
        .filter_map(|c| if ok(c) { Some(c) } else { Some('_').filter(|_| more.contains('_')) })
        .skip_while(|c| !c.is_ascii_alphabetic())
        .collect();
    let suggestion = Some(format!("for example `{right}`")).filter(|_| !right.is_empty());
    Fault::new(
        "invalidName",
        format!("`{text}` is no name: a name starts with a letter and has only {allowed}"),
        suggestion,
    )
}

fn reference(parsed: Result<(), RefError>, text: &str) -> Vec<Fault> {
    let say = |error| Fault::new("invalidReference", format!("`{text}` is no attribute: {error}"), None);
    parsed.map_err(say).err().unwrap_or_default()
}

fn url(text: &str) -> Vec<Fault> {
    if text.starts_with("${") {
        return Vec::new();
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return Fault::new(
            "invalidUrl",
            format!("`{text}` is no web address"),
            Some("it starts with `https://`".into()),
        );
    };
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        let message = format!("a web address starts with `https://` or `http://`, not `{scheme}://`");
        return Fault::new("invalidUrl", message, None);
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let secret_key = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        is_secret_key(key) && !value.contains("${")
    };
    if authority.contains('@') || query.split('&').any(secret_key) {
        return (SECRET.check)(text);
    }
    if authority.is_empty() {
        return Fault::new("invalidUrl", "the web address names no host", None);
    }
    Vec::new()
}

/// Whether a value under this name (of a query parameter or header) is a secret.
pub(in super::super) fn is_secret_key(key: &str) -> bool {
    let key: String = key.to_ascii_lowercase().replace(['-', '_'], "");
    const PARTS: [&str; 7] =
        ["password", "secret", "token", "apikey", "authorization", "signature", "cookie"];
    const WORDS: [&str; 5] = ["sig", "key", "code", "pwd", "ocpapimsubscriptionkey"];
    PARTS.iter().any(|part| key.contains(part)) || WORDS.contains(&key.as_str())
}
