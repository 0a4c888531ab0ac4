//! The graph of entities, and shortest paths in it.

use super::error::PathError;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// Most hops of a path, as in Customer Insights.
pub const MAX_HOPS: usize = 20;

/// Most relationships that one path can be told to use.
pub const MAX_VIA: usize = 8;

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

impl Edge {
    /// The relationship's name; without one, `Entity.ForeignKey`, or the entity alone for what unification connects.
    pub fn name_in_paths(&self) -> String {
        match (&self.name, &self.kind) {
            (Some(name), _) => name.clone(),
            (None, EdgeKind::Key { from, .. }) => format!("{}.{from}", self.from),
            (None, _) => self.from.clone(),
        }
    }
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
        self.path_through(from, to, direction, &[])
    }

    /// The shortest path that uses these relationships, in any order; where no path uses all of them, the shortest
    /// path. A relationship is named by its name, or as [`Edge::name_in_paths`] calls one without.
    ///
    /// # Errors
    /// There is none, there are several, or it has more than [`MAX_HOPS`] hops.
    pub fn path_through(
        &self,
        from: &str,
        to: &str,
        direction: Direction,
        via: &[String],
    ) -> Result<Path, PathError> {
        let via = via.get(..via.len().min(MAX_VIA)).unwrap_or(&[]);
        let search = Search { graph: self, direction, via };
        let found =
            search.shortest(from, to).filter(|paths| paths.iter().all(|steps| is_simple(from, steps)));
        let found = match found {
            Some(found) => Some(found),
            None if via.is_empty() => None,
            None => Search { graph: self, direction, via: &[] }.shortest(from, to),
        };
        let (from_name, to_name) = (from.to_owned(), to.to_owned());
        let Some(mut paths) = found else {
            let both_ways = Search { graph: self, direction: Direction::Any, via: &[] };
            let connected = direction == Direction::Forward && both_ways.shortest(from, to).is_some();
            return Err(match connected {
                true => PathError::Fans { from: from_name, to: to_name },
                false => PathError::Unreachable { from: from_name, to: to_name },
            });
        };
        let hops = paths.first().map_or(0, Vec::len);
        if hops > MAX_HOPS {
            return Err(PathError::TooLong { from: from_name, to: to_name, hops, most: MAX_HOPS });
        }
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

    fn arriving(&self, at: &str, direction: Direction) -> impl Iterator<Item = Step> {
        let edges = self.touching.get(at).into_iter().flatten().filter_map(|at| self.edges.get(*at));
        edges.filter_map(move |edge| {
            let forward = edge.to == at;
            (forward || direction == Direction::Any).then(|| Step { edge: edge.clone(), forward })
        })
    }
}

/// Whether no entity is met twice.
fn is_simple(from: &str, steps: &[Step]) -> bool {
    let mut seen = BTreeSet::from([from]);
    steps.iter().all(|step| seen.insert(step.end()))
}

/// An entity, and which of the wanted relationships were used on the way to it (one bit each).
type State = (String, u32);

/// A search for the shortest paths that use all wanted relationships.
struct Search<'a> {
    graph: &'a Graph,
    direction: Direction,
    via: &'a [String],
}

impl Search<'_> {
    /// The shortest paths, at least two of them where there are several; nothing when there is none.
    fn shortest(&self, from: &str, to: &str) -> Option<Vec<Vec<Step>>> {
        let end: State = (to.to_owned(), (1u32 << self.via.len().min(MAX_VIA)) - 1);
        let distances = self.distances(from);
        let hops = distances.get(&end).copied()?;
        Some(self.back(end, hops, &distances))
    }

    fn used(&self, step: &Step) -> u32 {
        let name = step.edge.name_in_paths();
        let hits = self.via.iter().enumerate().filter(|(_, wanted)| **wanted == name);
        hits.fold(0, |bits, (at, _)| bits | (1 << at))
    }

    /// The hops to every state that can be reached.
    fn distances(&self, from: &str) -> BTreeMap<State, usize> {
        let start: State = (from.to_owned(), 0);
        let mut distances = BTreeMap::from([(start.clone(), 0)]);
        let mut next = VecDeque::from([(start, 0)]);
        while let Some(((entity, used), hops)) = next.pop_front() {
            for step in self.graph.steps(&entity, self.direction) {
                let state = (step.end().to_owned(), used | self.used(&step));
                if !distances.contains_key(&state) {
                    distances.insert(state.clone(), hops + 1);
                    next.push_back((state, hops + 1));
                }
            }
        }
        distances
    }

    /// The shortest ways to a state, from the distances of their start.
    fn back(&self, end: State, hops: usize, distances: &BTreeMap<State, usize>) -> Vec<Vec<Step>> {
        // Each round moves the heads of all ways one hop towards the start. The count is capped: two are enough to
        // know, a few more to list.
        let mut ways: Vec<(State, Vec<Step>)> = vec![(end, Vec::new())];
        for left in (0..hops).rev() {
            let mut longer = Vec::new();
            for ((head, used), way) in &ways {
                for step in self.graph.arriving(head, self.direction) {
                    let own = self.used(&step);
                    // The step's own relationship may have been used before it, too.
                    let mut before = vec![used & !own];
                    if own != 0 && used & own == own {
                        before.push(*used);
                    }
                    for used in before.into_iter().filter(|before| before | own == *used) {
                        let state = (step.start().to_owned(), used);
                        if distances.get(&state) == Some(&left) {
                            let mut way = way.clone();
                            way.insert(0, step.clone());
                            longer.push((state, way));
                        }
                    }
                }
            }
            longer.truncate(MAX_LISTED + 1);
            ways = longer;
        }
        ways.into_iter().map(|(_, way)| way).collect()
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
    fn a_longer_path_is_taken_where_it_is_named() {
        let graph = graph(&[("Lines", "Orders"), ("Orders", "Customers"), ("Lines", "Customers")]);
        let via = |name: &str| {
            let path = graph.path_through("Lines", "Customers", Direction::Forward, &[name.to_owned()]);
            path.map(|path| ends(&path).join(" "))
        };
        assert_eq!(via("Lines.CustomersId").as_deref(), Ok("Customers"));
        assert_eq!(via("Lines.OrdersId").as_deref(), Ok("Orders Customers"));
        assert_eq!(via("Orders.CustomersId").as_deref(), Ok("Orders Customers"));
        assert_eq!(via("Nothing").as_deref(), Ok("Customers"), "it is no part of any path");
    }

    #[test]
    fn one_of_two_equally_short_paths_is_taken_where_it_is_named() {
        let graph =
            graph(&[("Lines", "Bills"), ("Lines", "Orders"), ("Orders", "People"), ("Bills", "People")]);
        assert!(graph.path("Lines", "People", Direction::Forward).is_err());
        let via = ["Lines.BillsId".to_owned()];
        let path = graph.path_through("Lines", "People", Direction::Forward, &via).unwrap();
        assert_eq!(ends(&path), ["Bills", "People"]);
        let back = graph.path_through("People", "Lines", Direction::Any, &via).unwrap();
        assert_eq!(ends(&back), ["Bills", "Lines"]);
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
