//! Codes for stores: a device takes what the command prints, under the key that it names.

use std::path::Path;
use std::process::Command;

use patron_core::consent::verify_hex;
use patron_core::place::checkin::Code;
use serde_json::Value;

fn print(arguments: &[&str]) -> (Option<i32>, Value, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_patron-backend")).arg("code").args(arguments).output().unwrap();
    let said = String::from_utf8(out.stderr).unwrap();
    (out.status.code(), serde_json::from_slice(&out.stdout).unwrap_or_default(), said)
}

fn holds(printed: &Value) -> bool {
    let (key, code) = (printed["check_in_key"].as_str().unwrap(), printed["code"].as_str().unwrap());
    let [_, minute, signature, place] = code.splitn(4, '/').collect::<Vec<_>>()[..] else { panic!("{code}") };
    let signed = Code::signed(place, minute.parse().ok());
    Code::read(code).is_ok() && verify_hex(key, signed.as_bytes(), signature)
}

fn key(folder: &Path) -> String {
    folder.join("check-in.key").to_str().unwrap().to_owned()
}

#[test]
fn a_key_is_made_once_and_its_codes_hold() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(folder.path());
    let (code, first, _) = print(&["--key", &key]);
    assert_eq!((code, &first["code"]), (Some(0), &Value::Null));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let (_, fixed, _) = print(&["--key", &key, "--place", "lumi/market"]);
    let (_, rotating, _) = print(&["--key", &key, "--place", "lumi-market", "--rotating"]);
    assert_eq!((&fixed["check_in_key"], &rotating["check_in_key"]), (&first["check_in_key"], &first["check_in_key"]));
    assert!(holds(&fixed) && holds(&rotating));
    assert!(fixed["code"].as_str().unwrap().starts_with("PC1/-/"));
    assert!(!rotating["code"].as_str().unwrap().starts_with("PC1/-/"));
}

#[test]
fn what_makes_no_code_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(folder.path());
    std::fs::write(&key, "no key").unwrap();
    let (code, _, said) = print(&["--key", &key]);
    assert!(code == Some(2) && said.contains("no key of 64 hexadecimal digits"), "{said}");
    std::fs::remove_file(&key).unwrap();
    let (code, _, said) = print(&["--key", &key, "--place", ""]);
    assert!(code == Some(2) && said.contains("--place"), "{said}");
    let (code, _, said) = print(&["--key", &key, "--rotating"]);
    assert!(code == Some(2) && said.contains("--place"), "{said}");
}
