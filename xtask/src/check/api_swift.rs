//! The Swift API as its callers see it, read from the compiler's symbol graphs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::snapshot;
use crate::build::Built;
use crate::paths;
use crate::setup::swift::Swift;
use crate::step::Step;
use crate::test::swift_variables;

/// A symbol graph, as far as it matters here.
#[derive(Deserialize)]
struct Graph {
    symbols: Vec<Symbol>,
    relationships: Vec<Relationship>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Symbol {
    identifier: Identifier,
    path_components: Vec<String>,
    declaration_fragments: Vec<Fragment>,
}

#[derive(Deserialize)]
struct Identifier {
    precise: String,
}

#[derive(Deserialize)]
struct Fragment {
    spelling: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Relationship {
    kind: String,
    source: String,
    target_fallback: Option<String>,
}

pub fn hold(name: &str, built: &Built, swift: &Swift, update: bool) -> Result<String> {
    let package = paths::root().join("bindings/swift");
    let seen = Step::with(name, |step| {
        let variables = swift_variables(built, false)?;
        let mut command = swift.command(&package, "swift", &variables);
        step.run(command.args(["package", "dump-symbol-graph", "--skip-synthesized-members"]))?;
        let mut seen = BTreeMap::new();
        for entry in std::fs::read_dir(symbol_graphs(&package)?)? {
            let file = entry?.path();
            let module = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(module) = module.strip_suffix(".symbols.json") else { continue };
            let text = std::fs::read(&file)?;
            let graph =
                serde_json::from_slice(&text).with_context(|| format!("cannot read {}", paths::shown(&file)))?;
            let text = declarations(&graph);
            // Adapters to Apple's frameworks are empty on Linux; tests and C modules have no API.
            if !text.is_empty() && !module.ends_with("Tests") {
                seen.insert(format!("{module}.api"), text);
            }
        }
        Ok(seen)
    })?;
    snapshot::hold(&package.join("api"), &seen, update)
}

/// SwiftPM puts them below a folder named after the machine.
fn symbol_graphs(package: &Path) -> Result<std::path::PathBuf> {
    for entry in std::fs::read_dir(package.join(".build"))? {
        let graphs = entry?.path().join("symbolgraph");
        if graphs.is_dir() {
            return Ok(graphs);
        }
    }
    bail!("swift package dump-symbol-graph left no symbol graph")
}

/// A line for each public declaration, with what it conforms to, in an order that does not depend on the source's.
fn declarations(graph: &Graph) -> String {
    let mut conforms: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for relationship in graph.relationships.iter().filter(|relationship| relationship.kind == "conformsTo") {
        if let Some(target) = &relationship.target_fallback {
            let short = target.rsplit('.').next().unwrap_or(target);
            conforms.entry(&relationship.source).or_default().insert(short);
        }
    }
    let mut lines: Vec<String> = graph
        .symbols
        .iter()
        .map(|symbol| {
            let path = symbol.path_components.join(".");
            let declaration: String = symbol.declaration_fragments.iter().map(|part| part.spelling.as_str()).collect();
            let declaration = declaration.split_whitespace().collect::<Vec<_>>().join(" ");
            match conforms.get(symbol.identifier.precise.as_str()) {
                Some(to) => {
                    format!("{path}  |  {declaration}  |  {}", to.iter().copied().collect::<Vec<_>>().join(", "))
                }
                None => format!("{path}  |  {declaration}"),
            }
        })
        .collect();
    lines.sort();
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_is_a_line_with_its_conformances_whatever_the_order_of_the_graph() {
        let graph: Graph = serde_json::from_str(
            r#"{"symbols":[
                {"identifier":{"precise":"s:2"},"pathComponents":["Offer","id"],"declarationFragments":[{"spelling":"let"},{"spelling":" id: "},{"spelling":"String"}]},
                {"identifier":{"precise":"s:1"},"pathComponents":["Offer"],"declarationFragments":[{"spelling":"struct Offer"}]}],
               "relationships":[
                {"kind":"conformsTo","source":"s:1","target":"s:s","targetFallback":"Swift.Sendable"},
                {"kind":"conformsTo","source":"s:1","target":"s:h","targetFallback":"Swift.Hashable"},
                {"kind":"memberOf","source":"s:2","target":"s:1"}]}"#,
        )
        .unwrap();
        assert_eq!(
            declarations(&graph),
            "Offer  |  struct Offer  |  Hashable, Sendable\nOffer.id  |  let id: String\n"
        );
    }
}
