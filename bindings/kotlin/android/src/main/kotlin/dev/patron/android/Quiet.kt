package dev.patron.android

import android.app.Activity
import android.app.Application.ActivityLifecycleCallbacks
import android.os.Bundle

/** Hears of activities and does nothing: whoever extends it says what matters. */
internal open class Quiet : ActivityLifecycleCallbacks {
    override fun onActivityCreated(
        activity: Activity,
        savedInstanceState: Bundle?,
    ) = Unit

    override fun onActivityStarted(activity: Activity) = Unit

    override fun onActivityResumed(activity: Activity) = Unit

    override fun onActivityPaused(activity: Activity) = Unit

    override fun onActivityStopped(activity: Activity) = Unit

    override fun onActivitySaveInstanceState(
        activity: Activity,
        outState: Bundle,
    ) = Unit

    override fun onActivityDestroyed(activity: Activity) = Unit
}

/** Hears of each activity that comes to the front: it does so after each question of the platform's, too. */
internal class Front(
    private val look: () -> Unit,
) : Quiet() {
    override fun onActivityResumed(activity: Activity): Unit = look()
}

/**
 * Says whether any activity is started, after each change. Keeps them rather than counts them: one that was
 * started before this listened stops without having been counted.
 */
internal class Started(
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
