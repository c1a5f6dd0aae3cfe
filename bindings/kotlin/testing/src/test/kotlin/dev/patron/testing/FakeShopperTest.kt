package dev.patron.testing

import dev.patron.Due
import dev.patron.Engagement
import dev.patron.Moments
import dev.patron.PatronException
import dev.patron.Profile
import dev.patron.ProfileTrait
import dev.patron.Purpose
import dev.patron.QuietHours
import dev.patron.Refused
import dev.patron.SavedOffer
import dev.patron.Scalar
import dev.patron.TransitionKind
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours

@OptIn(kotlinx.coroutines.ExperimentalCoroutinesApi::class)
class FakeShopperTest {
    private val patron =
        FakePatron(partners = listOf("lumi")).apply { setOffers("home", offerCard("a"), offerCard("b")) }

    /** Both ways to ask say the same. */
    private suspend fun suggested() = patron.offers.suggested("home").map { it.id }
        .also { assertEquals(it, patron.offers.suggest("home").first().map { card -> card.id }) }

    private fun asked() = patron.offers.now("home").map { it.id }

    @Test
    fun `rules of when and how many hold back what comes by itself alone`() = runTest {
        patron.moments.onlyWhenAsked(true)
        assertEquals(emptyList<String>() to listOf("a", "b"), suggested() to asked())
        val shown = { asked: Boolean -> patron.offers.why("a", placement = "home", asked = asked).shown }
        assertEquals(true to false, shown(true) to shown(false))
        assertFalse(patron.offers.why("a", placement = "elsewhere").shown)
        patron.moments.onlyWhenAsked(false)
        patron.moments.daily(1)
        assertEquals(listOf("a"), suggested())
        patron.moments.daily(null)
        patron.moments.snooze(patron.now + 1.hours)
        assertEquals(emptyList(), suggested())
        patron.now += 2.hours
        assertEquals(Moments(), patron.moments.current())
        assertEquals(listOf("a", "b"), suggested())
    }

    @Test
    fun `what the app tells of the shopper takes a yes and goes with it`() = runTest {
        val runner = ProfileTrait.Segment("runners")
        assertEquals(
            Purpose.Personalisation,
            assertFailsWith<PatronException.NotPermitted> { patron.profile.tell(runner) }.purpose,
        )
        patron.consent.grant(Purpose.Personalisation)
        patron.profile.tell(runner, ProfileTrait.Affinity("Wool", 80), ProfileTrait.Variable("tier", "gold"))
        val told = Profile(mapOf("runners" to true), mapOf("wool" to 80), mapOf("tier" to Scalar.Text("gold")))
        assertEquals(told, patron.profile.current())
        val error =
            assertFailsWith<PatronException.InvalidInput> {
                patron.profile.tell(ProfileTrait.Clear, ProfileTrait.Affinity("wool", 101))
            }
        assertEquals("traits[1].percent" to told, error.what to patron.profile.current())
        patron.consent.withdraw(Purpose.Personalisation)
        patron.profile.clear()
        patron.consent.grant(Purpose.Personalisation)
        assertEquals(Profile(), patron.profile.current())
    }

    @Test
    fun `quiet hours go past midnight`() = runTest {
        patron.moments.quiet("21:00", "10:00")
        assertEquals(QuietHours("21:00", "10:00"), patron.moments.current().quiet)
        assertEquals(emptyList(), suggested(), "it is nine")
        patron.now += 1.hours
        assertEquals(listOf("a", "b"), suggested())
        patron.now += 11.hours
        assertEquals(emptyList(), suggested(), "it is nine in the evening")
        patron.moments.noQuiet()
        assertEquals(listOf("a", "b"), suggested())
    }

    @Test
    fun `what the shopper wants no more of is not shown to who asks either`() = runTest {
        patron.consent.grant(Purpose.PartnerOffers)
        patron.setOffers("home", offerCard("a"), offerCard("b"), offerCard("cup", partner = "lumi"))
        patron.moments.refuse(Refused.Partner("lumi"))
        patron.moments.refuse(Refused.Offer("a"))
        patron.moments.rest("b")
        assertEquals(emptyList(), asked())
        assertFalse(patron.offers.why("a").shown)
        patron.now += 31.days
        assertEquals(listOf("b"), asked())
        patron.moments.welcome(Refused.Offer("a"))
        assertEquals(listOf("a", "b"), asked())
        assertEquals(listOf<Refused>(Refused.Partner("lumi")), patron.moments.current().refused)
    }

