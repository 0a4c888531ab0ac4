//! The graph of entities, and shortest paths in it.

use super::error::PathError;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;

/// Most hops of a path, as in Customer Insights.
pub const MAX_HOPS: usize = 20;

/// Most paths that an error lists.
const MAX_LISTED: usize = 4;

/// Many rows of `from` belong to one row of `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The relationship's name, if it has one.
    pub name: Option<String>,
    /// The entity with the foreign key.
    pub from: String,
    /// The entity with the key.
    pub to: String,
    /// How the rows find each other.
    pub kind: EdgeKind,
}

/// How the rows of an edge find each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EdgeKind {
    /// A foreign key equals a key.
    Key {
        /// The attribute of `from`.
        from: String,
        /// The attribute of `to`.
        to: String,
    },
    /// A source row's customer, as unification found it.
    Customer {
        /// The data source of `from`.
        data_source: String,
        /// The primary key of `from`, one attribute.
        key: String,
    },
    /// Customer to its measures; customers without a row keep their place.
    Measures,
}

/// One edge of a path, walked in one of its two directions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The edge.
    pub edge: Edge,
    /// From the foreign key to the key.
    pub forward: bool,
}

impl Step {
    /// Where the step starts.
    pub fn start(&self) -> &str {
        if self.forward { &self.edge.from } else { &self.edge.to }
    }

    /// Where the step ends.
    pub fn end(&self) -> &str {
        if self.forward { &self.edge.to } else { &self.edge.from }
    }
}

/// The way from one entity to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Where it starts.
    pub from: String,
    /// The steps, each starting where the one before ended.
    pub steps: Vec<Step>,
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.from)?;
        for step in &self.steps {
            match (&step.edge.name, &step.edge.kind) {
                (Some(name), _) => write!(f, " → ({name}) {}", step.end())?,
                (None, EdgeKind::Key { from, .. }) => {
                    write!(f, " → ({}.{from}) {}", step.edge.from, step.end())?
                }
                (None, _) => write!(f, " → {}", step.end())?,
            }
        }
        Ok(())
    }
}

/// Which way edges may be walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Only from the foreign key to the key, so that no row is counted twice.
    Forward,
    /// Both ways.
    Any,
}

/// The entities of an instance and what connects them.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    edges: Vec<Edge>,
    /// For each entity, its edges (indices) in the order of the definitions.
    touching: BTreeMap<String, Vec<usize>>,
}

impl Graph {
    /// Adds an edge. Its place among the edges is where ways are listed.
    pub fn add(&mut self, edge: Edge) {
        let at = self.edges.len();
        self.touching.entry(edge.from.clone()).or_default().push(at);
        if edge.to != edge.from {
            self.touching.entry(edge.to.clone()).or_default().push(at);
        }
        self.edges.push(edge);
    }

    /// All edges.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The shortest path. From an entity to itself it has no steps.
    ///
    /// # Errors
    /// There is none, there are several, or it has more than [`MAX_HOPS`] hops.
    pub fn path(&self, from: &str, to: &str, direction: Direction) -> Result<Path, PathError> {
        let distances = self.distances(from, direction);
        let (from_name, to_name) = (from.to_owned(), to.to_owned());
        let Some(hops) = distances.get(to).copied() else {
            let connected =
                direction == Direction::Forward && self.distances(from, Direction::Any).contains_key(to);
            return Err(match connected {
                true => PathError::Fans { from: from_name, to: to_name },
                false => PathError::Unreachable { from: from_name, to: to_name },
            });
        };
        if hops > MAX_HOPS {
            return Err(PathError::TooLong { from: from_name, to: to_name, hops, most: MAX_HOPS });
        }
        let mut paths = self.back(to, &distances, direction);
        if paths.len() > 1 {
            paths.truncate(MAX_LISTED);
            let print = |steps: Vec<Step>| Path { from: from.to_owned(), steps }.to_string();
            let paths = paths.into_iter().map(print).collect();
            return Err(PathError::Ambiguous { from: from_name, to: to_name, paths });
        }
        Ok(Path { from: from_name, steps: paths.pop().unwrap_or_default() })
    }

    fn steps(&self, from: &str, direction: Direction) -> impl Iterator<Item = Step> {
        let edges = self.touching.get(from).into_iter().flatten().filter_map(|at| self.edges.get(*at));
        edges.filter_map(move |edge| {
            let forward = edge.from == from;
            (forward || direction == Direction::Any).then(|| Step { edge: edge.clone(), forward })
        })
    }

    /// The hops to every entity that can be reached.
    fn distances(&self, from: &str, direction: Direction) -> BTreeMap<String, usize> {
        let mut distances = BTreeMap::from([(from.to_owned(), 0)]);
        let mut next = VecDeque::from([(from.to_owned(), 0)]);
        while let Some((entity, hops)) = next.pop_front() {
            for step in self.steps(&entity, direction) {
                if !distances.contains_key(step.end()) {
                    distances.insert(step.end().to_owned(), hops + 1);
                    next.push_back((step.end().to_owned(), hops + 1));
                }
            }
        }
        distances
    }

