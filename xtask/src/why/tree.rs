//! A tree, drawn with lines.

/// A line and what hangs from it.
#[derive(Debug, Default)]
pub struct Node {
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    pub fn leaf(text: impl Into<String>) -> Self {
        Self { text: text.into(), children: Vec::new() }
    }

    pub fn with(text: impl Into<String>, children: impl IntoIterator<Item = Node>) -> Self {
        Self { text: text.into(), children: children.into_iter().collect() }
    }

    /// The whole tree, a line each, the last one ended too.
    pub fn draw(&self) -> String {
        let mut out = format!("{}\n", self.text);
        self.branches("", &mut out);
        out
    }

    fn branches(&self, before: &str, out: &mut String) {
        for (at, child) in self.children.iter().enumerate() {
            let (fork, below) = if at + 1 == self.children.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            out.push_str(before);
            out.push_str(fork);
            out.push_str(&child.text);
            out.push('\n');
            child.branches(&format!("{before}{below}"), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_branch_leaves_no_line_below() {
        let tree = Node::with("root", [Node::with("a", [Node::leaf("b")]), Node::with("c", [Node::leaf("d")])]);
        assert_eq!(tree.draw(), "root\n├─ a\n│  └─ b\n└─ c\n   └─ d\n");
    }
}
