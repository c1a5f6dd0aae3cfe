package dev.patron.sample.offers

import android.view.View
import android.widget.EditText
import android.widget.FrameLayout
import android.widget.RatingBar
import dev.patron.Engagement
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Purpose
import dev.patron.Topic
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.track
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.onTyped
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text

/**
 * The shopper tells the shop something, of an offer, of the place, or of nothing in particular. Stars make it a review,
 * words alone are feedback. What was written stays until it is recorded: through a turn of the phone, and through a no.
 */
class SaySheet(
    private val host: FrameLayout,
    private val session: Session,
) {
    private val context = host.context

    /** The offer that is spoken of, or [HERE]; `null` while the sheet is closed. */
    var about: String? = null
        private set

    /** What the sheet is headed with; that is what is sent, wherever the shopper has gone since. */
    private var subject: Subject? = null

    val isOpen: Boolean get() = about != null

    fun open(about: String) {
        val patron = session.patron ?: return
        this.about = about
        host.removeAllViews()
        val view = host.inflate(R.layout.say_sheet).also(::fill)
        name(view, subject(patron, about))
        host.addView(view)
        host.showIf(true)
        host.text(R.id.say_title).requestFocus()
        // A screen that comes back may have started the process: what has which name is known once the store is open.
        session.act {
            it.ready()
            if (this.about == about) name(view, subject(it, about))
            null
        }
    }

    fun close() {
        if (!isOpen) return
        about = null
        subject = null
        host.removeAllViews()
        host.showIf(false)
    }

    private fun name(
        view: View,
        subject: Subject,
    ) {
        this.subject = subject
        view.text(R.id.say_title).text = subject.name
        // Of nothing in particular there is no review.
        view.findViewById<View>(R.id.say_stars).showIf(subject.topic != null)
    }

    private fun fill(view: View) {
        val stars = view.findViewById<RatingBar>(R.id.say_stars)
        val words = view.findViewById<EditText>(R.id.say_words)
        val send = view.text(R.id.say_send)

        fun mayBeSent() {
            send.isEnabled = stars.rating > 0 || words.text.isNotBlank()
        }
        stars.setOnRatingBarChangeListener { _, _, _ -> mayBeSent() }
        words.onTyped { mayBeSent() }
        mayBeSent()
        view.findViewById<View>(R.id.scrim).setOnClickListener { close() }
        view.text(R.id.say_not_now).setOnClickListener { close() }
        view.text(R.id.say_allow).setOnClickListener { allow(view) }
        send.setOnClickListener {
            say(view, event(subject?.topic, stars.rating.toInt(), words.text.toString().trim()))
        }
    }

    private fun event(
        topic: Topic?,
        stars: Int,
        words: String,
    ): Engagement =
        if (topic != null && stars > 0) {
            Engagement.Reviewed(topic, stars, words.ifEmpty { null })
        } else {
            Engagement.Feedback(words, topic)
        }

    private fun say(
        view: View,
        event: Engagement,
    ) {
        session.act { patron ->
            val noted = Note(if (event is Engagement.Reviewed) R.string.say_reviewed else R.string.say_told)
            val note = patron.track(event, noted)
            if (note === noted) close() else refused(view, patron, note)
            note.takeIf { it === noted }
        }
    }

    /** Said on the sheet, beside the words that are still there. */
    private fun refused(
        view: View,
        patron: Patron,
        note: Note,
    ) {
        view.text(R.id.say_refused).apply {
            text = note.say(context)
            showIf(true)
        }
        view.text(R.id.say_allow).showIf(patron.consent.states().any { it.purpose == Purpose.Dialogue && !it.isGranted })
    }

    private fun allow(view: View) {
        session.act { patron ->
            patron.consent.grant(Purpose.Dialogue, surface = SURFACE)
            view.text(R.id.say_refused).setText(R.string.say_allowed)
            view.text(R.id.say_allow).showIf(false)
            null
        }
    }

    private fun subject(
        patron: Patron,
        about: String,
    ): Subject =
        try {
            if (about == HERE) {
                patron.place.current().lastOrNull()?.let { Subject(Topic.Place(it.place), it.placeName) } ?: shop()
            } else {
                session.names.learn(patron.offers.now(PLACEMENT))
                Subject(Topic.Offer(about), session.names.offer(patron, about))
            }
        } catch (_: PatronException) {
            // The handle is being closed for another: of the shop one can speak at any time.
            shop()
        }

    private fun shop() = Subject(null, context.getString(R.string.say_shop))

    private class Subject(
        val topic: Topic?,
        val name: String,
    )

    companion object {
        /** Of the place where the shopper is, or of the shop. No offer is called so. */
        const val HERE = ""

        /** Stands in the receipt: where the shopper was asked. */
        private const val SURFACE = "say"
    }
}
