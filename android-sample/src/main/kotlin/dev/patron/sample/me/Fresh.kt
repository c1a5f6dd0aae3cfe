package dev.patron.sample.me

import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.sample.Connection
import dev.patron.sample.Session
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.update

/** Says when a screen that reads the store has to read it again: it came to the front, consent moved, something was done. */
class Fresh(
    private val session: Session,
) {
    private val asked = MutableStateFlow(0)

    fun ask(): Unit = asked.update { it + 1 }

    /** Calls [read] with the handle as it is, now and whenever it may find something else. */
    @OptIn(ExperimentalCoroutinesApi::class)
    suspend fun follow(read: suspend (Patron) -> Unit) {
        val moved =
            session.connection.flatMapLatest { connection ->
                val patron = (connection as? Connection.Open)?.patron
                patron?.consent?.changes?.map { patron } ?: emptyFlow()
            }
        combine(moved.catch { if (it !is PatronException) throw it }, session.pulse, asked) { patron, _, _ -> patron }
            .collectLatest { patron ->
                try {
                    read(patron)
                } catch (_: PatronException.Closed) {
                    // Another handle takes its place, and is read in its turn.
                } catch (e: PatronException) {
                    session.tell(e)
                }
            }
    }
}
