//! `PrivacyInfo.xcprivacy`: what the SDK collects and which guarded interfaces it calls.

use std::fmt::Write as _;

use super::Event;
use super::kinds::Kind;

/// Guarded interfaces, the approved reason, and ours.
const ACCESSED: [(&str, &str, &str); 3] = [
    ("FileTimestamp", "C617.1", "SQLite asks for the times of files in the app's own container."),
    ("SystemBootTime", "35F9.1", "The time since boot orders positions and events when the wall clock is wrong."),
    ("UserDefaults", "CA92.1", "It reads the strings of the app's own consent banner, where asked to."),
];

/// The manifest. Everything is linked to a pseudonym, and nothing is used to track across companies.
pub fn manifest(events: &[Event]) -> String {
    let mut text = String::from(HEAD);
    let kinds =
        Kind::ALL.into_iter().filter(|kind| *kind == Kind::Identity || events.iter().any(|it| it.kind == *kind));
    for kind in kinds {
        let facts = kind.facts();
        let purposes: String = facts.apple_purposes.iter().fold(String::new(), |mut all, purpose| {
            // Writing to a string cannot fail.
            let _ = writeln!(all, "\t\t\t\t<string>NSPrivacyCollectedDataTypePurpose{purpose}</string>");
            all
        });
        text += &format!(
            "\t\t<!-- {}. -->
		<dict>
			<key>NSPrivacyCollectedDataType</key>
			<string>NSPrivacyCollectedDataType{}</string>
			<key>NSPrivacyCollectedDataTypeLinked</key>
			<true/>
			<key>NSPrivacyCollectedDataTypeTracking</key>
			<false/>
			<key>NSPrivacyCollectedDataTypePurposes</key>
			<array>
{purposes}			</array>
		</dict>
",
            facts.title.replace('`', ""),
            facts.apple
        );
    }
    text += "\t</array>\n\t<key>NSPrivacyAccessedAPITypes</key>\n\t<array>\n";
    for (category, reason, why) in ACCESSED {
        text += &format!(
            "\t\t<!-- {why} -->
		<dict>
			<key>NSPrivacyAccessedAPIType</key>
			<string>NSPrivacyAccessedAPICategory{category}</string>
			<key>NSPrivacyAccessedAPITypeReasons</key>
			<array>
				<string>{reason}</string>
			</array>
		</dict>
"
        );
    }
    text + "\t</array>\n</dict>\n</plist>\n"
}

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<!-- Written by `cargo xtask schema`. Each kind of data is collected only while the shopper grants it. -->
<dict>
	<key>NSPrivacyTracking</key>
	<false/>
	<key>NSPrivacyTrackingDomains</key>
	<array/>
	<key>NSPrivacyCollectedDataTypes</key>
	<array>
"#;

#[cfg(test)]
mod tests {
    use plist::{Dictionary, Value};

    use super::*;
    use crate::privacy::{events, tests::published};

    /// Those of Apple's names that a retail SDK could need; a name that is not Apple's is silently ignored there.
    const TYPES: [&str; 12] = [
        "CoarseLocation",
        "PreciseLocation",
        "UserID",
        "DeviceID",
        "PurchaseHistory",
        "ProductInteraction",
        "AdvertisingData",
        "OtherUsageData",
        "SearchHistory",
        "CustomerSupport",
        "OtherUserContent",
        "OtherDataTypes",
    ];
    const PURPOSES: [&str; 6] = [
        "ThirdPartyAdvertising",
        "DeveloperAdvertising",
        "Analytics",
        "ProductPersonalization",
        "AppFunctionality",
        "Other",
    ];

    fn read() -> Dictionary {
        let text = manifest(&events(&published()).unwrap());
        Value::from_reader_xml(text.as_bytes()).unwrap().into_dictionary().unwrap()
    }

    fn list<'a>(of: &'a Dictionary, key: &str) -> Vec<&'a Value> {
        of.get(key).unwrap_or_else(|| panic!("no {key}")).as_array().unwrap().iter().collect()
    }

    #[test]
    fn the_manifest_is_a_property_list_of_apples_keys_and_names() {
        let manifest = read();
        let keys: Vec<&str> = manifest.keys().map(String::as_str).collect();
        let expected = [
            "NSPrivacyTracking",
            "NSPrivacyTrackingDomains",
            "NSPrivacyCollectedDataTypes",
            "NSPrivacyAccessedAPITypes",
        ];
        assert_eq!(keys, expected);
        assert_eq!(manifest["NSPrivacyTracking"].as_boolean(), Some(false));
        assert!(list(&manifest, "NSPrivacyTrackingDomains").is_empty());
        let collected = list(&manifest, "NSPrivacyCollectedDataTypes");
        assert_eq!(collected.len(), 7);
        for entry in collected.iter().map(|entry| entry.as_dictionary().unwrap()) {
            assert_eq!(entry.len(), 4, "{entry:?}");
            let name = entry["NSPrivacyCollectedDataType"].as_string().unwrap();
            assert!(TYPES.contains(&name.strip_prefix("NSPrivacyCollectedDataType").unwrap()), "{name}");
            assert_eq!(entry["NSPrivacyCollectedDataTypeLinked"].as_boolean(), Some(true));
            assert_eq!(entry["NSPrivacyCollectedDataTypeTracking"].as_boolean(), Some(false));
            let purposes = list(entry, "NSPrivacyCollectedDataTypePurposes");
            assert!(!purposes.is_empty());
            for purpose in purposes.iter().map(|purpose| purpose.as_string().unwrap()) {
                assert!(
                    PURPOSES.contains(&purpose.strip_prefix("NSPrivacyCollectedDataTypePurpose").unwrap()),
                    "{purpose}"
                );
            }
        }
    }

    #[test]
    fn every_guarded_interface_has_a_reason() {
        for entry in list(&read(), "NSPrivacyAccessedAPITypes").iter().map(|entry| entry.as_dictionary().unwrap()) {
            assert!(entry["NSPrivacyAccessedAPIType"].as_string().unwrap().starts_with("NSPrivacyAccessedAPICategory"));
            assert_eq!(list(entry, "NSPrivacyAccessedAPITypeReasons").len(), 1);
        }
    }
}
