//! Tokens to the tree of an XPath expression, by recursive descent with a bounded depth.

use super::token::{Token, tokenize};
use super::{Arithmetic, Axis, Comparison, Expr, Path, Start, Step, Test, call};
use crate::expr::limits;

/// Reads an XPath expression.
///
/// # Errors
/// A sentence that says what was expected and what was found.
pub(crate) fn parse(text: &str) -> Result<Expr, String> {
    if text.len() > limits::XPATH_BYTES {
        return Err(format!("an XPath expression may have {} characters", limits::XPATH_BYTES));
    }
    let mut parser = Parser { tokens: tokenize(text)?, at: 0, depth: 0, operators: 0 };
    let expr = parser.or()?;
    if parser.peek() != &Token::End {
        return Err(parser.expected("an operator or the end"));
    }
    Ok(expr)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Operators read so far; a chain of them is a deep tree.
    operators: usize,
}

const AXES: [(&str, Axis); 13] = [
    ("ancestor", Axis::Ancestor),
    ("ancestor-or-self", Axis::AncestorOrSelf),
    ("attribute", Axis::Attribute),
    ("child", Axis::Child),
    ("descendant", Axis::Descendant),
    ("descendant-or-self", Axis::DescendantOrSelf),
    ("following", Axis::Following),
    ("following-sibling", Axis::FollowingSibling),
    ("namespace", Axis::Namespace),
    ("parent", Axis::Parent),
    ("preceding", Axis::Preceding),
    ("preceding-sibling", Axis::PrecedingSibling),
    ("self", Axis::Own),
];

impl Parser {
    fn peek(&self) -> &Token {
        self.look(0)
    }

    fn look(&self, ahead: usize) -> &Token {
        self.tokens.get(self.at + ahead).unwrap_or(&Token::End)
    }

