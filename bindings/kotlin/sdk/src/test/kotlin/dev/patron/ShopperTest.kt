package dev.patron

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Clock
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.Instant
import kotlin.time.TimeSource

/** The shopper's own rules, wishes and saved offers, through the library, in the demo town. */
class ShopperTest {
    @TempDir
    lateinit var folder: File

    private val soon = Instant.fromEpochMilliseconds((Clock.System.now() + 2.hours).toEpochMilliseconds())

    @Test
    fun `when and how many hold back what comes by itself, and nobody who asks`() = sandboxed { patron ->
        val asked = patron.offers.now("home")
        assertEquals(asked, patron.offers.suggest("home").first())
        assertEquals(asked, patron.offers.suggested("home"))
        val held = async { patron.offers.suggest("home").first { it.isEmpty() } }
        patron.moments.onlyWhenAsked(true)
        held.await()
        assertEquals(asked, patron.offers.at("home").first())
        assertTrue(patron.blockers().any { it.kind == BlockerKind.OnlyWhenAsked })
        patron.moments.onlyWhenAsked(false)
        patron.moments.snooze(soon)
        assertEquals(emptyList(), patron.offers.suggest("home").first())
        assertEquals(emptyList(), patron.offers.suggested("home"))
        assertTrue(patron.blockers().any { it.kind == BlockerKind.Snoozed })
        for ((cards, byRequest) in listOf(asked to true, patron.offers.suggested("home") to false)) {
            val why = patron.offers.why("aarre-mend", placement = "home", asked = byRequest)
            assertEquals(cards.any { it.id == "aarre-mend" }, why.shown)
            assertEquals(!byRequest, patron.blockers("home", byRequest).any { it.kind == BlockerKind.Snoozed })
        }
        assertFailsWith<PatronException.InvalidInput> { patron.offers.why("aarre-mend", placement = "") }
        assertFailsWith<PatronException.InvalidInput> { patron.blockers(placement = "") }
        assertFailsWith<PatronException.InvalidInput> { patron.offers.suggested("") }
        patron.moments.endSnooze()
        patron.moments.daily(1)
        assertEquals(asked.take(1), patron.offers.suggested("home"))
    }

    @Test
    fun `not this one holds for who asks too, and the reason says so`() = sandboxed { patron ->
        patron.consent.grant(Purpose.PartnerOffers)

        fun shown() = patron.offers.now("home").map { it.partner ?: it.id }.toSet()

        assertTrue("aarre-mend" in shown() && "kelo" in shown())
        patron.moments.refuse(Refused.Offer("aarre-mend"))
        patron.moments.refuse(Refused.Partner("kelo"))
        patron.moments.rest("aarre-layers")
        assertTrue(shown().intersect(setOf("aarre-mend", "kelo", "aarre-layers")).isEmpty(), "${shown()}")
        val reason = patron.offers.why("aarre-mend").reasons.single { it.fact == Fact.Refused }
        assertFalse(reason.holds)
        val resting = patron.moments.current().resting.single()
        assertEquals("aarre-layers", resting.offer)
        assertTrue(resting.until > Clock.System.now() + 29.days)
        patron.moments.welcome(Refused.Offer("aarre-mend"))
        patron.moments.welcome(Refused.Partner("kelo"))
        patron.moments.welcome(Refused.Offer("aarre-layers"))
        assertEquals(emptyList(), patron.moments.current().resting)
        assertFailsWith<PatronException.InvalidInput> { patron.moments.setTimeZone("Europe/Atlantis") }
        patron.moments.setTimeZone("Pacific/Auckland")
        assertTrue(shown().containsAll(setOf("aarre-mend", "kelo", "aarre-layers")))
    }

    @Test
    fun `what a card is about can be refused as the card says it`() = sandboxed { patron ->
        val mend = patron.offers.now("home").single { it.id == "aarre-mend" }
        assertEquals(listOf("repair"), mend.topics)
        patron.moments.refuse(Refused.Topic(mend.topics.single()))
        assertTrue(patron.offers.now("home").none { "repair" in it.topics })
    }

