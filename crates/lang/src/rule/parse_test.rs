//! One test of a condition: what is tested, the operator, the values.

use super::ast::{Comparison, Condition, Literal, Operand, Operator, Quantifier, Spanned, Test, TextMatch};
use super::ast_time::DatePart;
use super::limits::{MAX_TESTS, MAX_VALUES};
use super::parse::Parser;
use super::token::Kind;
use crate::diagnose::{Span, did_you_mean};

impl Parser {
    /// `in segment Name`.
    pub(super) fn in_segment(&mut self) -> Option<Condition> {
        let start = self.here().start;
        self.bump();
        if !self.take_word("segment") {
            self.expected("`segment` and its name after `in` (a list needs an attribute before `in`)", None);
            return None;
        }
        let name = self.name("the segment's name", false)?;
        let span = Span::new(start, name.span.end);
        Some(Condition::InSegment { name, span })
    }

    /// One test of a value.
    pub(super) fn test(&mut self, depth: usize) -> Option<Condition> {
        let start = self.here().start;
        self.tests += 1;
        if self.tests > MAX_TESTS {
            self.give_up("ruleTooManyTests", format!("a condition has at most {MAX_TESTS} tests"));
            return None;
        }
        let operand = self.operand(depth)?;
        let operator = self.operator()?;
        let case_start = self.here();
        let ignore_case = self.ignore_case()?;
        let span = Span::new(start, self.previous_end());
        if ignore_case && !has_text(&operator) {
            let place = Span::new(case_start.start, span.end);
            let message = format!("`ignore case` is for texts, and this `{}` has none", operator.name());
            self.problem_at("ruleIgnoreCaseWithoutText", message, place, Some(String::new()));
        }
        Some(Condition::Test(Box::new(Test { operand, operator, ignore_case, span })))
    }

    /// An attribute, a part of one, or an aggregate.
    fn operand(&mut self, depth: usize) -> Option<Operand> {
        if !self.is_call() {
            return self.path("an attribute").map(Operand::Attribute);
        }
        let start = self.here().start;
        let part = self.word().as_deref().and_then(DatePart::parse);
        let Some(part) = part else {
            return self.aggregate(depth).map(|aggregate| Operand::Aggregate(Box::new(aggregate)));
        };
        self.bump();
        self.bump();
        let path = self.path("the attribute of the date")?;
        if !self.take(&Kind::Close) {
            self.expected("`)`", None);
            return None;
        }
        Some(Operand::Part { part, path, span: Span::new(start, self.previous_end()) })
    }

    fn ignore_case(&mut self) -> Option<bool> {
        if !self.take_word("ignore") {
            return Some(false);
        }
        if self.take_word("case") {
            return Some(true);
        }
        self.expected("`case` after `ignore`", None);
        None
    }

    fn operator(&mut self) -> Option<Operator> {
        if let Some(Kind::Comparison(comparison)) = self.peek().map(|token| &token.kind) {
            let comparison = *comparison;
            return self.comparison(comparison);
        }
        if self.take_word("is") {
            return self.is_null();
        }
        let negated = self.take_word("not");
        let word = self.word().unwrap_or_default();
        match word.as_str() {
            "in" => {
                self.bump();
                if self.is_word("segment") {
                    self.expected("a list; `in segment` stands alone: Age > 5 and in segment Name", None);
                    return None;
                }
                self.list().map(|values| Operator::In { values, negated })
            }
            "between" => {
                self.bump();
                let low = self.value()?;
                if !self.take_word("and") {
                    self.expected("`and` and the upper end", None);
                    return None;
                }
                Some(Operator::Between { low, high: self.value()?, negated })
            }
            "contains" => self.text_match(TextMatch::Contains, negated),
            "starts" => self.text_match(TextMatch::StartsWith, negated),
            "ends" => self.text_match(TextMatch::EndsWith, negated),
            "within" => self.within_last(negated),
            "year" => self.year_to_date(negated),
            _ => {
                self.unknown_operator(&word);
                None
            }
        }
    }

    fn comparison(&mut self, comparison: Comparison) -> Option<Operator> {
        let start = self.here().start;
        self.bump();
        if self.is_word("null") {
            let words = match comparison {
                Comparison::Equal => Some("is null"),
                Comparison::NotEqual => Some("is not null"),
                _ => None,
            };
            let span = Span::new(start, self.here().end);
            let message =
                "nothing compares with null; a missing value is found with `is null` or `is not null`";
            self.problem_at("ruleComparedWithNull", message, span, words.map(str::to_owned));
            return None;
        }
        if let Some(quantifier) = self.quantifier() {
            return self.list().map(|values| Operator::CompareList { comparison, quantifier, values });
        }
        self.value().map(|value| Operator::Compare { comparison, value })
    }

