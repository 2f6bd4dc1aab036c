//! Circles of a directed graph.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Who depends on whom.
pub type Graph<T> = BTreeMap<T, BTreeSet<T>>;

/// One circle, the shortest, through each knot of nodes that all reach each other: its nodes in order, without the return.
pub fn circles<T: Ord + Clone>(graph: &Graph<T>) -> Vec<Vec<T>> {
    let mut known: BTreeSet<T> = BTreeSet::new();
    let mut found = Vec::new();
    for start in graph.keys() {
        if known.contains(start) {
            continue;
        }
        let knot: BTreeSet<T> =
            reach(graph, start).into_iter().filter(|node| reach(graph, node).contains(start)).collect();
        if !knot.contains(start) {
            continue;
        }
        let shortest = knot.iter().filter_map(|node| circle(graph, node)).min_by_key(Vec::len);
        found.extend(shortest);
        known.extend(knot);
    }
    found
}

/// Every node that a path from `start` leads to; itself only where it is in a circle.
fn reach<T: Ord + Clone>(graph: &Graph<T>, start: &T) -> BTreeSet<T> {
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        for next in graph.get(node).into_iter().flatten() {
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    seen
}

/// The shortest way from `start` to itself.
fn circle<T: Ord + Clone>(graph: &Graph<T>, start: &T) -> Option<Vec<T>> {
    let mut open = VecDeque::from([vec![start.clone()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = open.pop_front() {
        for next in graph.get(way.last()?).into_iter().flatten() {
            if next == start {
                return Some(way);
            }
            if seen.insert(next) {
                open.push_back([way.as_slice(), std::slice::from_ref(next)].concat());
            }
        }
    }
    None
}

#[test]
fn each_knot_gives_its_shortest_circle() {
    let edges = [("a", "b"), ("b", "c"), ("c", "a"), ("c", "b"), ("c", "d"), ("e", "f"), ("f", "e"), ("d", "e")];
    let mut graph: Graph<&str> = Graph::new();
    for (from, to) in edges {
        graph.entry(from).or_default().insert(to);
    }
    assert_eq!(circles(&graph), [vec!["b", "c"], vec!["e", "f"]]);
    graph.remove("b");
    graph.remove("f");
    assert!(circles(&graph).is_empty());
}