    @Test
    fun `all that keeps offers away is named, and what was put away as that`() = sandboxed { patron ->
        patron.moments.snooze(soon)
        patron.moments.onlyWhenAsked(true)
        assertEquals(
            listOf(BlockerKind.Snoozed, BlockerKind.OnlyWhenAsked),
            patron.blockers().map { it.kind }.filter { it == BlockerKind.Snoozed || it == BlockerKind.OnlyWhenAsked },
        )
        patron.consent.grant(Purpose.Engagement)
        patron.offers.now("home").forEach { patron.events.track(Engagement.Dismissed(it.id)) }
        patron.offers.at("home").first { it.isEmpty() }
        assertTrue(patron.blockers("home", asked = true).any { it.kind == BlockerKind.Dismissed })
    }

    @Test
    fun `rules are kept as they were made, over a restart, and gone with the shopper`() = runBlocking {
        val refused = setOf(Refused.Partner("kelo"), Refused.Offer("aarre-mend"), Refused.Topic("boots"))
        Patron.open(PatronConfig.sandbox(folder)).use { patron ->
            assertEquals(Moments(), patron.moments.current())
            patron.moments.quiet(from = "21:00", to = "08:00")
            patron.moments.snooze(soon)
            patron.moments.daily(3)
            refused.forEach { patron.moments.refuse(it) }
            patron.wishes.add("cold-weather running", listOf("boots"), until = soon)
        }
        Patron.open(PatronConfig.sandbox(folder)).use { patron ->
            patron.ready()
            val now = patron.moments.current()
            assertEquals(Moments(QuietHours("21:00", "08:00"), soon, daily = 3), now.copy(refused = emptyList()))
            assertEquals(refused, now.refused.toSet())
            val wish = patron.wishes.current().single()
            assertEquals(Wish(wish.id, "cold-weather running", listOf("boots"), soon), wish)
            patron.moments.noQuiet()
            patron.moments.daily(null)
            assertEquals(listOf(null, null), patron.moments.current().let { listOf(it.quiet, it.daily) })
            patron.signOut()
            assertEquals(Moments(), patron.moments.current())
            assertEquals(emptyList(), patron.wishes.current())
        }
    }

    @Test
    fun `what the app tells of the shopper takes a yes, outlives the process and goes with the yes`() = runBlocking {
        val told =
            arrayOf(
                ProfileTrait.Segment("runners"),
                ProfileTrait.Segment("new", member = false),
                ProfileTrait.Affinity("Trail Running", 80),
                ProfileTrait.Variable("tier", "gold"),
                ProfileTrait.Variable("basket.total", 40.5),
                ProfileTrait.Variable("member", true),
            )
        val profile =
            Profile(
                mapOf("runners" to true, "new" to false),
                mapOf("trail-running" to 80),
                mapOf(
                    "tier" to Scalar.Text("gold"),
                    "basket.total" to Scalar.Number(40.5),
                    "member" to Scalar.Flag(true),
                ),
            )
        Patron.open(PatronConfig.sandbox(folder)).use { patron ->
            val refused = assertFailsWith<PatronException.NotPermitted> { patron.profile.tell(*told) }
            assertEquals(Purpose.Personalisation, refused.purpose)
            patron.consent.grant(Purpose.Personalisation)
            patron.profile.tell(*told)
            assertEquals(profile, patron.profile.current())
            for ((what, nonsense) in listOf(
                "traits[1].percent" to ProfileTrait.Affinity("wool", -1),
                "traits[1].value" to ProfileTrait.Variable("age", Double.NaN),
                "traits[1].name" to ProfileTrait.Variable("context.locale", "fi"),
            )) {
                val error =
                    assertFailsWith<PatronException.InvalidInput> { patron.profile.tell(ProfileTrait.Clear, nonsense) }
                assertEquals(what, error.what)
            }
        }
        Patron.open(PatronConfig.sandbox(folder)).use { patron ->
            patron.ready()
            assertEquals(profile, patron.profile.current())
            assertTrue("told by the app" in patron.me.export())
            patron.profile.tell(ProfileTrait.Segment("new", member = null), ProfileTrait.Variable("tier", null))
            val now = patron.profile.current()
            assertEquals(setOf("runners") to setOf("basket.total", "member"), now.segments.keys to now.variables.keys)
            patron.consent.withdraw(Purpose.Personalisation)
            assertFalse("told by the app" in patron.me.export())
            patron.consent.grant(Purpose.Personalisation)
            assertEquals(Profile(), patron.profile.current())
        }
    }