    fn eat(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek(), Token::Mark(found) if *found == mark);
        self.at += usize::from(found);
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(found) if *found == word);
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, mark: &str) -> Result<(), String> {
        if self.eat(mark) { Ok(()) } else { Err(self.expected(&format!("'{mark}'"))) }
    }

    fn expected(&self, what: &str) -> String {
        let found = match self.peek() {
            Token::Name(name) => format!("'{name}'"),
            Token::Prefix(prefix) => format!("'{prefix}:*'"),
            Token::Text(text) => format!("the text '{text}'"),
            Token::Number(number) => format!("the number {number}"),
            Token::Star | Token::Times => "'*'".to_owned(),
            Token::Word(word) | Token::Mark(word) => format!("'{word}'"),
            Token::End => "the end".to_owned(),
        };
        format!("expected {what}, found {found}")
    }

    /// Counts an operator.
    fn operator(&mut self) -> Result<(), String> {
        self.operators += 1;
        if self.operators > limits::XPATH_OPERATORS {
            return Err(format!("an XPath expression may have {} operators", limits::XPATH_OPERATORS));
        }
        Ok(())
    }

    fn or(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > limits::XPATH_DEPTH {
            return Err(format!("parts may stand {} deep in one another", limits::XPATH_DEPTH));
        }
        let mut left = self.and()?;
        while self.eat_word("or") {
            self.operator()?;
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, String> {
        let mut left = self.equality()?;
        while self.eat_word("and") {
            self.operator()?;
            left = Expr::And(Box::new(left), Box::new(self.equality()?));
        }
        Ok(left)
    }

    fn equality(&mut self) -> Result<Expr, String> {
        let mut left = self.relation()?;
        loop {
            let comparison = if self.eat("=") {
                Comparison::Equal
            } else if self.eat("!=") {
                Comparison::NotEqual
            } else {
                return Ok(left);
            };
            self.operator()?;
            left = Expr::Compare(comparison, Box::new(left), Box::new(self.relation()?));
        }
    }

    fn relation(&mut self) -> Result<Expr, String> {
        let mut left = self.sum()?;
        loop {
            let comparison = if self.eat("<") {
                Comparison::Less
            } else if self.eat("<=") {
                Comparison::LessOrEqual
            } else if self.eat(">") {
                Comparison::Greater
            } else if self.eat(">=") {
                Comparison::GreaterOrEqual
            } else {
                return Ok(left);
            };
            self.operator()?;
            left = Expr::Compare(comparison, Box::new(left), Box::new(self.sum()?));
        }
    }

    fn sum(&mut self) -> Result<Expr, String> {
        let mut left = self.product()?;
        loop {
            let operator = if self.eat("+") {
                Arithmetic::Add
            } else if self.eat("-") {
                Arithmetic::Subtract
            } else {
                return Ok(left);
            };
            self.operator()?;
            left = Expr::Compute(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Expr, String> {
        let mut left = self.unary()?;
        loop {
            let operator = if self.peek() == &Token::Times {
                self.at += 1;
                Arithmetic::Multiply
            } else if self.eat_word("div") {
                Arithmetic::Divide
            } else if self.eat_word("mod") {
                Arithmetic::Remainder
            } else {
                return Ok(left);
            };
            self.operator()?;
            left = Expr::Compute(operator, Box::new(left), Box::new(self.unary()?));
        }
    }

    fn unary(&mut self) -> Result<Expr, String> {
        let mut minus = false;
        while self.eat("-") {
            minus = !minus;
        }
        let inner = self.union()?;
        Ok(if minus { Expr::Negate(Box::new(inner)) } else { inner })
    }

    fn union(&mut self) -> Result<Expr, String> {
        let mut left = self.path()?;
        while self.eat("|") {
            self.operator()?;
            left = Expr::Union(Box::new(left), Box::new(self.path()?));
        }
        Ok(left)
    }

    fn path(&mut self) -> Result<Expr, String> {
        if let Some(primary) = self.primary()? {
            let predicates = self.predicates()?;
            let mut steps = Vec::new();
            if self.eat("//") {
                steps.push(everything());
                self.steps(&mut steps)?;
            } else if self.eat("/") {
                self.steps(&mut steps)?;
            }
            if predicates.is_empty() && steps.is_empty() {
                return Ok(primary);
            }
            return Ok(Expr::Path(Path { start: Start::Filter(Box::new(primary), predicates), steps }));
        }
        let mut steps = Vec::new();
        let start = if self.eat("//") {
            steps.push(everything());
            self.steps(&mut steps)?;
            Start::Root
        } else if self.eat("/") {
            if self.starts_step() {
                self.steps(&mut steps)?;
            }
            Start::Root
        } else {
            self.steps(&mut steps)?;
            Start::Here
        };
        Ok(Expr::Path(Path { start, steps }))
    }

    fn starts_step(&self) -> bool {
        match self.peek() {
            Token::Name(_) | Token::Prefix(_) | Token::Star => true,
            Token::Mark(mark) => matches!(*mark, "." | ".." | "@"),
            _ => false,
        }
    }

    /// A text, number, parenthesis or call; none when a path starts here.
    fn primary(&mut self) -> Result<Option<Expr>, String> {
        let expr = match self.peek().clone() {
            Token::Text(text) => Expr::Text(text),
            Token::Number(number) => Expr::Number(number),
            Token::Mark("(") => {
                self.at += 1;
                let inner = self.or()?;
                self.need(")")?;
                return Ok(Some(inner));
            }
            Token::Name(name) if self.look(1) == &Token::Mark("(") && !is_node_type(&name) => {
                self.at += 2;
                return self.call(&name).map(Some);
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(expr))
    }

    fn call(&mut self, name: &str) -> Result<Expr, String> {
        let mut args = Vec::new();
        if !self.eat(")") {
            loop {
                args.push(self.or()?);
                if self.eat(")") {
                    break;
                }
                self.need(",")?;
            }
        }
        let function = call::find(name).ok_or_else(|| {
            let near =
                crate::diagnose::did_you_mean(name, call::FUNCTIONS.iter().map(|function| function.name));
            let hint = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
            format!("XPath has no function '{name}'{hint}")
        })?;
        if args.len() < function.min || args.len() > function.max {
            return Err(format!("the function '{name}' does not take {} argument(s)", args.len()));
        }
        Ok(Expr::Call(function, args))
    }

    fn predicates(&mut self) -> Result<Vec<Expr>, String> {
        let mut predicates = Vec::new();
        while self.eat("[") {
            predicates.push(self.or()?);
            self.need("]")?;
        }
        Ok(predicates)
    }

    fn steps(&mut self, steps: &mut Vec<Step>) -> Result<(), String> {
        loop {
            steps.push(self.step()?);
            if self.eat("//") {
                steps.push(everything());
            } else if !self.eat("/") {
                return Ok(());
            }
        }
    }

    fn step(&mut self) -> Result<Step, String> {
        if self.eat(".") {
            return Ok(Step { axis: Axis::Own, test: Test::Node, predicates: Vec::new() });
        }
        if self.eat("..") {
            return Ok(Step { axis: Axis::Parent, test: Test::Node, predicates: Vec::new() });
        }
        let mut axis = Axis::Child;
        if self.eat("@") {
            axis = Axis::Attribute;
        } else if let (Token::Name(name), Token::Mark("::")) = (self.peek().clone(), self.look(1)) {
            let found = AXES.iter().find(|(known, _)| *known == name);
            axis = found.map(|(_, axis)| *axis).ok_or_else(|| format!("XPath has no axis '{name}'"))?;
            self.at += 2;
        }
        let test = self.test()?;
        Ok(Step { axis, test, predicates: self.predicates()? })
    }

    fn test(&mut self) -> Result<Test, String> {
        let test = match self.peek().clone() {
            Token::Star => Test::Any,
            Token::Prefix(prefix) => Test::Prefix(prefix),
            Token::Name(name) if self.look(1) == &Token::Mark("(") && is_node_type(&name) => {
                self.at += 2;
                return self.node_type(&name);
            }
            Token::Name(name) => match name.split_once(':') {
                Some((prefix, local)) => Test::Name(prefix.to_owned(), local.to_owned()),
                None => Test::Name(String::new(), name),
            },
            _ => return Err(self.expected("a name, '*', '@', '.', a text, a number or a function")),
        };
        self.at += 1;
        Ok(test)
    }

    fn node_type(&mut self, name: &str) -> Result<Test, String> {
        let test = match name {
            "node" => Test::Node,
            "text" => Test::Text,
            "comment" => Test::Comment,
            _ => {
                let target = match self.peek().clone() {
                    Token::Text(target) => {
                        self.at += 1;
                        Some(target)
                    }
                    _ => None,
                };
                Test::Instruction(target)
            }
        };
        self.need(")")?;
        Ok(test)
    }
}

fn is_node_type(name: &str) -> bool {
    matches!(name, "node" | "text" | "comment" | "processing-instruction")
}

/// The step that `//` stands for.
fn everything() -> Step {
    Step { axis: Axis::DescendantOrSelf, test: Test::Node, predicates: Vec::new() }
}
