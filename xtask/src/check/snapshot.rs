//! Committed texts that a gate compares with what it sees.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::paths;

/// Differences of one file that are shown; Git shows the rest after `--update`.
const SHOWN_LINES: usize = 40;

/// Compares `seen`, texts by file name, with the files of `folder`; or writes them there.
///
/// A file that is there and was not seen is a difference too.
pub fn hold(folder: &Path, seen: &BTreeMap<String, String>, update: bool) -> Result<String> {
    if seen.is_empty() {
        bail!("there is nothing to compare with {}", paths::shown(folder));
    }
    let kept = read(folder)?;
    if update {
        std::fs::create_dir_all(folder)?;
        for stale in kept.keys().filter(|name| !seen.contains_key(*name)) {
            std::fs::remove_file(folder.join(stale))?;
        }
        for (name, text) in seen {
            std::fs::write(folder.join(name), text)?;
        }
        return Ok(format!("wrote {}", paths::shown(folder)));
    }
    let names: BTreeSet<&String> = seen.keys().chain(kept.keys()).collect();
    let mut differences = String::new();
    for name in names {
        let none = String::new();
        let (old, new) = (kept.get(name).unwrap_or(&none), seen.get(name).unwrap_or(&none));
        if old != new {
            differences += &format!("{}:\n{}", paths::shown(&folder.join(name)), changed_lines(old, new));
        }
    }
    if differences.is_empty() {
        return Ok(format!("{} lines", seen.values().map(|text| text.lines().count()).sum::<usize>()));
    }
    bail!(
        "what is there is not what {} says:\n{differences}If it should be, `cargo xtask check --update` writes it anew.",
        paths::shown(folder)
    )
}

/// The same for one file, whose folder holds others too.
pub fn hold_file(file: &Path, seen: &str, update: bool) -> Result<String> {
    if update {
        std::fs::write(file, seen)?;
        return Ok(format!("wrote {}", paths::shown(file)));
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    if kept == seen {
        return Ok(format!("{} lines", seen.lines().count()));
    }
    bail!(
        "what is there is not what {} says:\n{}If it should be, `cargo xtask check --update` writes it anew.",
        paths::shown(file),
        changed_lines(&kept, seen)
    )
}

fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(files) };
    for entry in entries {
        let entry = entry?;
        let text =
            std::fs::read_to_string(entry.path()).with_context(|| format!("cannot read {}", entry.path().display()))?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), text);
    }
    Ok(files)
}

/// Lines that only one of two texts has. Enough to see what changed: a declaration is a line.
fn changed_lines(old: &str, new: &str) -> String {
    let (before, after): (BTreeSet<&str>, BTreeSet<&str>) = (old.lines().collect(), new.lines().collect());
    let mut shown = String::new();
    for line in old.lines().filter(|line| !line.is_empty() && !after.contains(line)) {
        shown += &format!("  - {}\n", line.trim_end());
    }
    for line in new.lines().filter(|line| !line.is_empty() && !before.contains(line)) {
        shown += &format!("  + {}\n", line.trim_end());
    }
    let lines: Vec<&str> = shown.lines().collect();
    if lines.len() > SHOWN_LINES {
        return format!("{}\n  … and {} lines more\n", lines[..SHOWN_LINES].join("\n"), lines.len() - SHOWN_LINES);
    }
    if shown.is_empty() { "  (the same lines in another order)\n".into() } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect()
    }

    #[test]
    fn a_changed_added_or_lost_declaration_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let seen = texts(&[("a.api", "fun one\nfun two\n")]);
        assert!(hold(folder.path(), &seen, false).is_err(), "nothing was committed");
        hold(folder.path(), &seen, true).unwrap();
        hold(folder.path(), &seen, false).unwrap();

        let error = hold(folder.path(), &texts(&[("a.api", "fun one\nfun three\n")]), false).unwrap_err().to_string();
        assert!(error.contains("- fun two") && error.contains("+ fun three"), "{error}");
        let error = hold(folder.path(), &texts(&[("b.api", "x\n")]), false).unwrap_err().to_string();
        assert!(error.contains("- fun one"), "{error}");
        assert!(hold(folder.path(), &texts(&[]), true).is_err(), "an empty API is a broken tool");
    }
}
