package dev.patron

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

/** Signals from outside take away, as far as they were declared, and never give. */
class SignalsTest {
    @TempDir
    lateinit var folder: File

    private val all =
        arrayOf(Purpose.PartnerOffers, Purpose.CoarseLocation, Purpose.PreciseLocation, Purpose.Beacons) +
            arrayOf(Purpose.Engagement, Purpose.Personalisation, Purpose.Notifications, Purpose.Dialogue) +
            Purpose.PartnerSharing("lumi")

    @Test
    fun `what was never declared plays no part`() = granted { patron ->
        assertEquals(Signals(), patron.consent.signals())
        assertEquals(emptyMap(), patron.lowered())
    }

    @Test
    fun `a child, and whoever may be one, is kept from sharing, personalisation and an exact place`() = granted {
        patron ->
        for (age in listOf(Declared.Is(Age.Child), Declared.Is(Age.Unknown), Declared.Unset)) {
            patron.consent.declare(Signals(age = age))
            assertEquals(
                setOf(Purpose.PartnerSharing("lumi"), Purpose.Personalisation, Purpose.PreciseLocation),
                patron.lowered().keys,
            )
            assertTrue(patron.lowered().values.all { it == listOf(Overlay.Age) })
        }
        // The yes itself was never touched: an adult's counts again.
        patron.consent.declare(Signals(age = declared(Age.Adult)))
        assertEquals(emptyMap(), patron.lowered())
    }

    @Test
    fun `Global Privacy Control ends what is aimed at the person`() = granted { patron ->
        patron.consent.declare(Signals(gpc = true))
        assertEquals(setOf(Purpose.PartnerSharing("lumi"), Purpose.Personalisation), patron.lowered().keys)
    }

    @Test
    fun `a TC string that is missing, unreadable or says no takes away all it speaks of`() = granted { patron ->
        for (tcf in listOf(declared<String>(null), declared("not a TC string"), declared(NOTHING_ALLOWED))) {
            patron.consent.declare(Signals(tcf = tcf, tcfVendor = 9))
            val lowered = patron.lowered()
            assertTrue(Purpose.Engagement in lowered && Purpose.PartnerOffers in lowered, "$tcf: $lowered")
            assertTrue(Purpose.Dialogue !in lowered, "it says nothing of the shopper's own words")
            assertEquals(Tracked.NotPermitted, patron.events.track(Engagement.Saved("lumi-cup")))
        }
    }

    @Test
    fun `a permission of the phone that is gone keeps what was recorded, a word of the shopper's does not`() =
        granted { patron ->
            patron.sync.setOnline(false)
            assertEquals(Tracked.Recorded, patron.events.track(Engagement.BeaconZone("b-1", Proximity.Near)))
            patron.consent.declare(Signals(bluetooth = declared(Permission.Denied)))
            assertEquals(1, patron.diagnostics().account.queued)
            assertEquals(setOf<Purpose>(Purpose.Beacons), patron.lowered().keys)
            patron.consent.declare(Signals(tcf = declared(null)))
            assertEquals(0, patron.diagnostics().account.queued)
        }

    @Test
    fun `signals come back as they were declared, in the next process too`() {
        val signals =
            Signals(
                location = declared(LocationPermission.Coarse),
                bluetooth = declared(Permission.Granted),
                notifications = declared(null),
                att = declared(AttStatus.Restricted),
                gpc = true,
                tcf = declared(NOTHING_ALLOWED),
                tcfVendor = 65_535,
                gpp = declared("DBAA"),
                age = declared(Age.Adult),
                region = declared(Region.Eea),
            )
        granted { patron ->
            patron.consent.declare(signals)
            assertEquals(signals, patron.consent.signals())
        }
        runBlocking {
            open().use { patron ->
                patron.ready()
                assertEquals(signals, patron.consent.signals())
            }
        }
    }

    @Test
    fun `what can be no signal is refused by field, and nothing is changed`() = granted { patron ->
        for (vendor in listOf(0, -1, 65_536)) {
            val none =
                assertFailsWith<PatronException.InvalidInput> { patron.consent.declare(Signals(tcfVendor = vendor)) }
            assertEquals("signals.tcfVendor", none.what)
        }
        assertEquals(Signals(), patron.consent.signals())
    }

    @Test
    fun `a string that is too long to be read takes the place of the one before`() = granted { patron ->
        patron.consent.declare(Signals(tcf = declared("C".repeat(100_000))))
        assertEquals(Declared.Unset, patron.consent.signals().tcf)
        assertTrue(patron.consent.states().none { it.purpose == Purpose.Engagement && it.effective })
    }

    private fun Patron.lowered(): Map<Purpose, List<Overlay>> =
        consent.states().filterNot { it.effective }.associate { it.purpose to it.loweredBy }

    private fun open() = Patron.open(PatronConfig.sandbox(folder))

    private fun granted(test: suspend (Patron) -> Unit) = runBlocking {
        open().use { patron ->
            patron.sync.refresh()
            patron.consent.deny(*patron.consent.states().map { it.purpose }.toTypedArray())
            patron.consent.grant(*all)
            val others = patron.consent.states().map { it.purpose } - all.toSet()
            assertTrue(others.all { it is Purpose.PartnerSharing }, "$others")
            test(Only(patron, all.toSet()))
        }
    }

    /** The same handle, of which the test sees the purposes that it granted. */
    private class Only(patron: Patron, private val seen: Set<Purpose>) : Patron by patron {
        override val consent: ConsentFacet = object : ConsentFacet by patron.consent {
            override fun states() = patron.consent.states().filter { it.purpose in seen }
        }
    }

    private companion object {
        /** Of 2020, policy 2, with no purpose and no vendor allowed. */
        const val NOTHING_ALLOWED = "COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA"
    }
}
