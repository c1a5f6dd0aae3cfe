//! SQLite's way to the simulated [`Disk`]: a virtual file system of version 1.
//!
//! Translates calls and decides nothing. The store locks its files exclusively before it opens the
//! log, so there is no shared memory to offer, and locks are granted as they are asked for. It
//! promises what the platform's own file system does: a write leaves the bytes beside it alone
//! (`SQLITE_IOCAP_POWERSAFE_OVERWRITE`), and nothing more.

#![allow(unsafe_code, reason = "SQLite asks for its file system through C")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::ffi;

use super::disk::{Disk, Refusal};

/// What SQLite's own file systems say where they know no better.
const SECTOR_SIZE: c_int = 4096;

/// SQLite asks for one more than its longest name.
const MAX_NAME: c_int = 512;

/// The day on which nothing depends, in Julian days.
const SOME_DAY: f64 = 2_461_000.5;

/// Names a registration; no two that live at once may share one.
static REGISTERED: AtomicU64 = AtomicU64::new(0);

/// A file system that SQLite knows by name for as long as this lives. Connections that use it must
/// be closed before it is dropped.
pub(super) struct Vfs {
    name: CString,
    /// On the heap: SQLite keeps its address.
    raw: Box<ffi::sqlite3_vfs>,
    /// Keeps alive what `raw` points to.
    _disk: Arc<Disk>,
}

