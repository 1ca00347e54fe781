//! The dependency graph of a plan and its order: linear, iterative, the same every time.
//!
//! Actions and resources are its nodes. What an action provides or requires is a hard edge; what it prefers is a soft
//! one, given up where it would close a cycle. It knows nothing of SQL. A cycle of hard edges is a bug in a rule of
//! some object kind, and reported as one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::action::{Action, Actions, Resource};

/// How binding an edge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    Hard,
    Soft,
}

/// The order of actions, and what could not be ordered.
#[derive(Debug)]
pub(super) struct Order {
    /// Indexes of actions, in the order in which they run.
    pub sequence: Vec<usize>,
    /// Indexes of actions that stand in a cycle of hard edges.
    pub cycle: Vec<usize>,
}

/// Orders `actions`; `rank` decides between those that are free to go in any order.
pub(super) fn order<R: Ord + Copy>(actions: &Actions, rank: impl Fn(&Action) -> R) -> Order {
    let graph = build(actions);
    let ranks: Vec<R> = actions.list.iter().map(rank).collect();
    let (sequence, forced) = sort(&graph, &ranks);
    let cycle = forced.into_iter().filter(|node| *node < ranks.len()).collect();
    Order { sequence, cycle }
}

/// Nodes below the number of actions are actions, the others resources that somebody provides and somebody waits for.
fn build(actions: &Actions) -> DiGraph<(), Edge> {
    let mut graph = DiGraph::with_capacity(actions.list.len() * 2, actions.list.len() * 4);
    for _ in &actions.list {
        graph.add_node(());
    }
    let number = |resource: &Resource| resource.number(actions.slots);
    // What nobody provides, or nobody waits for, orders nothing.
    let mut ends = vec![(false, false); actions.resources()];
    for action in &actions.list {
        action.provides.iter().chain(&action.yields).for_each(|resource| ends[number(resource)].0 = true);
        action.requires.iter().chain(&action.prefers).for_each(|resource| ends[number(resource)].1 = true);
    }
    let orders = |resource: &&Resource| ends[number(resource)] == (true, true);
    let mut nodes: Vec<Option<NodeIndex>> = vec![None; actions.resources()];
    for (at, action) in actions.list.iter().enumerate() {
        let action_node = NodeIndex::new(at);
        let outgoing = [(&action.provides, Edge::Hard), (&action.yields, Edge::Soft)];
        let incoming = [(&action.requires, Edge::Hard), (&action.prefers, Edge::Soft)];
        for (resources, edge) in outgoing {
            for resource in resources.iter().filter(orders) {
                let node = *nodes[number(resource)].get_or_insert_with(|| graph.add_node(()));
                graph.add_edge(action_node, node, edge);
            }
        }
        for (resources, edge) in incoming {
            // Of several providers of one resource none waits for the others.
            for resource in resources.iter().filter(orders).filter(|resource| !action.provides.contains(resource)) {
                let node = *nodes[number(resource)].get_or_insert_with(|| graph.add_node(()));
                graph.add_edge(node, action_node, edge);
            }
        }
    }
    graph
}

/// Kahn's algorithm with a heap. When nothing is free, the best node without an unmet hard edge goes, from the first
/// strongly connected component that is left: so a soft edge is given up only inside a cycle.
fn sort<R: Ord + Copy>(graph: &DiGraph<(), Edge>, ranks: &[R]) -> (Vec<usize>, Vec<usize>) {
    let component = components(graph);
    let key = |node: usize| ranks.get(node).copied();
    let mut hard = vec![0usize; graph.node_count()];
    let mut soft = vec![0usize; graph.node_count()];
    for edge in graph.edge_references() {
        match edge.weight() {
            Edge::Hard => hard[edge.target().index()] += 1,
            Edge::Soft => soft[edge.target().index()] += 1,
        }
    }
    let mut done = vec![false; graph.node_count()];
    let mut free = BinaryHeap::new();
    let mut stuck = BinaryHeap::new();
    let mut blocked: BinaryHeap<_> =
        graph.node_indices().map(|node| Reverse((component[node.index()], key(node.index()), node.index()))).collect();
    for node in 0..graph.node_count() {
        match (hard[node], soft[node]) {
            (0, 0) => free.push(Reverse((key(node), node))),
            (0, _) => stuck.push(Reverse((component[node], key(node), node))),
            _ => {}
        }
    }
    let (mut sequence, mut forced) = (Vec::new(), Vec::new());
    loop {
        let next = pop_free(&mut free, &done).or_else(|| pop_stuck(&mut stuck, &done)).or_else(|| {
            let node = pop_stuck(&mut blocked, &done)?;
            forced.push(node);
            Some(node)
        });
        let Some(node) = next else { break };
        done[node] = true;
        if node < ranks.len() {
            sequence.push(node);
        }
        for edge in graph.edges(NodeIndex::new(node)) {
            let target = edge.target().index();
            let count = if *edge.weight() == Edge::Hard { &mut hard } else { &mut soft };
            count[target] -= 1;
            if done[target] || hard[target] > 0 {
                continue;
            }
            if soft[target] == 0 {
                free.push(Reverse((key(target), target)));
            } else {
                stuck.push(Reverse((component[target], key(target), target)));
            }
        }
    }
    (sequence, forced)
}

fn pop_free<K: Ord>(heap: &mut BinaryHeap<Reverse<(K, usize)>>, done: &[bool]) -> Option<usize> {
    std::iter::from_fn(|| heap.pop()).map(|Reverse((_, node))| node).find(|node| !done[*node])
}

fn pop_stuck<K: Ord>(heap: &mut BinaryHeap<Reverse<(usize, K, usize)>>, done: &[bool]) -> Option<usize> {
    std::iter::from_fn(|| heap.pop()).map(|Reverse((_, _, node))| node).find(|node| !done[*node])
}

/// For each node the number of its strongly connected component, counted in topological order.
fn components(graph: &DiGraph<(), Edge>) -> Vec<usize> {
    let mut component = vec![0; graph.node_count()];
    // Kosaraju's and not Tarjan's: petgraph's Tarjan is recursive, and a chain of foreign keys may be long.
    for (at, nodes) in kosaraju_scc(graph).into_iter().rev().enumerate() {
        for node in nodes {
            component[node.index()] = at;
        }
    }
    component
}
