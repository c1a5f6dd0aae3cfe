package dev.patron.sample

import android.view.View
import kotlinx.coroutines.CoroutineScope

/** One of the app's screens: a view, and what keeps it true while it can be seen. */
interface Screen {
    val view: View

    /** Called when it comes to the front. */
    fun shown() = Unit

    /** Called when the activity can be seen; [scope] ends when it cannot. */
    fun follow(scope: CoroutineScope)
}

/** Where the navigation leads. */
enum class Tab {
    Offers,
    Privacy,
    Lab,

    /** The shopper's own rules and wishes; behind [Offers]. */
    Moments,

    /** What is known of the shopper; behind [Privacy]. */
    Me,

    /** The shopper's decisions; behind [Privacy]. */
    Receipts,
    ;

    /** The button of the navigation that leads there. */
    val home: Tab
        get() =
            when (this) {
                Moments -> Offers
                Me, Receipts -> Privacy
                Offers, Privacy, Lab -> this
            }
}
