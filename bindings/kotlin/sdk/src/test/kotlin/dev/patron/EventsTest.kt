package dev.patron

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds

/** The vocabulary, through the real core to a real backend. */
class EventsTest {
    @TempDir
    lateinit var folder: File

    private val lines = listOf(PurchaseLine("cup", 645, quantity = 2), PurchaseLine("deposit", -40))

    /** Each event, and the `data` that a backend must find of it. */
    private val vocabulary =
        mapOf(
            Engagement.Impression("lumi-cup") to """{"offer":"lumi-cup"}""",
            Engagement.Clicked("lumi-cup") to """{"offer":"lumi-cup"}""",
            Engagement.Saved("lumi-cup") to """{"offer":"lumi-cup"}""",
            Engagement.Dismissed("lumi-cup") to """{"offer":"lumi-cup"}""",
            Engagement.Shared("lumi-cup", "message", "lumi") to """{"offer":"lumi-cup","channel":"message"}""",
            Engagement.Redeemed("lumi-cup", "A-1", Money(150, "EUR"), "lumi-market", "lumi") to
                """{"offer":"lumi-cup","order":"A-1","value":{"minor":150,"currency":"EUR"},"place":"lumi-market"}""",
            Engagement.Purchased("A-1", Money(1_250, "EUR"), lines, "lumi-market", "lumi") to
                """{"order":"A-1","lines":[{"sku":"cup","quantity":2,"unit_price_minor":645},""" +
                """{"sku":"deposit","quantity":1,"unit_price_minor":-40}],""" +
                """"total":{"minor":1250,"currency":"EUR"},"place":"lumi-market"}""",
            Engagement.Searched("winter boots", 0) to """{"query":"winter boots","results":0}""",
            Engagement.Searched() to "{}",
            Engagement.BadgeEarned("regular", 3) to """{"badge":"regular","level":3}""",
            Engagement.BeaconZone("till-4", Proximity.Immediate, "lumi-market", "lumi") to
                """{"beacon":"till-4","zone":"immediate","place":"lumi-market"}""",
            Engagement.BeaconZone("till-4", Proximity.Lost) to """{"beacon":"till-4","zone":"lost"}""",
            Engagement.Reviewed(Topic.Product("cup"), 5, "Warm.\nAgain!") to
                """{"about":{"kind":"product","id":"cup"},"rating":5,"text":"Warm.\nAgain!"}""",
            Engagement.Reviewed(Topic.Offer("lumi-cup"), 1) to
                """{"about":{"kind":"offer","id":"lumi-cup"},"rating":1}""",
            Engagement.Feedback("☕", Topic.Partner("lumi")) to
                """{"about":{"kind":"partner","id":"lumi"},"text":"☕"}""",
            Engagement.Feedback("Too loud", Topic.Place("lumi-market")) to
                """{"about":{"kind":"place","id":"lumi-market"},"text":"Too loud"}""",
            Engagement.Feedback("Thank you") to """{"text":"Thank you"}""",
            Engagement.Custom("opened", mapOf("screen" to "home")) to
                """{"name":"opened","properties":{"screen":"home"}}""",
        )

    private val purposes = listOf(Purpose.Engagement, Purpose.Beacons, Purpose.Dialogue)

    @Test
    fun `every event arrives as it was said, under its own purpose and once`() = runBlocking {
        TestBackend(File(folder, "backend")).use { backend ->
            backend.open(File(folder, "store")).use { patron ->
                patron.consent.grant(*purposes.toTypedArray())
                vocabulary.keys.forEach { assertEquals(Tracked.Recorded, patron.events.track(it), "$it") }
                assertTrue(patron.sync.drain(deadline = 60.seconds).done)
            }
            val stored = backend.bodies()
            val expected = vocabulary.map { (event, data) -> "${event.purpose.name()} $data" }
            assertEquals(expected.sorted(), stored.map { "${it.purpose} ${it.data}" }.sorted())
            assertEquals(5, stored.count { it.partner == "lumi" })
        }
    }

    @Test
    fun `an event is recorded under the purpose that it names, and under no other`() = runBlocking {
        Patron.open(PatronConfig.sandbox(folder)).use { patron ->
            for (granted in purposes) {
                patron.consent.grant(granted)
                for (event in vocabulary.keys) {
                    val expected = if (event.purpose == granted) Tracked.Recorded else Tracked.NotPermitted
                    assertEquals(expected, patron.events.track(event), "$event under $granted")
                }
                patron.consent.withdraw(granted)
            }
        }
    }

    @Test
    fun `what is wrong is refused with its field, granted or not`() {
        fun bought(line: PurchaseLine) = Engagement.Purchased("A-1", Money(1, "EUR"), listOf(lines.first(), line))
        val wrong =
            mapOf(
                Engagement.Saved("") to "event.offer",
                Engagement.Shared("x", channel = "to my aunt") to "event.channel",
                Engagement.Redeemed("x", value = Money(-1, "EUR")) to "event.value.minor",
                Engagement.Purchased("A-1", Money(1, "EURO")) to "event.total.currency",
                Engagement.Purchased("A-1", Money(Long.MAX_VALUE, "EUR")) to "event.total.minor",
                bought(PurchaseLine("cup", 1, quantity = -1)) to "event.lines[1].quantity",
                bought(PurchaseLine("cup", 1, quantity = Int.MIN_VALUE)) to "event.lines[1].quantity",
                bought(PurchaseLine("cup", Long.MIN_VALUE)) to "event.lines[1].unit_price_minor",
                bought(PurchaseLine("", 1)) to "event.lines[1].sku",
                Engagement.Searched("q".repeat(257)) to "event.query",
                Engagement.Searched(results = -1) to "event.results",
                Engagement.BadgeEarned("regular", level = 0) to "event.level",
                Engagement.BeaconZone("", Proximity.Near) to "event.beacon",
                Engagement.Reviewed(Topic.Product("cup"), 6) to "event.rating",
                Engagement.Reviewed(Topic.Product(""), 5) to "event.about.id",
                Engagement.Feedback(" ") to "event.text",
                Engagement.Custom("two words") to "event.name",
            )
        Patron.open(PatronConfig.sandbox(folder)).use { patron ->
            for ((event, field) in wrong) {
                val refused = assertFailsWith<PatronException.InvalidInput>("$event") { patron.events.track(event) }
                assertEquals(field, refused.what, "$event")
            }
        }
    }

    private fun Purpose.name() = checkNotNull(this::class.simpleName).lowercase()
}
