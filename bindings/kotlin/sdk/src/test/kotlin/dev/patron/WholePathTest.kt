package dev.patron

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds

/** The real core, through the library, with a real backend process behind it. */
class WholePathTest {
    @TempDir
    lateinit var folder: File

    private val store get() = File(folder, "store")
    private val grants = arrayOf(Purpose.PartnerOffers, Purpose.PreciseLocation, Purpose.Engagement)

    @Test
    fun `refused consent records nothing, not on the device and not at the backend`() = withBackend { backend ->
        backend.open(store).use { patron ->
            patron.ready()
            patron.refresh()
            patron.consent.deny(*grants)
            assertEquals(Tracked.NotPermitted, patron.events.track(Engagement.Clicked("lumi-cup")))
            val refused = assertFailsWith<PatronException.NotPermitted> { patron.place.update(Walk.arrive.last()) }
            assertTrue(refused.purpose == Purpose.PreciseLocation || refused.purpose == Purpose.CoarseLocation)
            assertTrue(patron.sync.drain().done)
            assertEquals(0, patron.diagnostics().account.accepted)
            assertEquals(0, backend.stored())
            // Refusing never breaks the retailer's own offers.
            assertTrue(patron.offers.now("home").any { it.partner == null })
            assertTrue(patron.offers.now("home").none { it.partner != null })
            assertTrue(patron.blockers().any { it.purpose == Purpose.PartnerOffers })
        }
    }

    @Test
    fun `a walk becomes offers with their reasons, and every event arrives once`() = withBackend { backend ->
        backend.open(store).use { patron ->
            patron.refresh()
            val receipt = patron.consent.grant(*grants)
            assertEquals(grants.toList(), receipt.decisions.map { it.purpose })

            val arrived = async(Dispatchers.Unconfined) {
                patron.place.visits
                    .take(2)
                    .toList()
            }
            val entered = patron.walk(Walk.arrive).first()
            assertEquals(listOf(TransitionKind.Entered, TransitionKind.Dwelt), arrived.await().map { it.kind })
            assertEquals(entered, arrived.await().first())
            assertEquals(setOf(Walk.PLACE to entered.visit), arrived.await().map { it.place to it.visit }.toSet())
            assertEquals(
                VisitPhase.Dwelling,
                patron.place
                    .current()
                    .single()
                    .phase,
            )

            val card = assertNotNull(patron.offers.now("home").find { it.id == "lumi-cup" })
            val why = patron.offers.why(card.id)
            assertTrue(why.shown && why.summary.isNotBlank(), "$why")
            assertTrue(Fact.Consent(PurposeKind.PartnerOffers) in why.reasons.filter { it.holds }.map { it.fact })

            patron.sync.setOnline(false)
            repeat(40) { assertEquals(Tracked.Recorded, patron.events.track(Engagement.Impression(card.id))) }
            assertEquals(Tracked.Recorded, patron.events.trackDurable(Engagement.Saved(card.id)))
            assertFalse(patron.sync.drain(deadline = 1.seconds).done)
            assertEquals(TransitionKind.Left, patron.walk(Walk.leave).single().kind)
            val before = patron.diagnostics().account
            assertEquals(44, before.accepted)
            assertEquals(before.accepted - before.delivered, before.queued)

            patron.sync.setOnline(true)
            assertTrue(patron.sync.drain().done)
            val after = patron.diagnostics().account
            assertTrue(after.isBalanced, "$after")
            assertEquals(44, after.delivered)
            assertEquals(44, backend.stored())
            assertEquals(40, backend.stored("%.impression"))
            assertEquals(3, backend.stored("%.visit.%"))
        }
    }

    @Test
    fun `what was decided and recorded is there after closing and opening again`() = withBackend { backend ->
        val (states, offers) =
            backend.open(store).use { patron ->
                patron.refresh()
                patron.consent.grant(*grants)
                patron.consent.deny(Purpose.Beacons)
                patron.sync.setOnline(false)
                repeat(10) { patron.events.track(Engagement.Custom("opened", mapOf("screen" to "home"))) }
                patron.consent.states() to patron.offers.now("home").map { it.id }
            }
        backend.open(store).use { patron ->
            // Before anything else, and before the database is open: consent holds from the first call.
            assertEquals(Tracked.Recorded, patron.events.track(Engagement.Clicked("aarre-layers")))
            patron.sync.setOnline(false)
            patron.ready()
            assertEquals(states, patron.consent.states())
            assertEquals(offers, patron.offers.now("home").map { it.id })
            patron.sync.setOnline(true)
            assertTrue(patron.sync.drain().done)
            assertEquals(11, patron.diagnostics().account.delivered)
            assertEquals(11, backend.stored())
        }
    }

    @Test
    fun `withdrawing takes back what has not left`() = withBackend { backend ->
        backend.open(store).use { patron ->
            patron.refresh()
            patron.consent.grant(*grants)
            patron.sync.setOnline(false)
            patron.walk(Walk.arrive)
            repeat(5) { patron.events.track(Engagement.Saved("lumi-cup")) }
            val gone = patron.consent.withdraw(Purpose.Engagement)
            assertEquals(
                ConsentStatus.Withdrawn,
                gone.receipt.decisions
                    .single()
                    .status,
            )
            assertEquals(5, gone.purgedEvents)
            assertEquals(1, patron.consent.withdraw(Purpose.PreciseLocation).purgedVisits)
            patron.sync.setOnline(true)
            patron.sync.drain()
            val account = patron.diagnostics().account
            assertTrue(account.isBalanced, "$account")
            assertEquals(0, backend.stored("%.saved"))
        }
    }

    @Test
    fun `signing out leaves nothing to the next shopper`() = withBackend { backend ->
        backend.open(store).use { patron ->
            patron.refresh()
            patron.consent.grant(*grants)
            patron.identify("token-of-the-first")
            val first = patron.diagnostics()
            assertNotNull(first.accountAlias)
            patron.sync.setOnline(false)
            patron.events.track(Engagement.Saved("lumi-cup"))
            assertEquals(1, patron.signOut().purgedEvents)
            val second = patron.diagnostics()
            assertEquals(null, second.accountAlias)
            assertTrue(first.installation != second.installation)
            assertTrue(patron.consent.states().none { it.isGranted })
        }
    }

    @Test
    fun `one shopper does not become another without signing out`() = withBackend { backend ->
        backend.open(store).use { patron ->
            patron.consent.grant(*grants)
            patron.identify("first", account = "7")
            patron.identify("renewed", account = "7")
            val first = patron.diagnostics()
            assertFailsWith<PatronException.AnotherShopper> { patron.identify("of-the-second", account = "8") }
            assertEquals(first.accountAlias, patron.diagnostics().accountAlias)
            assertTrue(patron.consent.states().any { it.isGranted })
            patron.signOut()
            patron.identify("of-the-second", account = "8")
            val second = patron.diagnostics()
            assertTrue(first.accountAlias != second.accountAlias && first.installation != second.installation)
            assertTrue(patron.consent.states().none { it.isGranted })
        }
    }

    private fun withBackend(test: suspend CoroutineScope.(TestBackend) -> Unit) =
        TestBackend(File(folder, "backend")).use { backend -> runBlocking { test(backend) } }

    private suspend fun Patron.refresh() = sync.refresh()
}