impl Vfs {
    /// Makes `disk` known to SQLite.
    pub(super) fn register(disk: &Arc<Disk>) -> Result<Self, String> {
        let number = REGISTERED.fetch_add(1, Ordering::Relaxed);
        let name = CString::new(format!("patron-simulation-{number}")).map_err(|e| e.to_string())?;
        let mut raw = Box::new(ffi::sqlite3_vfs {
            iVersion: 1,
            szOsFile: size_of::<OpenFile>() as c_int,
            mxPathname: MAX_NAME,
            pNext: std::ptr::null_mut(),
            zName: name.as_ptr(),
            pAppData: Arc::as_ptr(disk).cast_mut().cast(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: Some(last_error),
            xCurrentTimeInt64: None,
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        });
        // SAFETY: `raw` and the name it points to live on the heap until `drop` takes the
        // registration back.
        let code = unsafe { ffi::sqlite3_vfs_register(&raw mut *raw, 0) };
        if code == ffi::SQLITE_OK {
            Ok(Self { name, raw, _disk: Arc::clone(disk) })
        } else {
            Err(format!("SQLite takes no file system: code {code}"))
        }
    }

    /// By which the store asks for it.
    pub(super) fn name(&self) -> &str {
        self.name.to_str().unwrap_or_default()
    }
}

impl Drop for Vfs {
    fn drop(&mut self) {
        // SAFETY: it was registered at this address, and nothing uses it any more.
        unsafe { ffi::sqlite3_vfs_unregister(&raw mut *self.raw) };
    }
}

/// What SQLite holds of an open file: room that it gives, of the size that it was told.
#[repr(C)]
struct OpenFile {
    base: ffi::sqlite3_file,
    disk: *const Disk,
    file: u64,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(lock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

fn code(result: Result<(), Refusal>, io: c_int) -> c_int {
    match result {
        Ok(()) => ffi::SQLITE_OK,
        Err(Refusal::Full) => ffi::SQLITE_FULL,
        Err(Refusal::Io | Refusal::Missing) => io,
    }
}

/// # Safety
/// `vfs` is one that [`Vfs::register`] made and that is still registered.
unsafe fn disk_of<'a>(vfs: *mut ffi::sqlite3_vfs) -> &'a Disk {
    // SAFETY: `pAppData` points to a disk that the registration keeps alive.
    unsafe { &*(*vfs).pAppData.cast::<Disk>() }
}

/// # Safety
/// `name` is null or a text that ends in a zero.
unsafe fn text<'a>(name: *const c_char) -> Option<&'a str> {
    // SAFETY: as the caller promises.
    (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_str().ok()).flatten()
}

/// # Safety
/// `file` was filled by [`open`] and not closed.
unsafe fn opened<'a>(file: *mut ffi::sqlite3_file) -> (&'a Disk, u64) {
    // SAFETY: `open` wrote an `OpenFile` there, whose disk the registration keeps alive.
    unsafe {
        let file = &*file.cast::<OpenFile>();
        (&*file.disk, file.file)
    }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes its registration, a name or null, room for an `OpenFile`, and a place
    // for the flags or null.
    unsafe {
        let disk = disk_of(vfs);
        // Null methods tell SQLite that there is nothing to close.
        (*file).pMethods = std::ptr::null();
        // A nameless file would be a temporary one; the store keeps those in memory.
        let Some(name) = text(name) else { return ffi::SQLITE_CANTOPEN };
        let Ok(number) = disk.open(name, flags & ffi::SQLITE_OPEN_CREATE != 0) else { return ffi::SQLITE_CANTOPEN };
        let base = ffi::sqlite3_file { pMethods: &raw const METHODS };
        file.cast::<OpenFile>().write(OpenFile { base, disk, file: number });
        if !out_flags.is_null() {
            *out_flags = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync_dir: c_int) -> c_int {
    // SAFETY: SQLite passes its registration and a name.
    let (disk, name) = unsafe { (disk_of(vfs), text(name)) };
    match disk.delete(name.unwrap_or_default(), sync_dir != 0) {
        Err(Refusal::Missing) => ffi::SQLITE_IOERR_DELETE_NOENT,
        done => code(done, ffi::SQLITE_IOERR_DELETE),
    }
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    _flags: c_int,
    found: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes its registration, a name, and a place for the answer.
    unsafe {
        match disk_of(vfs).exists(text(name).unwrap_or_default()) {
            Ok(exists) => {
                *found = c_int::from(exists);
                ffi::SQLITE_OK
            }
            Err(_) => ffi::SQLITE_IOERR_ACCESS,
        }
    }
}

unsafe extern "C" fn full_pathname(
    _vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    len: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite passes a text that ends in a zero, and `len` bytes of room.
    unsafe {
        let bytes = CStr::from_ptr(name).to_bytes_with_nul();
        if bytes.len() > len as usize {
            return ffi::SQLITE_CANTOPEN;
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn randomness(_vfs: *mut ffi::sqlite3_vfs, len: c_int, out: *mut c_char) -> c_int {
    // SAFETY: SQLite passes `len` bytes of room. It seeds itself from its default file system, so
    // this one is never asked for chance that would matter.
    unsafe { std::ptr::write_bytes(out, 7, len as usize) };
    len
}

unsafe extern "C" fn sleep(_vfs: *mut ffi::sqlite3_vfs, micros: c_int) -> c_int {
    micros
}

unsafe extern "C" fn current_time(_vfs: *mut ffi::sqlite3_vfs, day: *mut f64) -> c_int {
    // SAFETY: SQLite passes a place for the day.
    unsafe { *day = SOME_DAY };
    ffi::SQLITE_OK
}

unsafe extern "C" fn last_error(_vfs: *mut ffi::sqlite3_vfs, _len: c_int, _out: *mut c_char) -> c_int {
    0
}

unsafe extern "C" fn close(_file: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, to: *mut c_void, len: c_int, offset: i64) -> c_int {
    // SAFETY: SQLite passes a file that is open and `len` bytes of room.
    let ((disk, file), to) = unsafe { (opened(file), std::slice::from_raw_parts_mut(to.cast::<u8>(), len as usize)) };
    match disk.read(file, to, offset as usize) {
        Ok(read) if read == to.len() => ffi::SQLITE_OK,
        Ok(read) => {
            to[read..].fill(0);
            ffi::SQLITE_IOERR_SHORT_READ
        }
        Err(_) => ffi::SQLITE_IOERR_READ,
    }
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, len: c_int, offset: i64) -> c_int {
    // SAFETY: SQLite passes a file that is open and `len` bytes.
    let ((disk, file), from) = unsafe { (opened(file), std::slice::from_raw_parts(from.cast::<u8>(), len as usize)) };
    code(disk.write(file, from, offset as usize), ffi::SQLITE_IOERR_WRITE)
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, len: i64) -> c_int {
    // SAFETY: SQLite passes a file that is open.
    let (disk, file) = unsafe { opened(file) };
    code(disk.truncate(file, len as usize), ffi::SQLITE_IOERR_TRUNCATE)
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: SQLite passes a file that is open.
    let (disk, file) = unsafe { opened(file) };
    code(disk.sync(file), ffi::SQLITE_IOERR_FSYNC)
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut i64) -> c_int {
    // SAFETY: SQLite passes a file that is open and a place for its size.
    unsafe {
        let (disk, file) = opened(file);
        match disk.len(file) {
            Ok(len) => {
                *size = len as i64;
                ffi::SQLITE_OK
            }
            Err(_) => ffi::SQLITE_IOERR_FSTAT,
        }
    }
}

unsafe extern "C" fn lock(_file: *mut ffi::sqlite3_file, _level: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(_file: *mut ffi::sqlite3_file, held: *mut c_int) -> c_int {
    // SAFETY: SQLite passes a place for the answer.
    unsafe { *held = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_file: *mut ffi::sqlite3_file, _op: c_int, _arg: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_file: *mut ffi::sqlite3_file) -> c_int {
    SECTOR_SIZE
}

unsafe extern "C" fn device_characteristics(_file: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}
