//! Compiling for phones on a Linux host: clang, and headers that stand in for the platforms' own.
//!
//! Good enough to type-check and to measure, never to ship: musl's headers are not bionic's, and there is
//! no Apple SDK. What ships is built with the NDK and with Xcode (`cargo xtask package`).

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{apt, pypi, rust};
use crate::paths;

/// The oldest Android that the SDK supports is API 26; the C code asks for nothing later than 24.
const ANDROID_API: u32 = 24;
const IOS: &str = "16.0";

/// C as the library carries it. Nothing unwinds through it, so it needs no tables for that; and a batch is packed at
/// level 3, which needs none of zstd's slower searches. docs/guide-android.md has the same for the NDK.
const LEAN: &str = "-fno-unwind-tables -fno-asynchronous-unwind-tables \
                    -DZSTD_EXCLUDE_GREEDY_BLOCK_COMPRESSOR -DZSTD_EXCLUDE_LAZY_BLOCK_COMPRESSOR \
                    -DZSTD_EXCLUDE_LAZY2_BLOCK_COMPRESSOR -DZSTD_EXCLUDE_BTLAZY2_BLOCK_COMPRESSOR \
                    -DZSTD_EXCLUDE_BTOPT_BLOCK_COMPRESSOR -DZSTD_EXCLUDE_BTULTRA_BLOCK_COMPRESSOR";

/// Compilers and headers, as variables for Cargo.
pub struct Cross {
    variables: Vec<(String, String)>,
}

/// Installs what both targets need.
pub fn ensure() -> Result<Cross> {
    apt::ensure(&[apt::CC, apt::CLANG, apt::LLVM, apt::LLD])?;
    rust::ensure_targets(&[rust::ANDROID, rust::IOS])?;
    let headers = pypi::ensure(&pypi::ZIG)?.join("ziglang/lib/libc/include");
    let apple = apple_sysroot(&headers)?;

    let include = |name: &str| format!("-isystem {}", headers.join(name).display());
    let musl = ["aarch64-linux-musl", "generic-musl", "aarch64-linux-any", "any-linux-any"].map(include).join(" ");
    let mut variables = vec![
        ("SDKROOT".into(), apple.display().to_string()),
        ("IPHONEOS_DEPLOYMENT_TARGET".into(), IOS.into()),
        (
            "CFLAGS_aarch64_linux_android".into(),
            // bionic calls the thread's errno otherwise than musl.
            format!("--target={}{ANDROID_API} -nostdlibinc {musl} -D__errno_location=__errno {LEAN}", rust::ANDROID),
        ),
    ];
    for target in [rust::ANDROID, rust::IOS].map(|target| target.replace('-', "_")) {
        for (variable, tool) in [("CC", "clang-19"), ("AR", "llvm-ar-19"), ("RANLIB", "llvm-ranlib-19")] {
            variables.push((format!("{variable}_{target}"), tool.into()));
        }
    }
    Ok(Cross { variables })
}

impl Cross {
    /// Cargo, set to compile C for either phone.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(paths::root()).envs(self.variables.iter().cloned());
        command
    }
}

/// A folder in the shape of an Apple SDK with nothing but headers in it.
fn apple_sysroot(headers: &Path) -> Result<PathBuf> {
    let sysroot = paths::cache()?.join("apple-headers");
    let link = sysroot.join("usr/include");
    let wanted = headers.join("any-darwin-any");
    if std::fs::read_link(&link).ok().as_deref() != Some(&wanted) {
        std::fs::create_dir_all(sysroot.join("usr"))?;
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(&wanted, &link).with_context(|| format!("cannot make {}", link.display()))?;
    }
    Ok(sysroot)
}
