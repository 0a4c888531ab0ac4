//! The values of tests: numbers, texts, moments and periods.

use super::Number;
use super::ast::{Literal, Operator, Spanned};
use super::ast_time::{Base, Moment, Offset, Period, Unit};
use super::limits::MAX_PERIOD;
use super::parse::{Parser, is_reserved};
use super::token::Kind;
use crate::diagnose::Span;

impl Parser {
    /// One value.
    pub(super) fn value(&mut self) -> Option<Spanned<Literal>> {
        let span = self.here();
        let value = match self.peek().map(|token| &token.kind) {
            Some(Kind::Text(text)) => Literal::Text(text.clone()),
            Some(Kind::Number(number)) => Literal::Number(*number),
            Some(Kind::Minus) => return self.negative(),
            Some(Kind::Name { text, bracketed: false }) if text.eq_ignore_ascii_case("today") => {
                return self.moment(Base::Today);
            }
            Some(Kind::Name { text, bracketed: false }) if text.eq_ignore_ascii_case("now") => {
                return self.moment(Base::Now);
            }
            Some(Kind::Name { text, bracketed: false }) if text.eq_ignore_ascii_case("true") => {
                Literal::Bool(true)
            }
            Some(Kind::Name { text, bracketed: false }) if text.eq_ignore_ascii_case("false") => {
                Literal::Bool(false)
            }
            Some(Kind::Name { text, .. }) if !is_reserved(text) => {
                let suggestion = Some(format!("'{}'", text.replace('\'', "''")));
                let message =
                    format!("expected a value, found the name {text}; a text value is written in quotes");
                self.problem("ruleUnquotedText", message, suggestion);
                return None;
            }
            _ => {
                self.expected("a value: a number, a text in quotes, true or false", None);
                return None;
            }
        };
        self.bump();
        Some(Spanned { value, span })
    }

    /// `-5`
    fn negative(&mut self) -> Option<Spanned<Literal>> {
        let start = self.here().start;
        self.bump();
        let Some(Kind::Number(number)) = self.peek().map(|token| &token.kind) else {
            self.expected("a number after `-`", None);
            return None;
        };
        // Every number of at most 38 digits has a negative.
        let number = Number::new(number.unscaled().saturating_neg(), number.scale())?;
        self.bump();
        Some(Spanned { value: Literal::Number(number), span: Span::new(start, self.previous_end()) })
    }

    /// `today`, `now - 3 hours`
    fn moment(&mut self, base: Base) -> Option<Spanned<Literal>> {
        let start = self.here().start;
        self.bump();
        let back = self.peek().is_some_and(|token| token.kind == Kind::Minus);
        let moved = back || self.peek().is_some_and(|token| token.kind == Kind::Plus);
        let offset = if moved {
            self.bump();
            let period = self.period()?;
            if base == Base::Today && matches!(period.unit, Unit::Hour | Unit::Minute) {
                let span = Span::new(start, self.previous_end());
                let message = format!("today is a whole day; {}s are counted from now", period.unit.name());
                self.problem_at("ruleTodayMovedByHours", message, span, None);
            }
            Some(Offset { back, period })
        } else {
            None
        };
        let span = Span::new(start, self.previous_end());
        Some(Spanned { value: Literal::Moment(Moment { base, offset }), span })
    }

    /// `30 days`
    fn period(&mut self) -> Option<Period> {
        let amount = match self.peek().map(|token| &token.kind) {
            Some(Kind::Number(number)) => number.as_i64().and_then(|number| u32::try_from(number).ok()),
            _ => {
                self.expected("a number of minutes, hours, days, weeks, months or years", None);
                return None;
            }
        };
        let Some(amount) = amount.filter(|amount| (1..=MAX_PERIOD).contains(amount)) else {
            let message = format!("a period is a whole number from 1 to {MAX_PERIOD}, and a unit");
            self.problem("rulePeriod", message, None);
            return None;
        };
        self.bump();
        let Some(unit) = self.word().as_deref().and_then(Unit::parse) else {
            self.expected("a unit: minutes, hours, days, weeks, months or years", None);
            return None;
        };
        self.bump();
        Some(Period { amount, unit })
    }

    /// `within last 30 days`
    pub(super) fn within_last(&mut self, negated: bool) -> Option<Operator> {
        self.bump();
        if !self.take_word("last") {
            self.expected("`last` and a period, such as 30 days", None);
            return None;
        }
        self.period().map(|period| Operator::WithinLast { period, negated })
    }

    /// `year to date`
    pub(super) fn year_to_date(&mut self, negated: bool) -> Option<Operator> {
        self.bump();
        for word in ["to", "date"] {
            if !self.take_word(word) {
                self.expected("`year to date`", None);
                return None;
            }
        }
        Some(Operator::YearToDate { negated })
    }
}
