//! `docs/privacy/data-safety.md`: what to answer in Google Play's Data safety form.

use super::Event;
use super::kinds::Kind;
use super::map::{fields, grants};

/// The text.
pub fn text(events: &[Event]) -> String {
    let mut text = String::from(HEAD);
    for kind in Kind::ALL {
        let facts = kind.facts();
        let (category, name) = facts.play;
        let (grants, fields) = (grants(events, kind), fields(events, kind));
        text += &format!(
            "| {category} | {name} | {}{} | {grants} | {} |\n",
            facts.title,
            if fields.is_empty() { String::new() } else { format!(": {fields}") },
            facts.play_purposes
        );
    }
    text + TAIL
}

const HEAD: &str = "\
# Google Play's Data safety form

Written by `cargo xtask schema` from the schema of the events; do not edit it by hand. It says what to answer for Patron. What an app
collects beside it is the app's to add, and what an app never tracks it may leave out.

## Data collection and security

| question | answer |
|---|---|
| Does your app collect or share any of the required user data types? | Yes |
| Is all of the user data collected by your app encrypted in transit? | Yes: TLS 1.2 or 1.3. Plain HTTP is refused but on loopback |
| Do you provide a way for users to request that their data is deleted? | Yes: a withdrawal deletes what is on the device and tells the backend, which the app's own settings can offer |

## Data types

For each: **collected**, yes; **processed ephemerally**, no; **required or optional**, *users can choose whether this data is
collected*: nothing is recorded until the shopper grants the purpose, and refusing breaks nothing. **Shared** is no,
unless the retailer passes it on to partner brands: it may only with `PartnerSharing`, for each brand apart, and the form
then asks for *shared* too.

| category | data type | what it is | under the grant | purposes |
|---|---|---|---|---|
";

const TAIL: &str = "
Positions are used on the device and do not leave it. Google counts data that never leaves the device as not collected;
visits are derived from them and do leave it, which is why *Precise location* is declared.

While signed in, and under the grant of `personalisation`, the shopper's rules, wishes and saved offers go to the retailer's
backend for the account's other devices: *App interactions* and *Other user-generated content*, for app functionality.

[data-map.md](data-map.md) has all data, also what stays on the device.
";
