package dev.patron.sample.lab.trace

import dev.patron.sample.lab.GpxException
import dev.patron.sample.lab.Walk
import dev.patron.sample.lab.readGpx
import org.json.JSONException
import org.json.JSONObject
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream

/** What a file gave; what it does not have is `null`. */
class TraceFile(
    val walk: Walk? = null,
    val fences: List<OwnFence>? = null,
    val heard: List<Heard>? = null,
) {
    companion object {
        /** A day of points is a third of it. */
        const val MAX_BYTES = 8 * 1024 * 1024

        /**
         * Reads GPX, GeoJSON or a beacon log, whichever [input] is.
         *
         * @throws TraceException that says why it is none, or not a whole one. Nothing else is thrown, whatever the file.
         */
        fun read(input: InputStream): TraceFile {
            val bytes =
                try {
                    bytes(input)
                } catch (e: IOException) {
                    throw TraceException("cannot be read: ${e.message.orEmpty()}")
                }
            val text = bytes.decodeToString().removePrefix("\uFEFF").trimStart()
            return when {
                text.isEmpty() -> throw TraceException("is empty")
                // In other encodings than UTF-8 the mark stands before it.
                text.startsWith('<') || bytes.hasMark() -> TraceFile(walk = gpx(bytes))
                text.startsWith('{') && isLog(text) -> TraceFile(heard = readBeaconLog(text))
                text.startsWith('{') -> geoJson(text)
                else -> throw TraceException("is neither GPX nor GeoJSON nor a beacon log")
            }
        }

        private fun bytes(input: InputStream): ByteArray {
            val found = ByteArrayOutputStream()
            val piece = ByteArray(64 * 1024)
            while (true) {
                val read = input.read(piece)
                if (read < 0) return found.toByteArray()
                found.write(piece, 0, read)
                if (found.size() > MAX_BYTES) throw TraceException("is larger than ${MAX_BYTES / 1024 / 1024} MiB")
            }
        }

        private fun ByteArray.hasMark(): Boolean =
            size >= 2 && setOf(this[0], this[1]) == setOf(0xff.toByte(), 0xfe.toByte())

        private fun gpx(bytes: ByteArray): Walk =
            try {
                readGpx(bytes.inputStream())
            } catch (e: GpxException) {
                throw TraceException(e.message.orEmpty())
            } catch (e: IOException) {
                throw TraceException("cannot be read as XML: ${e.message.orEmpty()}")
            } catch (e: RuntimeException) {
                // The platform's parser is of its device, and some stumble over what is no XML.
                throw TraceException("cannot be read as XML: ${e.javaClass.simpleName}")
            }

        private fun geoJson(text: String): TraceFile {
            val found = readGeoJson(text)
            if (found.walk == null && found.fences.isEmpty()) throw TraceException("holds no fence and no track")
            return TraceFile(found.walk, found.fences.ifEmpty { null })
        }

        /** A line that is an object of its own, with a time. */
        private fun isLog(text: String): Boolean =
            try {
                val line = text.lineSequence().first()
                line.length < LONGEST_LINE && JSONObject(line).has("at")
            } catch (_: JSONException) {
                false
            }
    }
}
