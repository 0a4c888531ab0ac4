//! When refreshes start by themselves.

use std::fmt;

use serde::{Deserialize, Serialize};

/// When a full refresh starts by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// The IANA time zone that the cron lines are meant in.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// Cron lines of five fields; a refresh starts when one of them says so.
    pub cron: Vec<String>,
    /// What happens to ticks that passed while nothing ran.
    #[serde(default)]
    pub missed: MissedTicks,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// What happens to ticks that passed while nothing ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MissedTicks {
    /// Nothing.
    None,
    /// One refresh makes up for all of them.
    #[default]
    Last,
    /// One refresh for each.
    All,
}

/// When one thing is refreshed by itself, in place of every full refresh.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawOwnSchedule", into = "RawOwnSchedule")]
pub struct OwnSchedule {
    /// The schedule's name.
    pub name: String,
    /// What is refreshed.
    pub target: Target,
    /// With everything that it reads, first.
    pub upstream: bool,
    /// With everything that reads it, after it.
    pub downstream: bool,
    /// When; without one, only when somebody asks for it.
    pub schedule: Option<Schedule>,
    /// Whether full refreshes refresh it too.
    pub in_full_refresh: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawOwnSchedule {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data_source: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unification: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    measure: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    segment: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    upstream: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    downstream: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cron: Vec<String>,
    #[serde(default = "utc", skip_serializing_if = "is_utc")]
    time_zone: String,
    #[serde(default)]
    missed: MissedTicks,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    in_full_refresh: bool,
}

fn is_utc(zone: &str) -> bool {
    zone == utc()
}

impl TryFrom<RawOwnSchedule> for OwnSchedule {
    type Error = &'static str;

    fn try_from(raw: RawOwnSchedule) -> Result<Self, Self::Error> {
        let targets = [
            raw.data_source.map(Target::DataSource),
            raw.unification.then_some(Target::Unification),
            raw.measure.map(Target::Measure),
            raw.segment.map(Target::Segment),
        ];
        let mut targets = targets.into_iter().flatten();
        let (Some(target), None) = (targets.next(), targets.next()) else {
            return Err("a schedule has exactly one of dataSource, unification, measure, segment");
        };
        let schedule = (!raw.cron.is_empty()).then_some(Schedule {
            time_zone: raw.time_zone,
            cron: raw.cron,
            missed: raw.missed,
        });
        let (upstream, downstream) = (raw.upstream, raw.downstream);
        Ok(Self {
            name: raw.name,
            target,
            upstream,
            downstream,
            schedule,
            in_full_refresh: raw.in_full_refresh,
        })
    }
}

impl From<OwnSchedule> for RawOwnSchedule {
    fn from(it: OwnSchedule) -> Self {
        let name_if = |kind: &str| (it.target.kind() == kind).then(|| it.target.name().to_owned());
        let (cron, time_zone, missed) = match it.schedule.clone() {
            Some(schedule) => (schedule.cron, schedule.time_zone, schedule.missed),
            None => (Vec::new(), utc(), MissedTicks::default()),
        };
        Self {
            data_source: name_if("dataSource"),
            unification: it.target == Target::Unification,
            measure: name_if("measure"),
            segment: name_if("segment"),
            upstream: it.upstream,
            downstream: it.downstream,
            cron,
            time_zone,
            missed,
            in_full_refresh: it.in_full_refresh,
            name: it.name,
        }
    }
}

/// A thing that can be refreshed by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A data source.
    DataSource(String),
    /// Map, deduplicate, match and merge.
    Unification,
    /// A measure; all customer attributes are refreshed together.
    Measure(String),
    /// A segment.
    Segment(String),
    /// An export.
    Export(String),
}

impl Target {
    /// The word for its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::DataSource(_) => "dataSource",
            Self::Unification => "unification",
            Self::Measure(_) => "measure",
            Self::Segment(_) => "segment",
            Self::Export(_) => "export",
        }
    }

    /// The thing of this kind with this name.
    pub fn of(kind: &str, name: &str) -> Option<Self> {
        Some(match kind {
            "dataSource" => Self::DataSource(name.to_owned()),
            "unification" => Self::Unification,
            "measure" => Self::Measure(name.to_owned()),
            "segment" => Self::Segment(name.to_owned()),
            "export" => Self::Export(name.to_owned()),
            _ => return None,
        })
    }

    /// Its name; empty where there is only one of its kind.
    pub fn name(&self) -> &str {
        match self {
            Self::DataSource(name) | Self::Measure(name) | Self::Segment(name) | Self::Export(name) => name,
            Self::Unification => "",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DataSource(name) => write!(f, "data source {name}"),
            Self::Unification => f.write_str("unification"),
            Self::Measure(name) => write!(f, "measure {name}"),
            Self::Segment(name) => write!(f, "segment {name}"),
            Self::Export(name) => write!(f, "export {name}"),
        }
    }
}
