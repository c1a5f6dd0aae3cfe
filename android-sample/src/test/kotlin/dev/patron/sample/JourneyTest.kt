package dev.patron.sample

import dev.patron.Network
import kotlinx.coroutines.runBlocking
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** The whole way, by touch: the real core behind the app, and a real backend process at the other end. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class JourneyTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun what_a_shopper_does_arrives_once_and_only_what_was_allowed() =
        RunningBackend(folder.root).use { backend ->
            inTheApp { _, hand ->
                hand.connect(backend)
                refusesEverything(hand, backend)
                hand.allow(PARTNER_OFFERS, EXACTLY, WHAT_YOU_DO)
                walksAndAsksWhy(hand, backend)
                losesTheNetwork(hand, backend)
                comesBack(hand, backend)
                takesItBack(hand, backend)
            }
        }

    private fun refusesEverything(
        hand: Hand,
        backend: RunningBackend,
    ) {
        hand.tap(R.id.nav_privacy)
        hand.tap(R.id.refuse_all)
        hand.awaits("Nothing will be recorded or located")
        hand.tap(R.id.nav_offers)
        // Refusing never costs the offers that are for everyone.
        hand.awaits("From the house")
        hand.tap(R.id.card_save)
        hand.awaits("Nothing was recorded")
        hand.tap(R.id.nav_lab)
        hand.tap(R.id.walk_button)
        hand.awaits("A walk needs your location")
        assertEquals(0, account().accepted)
        assertEquals(emptyMap(), backend.stored())
        hand.awaits("the refusals at the backend") { backend.decisions()["engagement"] == "denied" }
    }

    private fun walksAndAsksWhy(
        hand: Hand,
        backend: RunningBackend,
    ) {
        hand.walkTo("Lumi Coffee, Market Square")
        val impression = "dev.patron.offer.impression"
        hand.awaits("a look that counts") {
            impression in backend.stored().values || impression in runBlocking { patron.me.export() }
        }
        hand.tap(hand.card("filter coffee"))
        assertTrue(hand.sees("Why you see this"))
        assertTrue(hand.sees("Lumi Coffee"), "the reason names the place: ${hand.read()}")
        hand.tap(R.id.why_save)
        hand.awaits("Saved for later")
    }

    private fun losesTheNetwork(
        hand: Hand,
        backend: RunningBackend,
    ) {
        hand.tap(R.id.nav_lab)
        hand.tap(R.id.flush_button)
        hand.awaits("everything so far at the backend") { account().queued == 0L }
        hand.tap(R.id.network_offline)
        hand.awaits("the core to know of it") { runBlocking { patron.diagnostics() }.network == Network.Offline }
        val before = backend.stored().size
        hand.tap(R.id.nav_offers)
        hand.awaits("You are offline")
        hand.tap(hand.card("filter coffee"))
        hand.tap(R.id.why_dismiss)
        hand.pick("This offer")
        hand.awaits("Put away")
        hand.awaits("it to go") { !hand.sees("filter coffee") }
        hand.tap(R.id.nav_lab)
        hand.tap(R.id.flush_button)
        hand.awaits("Delivered 0")
        assertTrue(account().queued > 0)
        assertEquals(before, backend.stored().size, "nothing left the phone")
    }

    private fun comesBack(
        hand: Hand,
        backend: RunningBackend,
    ) {
        hand.tap(R.id.network_device)
        hand.tap(R.id.flush_button)
        hand.awaits("everything at the backend") { account().let { it.queued == 0L && it.accepted == it.delivered } }
        val account = account()
        assertTrue(account.isBalanced, "$account")
        val stored = backend.stored()
        assertEquals(account.delivered, stored.size.toLong(), "each event is there, and once: $stored")
        val kinds = stored.values.toSet()
        for (kind in listOf("visit.entered", "offer.impression", "offer.clicked", "offer.saved", "offer.dismissed")) {
            assertTrue("dev.patron.$kind" in kinds, "$kind is missing from $kinds")
        }
        hand.awaits("Balanced")
    }

    private fun takesItBack(
        hand: Hand,
        backend: RunningBackend,
    ) {
        hand.tap(R.id.nav_privacy)
        hand.tap(hand.switch(EXACTLY))
        hand.awaits("Taken back. Deleted from this phone")
        assertTrue(hand.sees("1 visit"), "the visit that was going on is forgotten: ${hand.read()}")
        assertEquals(emptyList(), patron.place.current())
        hand.tap(R.id.nav_offers)
        hand.awaits("Your place is yours")
        hand.awaits("the withdrawal at the backend") { backend.decisions()["precise_location"] == "withdrawn" }
    }
}
