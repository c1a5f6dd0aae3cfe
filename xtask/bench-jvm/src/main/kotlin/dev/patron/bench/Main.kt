package dev.patron.bench

import kotlin.concurrent.thread
import kotlin.system.exitProcess
import kotlin.time.Duration.Companion.minutes

/**
 * `MEASURE SUBJECT ADDRESS FOLDER`: one figure of one SDK, in a process of its own. Prints its figures as an object of
 * JSON on the last line; `kill` prints nothing and dies.
 */
internal fun main(arguments: Array<String>) {
    if (arguments.size != USAGE.size) {
        System.err.println("usage: ${USAGE.joinToString(" ")}")
        exitProcess(2)
    }
    val (measure, name, address, folder) = arguments
    thread(isDaemon = true, name = "limit") {
        Thread.sleep(LIMIT.inWholeMilliseconds)
        System.err.println("$measure of $name did not end within $LIMIT")
        Runtime.getRuntime().halt(1)
    }
    val measures = Measures(SUBJECTS.getValue(name), address, folder)
    val figures =
        when (measure) {
            "track" -> measures.track()
            "drain" -> measures.drain()
            "kill" -> measures.kill()
            "resume" -> measures.resume()
            "offline" -> PatronMeasures(address, folder).offline()
            "start" -> PatronMeasures(address, folder).start()
            "offers" -> PatronMeasures(address, folder).offers()
            else -> error("no measure is called $measure")
        }
    println(figures.entries.joinToString(",", "{", "}") { "\"${it.key}\":${it.value}" })
    System.out.flush()
    // Some leave threads behind that would keep the process.
    Runtime.getRuntime().halt(0)
}

/** Three times what the longest takes on a slow machine: one that hangs must not hold up the others. */
private val LIMIT = 3.minutes

private val USAGE = listOf("MEASURE", "SUBJECT", "ADDRESS", "FOLDER")