    @Test
    fun `what makes no sense is refused in words and changes nothing`() = sandboxed { patron ->
        val nonsense =
            listOf<suspend () -> Unit>(
                { patron.moments.quiet("25:00", "8") },
                { patron.moments.snooze(Clock.System.now() - 1.hours) },
                { patron.moments.snooze(Instant.DISTANT_FUTURE) },
                { patron.moments.daily(0) },
                { patron.moments.daily(-1) },
                { patron.moments.daily(Int.MAX_VALUE) },
                { patron.moments.unseen() },
                { patron.wishes.add("…") },
                { patron.wishes.add("running", until = Clock.System.now() - 1.hours) },
                { patron.offers.save("nowhere") },
                { patron.offers.save("aarre-mend", before = (-1).hours) },
                { patron.offers.save("aarre-mend", before = 15.days) },
            )
        nonsense.forEachIndexed { at, act -> assertFailsWith<PatronException.InvalidInput>("$at") { act() } }
        assertEquals(Moments(), patron.moments.current())
        assertEquals(emptyList(), patron.wishes.current())
        assertEquals(emptyList(), patron.offers.saved())
    }

    @Test
    fun `a wish goes before what is paid for, and the score says why`() = sandboxed { patron ->
        assertTrue(patron.offers.now("home").first().id != "aarre-layers")
        patron.wishes.add("four layers")
        assertEquals("aarre-layers", patron.offers.now("home").first().id)
        val part = patron.offers.why("aarre-layers").parts.first()
        assertEquals(ScorePart.Wish to 500, part.part to part.points)
        assertTrue("four layers" in part.text, part.text)
        patron.wishes.remove(patron.wishes.current().single().id)
        patron.wishes.remove(-1)
        patron.wishes.remove(Long.MAX_VALUE)
        assertEquals(emptyList(), patron.wishes.current())
        assertTrue(patron.offers.why("aarre-layers").parts.none { it.part == ScorePart.Wish })
    }

    @Test
    fun `a decision that is kept is told by its id, and a withdrawal takes it away`() = sandboxed { patron ->
        patron.consent.grant(Purpose.PartnerOffers)
        val id = patron.offers.keepDecision("home")
        assertTrue(id in patron.me.export())
        patron.consent.withdraw(Purpose.PartnerOffers)
        assertFalse(id in patron.me.export())
        assertFailsWith<PatronException.InvalidInput> { patron.offers.keepDecision("") }
    }

    @Test
    fun `saved offers remind where they are, none is skipped, and none comes twice`() = sandboxed { patron ->
        patron.consent.grant(Purpose.PartnerOffers, Purpose.PreciseLocation, Purpose.Notifications)
        patron.offers.save("lumi-cup")
        patron.offers.save("lumi-cup", whenHere = true, before = 90.minutes)
        patron.offers.save("lumi-bun", whenHere = true)
        val saved = patron.offers.saved().map { Triple(it.offer, it.whenHere, it.before) }
        assertEquals(listOf(Triple("lumi-cup", true, 2.hours), Triple("lumi-bun", true, null)), saved)
        val told =
            async(Dispatchers.Unconfined) {
                patron.offers.notices
                    .onEach { Thread.sleep(20) }
                    .take(2)
                    .toList()
            }
        patron.walk(Walk.arrive)
        val notices = told.await()
        assertEquals(listOf("lumi-cup", "lumi-bun"), notices.map { it.offer })
        assertEquals(listOf(Due.Here, Due.Here), notices.map { it.reminder })
        assertEquals("patron://offer/lumi-cup", notices.first().deepLink)
        assertTrue("Lumi Coffee" in notices.first().body, notices.first().body)
        patron.offers.unsave("lumi-cup")
        patron.offers.unsave("lumi-cup")
        assertEquals(listOf("lumi-bun"), patron.offers.saved().map { it.offer })
    }

