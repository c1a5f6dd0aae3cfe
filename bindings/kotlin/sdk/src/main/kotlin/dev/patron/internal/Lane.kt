package dev.patron.internal

import dev.patron.PatronException
import dev.patron.ffi.FfiConverterTypeEngagement
import dev.patron.ffi.FfiConverterTypePatronError
import dev.patron.ffi.FfiConverterTypeTracked
import java.nio.Buffer
import java.nio.ByteBuffer
import dev.patron.ffi.Engagement as FfiEngagement
import dev.patron.ffi.Tracked as FfiTracked

/**
 * The fast lane of one handle: `track` by JNI, where JNA would take longer than the call itself.
 *
 * Event and answer are written and read by the generated converters; [number] stands for the handle, and
 * the library refuses one whose handle is gone. Any thread may call.
 */
internal class Lane(private val number: Long) {
    /**
     * What became of [event], or `null` for one that has no room here: the caller takes the long way.
     *
     * @throws dev.patron.ffi.PatronException as the long way does.
     */
    fun track(event: FfiEngagement): FfiTracked? {
        if (FfiConverterTypeEngagement.allocationSize(event) > ROOM.toULong()) return null
        val buffer = BUFFER.get()
        buffer.rewound()
        FfiConverterTypeEngagement.write(event, buffer)
        val code = track(number, buffer, buffer.position())
        buffer.rewound()
        return when (code) {
            TRACKED -> FfiConverterTypeTracked.read(buffer)
            FAILED -> throw FfiConverterTypePatronError.read(buffer)
            NO_ROOM -> null
            else -> throw PatronException.Unavailable("the fast lane answered $code, a mistake inside Patron")
        }
    }

    companion object Native {
        // As bindings/src/lane.rs has them.
        private const val TRACKED = 0
        private const val FAILED = 1
        private const val NO_ROOM = 2

        /** A number that is never given. */
        private const val NOBODY = 0L

        /**
         * Bytes that each thread that tracks keeps for it. Room for a purchase of a hundred lines; what is larger is
         * rare enough for the long way.
         */
        private const val ROOM = 16 * 1024

        /** Direct, so that the library reads where this writes. */
        private val BUFFER: ThreadLocal<ByteBuffer> = ThreadLocal.withInitial { ByteBuffer.allocateDirect(ROOM) }

        /** Throws a [LinkageError] where the library has no lane: at the start, and not at the first event. */
        fun prove() {
            track(NOBODY, BUFFER.get(), 0)
        }

        @JvmStatic
        private external fun track(lane: Long, buffer: ByteBuffer, length: Int): Int

        /** As [Buffer], since Android before 9 has no `ByteBuffer.clear` that returns a `ByteBuffer`. */
        private fun Buffer.rewound() {
            clear()
        }
    }
}
