package dev.patron.sample.offers

import android.os.Bundle
import dev.patron.Blocker
import dev.patron.Network
import dev.patron.OfferCard
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Purpose
import dev.patron.Visit
import dev.patron.VisitPhase
import dev.patron.sample.Connection
import dev.patron.sample.Session
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.flowOf

/** The placement that this app shows. */
const val PLACEMENT = "home"

/** What the offers screen shows. */
data class OffersState(
    val here: Visit? = null,
    val located: Boolean = false,
    val refused: Boolean = false,
    val cards: List<OfferCard> = emptyList(),
    val blockers: List<Blocker> = emptyList(),
    val offline: Boolean = false,
    val saved: Set<String> = emptySet(),
    val failure: PatronException? = null,
)

/** What the shopper saw, kept and put away on this screen; survives a turn of the phone and the process. */
class Kept private constructor(
    saved: Set<String>,
    away: Set<String>,
    private val seen: MutableSet<String>,
) {
    private val kept = MutableStateFlow(saved)
    private val hidden = MutableStateFlow(away)

    val saved: StateFlow<Set<String>> = kept.asStateFlow()
    val away: StateFlow<Set<String>> = hidden.asStateFlow()

    fun save(offer: String) {
        kept.value += offer
    }

    fun putAway(offer: String) {
        hidden.value += offer
    }

    /** Whether [offer] was seen before. */
    fun hasSeen(offer: String): Boolean = offer in seen

    fun see(offer: String) {
        seen += offer
    }

    fun save(state: Bundle) {
        state.putStringArrayList(SAVED, ArrayList(kept.value))
        state.putStringArrayList(AWAY, ArrayList(hidden.value))
        state.putStringArrayList(SEEN, ArrayList(seen))
    }

    companion object {
        private const val SAVED = "offers.saved"
        private const val AWAY = "offers.away"
        private const val SEEN = "offers.seen"

        fun from(state: Bundle?): Kept =
            Kept(
                state?.getStringArrayList(SAVED).orEmpty().toSet(),
                state?.getStringArrayList(AWAY).orEmpty().toSet(),
                state?.getStringArrayList(SEEN).orEmpty().toMutableSet(),
            )
    }
}

/** The screen's state, renewed whenever the core, the network's word or the shopper changes it. */
@OptIn(ExperimentalCoroutinesApi::class)
fun offersState(
    session: Session,
    kept: Kept,
): Flow<OffersState> =
    session.connection
        .flatMapLatest { connection ->
            when (connection) {
                is Connection.Opening -> emptyFlow()
                is Connection.Failed -> flowOf(OffersState(failure = connection.error))
                is Connection.Open -> openState(connection.patron, session, kept)
            }
        }.distinctUntilChanged()

private fun openState(
    patron: Patron,
    session: Session,
    kept: Kept,
): Flow<OffersState> {
    val core =
        combine(patron.offers.at(PLACEMENT), patron.consent.changes, session.timeline, session.pulse) { cards, consents, _, _ ->
            val granted = consents.filter { it.effective }.map { it.purpose }
            OffersState(
                here = patron.place.current().sortedWith(longest).firstOrNull(),
                located = Purpose.PreciseLocation in granted || Purpose.CoarseLocation in granted,
                refused = granted.isEmpty() && consents.any { it.decidedAt != null },
                cards = cards,
                blockers = patron.blockers(),
            )
        }
    return combine(core, session.pretends, kept.saved, kept.away) { state, network, saved, away ->
        val offline = network == Network.Offline
        state.copy(cards = state.cards.filter { it.id !in away }, offline = offline, saved = saved)
    }.catch { if (it is PatronException) emit(OffersState(failure = it)) else throw it }
}

/** Where the shopper stays comes before where the shopper is. */
private val longest = compareBy<Visit>({ it.phase != VisitPhase.Dwelling }, { it.enteredAt })
