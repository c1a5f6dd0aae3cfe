package dev.patron

import com.sun.jna.Library
import com.sun.jna.Native
import java.io.File

/** A JVM of its own that runs [main] with this suite's classes and the same native library. */
internal class Child(main: String, private val errors: File, vararg arguments: String) {
    val process: Process =
        ProcessBuilder(
            File(System.getProperty("java.home"), "bin/java").path,
            "--enable-native-access=ALL-UNNAMED",
            "-Dpatron.library=${TestBackend.required("patron.library")}",
            "-cp",
            System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path"),
            main,
            *arguments,
        ).redirectError(errors).start()

    /** What it said on standard error. */
    fun complaints(): String = errors.readText()
}

/** SIGKILL to this very process: what comes behind it never runs, no hook and no flush either. */
internal object Sigkill {
    private const val NUMBER = 9
    private val libc: LibC = Native.load("c", LibC::class.java)
    private val self = ProcessHandle.current().pid().toInt()

    /** Pays what the first call costs, before the last event: signal 0 does nothing. */
    fun prepare() {
        libc.kill(self, 0)
    }

    fun now(): Nothing {
        libc.kill(self, NUMBER)
        error("SIGKILL did not come")
    }

    internal interface LibC : Library {
        fun kill(process: Int, signal: Int): Int
    }
}