    @Test
    fun `an unseen visit is not recorded, and ends with the visit`() = sandboxed { patron ->
        patron.consent.grant(Purpose.PreciseLocation)
        patron.walk(Walk.arrive)
        patron.moments.unseen()
        assertTrue(patron.moments.current().unseen)
        val left = patron.walk(Walk.leave).single { it.kind == TransitionKind.Left }
        assertNull(left.event)
        assertFalse(patron.moments.current().unseen)
    }

    @Test
    fun `half a card in view for a second is one impression`() = sandboxed { patron ->
        patron.consent.grant(Purpose.Engagement)
        val begun = TimeSource.Monotonic.markNow()
        while (!patron.offers.viewing("aarre-mend", visibleFraction = 0.6)) {
            assertFalse(patron.offers.viewing("aarre-layers", visibleFraction = 0.4))
            delay(50.milliseconds)
        }
        assertTrue(begun.elapsedNow() >= 1.seconds)
        assertFalse(patron.offers.viewing("aarre-mend", visibleFraction = 0.6), "the same look still")
        assertEquals(1, patron.diagnostics().account.accepted)
    }

    @Test
    fun `an offer speaks up at its event, under the purpose alone, and brings its picture`() = runBlocking {
        val transport =
            PatronTransport { request ->
                val isCatalogue = request.url.endsWith("/v1/catalogue")
                val body = if (isCatalogue) CATALOGUE.toByteArray() else ByteArray(0)
                PatronTransport.Response(if (isCatalogue) 200 else 503, mapOf("etag" to "\"kiosk-1\""), body)
            }
        val config = PatronConfig(folder, "http://127.0.0.1:9", "pk_demo", locale = "fi")
        Patron.open(config, transport = transport).use { patron ->
            patron.sync.refresh()
            val image = patron.offers.now("home").single().image
            assertEquals(CardImage("https://shop.example/ice.webp", 800, 600, "Jää"), image)
            patron.consent.grant(Purpose.Engagement)
            val told = async(Dispatchers.Unconfined) { patron.offers.notices.first() }
            patron.events.trackDurable(Engagement.Clicked("ice"))
            patron.consent.grant(Purpose.Notifications)
            val before = Clock.System.now() - 1.seconds
            patron.events.trackDurable(Engagement.Clicked("ice"))
            val notice = withTimeout(60.seconds) { told.await() }
            assertEquals(Notice("Ice", "", "patron://offer/ice", "ice", notice.at), notice)
            assertTrue(notice.at > before, "the first click was before the yes")
        }
    }

