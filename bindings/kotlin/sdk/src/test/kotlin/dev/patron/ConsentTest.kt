package dev.patron

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.Locale
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days

/** What the shopper is asked, in which words, and what becomes of the answers. */
class ConsentTest {
    @TempDir
    lateinit var folder: File

    @Test
    fun `a yes says which words were seen, where, and until when it stands`() = runBlocking {
        open().use { patron ->
            patron.ready()
            val decision = patron.consent.grant(Purpose.Engagement, surface = "onboarding").decisions.single()
            assertEquals("onboarding" to "en", decision.surface to decision.locale)
            assertEquals(decision.decidedAt + 395.days, decision.expiresAt)
            assertEquals(64, decision.text?.length)
            assertTrue(decision.isOwn && !decision.isOfAccount && decision.parents.isEmpty(), "$decision")

            val state = patron.state(Purpose.Engagement)
            assertEquals(decision.decidedAt to decision.expiresAt, state.decidedAt to state.expiresAt)
            assertTrue(state.isGranted && state.effective && state.loweredBy.isEmpty(), "$state")

            val later = patron.consent.deny(Purpose.Engagement, surface = "settings").decisions.single()
            assertEquals(listOf(decision.hash), later.parents, "it comes after what it takes back")
            assertNull(later.expiresAt)
            assertEquals(ConsentStatus.Withdrawn, patron.state(Purpose.Engagement).status)
        }
    }

    @Test
    fun `a surface that is no name of a screen is refused and nothing is decided`() = runBlocking {
        open().use { patron ->
            for (surface in listOf("", "x".repeat(65), "two\nlines")) {
                val refused = assertFailsWith<PatronException.InvalidInput> {
                    patron.consent.grant(Purpose.Dialogue, surface = surface)
                }
                assertEquals("surface", refused.what)
            }
            assertEquals(0, patron.consent.verify().entries)
        }
    }

    @Test
    fun `the words come in the shopper's language, for every purpose and partner`() = runBlocking {
        val titles = listOf("en", "de").map { locale ->
            open(locale = locale).use { patron ->
                patron.sync.refresh()
                val texts = patron.consent.texts()
                assertEquals(patron.consent.states().map { it.purpose }, texts.map { it.purpose })
                assertTrue(texts.all { it.locale == locale && it.body.isNotBlank() }, "$texts")
                val lumi = texts.single { it.purpose == Purpose.PartnerSharing("lumi") }
                assertTrue("Lumi Coffee" in lumi.title, lumi.title)
                texts.map { it.title }
            }
        }
        titles[0].zip(titles[1]).forEach { (english, german) -> assertNotEquals(english, german) }
    }

    @Test
    fun `the shopper is asked three times and then left alone`() = runBlocking {
        open().use { patron ->
            patron.ready()
            patron.consent.deny(Purpose.Beacons)
            val asked = patron.consent.prompts()
            assertEquals(setOf(AskReason.New), asked.map { it.reason }.toSet())
            assertTrue(asked.none { it.purpose == Purpose.Beacons }, "$asked")
            repeat(3) {
                assertTrue(patron.consent.prompts().isNotEmpty())
                patron.consent.prompted(*asked.map { it.purpose }.toTypedArray())
            }
            assertEquals(emptyList(), patron.consent.prompts())
        }
    }

    @Test
    fun `a yes to less than is meant now is stale, counts as no and is asked for again`() = runBlocking {
        open(catalogue = catalogue(revision = 1, meaning = 1)).use { it.consent.grant(Purpose.Engagement) }
        open(catalogue = catalogue(revision = 2, meaning = 2)).use { patron ->
            patron.ready()
            val stale = patron.state(Purpose.Engagement)
            assertEquals(ConsentStatus.Stale to false, stale.status to stale.effective)
            assertEquals(Tracked.NotPermitted, patron.events.track(Engagement.Saved("lumi-cup")))
            val prompt = patron.consent.prompts().single()
            assertEquals(AskReason.MeaningChanged to "Kept 2", prompt.reason to prompt.title)
            val renewed = patron.consent.grant(Purpose.Engagement).decisions.single()
            assertEquals(2 to true, renewed.meaning to patron.state(Purpose.Engagement).effective)
        }
    }

    @Test
    fun `a catalogue that does not read is refused by field`() {
        val refused = assertFailsWith<PatronException.InvalidInput> {
            open(catalogue = catalogue(revision = 1, meaning = 0)).close()
        }
        assertTrue("meaning" in refused.what, refused.what)
    }

    @Test
    fun `what was recorded before can be kept, and is purged otherwise`() = runBlocking {
        open().use { patron ->
            patron.sync.setOnline(false)
            for ((policy, left) in listOf(WithdrawPolicy.KeepCaptured to 1L, WithdrawPolicy.Purge to 0L)) {
                patron.consent.grant(Purpose.Engagement)
                assertEquals(Tracked.Recorded, patron.events.track(Engagement.Saved("lumi-cup")))
                val gone = patron.consent.withdraw(Purpose.Engagement, policy, surface = "settings")
                val keeps = policy == WithdrawPolicy.KeepCaptured
                assertEquals(keeps, gone.receipt.decisions.single().keepsCaptured)
                val account = patron.diagnostics().account
                assertTrue(account.isBalanced && account.queued == left, "$policy: $account")
                assertEquals(Tracked.NotPermitted, patron.events.track(Engagement.Saved("lumi-cup")))
            }
        }
    }

    @Test
    fun `offers of partners leave the device with the yes to them`() = runBlocking {
        open().use { patron ->
            patron.consent.grant(Purpose.PartnerOffers)
            patron.sync.refresh()
            assertTrue(patron.consent.withdraw(Purpose.PartnerOffers).purgedOffers > 0)
            assertTrue(patron.offers.now("home").none { it.partner != null })
        }
    }

    @Test
    fun `Google is told no more than the shopper allows`() = runBlocking {
        open().use { patron ->
            patron.consent.grant(Purpose.PartnerOffers, Purpose.Engagement)
            assertEquals(ConsentMode(false, false, false, analyticsStorage = true), patron.consent.mode("google"))
            patron.consent.grant(Purpose.PartnerSharing("google"))
            assertEquals(ConsentMode(true, true, false, true), patron.consent.mode("google"))
            assertEquals(false, patron.consent.mode("lumi").adUserData)
        }
    }

    @Test
    fun `a change of signals is told to whoever shows consent`() = runBlocking {
        open().use { patron ->
            patron.consent.grant(Purpose.PreciseLocation)
            val started = CompletableDeferred<Unit>()
            val lowered =
                async {
                    patron.consent.changes.onEach { started.complete(Unit) }.first { states ->
                        states.any { it.loweredBy == listOf(Overlay.Age) }
                    }
                }
            started.await()
            patron.consent.declare(Signals(age = declared(Age.Child)))
            assertEquals(patron.consent.states(), lowered.await())
        }
    }

    private fun open(locale: String = "en", catalogue: String? = null) =
        Patron.open(PatronConfig.sandbox(File(folder, "store"), locale, consentCatalogue = catalogue))

    private fun catalogue(revision: Int, meaning: Int) = """
        {"version": "test-$revision", "revision": $revision, "purposes": [
          {"purpose": "${PurposeKind.Engagement.name.lowercase(Locale.ROOT)}", "meaning": $meaning,
           "texts": {"en": {"title": "Kept $meaning", "body": "What you do is counted."}}}]}
        """.trimIndent()
}

internal fun Patron.state(purpose: Purpose): ConsentState = consent.states().single { it.purpose == purpose }
