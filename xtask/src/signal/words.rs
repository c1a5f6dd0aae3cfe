//! A signal in words, for the terminal.

use std::fmt::{Display, Write as _};

use patron_core::consent::PurposeSet;
use patron_core::consent::signal::{Section, SectionKind, SignalError, TcString, VendorSet};

use super::{Signal, json};

/// Longer lists are cut: `--json` has all of them.
const SHOWN: usize = 12;

/// What a line says, and what it takes away.
pub fn paragraph(read: &Result<Signal, SignalError>, vendor: Option<u16>) -> String {
    let mut words = String::new();
    // Writing to a string cannot fail.
    let _ = match read {
        Err(error) => writeln!(words, "cannot be read: {error}"),
        Ok(signal) => {
            told(&mut words, signal).and_then(|()| writeln!(words, "  takes away: {}", kinds(signal.lowered(vendor))))
        }
    };
    words
}

fn told(words: &mut String, signal: &Signal) -> std::fmt::Result {
    match signal {
        Signal::Tcf(read) => {
            writeln!(words, "TC string")?;
            tcf(words, read)
        }
        Signal::Gpp(read) => {
            writeln!(words, "GPP string, sections: {}", list(read.sections.iter().map(name)))?;
            for section in &read.sections {
                self::section(words, section)?;
            }
            Ok(())
        }
    }
}

fn tcf(words: &mut String, read: &TcString) -> std::fmt::Result {
    let scope = if read.service_specific { "for this app alone" } else { "for all apps" };
    let created = json::time(read.created_ms);
    writeln!(words, "  {}", read.fault().map_or("valid".to_owned(), |fault| format!("not valid: {fault}")))?;
    writeln!(words, "  created {created}, policy {}, {}, {}, {scope}", read.policy, read.language, read.country)?;
    writeln!(
        words,
        "  purposes: {}; by legitimate interest: {}",
        list(read.purposes.ids()),
        list(read.purposes_li.ids())
    )?;
    writeln!(words, "  special features: {}", list(read.special_features.ids()))?;
    writeln!(words, "  vendors: {}; by legitimate interest: {}", vendors(&read.vendors), vendors(&read.vendors_li))?;
    writeln!(words, "  disclosed: {}", read.disclosed.as_ref().map_or("not said".to_owned(), vendors))?;
    for it in &read.restrictions {
        writeln!(words, "  purpose {} restricted ({:?}) for {}", it.purpose, it.kind, vendors(&it.vendors))?;
    }
    Ok(())
}

fn section(words: &mut String, section: &Section) -> std::fmt::Result {
    match &section.content {
        SectionKind::Tcf(read) => tcf(words, read),
        SectionKind::UsPrivacy(read) => {
            writeln!(words, "  uspv1: notice {}, opted out of the sale {}", read.notice, read.opt_out_sale)
        }
        SectionKind::Us(read) => {
            let set = read.fields().filter(|(_, values)| values.iter().any(|value| *value > 0));
            let fields = list(set.map(|(name, values)| format!("{name} {}", list(values))));
            let gpc = read.gpc.map_or(String::new(), |gpc| format!("; GPC {gpc}"));
            writeln!(words, "  {}, version {}: {fields}{gpc}", name(section), read.layout().version)
        }
        SectionKind::Unread(_) => writeln!(words, "  {}: not read, which counts as a no", name(section)),
    }
}

fn name(section: &Section) -> String {
    section.name().map_or_else(|| format!("section {}", section.id), str::to_owned)
}

fn vendors(set: &VendorSet) -> String {
    let intervals = set.intervals().iter();
    list(intervals.map(|(first, last)| if first == last { first.to_string() } else { format!("{first}–{last}") }))
}

fn kinds(lowered: PurposeSet) -> String {
    if lowered.is_empty() { "nothing".to_owned() } else { list(lowered.iter().map(|kind| kind.as_str())) }
}

fn list(items: impl IntoIterator<Item = impl Display>) -> String {
    let mut items = items.into_iter();
    let shown: Vec<String> = items.by_ref().take(SHOWN).map(|item| item.to_string()).collect();
    match (shown.len(), items.count()) {
        (0, _) => "none".to_owned(),
        (_, 0) => shown.join(", "),
        (_, more) => format!("{} and {more} more", shown.join(", ")),
    }
}
