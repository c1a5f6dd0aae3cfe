package dev.patron.sample

import dev.patron.Age
import dev.patron.Declared
import dev.patron.Overlay
import dev.patron.PurposeKind
import dev.patron.declared
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** The age that the sample declares, with the real core behind it. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class AgeTest {
    @Test
    fun an_adult_starts_and_whoever_may_be_a_child_has_no_place_no_profile_and_no_sharing() =
        inTheApp { _, hand ->
            hand.awaits("the age") { patron.consent.signals().age == declared(Age.Adult) }
            hand.awaits("the partners") { patron.consent.states().any { it.purpose.kind == PurposeKind.PartnerSharing } }
            assertTrue(patron.consent.states().none { Overlay.Age in it.loweredBy })
            for ((choice, age) in mapOf(R.id.age_child to Age.Child, R.id.age_unknown to Age.Unknown)) {
                hand.tap(R.id.nav_lab)
                hand.tap(choice)
                hand.awaits("the word") { patron.consent.signals().age == declared(age) }
                val locked = patron.consent.states().filter { Overlay.Age in it.loweredBy }.map { it.purpose.kind }
                val mustBe = setOf(PurposeKind.PartnerSharing, PurposeKind.Personalisation, PurposeKind.PreciseLocation)
                assertTrue(locked.containsAll(mustBe), "$age locks $locked")
            }
            hand.tap(R.id.age_never)
            hand.awaits("nothing to be said") { patron.consent.signals().age == Declared.Never }
            app.session.close()
            app.onCreate()
            hand.awaits("the next start to say the same") { patron.consent.signals().location != Declared.Never }
            assertEquals(Declared.Never, patron.consent.signals().age)
        }
}
