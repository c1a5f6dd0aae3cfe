package dev.patron.sample

import android.graphics.Bitmap
import android.graphics.drawable.BitmapDrawable
import android.view.View
import dev.patron.CardImage
import dev.patron.OfferFacet
import dev.patron.Patron
import dev.patron.PatronConfig
import dev.patron.PatronException
import dev.patron.Purpose
import dev.patron.sample.ui.PartnerArt
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.runBlocking
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertIs

/** The pictures of cards: fetched through the real core and kept by it, and done without where there is none. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class PicturesTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun a_card_shows_its_picture_and_says_what_it_shows() =
        inTheApp { _, hand ->
            hand.pretendsToBeOnWifi()
            hand.tap(R.id.nav_offers)
            hand.awaits("the picture") { hand.scrollToCard("four layers"); hand.art("four layers") is BitmapDrawable }
            val art = hand.card("four layers").findViewById<View>(R.id.card_art)
            assertEquals("Four layers of clothes on a rail, one above the other", art.contentDescription)
        }

    @Test
    fun without_a_network_a_card_is_drawn_and_gets_its_picture_later() =
        inTheApp { _, hand ->
            hand.tap(R.id.nav_lab)
            hand.tap(R.id.network_offline)
            runBlocking { patron.consent.grant(Purpose.PartnerOffers, Purpose.PreciseLocation) }
            hand.walkTo("Lumi Coffee, Market Square")
            hand.scrollToCard("filter coffee")
            hand.awaits("the drawing") { hand.art("filter coffee") is PartnerArt }
            hand.pretendsToBeOnWifi()
            hand.tap(R.id.nav_offers)
            hand.awaits("the picture") { hand.scrollToCard("filter coffee"); hand.art("filter coffee") is BitmapDrawable }
        }

    @Test
    @Config(application = FakeApp::class)
    fun what_is_no_picture_leaves_the_drawing() =
        inTheApp { _, hand ->
            val fake = (app as FakeApp).fake
            runBlocking { fake.consent.grant(Purpose.PartnerOffers) }
            fake.setImage(LUMI_CUP.id, folder.newFile().apply { writeText("a page to sign in at") })
            fake.setOffers("home", LUMI_CUP.copy(places = emptyList(), image = CardImage("https://e.com/cup.webp", 8, 8, "A cup")))
            hand.awaits("A second cup")
            repeat(10) { hand.settle() }
            assertIs<PartnerArt>(hand.art("A second cup"))
        }

    @Test
    @Config(application = SlowApp::class)
    fun a_card_that_is_drawn_while_its_picture_is_refused_asks_once_more() =
        inTheApp { _, hand ->
            val slow = app as SlowApp
            val card = HOUSE_BREAD.copy(image = CardImage("https://e.com/bread.png", 8, 8, "A loaf"))
            slow.fake.setImage(card.id, aPicture())
            slow.fake.setOffers("home", card)
            hand.awaits("the first question") { slow.asked.isCompleted }
            slow.fake.setOffers("home", card.copy(title = "The same bread"))
            hand.awaits("The same bread")
            slow.answered.complete(Unit)
            hand.awaits("the picture") { hand.art("The same bread") is BitmapDrawable }
        }

    @Test
    @Config(application = LateApp::class)
    fun a_picture_that_loads_while_the_shopper_looks_at_another_tab_is_there_when_they_come_back() =
        inTheApp { _, hand ->
            val slow = app as SlowApp
            slow.fake.setImage(HOUSE_BREAD.id, aPicture())
            slow.fake.setOffers("home", HOUSE_BREAD.copy(image = CardImage("https://e.com/bread.png", 8, 8, "A loaf")))
            hand.awaits("the first question") { slow.asked.isCompleted }
            hand.tap(R.id.nav_lab)
            repeat(10) { hand.settle() }
            slow.answered.complete(Unit)
            repeat(10) { hand.settle() }
            hand.tap(R.id.nav_offers)
            hand.awaits("the picture") { hand.art(HOUSE_BREAD.title) is BitmapDrawable }
        }

    private fun aPicture(): File =
        folder.newFile().also { file ->
            file.outputStream().use {
                Bitmap.createBitmap(8, 8, Bitmap.Config.ARGB_8888).compress(Bitmap.CompressFormat.PNG, 100, it)
            }
        }

    /** The first picture that is asked for comes when the test says so. */
    class LateApp : SlowApp(refuses = false)

    /** The first picture that is asked for is refused, when the test says so. */
    open class SlowApp(
        private val refuses: Boolean = true,
    ) : FakeApp() {
        val asked = CompletableDeferred<Unit>()
        val answered = CompletableDeferred<Unit>()

        override fun openPatron(config: PatronConfig): Patron =
            object : Patron by fake {
                override val offers: OfferFacet =
                    object : OfferFacet by fake.offers {
                        override suspend fun image(
                            offerId: String,
                            index: Int,
                            evenMetered: Boolean,
                        ): File {
                            if (!asked.complete(Unit)) return fake.offers.image(offerId, index, evenMetered)
                            answered.await()
                            if (!refuses) return fake.offers.image(offerId, index, evenMetered)
                            throw PatronException.Unavailable("the network is metered", null)
                        }
                    }
            }
    }
}