    @Test
    fun `a topic of a card is refused as the card has it`() = runTest {
        patron.setOffers("home", offerCard("cup", topics = listOf("hot-drinks")), offerCard("boots"))
        patron.moments.refuse(Refused.Topic(patron.offers.now("home").first().topics.single()))
        assertEquals(listOf("boots"), asked())
        patron.moments.welcome(Refused.Topic("hot-drinks"))
        assertEquals(listOf("cup", "boots"), asked())
    }

    @Test
    fun `an unseen visit takes one, and ends with it`() = runTest {
        assertFailsWith<PatronException.InvalidInput> { patron.moments.unseen() }
        patron.emit(transition(TransitionKind.Entered, "market"))
        patron.moments.unseen()
        assertTrue(patron.moments.current().unseen)
        patron.emit(transition(TransitionKind.Left, "market"))
        assertFalse(patron.moments.current().unseen)
    }

    @Test
    fun `wishes and saved offers are kept until the shopper leaves`() = runTest {
        patron.wishes.add("running")
        patron.wishes.add("running", topics = listOf("boots"))
        patron.wishes.add("tea")
        assertEquals(listOf("running", "tea"), patron.wishes.current().map { it.words })
        patron.wishes.remove(patron.wishes.current().first().id)
        assertEquals(listOf("tea"), patron.wishes.current().map { it.words })
        patron.offers.save("a", whenHere = true, before = 2.hours)
        assertEquals(listOf(SavedOffer("a", patron.now, true, 2.hours)), patron.offers.saved())
        patron.moments.daily(5)
        patron.signOut()
        assertEquals(Moments(), patron.moments.current())
        assertTrue(patron.wishes.current().isEmpty() && patron.offers.saved().isEmpty())
    }

    @Test
    fun `what makes no sense is refused as the core does`() = runTest {
        val nonsense =
            listOf<suspend () -> Unit>(
                { patron.moments.quiet("25:00", "8") },
                { patron.moments.quiet("08:00", "08:00") },
                { patron.moments.snooze(patron.now) },
                { patron.moments.daily(0) },
                { patron.wishes.add("…") },
                { patron.wishes.add("tea", until = patron.now) },
                { patron.offers.save("nowhere") },
                { patron.offers.save("a", before = 15.days) },
            )
        nonsense.forEachIndexed { at, act -> assertFailsWith<PatronException.InvalidInput>("$at") { act() } }
        assertEquals(Moments(), patron.moments.current())
    }

    @Test
    fun `half a card is seen once, and recorded where that is allowed`() = runTest {
        assertFalse(patron.offers.viewing("a", visibleFraction = 0.4))
        assertTrue(patron.offers.viewing("a", visibleFraction = 0.5))
        assertFalse(patron.offers.viewing("a", visibleFraction = 1.0))
        assertEquals(emptyList(), patron.tracked)
        patron.consent.grant(Purpose.Engagement)
        assertTrue(patron.offers.viewing("b", visibleFraction = 1.0))
        assertEquals(listOf("a", "b"), patron.seen)
        assertEquals(listOf<Engagement>(Engagement.Impression("b")), patron.tracked)
    }

    @Test
    fun `notices need the purpose and the shopper's leave`() = runTest {
        val told = mutableListOf<String>()
        backgroundScope.launch { patron.offers.notices.toList().mapTo(told) { it.offer } }
        runCurrent()
        patron.emit(notice("too early"))
        patron.consent.grant(Purpose.Notifications)
        patron.emit(notice("a"))
        patron.moments.onlyWhenAsked(true)
        patron.emit(notice("unasked"))
        patron.emit(notice("b", reminder = Due.Here))
        patron.moments.snooze(patron.now + 1.hours)
        patron.emit(notice("snoozed", reminder = Due.Here))
        patron.close()
        runCurrent()
        assertEquals(listOf("a", "b"), told)
    }
}
