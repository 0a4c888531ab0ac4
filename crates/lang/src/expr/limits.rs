//! How large an expression and its work may grow. Every number is tested by passing it by one.

/// Characters of one expression; the documented limit of the compatible host.
pub const EXPRESSION_CHARACTERS: usize = 8_192;

/// Calls, brackets and arguments inside one another. Real flows reach 9.
pub const EXPRESSION_DEPTH: usize = 64;

/// Steps of work in one evaluation: one for each node of the expression and each element that a function
/// looks at.
pub const FUEL: u64 = 5_000_000;

/// Bytes of text that one evaluation may make, intermediate texts counted; the documented limit of `concat`
/// and `join`.
pub const MADE_BYTES: u64 = 104_857_600;

/// Numbers that `range` gives at most, as documented.
pub const RANGE_COUNT: i64 = 100_000;

/// Values inside one another in a JSON document, or in a text given to `json()`.
pub const JSON_DEPTH: usize = 100;

/// Values inside one another in the result of an evaluation; loops that wrap a value again and again end here.
pub const VALUE_DEPTH: usize = 200;

/// Nodes of an XML document: elements, attributes, texts and so on.
pub const XML_NODES: usize = 1_000_000;

/// Elements of an XML document inside one another.
pub const XML_DEPTH: usize = 100;

/// Attributes of one element of an XML document.
pub const XML_ATTRIBUTES: usize = 1_000;

/// Namespace declarations in force at one place of an XML document.
pub const XML_NAMESPACES: usize = 200;

/// Characters of the boundary of a multipart body (RFC 2046, section 5.1.1).
pub const BOUNDARY_CHARACTERS: usize = 70;

/// Bytes of an XPath expression.
pub const XPATH_BYTES: usize = 8_192;

/// Parentheses, predicates and arguments of an XPath expression inside one another.
pub const XPATH_DEPTH: usize = 32;

/// Operators of an XPath expression.
pub const XPATH_OPERATORS: usize = 200;

/// Parts of a multipart body that are read.
pub const MULTIPART_PARTS: usize = 1_000;
