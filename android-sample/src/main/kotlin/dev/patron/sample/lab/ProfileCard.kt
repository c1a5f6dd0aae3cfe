package dev.patron.sample.lab

import android.view.View
import android.widget.Switch
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Profile
import dev.patron.ProfileTrait
import dev.patron.sample.Connection
import dev.patron.sample.R
import dev.patron.sample.Session
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.launch

/** The lab's word on what a shop's app would know of its shopper from the counter: that the shopper likes coffee, and runs. */
class ProfileCard(
    view: View,
    private val session: Session,
) {
    private val coffee = view.findViewById<Switch>(R.id.profile_coffee)
    private val runs = view.findViewById<Switch>(R.id.profile_runs)

    init {
        coffee.setOnClickListener { tell(ProfileTrait.Affinity(COFFEE, if (coffee.isChecked) LIKES else null)) }
        runs.setOnClickListener { tell(ProfileTrait.Segment(RUNNERS, if (runs.isChecked) true else null)) }
    }

    private fun tell(trait: ProfileTrait) {
        session.act { patron ->
            patron.profile.tell(trait)
            null
        }
    }

    /** The switches show what holds: without the yes to it, that is nothing. */
    fun follow(scope: CoroutineScope) {
        scope.launch {
            session.connection.collectLatest { connection ->
                show(Profile())
                (connection as? Connection.Open)?.let { show(it.patron) }
            }
        }
    }

    private suspend fun show(patron: Patron) =
        combine(patron.consent.changes, session.pulse) { _, _ -> patron.profile.current() }
            // Closed: another handle is on its way.
            .catch { if (it !is PatronException) throw it }
            .collect(::show)

    private fun show(known: Profile) {
        coffee.isChecked = COFFEE in known.affinities
        runs.isChecked = known.segments[RUNNERS] == true
    }

    private companion object {
        /** A topic of the demo town's offers. */
        const val COFFEE = "coffee"
        const val LIKES = 80

        /** Whom one of them is for. */
        const val RUNNERS = "runners"
    }
}
