//! The JVM that loaded this library, and the core's threads as it knows them.
//!
//! A thread that calls into a JVM must be attached to it. JNA attaches for the length of each
//! callback, which costs tens of microseconds and a new Java thread each time. The core's threads
//! are attached here once instead: as daemons, so that they keep no JVM alive, and detached when
//! they end, which Android insists on. Under Swift there is no JVM and nothing of this runs.

use std::ffi::{CString, c_void};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use jni_sys::{JNI_VERSION_1_6, JavaVM, JavaVMAttachArgs, jint};
use patron_core::{ThreadHook, Threads};

/// Written once, by [`JNI_OnLoad`]. A process has at most one JVM, and it ends with the process.
static JVM: AtomicPtr<JavaVM> = AtomicPtr::new(ptr::null_mut());

/// What the JVM calls when `System.load` has opened the library. Opening it by other means, as
/// JNA does, does not call this.
#[allow(unsafe_code, reason = "the JVM finds this by its name")]
#[unsafe(no_mangle)]
pub extern "system" fn JNI_OnLoad(jvm: *mut JavaVM, _reserved: *mut c_void) -> jint {
    JVM.store(jvm, Ordering::Release);
    JNI_VERSION_1_6
}

/// Whether a JVM loaded this very copy of the library.
pub(crate) fn is_known() -> bool {
    !JVM.load(Ordering::Acquire).is_null()
}

/// Threads that the JVM knows from their beginning to their end; plain ones where there is none.
pub(crate) fn threads() -> Threads {
    if is_known() { Threads::hooked(Arc::new(Attached)) } else { Threads::default() }
}

struct Attached;

#[allow(unsafe_code, reason = "the JVM's own functions stand behind raw pointers")]
impl ThreadHook for Attached {
    fn started(&self) {
        let jvm = JVM.load(Ordering::Acquire);
        // What debuggers and thread dumps show.
        let name = CString::new(std::thread::current().name().unwrap_or("patron")).unwrap_or_default();
        let mut arguments =
            JavaVMAttachArgs { version: JNI_VERSION_1_6, name: name.as_ptr().cast_mut(), group: ptr::null_mut() };
        let mut env = ptr::null_mut();
        // SAFETY: `jvm` is what the JVM gave to `JNI_OnLoad`, and lives as long as the process; name
        // and arguments outlive the call, which copies them. A refusal needs no answer: callbacks
        // then attach one by one.
        unsafe { ((**jvm).v1_4.AttachCurrentThreadAsDaemon)(jvm, &raw mut env, (&raw mut arguments).cast()) };
    }

    fn ended(&self) {
        let jvm = JVM.load(Ordering::Acquire);
        // SAFETY: `jvm` as above. No Java method is on the stack of a thread that ends. For one that
        // was not attached it does nothing.
        unsafe { ((**jvm).v1_1.DetachCurrentThread)(jvm) };
    }
}
