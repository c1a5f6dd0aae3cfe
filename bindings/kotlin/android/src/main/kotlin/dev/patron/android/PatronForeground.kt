package dev.patron.android

import android.app.Application
import dev.patron.Patron
import kotlinx.coroutines.Job

/**
 * Tells Patron whether the shopper looks at the app: leaving it sends what is queued, coming back after half an hour
 * begins a new session. Needs no permission. Best followed from `Application.onCreate` on.
 */
public class PatronForeground(
    private val application: Application,
) {
    /**
     * Tells [patron] of each coming and going, until the job is cancelled or [patron] closed. Any thread.
     *
     * Nothing is said before an activity starts: a process that a job started is looked at by nobody.
     */
    public fun follow(patron: Patron): Job =
        follow<Boolean>(patron, { setForeground(it) }) { words ->
            val listener = Started { words.trySend(it) }
            application.registerActivityLifecycleCallbacks(listener)
            return@follow { application.unregisterActivityLifecycleCallbacks(listener) }
        }
}
