//! Units: records that are one customer by decisions and deduplication. They look for partners as one.

use super::at::{At, Map, Set};

/// All units. The record that stands for a unit is one of its members.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// For every record the one that stands for its unit.
    of: Vec<Vec<At>>,
    /// The members of units of more than one record.
    members: Map<At, Vec<At>>,
    /// Units that decisions have kept apart from others which rules would have joined.
    disputed: Set<At>,
}

impl Units {
    /// Every record alone.
    pub(super) fn new(sizes: &[usize]) -> Self {
        let alone =
            |(entity, size): (usize, &usize)| (0..*size as u32).map(|it| At::new(entity, it)).collect();
        Self { of: sizes.iter().enumerate().map(alone).collect(), ..Self::default() }
    }

    /// The unit of a record.
    pub(super) fn of(&self, at: At) -> At {
        self.of.get(at.entity as usize).and_then(|of| of.get(at.record as usize)).copied().unwrap_or(at)
    }

    /// The members of a unit.
    pub(super) fn members<'a>(&'a self, unit: &'a At) -> &'a [At] {
        self.members.get(unit).map_or(std::slice::from_ref(unit), Vec::as_slice)
    }

    pub(super) fn is_disputed(&self, unit: At) -> bool {
        self.disputed.contains(&unit)
    }

    /// Units that decisions may have kept apart from others.
    pub(super) fn disputed(&self) -> impl Iterator<Item = At> {
        self.disputed.iter().copied()
    }

    pub(super) fn set_disputed(&mut self, unit: At, disputed: bool) {
        if disputed {
            self.disputed.insert(unit);
        } else {
            self.disputed.remove(&unit);
        }
    }

    /// Takes a unit apart: its members are alone.
    pub(super) fn dissolve(&mut self, unit: At) {
        self.disputed.remove(&unit);
        for member in self.members.remove(&unit).unwrap_or_default() {
            self.place(member, member);
        }
    }

    /// Makes a unit of records that are alone. The first stands for it.
    pub(super) fn make(&mut self, members: Vec<At>) -> Option<At> {
        let unit = *members.first()?;
        for member in &members {
            self.place(*member, unit);
        }
        if members.len() > 1 {
            self.members.insert(unit, members);
        }
        Some(unit)
    }

    fn place(&mut self, at: At, unit: At) {
        let Some(of) = self.of.get_mut(at.entity as usize) else { return };
        while of.len() <= at.record as usize {
            of.push(At { entity: at.entity, record: of.len() as u32 });
        }
        if let Some(place) = of.get_mut(at.record as usize) {
            *place = unit;
        }
    }
}
