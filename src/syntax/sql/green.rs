//! The parser's trees as they are stored, without parents and offsets: cheap to make, and to walk once.

use rowan::{Checkpoint, GreenNode, GreenNodeBuilder, GreenNodeData, GreenTokenData, NodeCache, NodeOrToken};
use squawk_parser::{EntryPoint, LexedStr, StrStep};
use squawk_syntax::{SyntaxKind, SyntaxNode};

/// The tree of `source`, and whether its lexer or its parser found an error in it.
pub fn parse(source: &str, cache: &mut NodeCache) -> (GreenNode, bool) {
    parse_as(source, source, cache)
}

/// The tree of `source` when the parser is given it as `spelled`, which is as long.
pub fn parse_as(source: &str, spelled: &str, cache: &mut NodeCache) -> (GreenNode, bool) {
    let lexed = LexedStr::new(spelled);
    let mut at = 0;
    let output = EntryPoint::SourceFile.parse(&lexed.to_input());
    let mut builder = Builder::new(cache);
    let mut broken = lexed.errors().next().is_some();
    lexed.intersperse_trivia(&output, &mut |step| match step {
        StrStep::Token { kind, text } => {
            builder.token(kind, source.get(at..at + text.len()).unwrap_or(text));
            at += text.len();
        }
        StrStep::Enter { kind } => builder.enter(kind),
        StrStep::Exit => builder.exit(),
        StrStep::Error { .. } => broken = true,
    });
    (builder.inner.finish(), broken)
}

/// The tree of `source`, whatever is wrong with it.
pub fn tree(source: &str) -> SyntaxNode {
    SyntaxNode::new_root(parse(source, &mut NodeCache::default()).0)
}

/// Builds a tree from the parser's steps, and mends one of them: a BETWEEN behind a cast (`a::int BETWEEN 1 AND 2`) comes
/// without its first operand, which stands before it and before all that begins with it.
struct Builder<'c> {
    inner: GreenNodeBuilder<'c>,
    /// Where the open nodes start that are casts.
    open: Vec<Option<Checkpoint>>,
    /// Where the cast starts that just ended.
    cast: Option<Checkpoint>,
    /// The nodes that start right behind it.
    waiting: Vec<SyntaxKind>,
}

impl<'c> Builder<'c> {
    fn new(cache: &'c mut NodeCache) -> Builder<'c> {
        let inner = GreenNodeBuilder::with_cache(cache);
        Builder { inner, open: Vec::new(), cast: None, waiting: Vec::new() }
    }

    fn token(&mut self, kind: SyntaxKind, text: &str) {
        if !kind.is_trivia() {
            self.start_waiting(Some(kind));
            self.cast = None;
        }
        self.inner.token(raw(kind), text);
    }

    fn enter(&mut self, kind: SyntaxKind) {
        if self.cast.is_some() {
            self.waiting.push(kind);
        } else {
            self.start(kind, self.inner.checkpoint());
        }
    }

    fn exit(&mut self) {
        self.start_waiting(None);
        self.inner.finish_node();
        self.cast = self.open.pop().flatten();
    }

    /// Starts the nodes behind a cast whose first token is of the kind `first`: with the cast in them where it is lacking.
    fn start_waiting(&mut self, first: Option<SyntaxKind>) {
        let lacking = self.waiting.last() == Some(&SyntaxKind::BETWEEN_EXPR)
            && matches!(first, Some(SyntaxKind::BETWEEN_KW | SyntaxKind::NOT_KW));
        let at = self.cast.filter(|_| lacking);
        for kind in std::mem::take(&mut self.waiting) {
            self.start(kind, at.unwrap_or_else(|| self.inner.checkpoint()));
        }
    }

    fn start(&mut self, kind: SyntaxKind, at: Checkpoint) {
        self.open.push((kind == SyntaxKind::CAST_EXPR).then_some(at));
        self.inner.start_node_at(at, raw(kind));
    }
}

/// A file that consists of the children of `parts`.
pub fn file<'a>(parts: impl Iterator<Item = &'a GreenNodeData>) -> GreenNode {
    let children: Vec<_> = parts.flat_map(GreenNodeData::children).map(NodeOrToken::to_owned).collect();
    GreenNode::new(raw(SyntaxKind::SOURCE_FILE), children)
}

/// The kind of a node.
pub fn kind(node: &GreenNodeData) -> SyntaxKind {
    SyntaxKind::from(node.kind().0)
}

/// The kind of a token.
pub fn token_kind(token: &GreenTokenData) -> SyntaxKind {
    SyntaxKind::from(token.kind().0)
}

/// The nodes directly in `node`.
pub fn nodes(node: &GreenNodeData) -> impl Iterator<Item = &GreenNodeData> {
    node.children().filter_map(NodeOrToken::into_node)
}

/// The nodes that are reached from `node` by a path of kinds.
pub fn within<'a>(node: &'a GreenNodeData, path: &'a [SyntaxKind]) -> Box<dyn Iterator<Item = &'a GreenNodeData> + 'a> {
    match path {
        [] => Box::new(std::iter::once(node)),
        [first, rest @ ..] => Box::new(nodes(node).filter(|it| kind(it) == *first).flat_map(|it| within(it, rest))),
    }
}

/// Whether a node or a token of `wanted` stands directly in `node`.
pub fn has(node: &GreenNodeData, wanted: SyntaxKind) -> bool {
    node.children().any(|it| element_kind(it) == wanted)
}

/// Whether a node or a token of `wanted` stands anywhere below `node`.
pub fn contains(node: &GreenNodeData, wanted: SyntaxKind) -> bool {
    has(node, wanted) || nodes(node).any(|child| contains(child, wanted))
}

/// The first token below `node` that is no trivia.
pub fn first_token(node: &GreenNodeData) -> Option<&GreenTokenData> {
    let mut node = node;
    loop {
        match node.children().find(|it| !element_kind(*it).is_trivia())? {
            NodeOrToken::Node(child) => node = child,
            NodeOrToken::Token(token) => return Some(token),
        }
    }
}

fn element_kind(element: NodeOrToken<&GreenNodeData, &GreenTokenData>) -> SyntaxKind {
    match element {
        NodeOrToken::Node(node) => kind(node),
        NodeOrToken::Token(token) => token_kind(token),
    }
}

fn raw(kind: SyntaxKind) -> rowan::SyntaxKind {
    rowan::SyntaxKind(kind.into())
}
