package dev.patron.sample

import android.content.Context
import dev.patron.Engagement
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Tracked

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

/** Records [event] and says what became of it: [recorded], or why not and what would change that. */
fun Patron.track(
    event: Engagement,
    recorded: Note,
): Note =
    when (events.track(event)) {
        Tracked.Recorded, Tracked.NotYetDurable -> recorded
        Tracked.Busy -> Note(R.string.error_busy)
        Tracked.NotPermitted -> {
            val isAllowed = consent.states().any { it.purpose == event.purpose && it.effective }
            val purpose = consent.texts().find { it.purpose == event.purpose }?.title.orEmpty()
            // With the yes, it is the publisher who takes no notes: a remote switch, or a sample without this phone.
            if (isAllowed) Note(R.string.tracked_switched_off) else Note(R.string.tracked_not_permitted, purpose)
        }
    }