    @Test
    fun `a card says whose it is and on which terms it is redeemed`() = runBlocking {
        val transport =
            PatronTransport { request ->
                val isCatalogue = request.url.endsWith("/v1/catalogue")
                val body = if (isCatalogue) TERMS.toByteArray() else ByteArray(0)
                PatronTransport.Response(if (isCatalogue) 200 else 503, mapOf("etag" to "\"terms-1\""), body)
            }
        val config = PatronConfig(folder, "http://127.0.0.1:9", "pk_demo", locale = "fi", timeZone = "Europe/Helsinki")
        Patron.open(config, transport = transport).use { patron ->
            patron.sync.refresh()
            patron.consent.grant(Purpose.PartnerOffers)
            patron.sync.refresh()
            val cards = patron.offers.now("home").associateBy { it.id }
            val whose = cards.mapValues { it.value.partnerKind }
            assertEquals(mapOf("own" to null, "near" to PartnerKind.Local, "far" to PartnerKind.National), whose)
            assertNull(cards.getValue("far").terms)
            val end = Instant.parse("2046-12-31T22:00:00Z")
            val terms =
                RedemptionTerms(
                    text = "Kahvin kanssa.",
                    summary = "Käy enintään 2 kertaa. Käy täällä: Kioski. Voimassa 1. tammikuuta 2046 alkaen. " +
                        "Voimassa 1. tammikuuta 2047 saakka.",
                    stores = listOf("kiosk"),
                    from = Instant.parse("2046-01-01T10:00:00Z"),
                    until = end,
                    times = 2,
                    grant = "e30.e30.c2ln",
                )
            assertEquals(terms, cards.getValue("near").terms)
            assertEquals(end, cards.getValue("near").expiresAt)
            assertEquals(RedemptionTerms(), cards.getValue("own").terms)
            patron.offers.save("near")
            assertTrue("e30.e30.c2ln" in patron.me.export())
        }
    }

    @Test
    fun `a picture is a file, a partner's only with the yes, and gone with it`() = sandboxed { patron ->
        val layers = patron.offers.now("home").first { it.id == "aarre-layers" }
        assertEquals("Four layers of clothes on a rail, one above the other", layers.image?.alt)
        assertEquals("WEBP", patron.offers.image("aarre-layers").readBytes().decodeToString(8, 12))
        assertFailsWith<PatronException.InvalidInput> { patron.offers.image("aarre-layers", index = 1) }
        assertFailsWith<PatronException.NotPermitted> { patron.offers.image("lumi-cup") }
        patron.consent.grant(Purpose.PartnerOffers)
        patron.sync.refresh()
        val cup = patron.offers.image("lumi-cup")
        patron.sync.setNetwork(Network.Offline)
        assertEquals(cup, patron.offers.image("lumi-cup"))
        assertFailsWith<PatronException.Unavailable> { patron.offers.image("kelo-boots") }
        patron.consent.withdraw(Purpose.PartnerOffers)
        assertFalse(cup.exists())
        assertFailsWith<PatronException.NotPermitted> { patron.offers.image("lumi-cup") }
    }

    private fun sandboxed(test: suspend CoroutineScope.(Patron) -> Unit) = runBlocking {
        Patron.open(PatronConfig.sandbox(folder)).use {
            it.sync.refresh()
            withTimeout(60.seconds) { test(it) }
        }
    }

    private companion object {
        const val CATALOGUE =
            """{"version":"kiosk-1","offers":[{"id":"ice","title":"Ice","benefit":{"kind":"service"},
            "images":[{"url":"https://shop.example/ice.webp","width":800,"height":600,"alt":"Ice","alts":{"fi":"Jää"}}],
            "triggers":[{"on":"event","type":"dev.patron.offer.clicked"}]}]}"""

        const val TERMS =
            """{"version":"terms-1","partners":[{"id":"n","name":"Near","kind":"local"},{"id":"f","name":"Far"}],
            "places":[{"id":"kiosk","name":"Kioski"}],
            "offers":[{"id":"own","title":"Own","benefit":{"kind":"service"},"terms":{}},
            {"id":"far","title":"Far","partner":"f","benefit":{"kind":"service"}},
            {"id":"near","title":"Near","partner":"n","benefit":{"kind":"service"},"expires_at":"2046-12-31T22:00:00Z",
            "terms":{"description":"With coffee.","descriptions":{"fi":"Kahvin kanssa."},"times":2,
            "available_at_or_from":["kiosk"],"valid_from":"2046-01-01T10:00:00Z","valid_through":"2046-12-31T22:00:00Z",
            "grant":"e30.e30.c2ln"}}]}"""
    }
}
