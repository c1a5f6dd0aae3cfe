//! Which boot of the device this is, as the kernel names it.
//!
//! Decides nothing of what a boot means for a time: that is [`super::Now`]'s and [`crate::sync`]'s.

use uuid::Uuid;

/// The id of this boot; `None` where the platform tells none, or the app's sandbox keeps it.
pub(super) fn id() -> Option<Uuid> {
    parse(&read()?)
}

/// Linux and Android: a new random UUID with every boot (random(4)).
#[cfg(not(target_vendor = "apple"))]
fn read() -> Option<Vec<u8>> {
    std::fs::read("/proc/sys/kernel/random/boot_id").ok()
}

/// Apple's kernel draws a UUID when it starts, and tells it in words under this name.
#[cfg(target_vendor = "apple")]
#[allow(unsafe_code, reason = "the C library's call fills a buffer")]
fn read() -> Option<Vec<u8>> {
    /// A UUID in words, its nought, and as much again for a kernel that says more.
    const ROOM: usize = 80;
    let mut said = vec![0_u8; ROOM];
    let mut length = said.len();
    // SAFETY: the name ends with a nought; the buffer is ours and as long as `length` says, and the kernel writes no more
    // than that and how much it was; nothing is set.
    let refused = unsafe {
        libc::sysctlbyname(
            c"kern.bootsessionuuid".as_ptr(),
            said.as_mut_ptr().cast(),
            &raw mut length,
            std::ptr::null_mut(),
            0,
        )
    };
    said.truncate(length);
    (refused == 0).then_some(said)
}

/// What the kernel says: a UUID in words, upper or lower case, with a line's or a string's end. One of noughts is that of
/// a kernel that has drawn none, and would be the same for every boot.
fn parse(said: &[u8]) -> Option<Uuid> {
    let text = std::str::from_utf8(said).ok()?;
    let id = Uuid::try_parse(text.trim_end_matches(['\0', '\n', ' '])).ok()?;
    (!id.is_nil()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kernel_says_of_its_boot_is_read_as_it_is_said() {
        let known = Some(Uuid::from_u128(0x0ea5_fe49_0b5e_4c1d_8f3a_77d2_0e64_c0de));
        assert_eq!(parse(b"0ea5fe49-0b5e-4c1d-8f3a-77d20e64c0de\n"), known, "Linux");
        assert_eq!(parse(b"0EA5FE49-0B5E-4C1D-8F3A-77D20E64C0DE\0"), known, "Apple");
        assert_eq!(parse(b"0EA5FE49-0B5E-4C1D-8F3A-77D20E64C0DE\0\0\0"), known, "more room than was needed");
    }

    #[test]
    fn what_names_no_boot_is_none() {
        for said in [&b""[..], b"\0", b"0EA5FE49-0B5E", b"00000000-0000-0000-0000-000000000000\0", b"\xff\xfe"] {
            assert_eq!(parse(said), None, "{said:?}");
        }
    }

    #[test]
    fn two_readings_of_one_boot_are_the_same() {
        assert!(id().is_some(), "where these tests run there is one");
        assert_eq!(id(), id());
    }
}
