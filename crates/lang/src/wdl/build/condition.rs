//! Condition objects and condition expressions.

use super::Builder;
use crate::expr::Tree;
use crate::wdl::condition::{Condition, Test};
use crate::wdl::json::{Kind, Member, Node};

const WORDS: [&str; 12] = [
    "and",
    "or",
    "not",
    "equals",
    "greater",
    "greaterOrEquals",
    "less",
    "lessOrEquals",
    "contains",
    "startsWith",
    "endsWith",
    "empty",
];

impl Builder<'_> {
    /// A condition in either of its two forms. Depth is bounded by the reader of the document.
    pub(super) fn condition(&mut self, node: &Node) -> Condition {
        match &node.kind {
            Kind::Object(members) => match members.as_slice() {
                [member] => self.condition_member(member),
                [] => Condition::Value(Tree::Value(serde_json::Value::Bool(true))),
                members => {
                    // Several tests beside each other: the host takes them all.
                    Condition::And(members.iter().map(|member| self.condition_member(member)).collect())
                }
            },
            Kind::Text(_) | Kind::Bool(_) => Condition::Value(self.tree(node)),
            _ => {
                let message =
                    format!("a condition must be an expression or an object, found {}", node.kind_words());
                self.error("wrongJsonType", message, node.span);
                Condition::Value(Tree::default())
            }
        }
    }

    fn condition_member(&mut self, member: &Member) -> Condition {
        let word = WORDS.iter().find(|word| word.eq_ignore_ascii_case(&member.key));
        let value = &member.value;
        match word.copied() {
            Some("and") => Condition::And(self.conditions(member)),
            Some("or") => Condition::Or(self.conditions(member)),
            Some("not") => Condition::Not(Box::new(self.condition(value))),
            Some(word) => {
                let test = Test::ALL.into_iter().find(|test| test.as_str() == word).unwrap_or(Test::Equals);
                self.comparison(test, member)
            }
            None => {
                let key = Node { kind: Kind::Text(member.key.clone()), span: member.key_span };
                self.not_one_of("unknownCondition", "a condition", &key, &WORDS);
                Condition::Value(Tree::default())
            }
        }
    }

    fn conditions(&mut self, member: &Member) -> Vec<Condition> {
        if !matches!(member.value.kind, Kind::Array(_)) {
            let message = format!("'{}' needs an array of conditions", member.key);
            self.error("wrongJsonType", message, member.value.span);
        }
        member.value.items().iter().map(|item| self.condition(item)).collect()
    }

    fn comparison(&mut self, test: Test, member: &Member) -> Condition {
        let wanted = if test == Test::Empty { 1 } else { 2 };
        let operands = match &member.value.kind {
            Kind::Array(items) => items.as_slice(),
            _ if test == Test::Empty => std::slice::from_ref(&member.value),
            _ => &[],
        };
        if operands.len() != wanted {
            let message = format!("'{}' needs an array of {wanted} operand(s)", member.key);
            self.error("wrongOperandCount", message, member.value.span);
        }
        let mut operands = operands.iter().map(|operand| self.tree(operand));
        let (left, right) = (operands.next().unwrap_or_default(), operands.next().unwrap_or_default());
        drop(operands);
        Condition::Compare { test, left, right }
    }
}
