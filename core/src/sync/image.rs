//! Asks for a picture, and reads what came.
//!
//! Pure. A picture lies on someone else's server, so the request says nothing but its address: no key, no
//! name of the installation, no cookie. Whether it may be asked for at all is [`crate::engine`]'s to decide.

use std::time::Duration;

use super::{Method, Request, Response, TransportError};
use crate::consent::Sha;

/// A card's picture in the size that a phone shows is well below; a longer one is the publisher's mistake, and the
/// shopper's data plan.
pub const MAX_IMAGE_BYTES: usize = 512 * 1024;

/// Sync waits for its turn behind a picture, and a picture that takes longer had better come another time.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// The network, or a timeout.
    #[error("{0}")]
    Transport(TransportError),
    /// Anything but 200. A redirect too: it would take the shopper to a server that the catalogue does not name.
    #[error("status {0}")]
    Status(u16),
    /// A page to sign in at, for example. SVG counts as none: it can hold programs and fetch more.
    #[error("it is no picture by its content-type")]
    NoPicture,
    /// Longer than [`MAX_IMAGE_BYTES`].
    #[error("it is longer than {MAX_IMAGE_BYTES} bytes")]
    TooLarge,
    /// Other bytes than those that the catalogue was published for.
    #[error("it has another SHA-256 than the catalogue says")]
    OtherHash,
}

/// The request for the picture at `url`.
pub fn image_request(url: &str) -> Request {
    let headers = vec![("accept".to_owned(), "image/*".to_owned())];
    let url = url.to_owned();
    Request { method: Method::Get, url, headers, body: Vec::new(), timeout: TIMEOUT, max_bytes: MAX_IMAGE_BYTES }
}

/// The picture's bytes.
///
/// # Errors
/// [`ImageError`]; what came is not to be kept.
pub fn interpret_image(reply: Result<Response, TransportError>, sha256: Option<Sha>) -> Result<Vec<u8>, ImageError> {
    let response = reply.map_err(|error| match error {
        TransportError::TooLarge => ImageError::TooLarge,
        other => ImageError::Transport(other),
    })?;
    if response.status != 200 {
        return Err(ImageError::Status(response.status));
    }
    let kind = response.header("content-type").unwrap_or_default().trim().to_ascii_lowercase();
    if !kind.starts_with("image/") || kind.starts_with("image/svg") || response.body.is_empty() {
        return Err(ImageError::NoPicture);
    }
    if response.body.len() > MAX_IMAGE_BYTES {
        return Err(ImageError::TooLarge);
    }
    match sha256 {
        Some(told) if Sha::of(&response.body) != told => Err(ImageError::OtherHash),
        _ => Ok(response.body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(status: u16, kind: &str, body: &[u8]) -> Result<Response, TransportError> {
        Ok(Response { status, headers: vec![("content-type".into(), kind.into())], body: body.to_vec() })
    }

    #[test]
    fn a_request_says_its_address_and_what_it_takes_and_nothing_else() {
        let request = image_request("https://cdn.example/a.webp");
        assert_eq!((request.method, request.url.as_str()), (Method::Get, "https://cdn.example/a.webp"));
        assert_eq!(request.headers, [("accept".to_owned(), "image/*".to_owned())]);
        assert_eq!((request.body.len(), request.max_bytes), (0, MAX_IMAGE_BYTES));
    }

    #[test]
    fn a_picture_is_what_says_so_and_is_what_was_published() {
        let sha = Some(Sha::of(b"webp"));
        assert_eq!(interpret_image(came(200, "image/webp", b"webp"), sha), Ok(b"webp".to_vec()));
        assert_eq!(interpret_image(came(200, "Image/PNG; q=1", b"png"), None), Ok(b"png".to_vec()));
        let long = vec![0; MAX_IMAGE_BYTES + 1];
        for (reply, why) in [
            (came(200, "image/webp", b"other"), ImageError::OtherHash),
            (came(200, "image/webp", &long), ImageError::TooLarge),
            (came(200, "image/svg+xml", b"<svg/>"), ImageError::NoPicture),
            (came(200, "text/html", b"<html>sign in</html>"), ImageError::NoPicture),
            (came(200, "", b"webp"), ImageError::NoPicture),
            (came(200, "image/webp", b""), ImageError::NoPicture),
            (came(302, "image/webp", b"webp"), ImageError::Status(302)),
            (came(404, "image/webp", b"webp"), ImageError::Status(404)),
            (Err(TransportError::TooLarge), ImageError::TooLarge),
            (Err(TransportError::Timeout), ImageError::Transport(TransportError::Timeout)),
        ] {
            assert_eq!(interpret_image(reply, sha), Err(why));
        }
    }
}
