package dev.patron.internal

import com.sun.jna.NativeLibrary
import dev.patron.PatronException
import dev.patron.ffi.uniffiEnsureInitialized
import java.io.File

/**
 * The native library, loaded once for the process.
 *
 * The system property `patron.library` names its file; without it the platform looks for `libpatron` where it
 * keeps libraries, which on Android is the app's own package. The JVM and JNA load the same file: the fast lane
 * and the threads come by the one, all else by the other, and two copies would know nothing of each other.
 * Generated code that does not belong to the library, or a library without a lane, is a broken build, found here
 * and not at the first odd value.
 */
internal object Library {
    private const val NAME = "patron"
    private const val FILE = "patron.library"

    /** What the generated code asks for its library's name. */
    private const val OVERRIDE = "uniffi.component.patron.libraryOverride"

    private val loaded: Result<Unit> by lazy {
        runCatching {
            val file: File? = NativeLibrary.getInstance(System.getProperty(FILE)?.let(::existing) ?: NAME).file
            if (file != null && file.isAbsolute) {
                System.load(file.path)
                System.setProperty(OVERRIDE, file.path)
            } else {
                // Android's linker found it by its name alone, and finds the same one again.
                System.loadLibrary(NAME)
            }
            uniffiEnsureInitialized()
            Lane.prove()
        }
    }

    /** Loads it, or says again why it cannot be. */
    fun load() {
        val failure = loaded.exceptionOrNull() ?: return
        if (failure is PatronException) throw failure
        // The first use of a class whose initialiser fails throws an Error around the reason.
        val reason = (failure as? ExceptionInInitializerError)?.cause ?: failure
        if (reason is LinkageError) {
            throw PatronException.Unavailable("the native library cannot be loaded: ${reason.message}", cause = reason)
        }
        throw IllegalStateException("the native library and the generated code are not of one build", reason)
    }

    private fun existing(path: String): String {
        val file = File(path).absoluteFile
        if (!file.isFile) throw PatronException.Unavailable("$FILE names $file, which is no file")
        return file.path
    }
}
