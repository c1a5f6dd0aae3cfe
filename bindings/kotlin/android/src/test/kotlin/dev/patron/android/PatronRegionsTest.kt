package dev.patron.android

import android.Manifest.permission.ACCESS_BACKGROUND_LOCATION
import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.app.Application
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.location.LocationManager
import android.location.LocationManager.GPS_PROVIDER
import dev.patron.Fix
import dev.patron.Looking
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.PlaceFacet
import dev.patron.Purpose
import dev.patron.WakeLimits
import dev.patron.Witness
import dev.patron.testing.FakePatron
import dev.patron.testing.wakePlan
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadow.api.Shadow
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TestTimeSource
import kotlin.time.TimeSource

@RunWith(RobolectricTestRunner::class)
@Config(shadows = [WatchfulLocationManager::class])
class PatronRegionsTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private val phone get() = Shadow.extract<WatchfulLocationManager>(app.getSystemService(LocationManager::class.java))
    private val alerts get() = WatchfulLocationManager.alerts

    class Wakes : PatronWakeReceiver() {
        override fun patron(context: Context): Patron? = handle

        override fun regions(context: Context): PatronRegions = checkNotNull(watch)

        companion object {
            var handle: Patron? = null
            var watch: PatronRegions? = null
        }
    }

    @Before
    fun a_phone_that_lets_the_app_do_all_it_asks_for() {
        shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION, ACCESS_COARSE_LOCATION, ACCESS_BACKGROUND_LOCATION)
        phone.setProviderEnabled(GPS_PROVIDER, true)
        alerts.clear()
        val words = IntentFilter(Intent.ACTION_BOOT_COMPLETED).apply { addAction(Intent.ACTION_MY_PACKAGE_REPLACED) }
        app.registerReceiver(Wakes(), words, Context.RECEIVER_NOT_EXPORTED)
    }

    @Test
    fun the_platform_watches_what_the_plan_says_and_nothing_after_a_withdrawal() =
        inTown { patron ->
            val regions = regions(patron)
            val job = regions.follow(patron)
            awaits("the word") { regions.status.value == RegionsStatus.NotConsented }
            assertEquals(0, alerts.size)
            yes(patron)
            awaits("the regions") { watchesAll(regions.status.value) }
            val plan = runBlocking { patron.place.plan() }
            assertEquals((plan.regions + plan.safe).map { it.radiusM.toFloat() }, alerts.map { it.radius })
            runBlocking { patron.consent.withdraw(Purpose.PreciseLocation) }
            awaits("nothing to be watched") { alerts.isEmpty() }
            awaits("the word on it") { regions.status.value == RegionsStatus.NotConsented }
            job.cancel()
        }

    @Test
    fun a_wake_asks_for_one_position_and_that_makes_the_visit() =
        inTown { patron ->
            yes(patron)
            runBlocking { regions(patron).renew(patron) }
            phone.moveTo(position(Market.LATITUDE, Market.LONGITUDE))
            awaits("the visit") { patron.place.current().isNotEmpty() }
            val visit = patron.place.current().single()
            assertEquals(Market.PLACE to Witness.Position, visit.place to visit.by)
        }

    @Test
    fun a_wake_without_a_position_makes_no_visit() =
        inTown { patron ->
            yes(patron)
            runBlocking { regions(patron).renew(patron) }
            phone.setProviderEnabled(GPS_PROVIDER, false)
            wake("fence:${Market.PLACE}", isEntry = true)
            breathe()
            assertEquals(emptyList(), patron.place.current())
        }

    @Test
    fun whom_a_wake_started_the_process_for_has_arrived_and_was_not_there_already() =
        onTheNextDay { patron ->
            phone.moveTo(position(Market.LATITUDE, Market.LONGITUDE))
            // As long as it takes: the broadcast ends the wait, and not the time.
            val job = regions(patron, grace = 10.minutes).follow(patron)
            awaitsWhileMainIsBusy("the first step") { mainIsWaitedFor() || patron.place.current().isNotEmpty() }
            // Queued behind it, as the platform does, and handled once `onCreate` is over.
            wake("fence:${Market.PLACE}", isEntry = true)
            awaits("the visit") { patron.place.current().isNotEmpty() }
            val visit = patron.place.current().single()
            assertEquals(Market.PLACE to false, visit.place to visit.initial)
            job.cancel()
        }

    @Test
    fun who_starts_the_app_inside_was_there_already() =
        onTheNextDay { patron ->
            phone.moveTo(position(Market.LATITUDE, Market.LONGITUDE))
            val job = regions(patron).follow(patron)
            awaits("the visit") { patron.place.current().isNotEmpty() }
            assertTrue(patron.place.current().single().initial)
            job.cancel()
        }

    @Test
    fun a_wake_is_heard_before_what_a_look_under_way_finds() =
        onTheNextDay { patron ->
            val heard = AtomicBoolean()
            val regions = regions(patron)
            Wakes.handle = listening(patron) { heard.set(true) }
            val job = CoroutineScope(Dispatchers.Default).launch { regions.renew(patron) }
            awaits("the look") { phone.getLegacyLocationRequests(GPS_PROVIDER).size == 1 }
            wake("fence:${Market.PLACE}", isEntry = true)
            awaits("the word") { heard.get() }
            phone.simulateLocation(position(Market.LATITUDE, Market.LONGITUDE))
            awaits("the visit") { patron.place.current().isNotEmpty() }
            assertFalse(patron.place.current().single().initial)
            job.cancel()
        }

    @Test
    fun after_a_reboot_and_an_update_the_regions_are_set_again() =
        inTown { patron ->
            yes(patron)
            runBlocking { regions(patron).renew(patron) }
            for (word in listOf(Intent.ACTION_BOOT_COMPLETED, Intent.ACTION_MY_PACKAGE_REPLACED)) {
                alerts.clear()
                app.sendBroadcast(Intent(word).setPackage(app.packageName))
                awaits("the regions after $word") { alerts.size == 11 }
            }
        }

    @Test
    fun a_plan_that_is_out_of_date_is_made_anew_and_what_stays_the_same_is_watched_on() =
        inTown { patron ->
            yes(patron)
            val regions = regions(patron)
            val atTheDoor = Market.fromTheQuay.copy(latitude = 60.1668, age = 10.seconds)
            runBlocking { patron.place.update(atTheDoor) }
            val job = regions.follow(patron)
            awaits("the first plan") { planOf(regions.status.value)?.looking == Looking.InRegion }
            val first = alerts.toList()
            runBlocking { patron.place.update(Market.fromTheQuay.copy(age = Duration.ZERO)) }
            awaits("the next plan") { watchesAll(regions.status.value) }
            assertEquals(11, alerts.size)
            assertEquals(10, alerts.count { it in first }, "all but the safe circle")
            job.cancel()
        }

    @Test
    fun who_is_in_a_region_as_it_is_set_is_not_looked_at_and_planned_for_again_and_again() =
        inTown { town ->
            val plans = AtomicInteger()
            val patron = counting(town, plans)
            runBlocking { patron.consent.grant(Purpose.PreciseLocation) }
            phone.simulateLocation(position(Market.fromTheQuay.latitude, Market.LONGITUDE))
            val time = TestTimeSource()
            // All of the town in one: the platform says at once that the shopper is in.
            val regions = regions(patron, limits = WakeLimits(regions = 1), time = time)
            val status = runBlocking { regions.renew(patron) }
            assertEquals(Looking.InRegion, planOf(status)?.looking, "$status")
            breathe()
            assertEquals(1, plans.get())
            time += 1.minutes
            wake("cover:0", isEntry = true)
            awaits("the plan after an entry that is one") { plans.get() > 1 }
            breathe()
            assertEquals(2, plans.get())
        }

    @Test
    fun a_position_that_is_too_old_to_plan_around_is_asked_for_anew() =
        inTown { patron ->
            runBlocking { patron.consent.grant(Purpose.PreciseLocation) }
            // Four minutes at a run: too far for the distances in this town.
            val longAgo = Market.fromTheQuay.copy(accuracyM = 150.0, age = 4.minutes)
            runBlocking { patron.place.update(longAgo) }
            phone.setProviderEnabled(GPS_PROVIDER, false)
            val regions = regions(patron)
            val status = runBlocking { regions.renew(patron) }
            assertTrue((status as RegionsStatus.Watching).plan.looking != null, "and says so: $status")
            assertTrue(alerts.isNotEmpty())
        }

    @Test
    fun while_what_is_known_is_too_poor_to_plan_around_it_looks_again() =
        onTheNextDay { patron ->
            phone.setProviderEnabled(GPS_PROVIDER, false)
            val regions = regions(patron)
            val job = regions.follow(patron)
            awaits("the plan around yesterday") { planOf(regions.status.value)?.looking == Looking.Unsure }
            phone.setProviderEnabled(GPS_PROVIDER, true)
            phone.simulateLocation(position(Market.fromTheQuay.latitude, Market.LONGITUDE))
            awaits("the plan around now") { watchesAll(regions.status.value) }
            job.cancel()
        }

    @Test
    fun before_the_first_position_one_is_asked_for() =
        inTown { patron ->
            runBlocking { patron.consent.grant(Purpose.PreciseLocation) }
            val regions = regions(patron)
            phone.setProviderEnabled(GPS_PROVIDER, false)
            assertEquals(RegionsStatus.NoPosition, runBlocking { regions.renew(patron) })
            phone.setProviderEnabled(GPS_PROVIDER, true)
            phone.moveTo(position(60.1640, Market.LONGITUDE))
            assertTrue(watchesAll(runBlocking { regions.renew(patron) }))
        }

    @Test
    fun without_a_position_it_looks_again_until_there_is_one() =
        inTown { patron ->
            runBlocking { patron.consent.grant(Purpose.PreciseLocation) }
            phone.setProviderEnabled(GPS_PROVIDER, false)
            val regions = regions(patron)
            val job = regions.follow(patron)
            awaits("the word") { regions.status.value == RegionsStatus.NoPosition }
            phone.setProviderEnabled(GPS_PROVIDER, true)
            phone.moveTo(position(60.1640, Market.LONGITUDE))
            awaits("the regions") { watchesAll(regions.status.value) }
            job.cancel()
        }

    @Test
    fun a_position_that_someone_else_tells_is_planned_around() =
        inTown { patron ->
            runBlocking { patron.consent.grant(Purpose.PreciseLocation) }
            phone.setProviderEnabled(GPS_PROVIDER, false)
            val regions = regions(patron)
            val job = regions.follow(patron)
            awaits("the word") { regions.status.value == RegionsStatus.NoPosition }
            runBlocking { patron.place.update(Market.fromTheQuay) }
            awaits("the regions") { watchesAll(regions.status.value) }
            job.cancel()
        }

    @Test
    fun only_leaving_the_safe_circle_asks_for_the_next_plan() {
        val patron = fake("market")
        runBlocking { regions(patron).renew(patron) }
        assertEquals(1, patron.plans)
        wake("safe", isEntry = true)
        wake("fence:market", isEntry = true)
        awaits("the wake") { patron.wakes == listOf("fence:market") }
        wake("safe", isEntry = false)
        awaits("the next plan") { patron.plans == 2 }
        assertEquals(listOf("fence:market", "safe"), patron.wakes)
    }

    @Test
    fun a_wake_and_its_position_that_meet_a_full_hand_over_are_told_again() {
        val patron = fake("market")
        runBlocking { regions(patron).renew(patron) }
        val turnedAway = AtomicInteger()
        Wakes.handle = busyOnce(patron, turnedAway)
        phone.simulateLocation(position(60.1640, Market.LONGITUDE))
        wake("fence:market", isEntry = true)
        awaits("the position") { patron.fixes.isNotEmpty() }
        assertEquals(listOf("fence:market"), patron.wakes)
        assertEquals(2, turnedAway.get(), "a word and a position")
    }

    @Test
    fun with_the_rough_position_alone_nothing_can_be_watched_and_it_says_so() {
        val patron = fake("market")
        shadowOf(app).denyPermissions(ACCESS_FINE_LOCATION)
        val status = runBlocking { regions(patron).renew(patron) }
        assertEquals(RegionsStatus.NotPermitted(ACCESS_FINE_LOCATION), status)
        assertEquals(0 to 0, alerts.size to patron.plans)
    }

    @Test
    fun a_permission_that_is_taken_back_takes_the_regions_with_it() {
        val patron = fake("market", "library")
        val regions = regions(patron)
        val job = regions.follow(patron)
        awaits("the regions") { alerts.size == 3 }
        shadowOf(app).denyPermissions(ACCESS_FINE_LOCATION)
        patron.outdatePlan()
        awaits("the word") { regions.status.value == RegionsStatus.NotPermitted(ACCESS_FINE_LOCATION) }
        assertEquals(0, alerts.size)
        job.cancel()
    }

    @Test
    fun without_the_permission_for_the_background_it_watches_and_says_what_is_not_possible() {
        val patron = fake("market")
        shadowOf(app).denyPermissions(ACCESS_BACKGROUND_LOCATION)
        val status = runBlocking { regions(patron).renew(patron) }
        assertEquals(RegionsStatus.Watching(wakePlan("market"), inBackground = false), status)
    }

    @Test
    fun never_more_is_watched_than_the_limits_allow() {
        val patron = fake(*Array(300) { "shop-$it" })
        runBlocking { regions(patron).renew(patron) }
        assertEquals(96, alerts.size)
        assertEquals(96, alerts.map { it.intent }.distinct().size)
    }

    @Test
    fun a_wake_for_a_handle_that_is_closed_or_absent_is_for_nobody() {
        val patron = fake("market")
        runBlocking { regions(patron).renew(patron) }
        patron.close()
        wake("fence:market", isEntry = true)
        Wakes.handle = null
        wake("fence:market", isEntry = true)
        breathe()
        assertTrue(patron.wakes.isEmpty())
    }

    @Test
    fun it_ends_with_the_handle_and_the_regions_stay() {
        val patron = fake("market")
        val job = regions(patron).follow(patron)
        awaits("the regions") { alerts.size == 2 }
        patron.close()
        awaits("the end of it") { job.isCompleted }
        assertFalse(job.isCancelled)
        assertEquals(2, alerts.size)
    }

    private fun yes(patron: Patron) =
        runBlocking {
            patron.consent.grant(Purpose.PreciseLocation)
            patron.place.update(Market.fromTheQuay)
        }

    private fun fake(vararg places: String) =
        FakePatron().apply {
            setPlan(wakePlan(*places))
            runBlocking { consent.grant(Purpose.PreciseLocation) }
        }

    private fun regions(
        patron: Patron,
        grace: Duration = Duration.ZERO,
        limits: WakeLimits = WakeLimits.Android,
        time: TimeSource = TimeSource.Monotonic,
    ) =
        PatronRegions(app, Wakes::class.java, limits, retry = 10.milliseconds, grace, time).also {
            Wakes.handle = patron
            Wakes.watch = it
        }

    /** The handle that [patron] is, which tells of each wake once the core knows of it. */
    private fun listening(
        patron: Patron,
        heard: () -> Unit,
    ) = object : Patron by patron {
        override val place =
            object : PlaceFacet by patron.place {
                override suspend fun woke(region: String) = patron.place.woke(region).also { heard() }
            }
    }

    /** The handle that [patron] is, which counts what it planned. */
    private fun counting(
        patron: Patron,
        plans: AtomicInteger,
    ) = object : Patron by patron {
        override val place =
            object : PlaceFacet by patron.place {
                override suspend fun plan(
                    limits: WakeLimits,
                ) = patron.place.plan(limits).also { plans.incrementAndGet() }
            }
    }

    /** The handle that [patron] is, whose first word and first position are turned away. */
    private fun busyOnce(
        patron: Patron,
        turnedAway: AtomicInteger,
    ) = object : Patron by patron {
        override val place =
            object : PlaceFacet by patron.place {
                private val word = AtomicBoolean()
                private val position = AtomicBoolean()

                override suspend fun woke(region: String) = turnAway(word).let { patron.place.woke(region) }

                override suspend fun update(fix: Fix) = turnAway(position).let { patron.place.update(fix) }

                private fun turnAway(first: AtomicBoolean) {
                    if (first.getAndSet(true)) return
                    turnedAway.incrementAndGet()
                    throw PatronException.Busy()
                }
            }
    }

    private fun wake(
        region: String,
        isEntry: Boolean,
    ) {
        val word =
            Intent(app, Wakes::class.java)
                .setAction("dev.patron.android.WOKE")
                .putExtra("dev.patron.android.region", region)
                .putExtra(LocationManager.KEY_PROXIMITY_ENTERING, isEntry)
        app.sendBroadcast(word)
        breathe(5)
    }

    /** What a phone on the quay watches of the demo town. */
    private fun watchesAll(status: RegionsStatus): Boolean {
        val plan = planOf(status)
        return plan != null && plan.looking == null && plan.monitored == 10
    }

    private fun planOf(status: RegionsStatus) = (status as? RegionsStatus.Watching)?.takeIf { it.inBackground }?.plan
}
