package dev.patron.sample.offers

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
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.flow.onEach

/** The placement that this app shows. */
const val PLACEMENT = "home"

/** What the offers screen shows. */
data class OffersState(
    val here: Visit? = null,
    val located: Boolean = false,
    val refused: Boolean = false,
    val cards: List<OfferCard> = emptyList(),
    /** The shopper asked for the cards; else they are those that may come by themselves. */
    val asked: Boolean = false,
    /** Offers that fit and wait until the shopper asks: while it is quiet, say. */
    val waiting: Int = 0,
    val blockers: List<Blocker> = emptyList(),
    val offline: Boolean = false,
    val saved: Set<String> = emptySet(),
    val failure: PatronException? = null,
    /** What the shopper looks for among the cards; empty for nothing. */
    val query: String = "",
) {
    /** The cards that the shopper looks for. */
    val found: List<OfferCard> get() = cards.matching(query)
}

/** The screen's state, renewed whenever the core, the network's word or the shopper changes it. */
@OptIn(ExperimentalCoroutinesApi::class)
fun offersState(session: Session): Flow<OffersState> =
    session.connection
        .flatMapLatest { connection ->
            when (connection) {
                is Connection.Opening -> emptyFlow()
                is Connection.Failed -> flowOf(OffersState(failure = connection.error))
                is Connection.Open -> openState(connection.patron, session)
            }
        }.distinctUntilChanged()

private fun openState(
    patron: Patron,
    session: Session,
): Flow<OffersState> {
    val fitting = patron.offers.at(PLACEMENT).onEach(session.names::learn)
    val shelf =
        combine(fitting, patron.offers.suggest(PLACEMENT), session.asked) { all, alone, asked ->
            if (asked) Shelf(all, asked = true) else Shelf(alone, waiting = (all.size - alone.size).coerceAtLeast(0))
        }
    val core =
        combine(shelf, patron.consent.changes, session.timeline, session.pulse) { shelf, consents, _, _ ->
            val granted = consents.filter { it.effective }.map { it.purpose }
            OffersState(
                here = patron.place.current().sortedWith(longest).firstOrNull(),
                located = Purpose.PreciseLocation in granted || Purpose.CoarseLocation in granted,
                refused = granted.isEmpty() && consents.any { it.decidedAt != null },
                cards = shelf.cards,
                asked = shelf.asked,
                waiting = shelf.waiting,
                blockers = patron.blockers(PLACEMENT, asked = true),
                saved = patron.offers.saved().map { it.offer }.toSet(),
            )
        }
    return combine(core, session.pretends) { state, network ->
        state.copy(offline = network == Network.Offline)
    }.catch { if (it is PatronException) emit(OffersState(failure = it)) else throw it }
}

private class Shelf(
    val cards: List<OfferCard>,
    val asked: Boolean = false,
    val waiting: Int = 0,
)

/** Where the shopper stays comes before where the shopper is. */
private val longest = compareBy<Visit>({ it.phase != VisitPhase.Dwelling }, { it.enteredAt })