    /// `any` or `all` before a list.
    fn quantifier(&mut self) -> Option<Quantifier> {
        if self.second() != Some(&Kind::Open) {
            return None;
        }
        [Quantifier::Any, Quantifier::All].into_iter().find(|quantifier| self.take_word(quantifier.word()))
    }

    fn is_null(&mut self) -> Option<Operator> {
        let negated = self.take_word("not");
        if self.take_word("null") {
            return Some(Operator::IsNull { negated });
        }
        let suggestion =
            if self.is_word("empty") || self.is_word("missing") { Some("null".to_owned()) } else { None };
        self.expected("`null` after `is` (values are compared with `=`)", suggestion);
        None
    }

    fn text_match(&mut self, kind: TextMatch, negated: bool) -> Option<Operator> {
        self.bump();
        if kind != TextMatch::Contains && !self.take_word("with") {
            self.expected("`with`", None);
            return None;
        }
        if let Some(quantifier) = self.quantifier() {
            let values = self.list()?;
            let texts: Vec<_> = values.into_iter().map(|value| self.text(kind, value)).collect();
            let texts = texts.into_iter().collect::<Option<_>>()?;
            return Some(Operator::MatchList { kind, quantifier, texts, negated });
        }
        let value = self.value()?;
        self.text(kind, value).map(|text| Operator::Match { kind, text, negated })
    }

    fn text(&mut self, kind: TextMatch, value: Spanned<Literal>) -> Option<Spanned<String>> {
        match value.value {
            Literal::Text(text) => Some(Spanned { value: text, span: value.span }),
            other => {
                let message = format!("`{}` looks for a text, and {other} is none", kind.words());
                self.problem_at("ruleTextExpected", message, value.span, Some(format!("'{other}'")));
                None
            }
        }
    }

    fn list(&mut self) -> Option<Vec<Spanned<Literal>>> {
        if !self.take(&Kind::Open) {
            self.expected("`(` and a list of values", None);
            return None;
        }
        let values = self.list_values();
        if values.is_none() {
            // A mistake inside: the list's own `)` is not to be taken for one of the condition's.
            while !self.take(&Kind::Close) && self.peek().is_some() {
                self.bump();
            }
        }
        values
    }

    fn list_values(&mut self) -> Option<Vec<Spanned<Literal>>> {
        let mut values = Vec::new();
        loop {
            values.push(self.value()?);
            if values.len() > MAX_VALUES {
                self.give_up("ruleTooManyValues", format!("a list has at most {MAX_VALUES} values"));
                return None;
            }
            if self.take(&Kind::Close) {
                return Some(values);
            }
            if !self.take(&Kind::Comma) {
                self.expected("`,` or `)`", None);
                return None;
            }
        }
    }

    fn unknown_operator(&mut self, word: &str) {
        const WORDS: &[&str] =
            &["in", "not", "contains", "starts with", "ends with", "between", "is", "within last"];
        let instead = match word {
            "equals" | "eq" | "equal" => Some("="),
            "ne" | "notequals" => Some("!="),
            "gt" | "above" | "after" => Some(">"),
            "ge" | "gte" => Some(">="),
            "lt" | "below" | "before" => Some("<"),
            "le" | "lte" => Some("<="),
            "like" | "includes" | "has" => Some("contains"),
            "startswith" | "begins" => Some("starts with"),
            "endswith" => Some("ends with"),
            "isnull" => Some("is null"),
            "any" => Some("in"),
            _ => did_you_mean(word, WORDS.iter().copied()),
        };
        let wanted = "an operator: =, !=, <, <=, >, >=, in, contains, starts with, ends with, between, within last, is null";
        self.expected(wanted, instead.map(str::to_owned));
    }
}

fn has_text(operator: &Operator) -> bool {
    let is_text = |value: &Spanned<Literal>| matches!(value.value, Literal::Text(_));
    match operator {
        Operator::Compare { value, .. } => is_text(value),
        Operator::In { values, .. } => values.iter().any(is_text),
        Operator::CompareList { values, .. } => values.iter().any(is_text),
        Operator::Match { .. } | Operator::MatchList { .. } => true,
        Operator::Between { low, high, .. } => is_text(low) || is_text(high),
        Operator::IsNull { .. } | Operator::WithinLast { .. } | Operator::YearToDate { .. } => false,
    }
}
