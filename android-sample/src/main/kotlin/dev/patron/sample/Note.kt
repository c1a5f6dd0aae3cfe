package dev.patron.sample

import android.content.Context
import dev.patron.PatronException

/** A sentence for the shopper, in the language of whichever screen shows it. */
class Note(
    private val text: Int,
    private vararg val values: Any,
) {
    fun say(context: Context): String = context.getString(text, *values)
}

/** What went wrong, as a next step. The `when` is complete: a new kind of error will not compile without words. */
fun PatronException.note(): Note =
    when (this) {
        is PatronException.InvalidInput -> Note(R.string.error_invalid, what, why)
        is PatronException.NotPermitted -> Note(R.string.error_not_permitted)
        is PatronException.Busy -> Note(R.string.error_busy)
        is PatronException.Unavailable -> Note(R.string.error_unavailable, why)
        is PatronException.Storage -> Note(R.string.error_storage, why)
        is PatronException.Tampered -> Note(R.string.error_tampered, why)
        is PatronException.AnotherShopper -> Note(R.string.error_another_shopper)
        is PatronException.Closed -> Note(R.string.error_closed)
    }
