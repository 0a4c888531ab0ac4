//! Vectors of small numbers in the narrowest width, in memory or in a mapped file.

use super::error::IndexError;
use super::sum::Sum;
use memmap2::Mmap;
use std::borrow::Cow;
use std::sync::Arc;

/// Numbers of one width.
#[derive(Debug, Clone)]
pub(crate) enum Codes<'a> {
    U8(Cow<'a, [u8]>),
    U16(Cow<'a, [u16]>),
    U32(Cow<'a, [u32]>),
    U64(Cow<'a, [u64]>),
}

/// Runs the same code for each width.
macro_rules! each_width {
    ($codes:expr, $slice:ident => $body:expr) => {
        match $codes {
            $crate::index::Codes::U8($slice) => $body,
            $crate::index::Codes::U16($slice) => $body,
            $crate::index::Codes::U32($slice) => $body,
            $crate::index::Codes::U64($slice) => $body,
        }
    };
}
pub(crate) use each_width;

/// A number that codes are stored as.
pub(crate) trait Code: Copy + Ord + Default + bytemuck::Pod {
    /// The widest form.
    fn wide(self) -> u64;
    /// The low bits of a number.
    fn cut(wide: u64) -> Self;
}

macro_rules! code {
    ($($type:ty),*) => {$(
        impl Code for $type {
            #[inline(always)]
            fn wide(self) -> u64 {
                u64::from(self)
            }
            #[inline(always)]
            fn cut(wide: u64) -> Self {
                wide as Self
            }
        }
    )*};
}
code!(u8, u16, u32, u64);

impl Codes<'_> {
    /// How many.
    pub(crate) fn len(&self) -> usize {
        each_width!(self, codes => codes.len())
    }

    /// One of them; 0, the code of a missing value, where there is none.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> u64 {
        each_width!(self, codes => codes.get(at).map_or(0, |code| code.wide()))
    }

    /// Those of some rows.
    pub(crate) fn slice(&self, rows: std::ops::Range<usize>) -> Codes<'_> {
        match self {
            Codes::U8(codes) => Codes::U8(Cow::Borrowed(codes.get(rows).unwrap_or_default())),
            Codes::U16(codes) => Codes::U16(Cow::Borrowed(codes.get(rows).unwrap_or_default())),
            Codes::U32(codes) => Codes::U32(Cow::Borrowed(codes.get(rows).unwrap_or_default())),
            Codes::U64(codes) => Codes::U64(Cow::Borrowed(codes.get(rows).unwrap_or_default())),
        }
    }

    /// The code at each place; 0 where there is none.
    pub(crate) fn gather(&self, places: impl Iterator<Item = usize>) -> Codes<'static> {
        fn pick<T: Code>(codes: &[T], places: impl Iterator<Item = usize>) -> Cow<'static, [T]> {
            Cow::Owned(places.map(|at| codes.get(at).copied().unwrap_or_default()).collect())
        }
        match self {
            Codes::U8(codes) => Codes::U8(pick(codes, places)),
            Codes::U16(codes) => Codes::U16(pick(codes, places)),
            Codes::U32(codes) => Codes::U32(pick(codes, places)),
            Codes::U64(codes) => Codes::U64(pick(codes, places)),
        }
    }

    /// The memory as it is stored, little-endian.
    pub(super) fn bytes(&self) -> &[u8] {
        each_width!(self, codes => bytemuck::cast_slice(codes))
    }

    /// Bytes of one number.
    pub(super) fn width(&self) -> u8 {
        match self {
            Codes::U8(_) => 1,
            Codes::U16(_) => 2,
            Codes::U32(_) => 4,
            Codes::U64(_) => 8,
        }
    }
}

/// The narrowest vector for numbers up to `most`, filled by place.
pub(super) fn filled(most: u64, len: usize, values: impl Iterator<Item = (usize, u64)>) -> Codes<'static> {
    fn fill<T: Code>(len: usize, values: impl Iterator<Item = (usize, u64)>) -> Cow<'static, [T]> {
        let mut codes = vec![T::default(); len];
        for (at, value) in values {
            if let Some(code) = codes.get_mut(at) {
                *code = T::cut(value);
            }
        }
        Cow::Owned(codes)
    }
    match most {
        0..=0xff => Codes::U8(fill(len, values)),
        0x100..=0xffff => Codes::U16(fill(len, values)),
        0x1_0000..=0xffff_ffff => Codes::U32(fill(len, values)),
        _ => Codes::U64(fill(len, values)),
    }
}

