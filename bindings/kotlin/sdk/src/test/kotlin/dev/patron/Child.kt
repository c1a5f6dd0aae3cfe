package dev.patron

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
