package dev.patron.bench

import com.sun.jna.Library
import com.sun.jna.Native

/** SIGKILL to this very process: what comes behind it never runs. */
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