    /// The shortest ways to `to`, at least two of them where there are several, from the distances of their start.
    fn back(&self, to: &str, distances: &BTreeMap<String, usize>, direction: Direction) -> Vec<Vec<Step>> {
        // Each round moves the heads of all ways one hop towards the start. The count is capped: two are enough to
        // know, a few more to list.
        let mut ways: Vec<(String, Vec<Step>)> = vec![(to.to_owned(), Vec::new())];
        for _ in 0..distances.get(to).copied().unwrap_or(0) {
            let mut longer = Vec::new();
            for (head, way) in &ways {
                let nearer = distances.get(head).and_then(|hops| hops.checked_sub(1));
                for step in self.arriving(head, direction) {
                    if distances.get(step.start()).copied() == nearer {
                        let mut way = way.clone();
                        way.insert(0, step.clone());
                        longer.push((step.start().to_owned(), way));
                    }
                }
            }
            longer.truncate(MAX_LISTED + 1);
            ways = longer;
        }
        ways.into_iter().map(|(_, way)| way).collect()
    }

    fn arriving(&self, at: &str, direction: Direction) -> impl Iterator<Item = Step> {
        let edges = self.touching.get(at).into_iter().flatten().filter_map(|at| self.edges.get(*at));
        edges.filter_map(move |edge| {
            let forward = edge.to == at;
            (forward || direction == Direction::Any).then(|| Step { edge: edge.clone(), forward })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::default();
        for (from, to) in edges {
            let kind = EdgeKind::Key { from: format!("{to}Id"), to: "Id".into() };
            graph.add(Edge { name: None, from: (*from).into(), to: (*to).into(), kind });
        }
        graph
    }

    fn ends(path: &Path) -> Vec<&str> {
        path.steps.iter().map(Step::end).collect()
    }

    #[test]
    fn the_shortest_path_is_taken() {
        let graph = graph(&[
            ("Lines", "Orders"),
            ("Orders", "Customers"),
            ("Lines", "Products"),
            ("Lines", "Customers"),
        ]);
        let path = graph.path("Lines", "Customers", Direction::Forward).unwrap();
        assert_eq!(ends(&path), ["Customers"]);
        assert!(graph.path("Orders", "Orders", Direction::Forward).unwrap().steps.is_empty());
    }

    #[test]
    fn a_path_may_go_against_the_foreign_keys_only_when_allowed() {
        let graph = graph(&[("Lines", "Orders"), ("Lines", "Products")]);
        let path = graph.path("Orders", "Products", Direction::Any).unwrap();
        assert_eq!(ends(&path), ["Lines", "Products"]);
        assert_eq!(path.to_string(), "Orders → (Lines.OrdersId) Lines → (Lines.ProductsId) Products");
        assert_eq!(graph.path("Orders", "Products", Direction::Forward).unwrap_err().code(), "pathFansOut");
        assert_eq!(graph.path("Orders", "Stars", Direction::Any).unwrap_err().code(), "entityUnreachable");
    }

    #[test]
    fn equally_short_paths_are_listed() {
        let graph = graph(&[("A", "B"), ("A", "C"), ("B", "D"), ("C", "D"), ("D", "E")]);
        let Err(PathError::Ambiguous { paths, .. }) = graph.path("A", "E", Direction::Forward) else {
            panic!()
        };
        assert_eq!(paths.len(), 2);
        assert!(paths[0].contains("B →") && paths[1].contains("C →"), "{paths:?}");
        let graph = self::graph(&[("Orders", "Addresses"), ("Orders", "Addresses")]);
        assert_eq!(
            graph.path("Orders", "Addresses", Direction::Forward).unwrap_err().code(),
            "pathAmbiguous"
        );
    }

    #[test]
    fn a_path_of_twenty_one_hops_is_refused() {
        let names: Vec<String> = (0..=21).map(|at| format!("E{at:02}")).collect();
        let edges: Vec<_> = names.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect();
        let graph = graph(&edges);
        assert_eq!(graph.path("E00", "E20", Direction::Forward).unwrap().steps.len(), MAX_HOPS);
        assert_eq!(graph.path("E00", "E21", Direction::Forward).unwrap_err().code(), "pathTooLong");
    }

    #[test]
    fn many_equal_paths_do_not_explode() {
        // 2^18 shortest paths.
        let names: Vec<(String, String, String)> =
            (0..18).map(|at| (format!("N{at:02}"), format!("L{at:02}"), format!("R{at:02}"))).collect();
        let mut edges = Vec::new();
        for pair in names.windows(2) {
            let ((node, left, right), next) = (&pair[0], &pair[1].0);
            for (from, to) in [(node, left), (node, right), (left, next), (right, next)] {
                edges.push((from.as_str(), to.as_str()));
            }
        }
        let graph = graph(&edges);
        assert_eq!(graph.path("N00", "N09", Direction::Forward).unwrap_err().code(), "pathAmbiguous");
    }

    #[test]
    fn an_entity_that_points_at_itself_is_no_trouble() {
        let graph = graph(&[("Staff", "Staff"), ("Staff", "Shops")]);
        assert_eq!(ends(&graph.path("Staff", "Shops", Direction::Any).unwrap()), ["Shops"]);
    }
}
