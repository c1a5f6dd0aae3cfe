package dev.patron.sample

import android.widget.EditText
import dev.patron.Age
import dev.patron.Declared
import dev.patron.Overlay
import dev.patron.Purpose
import dev.patron.PurposeKind
import dev.patron.Region
import dev.patron.declared
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertFalse

/** The strings of a banner, whose law applies, and what comes of them, in the lab, with the real core behind it. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class SignalsTest {
    @Test
    fun a_gpp_string_lowers_what_it_speaks_of_and_gives_it_back_when_it_goes() =
        inTheApp { _, hand ->
            hand.opensSignals()
            hand.awaits("Nothing now.")
            hand.declares(OPTED_OUT)
            hand.awaits("the string") { patron.consent.signals().gpp == declared(OPTED_OUT) }
            val lowered = setOf(PurposeKind.PreciseLocation, PurposeKind.Beacons, PurposeKind.Personalisation, PurposeKind.PartnerSharing)
            assertEquals(lowered, loweredBy(Overlay.Gpp))
            hand.awaits("each of them with its signal") { hand.effect("Learning what you like") == "GPP" && !hand.sees("Nothing now.") }
            assertEquals(null, hand.effect(PARTNER_OFFERS))
            hand.tap(R.id.gpp_clear)
            hand.awaits("Nothing now.")
            assertEquals(Declared.Never, patron.consent.signals().gpp)
        }

    @Test
    fun a_region_asks_for_its_section_and_both_hold_after_the_next_start() =
        inTheApp { _, hand ->
            hand.opensSignals()
            hand.declares(ALLOWED)
            hand.awaits("the string") { patron.consent.signals().gpp == declared(ALLOWED) }
            // Europe's law asks for a section that a string of the US does not have.
            hand.tap(R.id.region_eea)
            hand.awaits("the missing section to be a no") { PurposeKind.PartnerSharing in loweredBy(Overlay.Region) }
            hand.awaits("its effect") { hand.effect("Learning what you like") == "Whose law applies" }
            hand.tap(R.id.region_us)
            hand.awaits("the string to be enough") { loweredBy(Overlay.Region).isEmpty() && loweredBy(Overlay.Gpp).isEmpty() }
            hand.awaits("Nothing now.")
            app.session.close()
            app.onCreate()
            hand.awaits("the next start to say the same") {
                val now = patron.consent.signals()
                now.gpp == declared(ALLOWED) && now.region == declared(Region.Us) && now.age == declared(Age.Adult)
            }
        }

    @Test
    fun googles_flags_follow_the_shoppers_yes_and_what_lowers_it() =
        inTheApp { _, hand ->
            hand.opensSignals()
            hand.awaits("the town's partners") { hand.flags().size == 4 }
            assertEquals(setOf("denied"), hand.flags().values.toSet())
            runBlocking {
                patron.consent.grant(Purpose.Engagement, Purpose.PartnerSharing("kelo"), Purpose.PartnerOffers, Purpose.Personalisation)
            }
            hand.awaits("every flag") { hand.flags().values.toSet() == setOf("granted") }
            hand.tap(R.id.gpc_switch)
            val left = mapOf("analytics_storage" to "granted", "ad_user_data" to "denied", "ad_storage" to "denied")
            hand.awaits("what GPC leaves") { hand.flags() == left + ("ad_personalization" to "denied") }
            assertFalse(patron.consent.mode("kelo").adUserData)
        }

    private fun Hand.opensSignals() {
        awaits("the partners") { patron.consent.states().any { it.purpose.kind == PurposeKind.PartnerSharing } }
        tap(R.id.nav_lab)
        awaits("What they take away")
    }

    private fun Hand.declares(gpp: String) {
        activity.findViewById<EditText>(R.id.gpp_field).setText(gpp)
        tap(R.id.gpp_apply)
    }

    private fun loweredBy(signal: Overlay): Set<PurposeKind> =
        patron.consent.states().filter { signal in it.loweredBy }.map { it.purpose.kind }.toSet()

    /** The signals that are said to lower [purpose]. */
    private fun Hand.effect(purpose: String): String? = rows(R.id.lowered_rows)[purpose]

    /** Google's flags by their names, without what they rest on. */
    private fun Hand.flags(): Map<String, String> = rows(R.id.mode_rows).mapKeys { it.key.substringBefore('\n') }

    private fun Hand.rows(list: Int): Map<String, String> =
        read(activity.findViewById(list)).chunked(2).associate { (label, value) -> label to value }

    private companion object {
        /** The US's national section: opted out of everything, with Global Privacy Control. */
        const val OPTED_OUT = "DBABLA~BVVVVVVVVWA.YA"

        /** The same, where nothing applies and nothing was refused. */
        const val ALLOWED = "DBABLA~BAAAAAAAAQA"
    }
}