/// Where codes, or bytes, are kept.
#[derive(Debug, Clone)]
pub(crate) enum Store {
    /// A part of a mapped file.
    Mapped {
        /// The file.
        map: Arc<Mmap>,
        /// The first byte.
        at: usize,
        /// The number of bytes.
        len: usize,
        /// Bytes of one number.
        width: u8,
        /// The checksum of the bytes, and whether they have it, once that was looked at.
        sum: Sum,
    },
    /// Memory of its own.
    Owned(Arc<Codes<'static>>),
}

impl Store {
    /// A part of a mapped file, checked: inside the file, aligned, and whole numbers.
    pub(super) fn mapped(
        map: &Arc<Mmap>,
        at: u64,
        len: u64,
        width: u8,
        sum: u64,
    ) -> Result<Self, IndexError> {
        let wrong = || IndexError::damaged("a section is outside of the file");
        let (at, len) =
            (usize::try_from(at).map_err(|_| wrong())?, usize::try_from(len).map_err(|_| wrong())?);
        let end = at.checked_add(len).filter(|end| *end <= map.len()).ok_or_else(wrong)?;
        let store = Self::Mapped { map: Arc::clone(map), at, len, width, sum: Sum::new(sum) };
        let whole = matches!(width, 1 | 2 | 4 | 8) && len % usize::from(width) == 0;
        if end < at || !whole || store.codes().width() != width {
            return Err(IndexError::damaged("a section is not aligned"));
        }
        if store.codes().len() * usize::from(width) != len {
            return Err(IndexError::damaged("a section is not aligned"));
        }
        Ok(store)
    }

    /// Whether the bytes are those that were written. They are read once; copies of this store remember the answer.
    pub(crate) fn is_whole(&self) -> bool {
        match self {
            Self::Owned(_) => true,
            Self::Mapped { map, at, len, sum, .. } => {
                sum.is_that_of(map.get(*at..at.saturating_add(*len)).unwrap_or_default())
            }
        }
    }

    /// The numbers of some rows.
    pub(crate) fn part(&self, rows: std::ops::Range<usize>) -> Codes<'_> {
        match (self, self.codes()) {
            (Self::Owned(codes), _) => codes.slice(rows),
            (_, Codes::U8(Cow::Borrowed(codes))) => {
                Codes::U8(Cow::Borrowed(codes.get(rows).unwrap_or_default()))
            }
            (_, Codes::U16(Cow::Borrowed(codes))) => {
                Codes::U16(Cow::Borrowed(codes.get(rows).unwrap_or_default()))
            }
            (_, Codes::U32(Cow::Borrowed(codes))) => {
                Codes::U32(Cow::Borrowed(codes.get(rows).unwrap_or_default()))
            }
            (_, Codes::U64(Cow::Borrowed(codes))) => {
                Codes::U64(Cow::Borrowed(codes.get(rows).unwrap_or_default()))
            }
            _ => Codes::U8(Cow::Borrowed(&[])),
        }
    }

    /// The numbers.
    pub(crate) fn codes(&self) -> Codes<'_> {
        match self {
            Self::Owned(codes) => codes.slice(0..codes.len()),
            Self::Mapped { map, at, len, width, .. } => {
                let bytes = map.get(*at..at.saturating_add(*len)).unwrap_or_default();
                match width {
                    1 => Codes::U8(Cow::Borrowed(bytes)),
                    2 => Codes::U16(Cow::Borrowed(bytemuck::try_cast_slice(bytes).unwrap_or_default())),
                    4 => Codes::U32(Cow::Borrowed(bytemuck::try_cast_slice(bytes).unwrap_or_default())),
                    _ => Codes::U64(Cow::Borrowed(bytemuck::try_cast_slice(bytes).unwrap_or_default())),
                }
            }
        }
    }
}

impl From<Codes<'static>> for Store {
    fn from(codes: Codes<'static>) -> Self {
        Self::Owned(Arc::new(codes))
    }
}
