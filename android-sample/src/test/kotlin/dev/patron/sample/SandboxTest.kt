package dev.patron.sample

import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class SandboxTest {
    @Test
    fun probe() {
        Robolectric.buildActivity(MainActivity::class.java).use { controller ->
            val hand = Hand(controller.setup().get())
            repeat(100) { hand.settle() }
            println(hand.read()); hand.activity.photograph("probe-1")
            hand.tap(R.id.nav_privacy); hand.tap(R.id.refuse_all); repeat(50) { hand.settle() }; println(hand.read())
            hand.tap(R.id.nav_offers);  repeat(50) { hand.settle() }; println(hand.read()); hand.activity.photograph("probe-2")
            hand.tap(R.id.nav_privacy); hand.tap(R.id.allow_all); repeat(50) { hand.settle() }; println(hand.read())
            hand.activity.photograph("probe-3")
            hand.tap(R.id.nav_lab); hand.tap("Start walking")
            hand.tap(R.id.nav_offers)
            repeat(12) { repeat(50) { hand.settle() }; println(hand.read().take(6)); println((hand.activity.application as SampleApp).session.walk.progress.value) }
            hand.activity.photograph("probe-4")
            hand.tap(R.id.nav_lab); repeat(50) { hand.settle() }
            println(hand.read()); hand.activity.photograph("probe-5")
        }
    }
}
