package dev.patron.android

import android.app.Activity
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

    /**
     * Says whether any activity is started, after each change. Keeps them rather than counts them: one that was
     * started before this listened stops without having been counted.
     */
    private class Started(
        private val say: (Boolean) -> Unit,
    ) : Quiet() {
        private val started = mutableSetOf<Activity>()

        override fun onActivityStarted(activity: Activity) {
            started += activity
            say(true)
        }

        override fun onActivityStopped(activity: Activity) {
            started -= activity
            // A phone that is being turned is still looked at: the next activity starts at once.
            if (started.isEmpty() && !activity.isChangingConfigurations) say(false)
        }
    }
}
