//! Where the key may be sent: over TLS, or within this device.

use std::net::IpAddr;

use crate::error::Error;

/// The endpoint of a host's own transport. A URL that such a transport reads otherwise than this is its own affair:
/// what it is given begins with these very words.
///
/// # Errors
/// [`Error::InvalidInput`] for what is not an HTTPS URL, or an HTTP one of this very device.
pub(crate) fn check(endpoint: &str) -> Result<(), Error> {
    let flaw = match endpoint.split_once("://") {
        None => Err("is not a URL".to_owned()),
        Some(_) if endpoint.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') => {
            Err("holds what no URL holds".to_owned())
        }
        Some((scheme, rest)) => {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            may_carry_key(scheme, host(authority), authority.contains('@'))
        }
    };
    flaw.map_err(|why| Error::invalid("config.endpoint", why))
}

/// Without the port, and with the brackets of an address of version 6.
fn host(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    }
}

/// # Errors
/// Why not, in words.
pub(super) fn may_carry_key(scheme: &str, host: &str, names_someone: bool) -> Result<(), String> {
    if names_someone {
        return Err("carries a name or a password; the key goes into `key`".to_owned());
    }
    match scheme {
        "https" if !host.is_empty() => Ok(()),
        "http" if is_loopback(host) => Ok(()),
        "http" => Err("is http, which only this device's own addresses may be; use https".to_owned()),
        other => Err(format!("has the scheme {other}; use https")),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_over_tls_or_stays_on_the_device() {
        let good =
            ["https://shop.example", "https://shop.example:8443/patron", "http://localhost:80/", "http://[::1]:8080"];
        good.into_iter().for_each(|url| assert_eq!(check(url), Ok(()), "{url}"));
        assert_eq!(check("http://127.0.0.1"), Ok(()));
        let bad = [
            "shop.example",
            "http://shop.example",
            "http://localhost.shop.example",
            "http://localhost@shop.example",
            "http://localhost\\@shop.example",
            "https://key@shop.example/",
            "https://",
            "ftp://localhost",
            "https://shop.example/ x",
        ];
        bad.into_iter().for_each(|url| {
            assert!(matches!(check(url), Err(Error::InvalidInput { what, .. }) if what == "config.endpoint"), "{url}");
        });
    }
}
