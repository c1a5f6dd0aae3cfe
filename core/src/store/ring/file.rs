//! Gets the ring's file into a state in which it can be mapped, or says why it cannot.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use memmap2::{MmapOptions, MmapRaw};

use super::RingError;
use super::header::{HEADER, MAGIC};
use super::layout::{BODY, salvage};

/// The file is always this long.
const TOTAL: usize = HEADER + BODY;

/// A mapped file, and what it was before.
pub(super) struct Mapped {
    pub(super) map: MmapRaw,
    /// There was nothing in it.
    pub(super) fresh: bool,
    /// It was ours, but not of the right length or without its name.
    pub(super) repaired: bool,
    /// What stood in its place was not ours, and is kept there now.
    pub(super) set_aside: Option<PathBuf>,
}

/// What the file's content is, told without mapping it.
enum Content {
    Nothing,
    Intact,
    Hurt,
    Foreign,
}

/// Opens or makes the file, all of its blocks allocated, and maps it.
pub(super) fn map(path: &Path) -> Result<Mapped, RingError> {
    let mut file = open(path)?;
    let mut content = inspect(&mut file).map_err(|e| RingError::from_io("read", &e))?;
    let mut set_aside = None;
    if matches!(content, Content::Foreign) {
        let kept = free_name(path);
        std::fs::rename(path, &kept).map_err(|e| RingError::from_io("set aside", &e))?;
        set_aside = Some(kept);
        file = open(path)?;
        content = Content::Nothing;
    }
    allocate(&mut file).map_err(|e| RingError::from_io("allocate", &e))?;
    let map = MmapOptions::new().len(TOTAL).map_raw(&file).map_err(|e| RingError::from_io("map", &e))?;
    keep_from_children(&map);
    Ok(Mapped {
        map,
        fresh: matches!(content, Content::Nothing),
        repaired: matches!(content, Content::Hurt),
        set_aside,
    })
}

fn open(path: &Path) -> Result<File, RingError> {
    // Looked at before it is opened: opening a pipe or a device may block or act.
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => return Err(RingError::NotAFile),
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(RingError::from_io("look at", &e)),
    }
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|e| RingError::from_io("open", &e))
}

fn inspect(file: &mut File) -> io::Result<Content> {
    let len = file.metadata()?.len();
    let mut name = [0; 8];
    let named = len >= 8 && {
        file.read_exact(&mut name)?;
        u64::from_ne_bytes(name) == MAGIC
    };
    if named {
        return Ok(if len == TOTAL as u64 { Content::Intact } else { Content::Hurt });
    }
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    (&*file).take(TOTAL as u64).read_to_end(&mut bytes)?;
    if len <= TOTAL as u64 && bytes.iter().all(|byte| *byte == 0) {
        // Also what a process leaves that was killed while it made the file.
        return Ok(Content::Nothing);
    }
    // One record that proves itself says more than a name that does not.
    let ours = bytes.get(HEADER..).is_some_and(|body| !salvage(body, 0).is_empty());
    // A power loss before the first page was ever written back leaves the others.
    let unnamed = len == TOTAL as u64 && bytes[..HEADER].iter().all(|byte| *byte == 0);
    Ok(if ours || unnamed { Content::Hurt } else { Content::Foreign })
}

/// Real blocks, now: a sparse file on a full disk would kill the process with SIGBUS in the
/// middle of a push, an allocated one fails here with an error.
fn allocate(file: &mut File) -> io::Result<()> {
    let len = file.metadata()?.len();
    if len > TOTAL as u64 {
        file.set_len(TOTAL as u64)?;
    }
    // Apple's call sets the length as well, and would allocate once more on each opening.
    if cfg!(target_vendor = "apple") && len >= TOTAL as u64 {
        return Ok(());
    }
    match rustix::fs::fallocate(&*file, rustix::fs::FallocateFlags::empty(), 0, TOTAL as u64) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS | rustix::io::Errno::INVAL) => fill(file, len),
        Err(errno) => Err(errno.into()),
    }
}

/// For file systems that cannot allocate ahead: writes the zeroes.
fn fill(file: &mut File, len: u64) -> io::Result<()> {
    file.seek(SeekFrom::Start(len.min(TOTAL as u64)))?;
    io::copy(&mut io::repeat(0).take((TOTAL as u64).saturating_sub(len)), file)?;
    file.flush()
}

/// `ring.damaged-1`, or the next number that is free.
fn free_name(path: &Path) -> PathBuf {
    let numbered = |n: u32| {
        let mut name = OsString::from(path.file_name().unwrap_or_default());
        name.push(format!(".damaged-{n}"));
        path.with_file_name(name)
    };
    (1..).map(numbered).find(|candidate| !candidate.exists()).unwrap_or_else(|| numbered(0))
}

/// A forked child would share the pages and write its events over its parent's.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[allow(unsafe_code, reason = "page advice takes a raw address range")]
fn keep_from_children(map: &MmapRaw) {
    // SAFETY: the range is exactly the mapping, which `map` keeps alive during the call, and the
    // advice changes nothing in this process.
    let advised = unsafe { rustix::mm::madvise(map.as_mut_ptr().cast(), map.len(), rustix::mm::Advice::LinuxDontFork) };
    // A kernel without it leaves the child as it was on every other system.
    let _ = advised;
}

/// Apps on Apple's phones cannot fork.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn keep_from_children(_map: &MmapRaw) {}
