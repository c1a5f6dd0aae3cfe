package dev.patron.android

import android.app.Application
import android.content.Intent
import android.util.Log
import dev.patron.Patron
import dev.patron.PatronException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.drop
import kotlinx.coroutines.launch
import java.util.TimeZone

/**
 * Tells Patron whether the shopper looks at the app: leaving it sends what is queued, coming back after half an hour
 * begins a new session. And by which clock: quiet hours move with a traveller. Needs no permission. Best followed from
 * `Application.onCreate` on.
 */
public class PatronForeground(
    private val application: Application,
) {
    /**
     * Tells [patron] of each coming and going, and of each change of the time zone, until the job is cancelled or
     * [patron] closed. Any thread.
     *
     * Nothing is said before an activity starts: a process that a job started is looked at by nobody.
     */
    public fun follow(patron: Patron): Job {
        val zone = CoroutineScope(Dispatchers.Default).launch { followZone(patron) }
        val presence =
            follow<Boolean>(patron, { setForeground(it) }) { words ->
                val listener = Started { words.trySend(it) }
                application.registerActivityLifecycleCallbacks(listener)
                return@follow { application.unregisterActivityLifecycleCallbacks(listener) }
            }
        presence.invokeOnCompletion { zone.cancel() }
        return presence
    }

    private suspend fun followZone(patron: Patron): Unit =
        try {
            // The one that the app began with is the configuration's to name.
            application.broadcasts(Intent.ACTION_TIMEZONE_CHANGED).drop(1).collect { tellZone(patron) }
        } catch (_: PatronException.Closed) {
            // There is nobody left to tell.
        }

    private suspend fun tellZone(patron: Patron) {
        val name = TimeZone.getDefault().id
        try {
            whenTaken { patron.moments.setTimeZone(name) }
        } catch (e: PatronException.Closed) {
            throw e
        } catch (e: PatronException) {
            Log.w(TAG, "quiet hours stay by the clock of before, and not by that of $name", e)
        }
    }
}
