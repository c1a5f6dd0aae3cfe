//! Tells one account from another, without a word of who it is.
//!
//! Whoever signs in is the account that the app names; else the one that the token names, where it is a JWT with a
//! subject (RFC 7519, 4.1.2); else the token itself. Nothing here proves anything: a token is the retailer's to check.
//! It is asked so that a shopper who forgot to sign out does not become the next one.

use serde::Deserialize;
use uuid::Uuid;

use super::Sha;
use super::signal::base64url;

/// Of a JWT: who it is about, by whose word.
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    iss: Option<String>,
    sub: String,
}

/// What stands for an account on one device. Salted with the alias, which is drawn for each signing in: two devices, or
/// two sessions, cannot be tied together by it.
pub(crate) fn fingerprint(alias: Uuid, account: Option<&str>, token: &str) -> Sha {
    let claims = claims(token);
    let (kind, parts) = match (account, &claims) {
        (Some(account), _) => ("account", [account, ""]),
        (None, Some(claims)) => ("subject", [claims.sub.as_str(), claims.iss.as_deref().unwrap_or_default()]),
        (None, None) => ("token", [token, ""]),
    };
    let mut bytes = alias.as_bytes().to_vec();
    for part in [kind, parts[0], parts[1]] {
        // Behind its length: no two answers read the same.
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend(part.as_bytes());
    }
    Sha::of(&bytes)
}

fn claims(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    serde_json::from_slice(&base64url(payload)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7519, 3.1: issued by `joe`, with no subject.
    const OF_NOBODY: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    /// `{"iss":"shop","sub":"anna"}`, with two signatures; and of another subject, and another issuer.
    const ANNA: [&str; 2] =
        ["e30.eyJpc3MiOiJzaG9wIiwic3ViIjoiYW5uYSJ9.c2ln", "e30.eyJpc3MiOiJzaG9wIiwic3ViIjoiYW5uYSJ9.b3RoZXI"];
    const BEN: &str = "e30.eyJpc3MiOiJzaG9wIiwic3ViIjoiYmVuIn0.c2ln";
    const ANNA_ELSEWHERE: &str = "e30.eyJpc3MiOiJrZWxvIiwic3ViIjoiYW5uYSJ9.c2ln";

    fn of(account: Option<&str>, token: &str) -> Sha {
        fingerprint(Uuid::nil(), account, token)
    }

    #[test]
    fn a_token_with_a_subject_is_whoever_it_names_however_often_it_is_renewed() {
        assert_eq!(of(None, ANNA[0]), of(None, ANNA[1]));
        assert_ne!(of(None, ANNA[0]), of(None, BEN));
        assert_ne!(of(None, ANNA[0]), of(None, ANNA_ELSEWHERE), "two issuers may each have an anna");
    }

    #[test]
    fn what_the_app_names_goes_before_what_the_token_does() {
        assert_eq!(of(Some("7"), ANNA[0]), of(Some("7"), BEN));
        assert_ne!(of(Some("7"), ANNA[0]), of(Some("8"), ANNA[0]));
    }

    #[test]
    fn a_token_without_a_subject_is_itself() {
        for opaque in [OF_NOBODY, "opaque", "a.b.c", "a.e30.c", "....", ""] {
            assert_eq!(of(None, opaque), of(None, opaque));
            assert_ne!(of(None, opaque), of(None, &format!("{opaque}x")), "{opaque}");
        }
    }

    #[test]
    fn another_alias_has_another_and_no_two_readings_are_one() {
        assert_ne!(of(None, "t"), fingerprint(Uuid::max(), None, "t"));
        assert_ne!(of(Some("t"), "t"), of(None, "t"));
    }
}
