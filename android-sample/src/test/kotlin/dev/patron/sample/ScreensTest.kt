package dev.patron.sample

import android.os.Looper
import dev.patron.Purpose
import dev.patron.TransitionKind
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import kotlin.test.assertTrue

/** Draws what the core would not say on demand: an old catalogue, a refused shopper, a narrow phone in Finnish. */
@RunWith(RobolectricTestRunner::class)
@Config(application = FakeApp::class, qualifiers = "en-w411dp-h860dp-420dpi")
class ScreensTest {
    private val fake get() = (RuntimeEnvironment.getApplication() as FakeApp).fake

    @Test
    fun preview() = draw("preview-offers") { townAtLumi() }

    @Test
    @Config(qualifiers = "+night")
    fun previewDark() = draw("preview-offers-dark") { townAtLumi() }

    @Test
    fun previewWhy() = draw("preview-why", after = { it.tap(it.card("second cup")) }) { townAtLumi() }

    @Test
    fun previewEmpty() =
        draw("preview-empty") {
            fake.setBlockers(NO_CONSENT, NO_POSITION)
        }

    @Test
    @Config(qualifiers = "fi-rFI-w411dp-h860dp-420dpi")
    fun previewPrivacy() = draw("preview-privacy-fi", after = { it.tap(R.id.nav_privacy) }) { townAtLumi() }

    @Test
    fun previewLab() =
        draw("preview-lab", after = {
            it.tap(R.id.nav_lab)
            fake.emit(at("lumi-market", "Lumi Coffee, Market Square", TransitionKind.Dwelt, 2))
            fake.emit(at("lumi-market", "Lumi Coffee, Market Square", TransitionKind.Left, 1))
            fake.emit(at("kirjo", "Kirjo Books", TransitionKind.Entered, 0))
            it.tap("Start walking")
            it.awaits("34 of") { it.sees("34 of") }
        }) { townAtLumi() }

    private fun townAtLumi() {
        runBlocking { fake.consent.grant(Purpose.PartnerOffers, Purpose.PreciseLocation, Purpose.Engagement) }
        fake.setOffers("home", LUMI_CUP, HOUSE_BREAD, KIRJO_READING)
        fake.setWhy(WHY_CUP)
        fake.emit(at("lumi-market", "Lumi Coffee, Market Square"))
    }

    private fun draw(
        name: String,
        after: (Hand) -> Unit = {},
        before: () -> Unit,
    ) {
        before()
        Robolectric.buildActivity(MainActivity::class.java).use { controller ->
            val hand = Hand(controller.setup().get())
            hand.settle()
            after(hand)
            shadowOf(Looper.getMainLooper()).idle()
            val picture = hand.activity.photograph(name)
            val pixels = IntArray(picture.width * picture.height)
            picture.getPixels(pixels, 0, picture.width, 0, 0, picture.width, picture.height)
            assertTrue(pixels.distinct().size > 100, "$name is a picture of nothing")
        }
    }
}
