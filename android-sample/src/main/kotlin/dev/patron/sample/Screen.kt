package dev.patron.sample

import android.view.View
import kotlinx.coroutines.CoroutineScope

/** One of the app's screens: a view, and what keeps it true while it can be seen. */
interface Screen {
    val view: View

    /** Called when the activity can be seen; [scope] ends when it cannot. */
    fun follow(scope: CoroutineScope)
}

/** Where the navigation leads. */
enum class Tab { Offers, Privacy, Lab }
