package dev.patron.sample.lab.trace

import android.content.Context
import android.net.Uri
import android.provider.OpenableColumns
import dev.patron.PatronException
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.lab.Walk
import dev.patron.sample.lab.readGpx
import dev.patron.sample.note
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.io.File
import java.io.IOException

/**
 * What lies on the lab's bench.
 *
 * @property walkFrom the file's name; `null` for the town's own walk, and likewise below.
 * @property problem why the last file was not taken, or the last walk not played.
 * @property playing so many points of the walk were handed over; `null` while none is played.
 */
data class TraceState(
    val walk: Walk,
    val fences: List<OwnFence>,
    val walkFrom: String? = null,
    val fencesFrom: String? = null,
    val heard: List<Heard> = emptyList(),
    val heardFrom: String? = null,
    val spoil: Spoil = Spoil(),
    val playing: Int? = null,
    val played: Played? = null,
    val problem: Note? = null,
)

/** Takes files of one's own, and plays them; turning the phone interrupts neither. */
class TraceBench(
    private val context: Context,
    private val scope: CoroutineScope,
) {
    private val current = MutableStateFlow(towns())
    private var job: Job? = null

    val state: StateFlow<TraceState> = current.asStateFlow()

    /** Takes the file that the tester chose; what it holds takes the place of what was there. */
    fun open(file: Uri): Job {
        stop()
        return scope.launch {
            val name = withContext(Dispatchers.IO) { nameOf(file) }
            try {
                val found = withContext(Dispatchers.IO) { read(file) }
                // Whoever did not wait for the file plays what it takes the place of.
                stop()
                take(name, found)
            } catch (e: TraceException) {
                current.update { it.copy(problem = Note(R.string.trace_unreadable, name, e.message.orEmpty())) }
            }
        }
    }

    /** Puts other noise and gaps in, from the next time it is played. */
    fun spoil(change: (Spoil) -> Spoil): Unit = current.update { it.copy(spoil = change(it.spoil)) }

    /** The town's own walk and places again. */
    fun reset() {
        stop()
        current.value = towns()
    }

    fun play() {
        stop()
        val now = current.value
        current.value = now.copy(playing = 0, played = null, problem = null)
        job =
            scope.launch {
                try {
                    val played = withContext(Dispatchers.Default) { run(now) }
                    current.update { it.copy(playing = null, played = played) }
                } catch (e: PatronException) {
                    current.update { it.copy(playing = null, problem = e.note()) }
                }
            }
    }

    fun stop() {
        job?.cancel()
        current.update { it.copy(playing = null) }
    }

    private suspend fun run(now: TraceState): Played {
        val locale = context.resources.configuration.locales[0].toLanguageTag()
        val walk = now.walk.spoilt(now.spoil)
        return TraceRun(File(context.cacheDir, "trace"), locale).play(walk, now.fences, now.heard) { step ->
            current.update { if (it.playing == null) it else it.copy(playing = step) }
        }
    }

    private fun take(
        name: String,
        file: TraceFile,
    ): Unit =
        current.update { now ->
            now.copy(
                walk = file.walk ?: now.walk,
                walkFrom = if (file.walk == null) now.walkFrom else name,
                fences = file.fences ?: now.fences,
                fencesFrom = if (file.fences == null) now.fencesFrom else name,
                heard = file.heard ?: now.heard,
                heardFrom = if (file.heard == null) now.heardFrom else name,
                played = null,
                problem = null,
            )
        }

    private fun read(file: Uri): TraceFile =
        try {
            val stream = context.contentResolver.openInputStream(file) ?: throw TraceException("is gone")
            stream.use(TraceFile::read)
        } catch (e: IOException) {
            throw TraceException("cannot be opened: ${e.message.orEmpty()}")
        } catch (_: SecurityException) {
            throw TraceException("may not be read by this app")
        } catch (e: RuntimeException) {
            // Whatever another app's provider throws.
            throw TraceException("cannot be opened: ${e.javaClass.simpleName}")
        }

    /** As the shopper knows it, where its keeper says so. */
    private fun nameOf(file: Uri): String {
        val told =
            try {
                context.contentResolver.query(file, arrayOf(OpenableColumns.DISPLAY_NAME), null, null, null)?.use { row ->
                    if (row.moveToFirst()) row.getString(0) else null
                }
            } catch (_: RuntimeException) {
                // Another app's provider: whatever it throws, the file may be readable all the same.
                null
            }
        return (told ?: file.lastPathSegment.orEmpty()).take(QUOTED)
    }

    private fun towns(): TraceState {
        val walk = context.assets.open("walk.gpx").use(::readGpx)
        val fences = context.assets.open("town.geojson").use { readGeoJson(it.readBytes().decodeToString()).fences }
        return TraceState(walk, fences)
    }
}
