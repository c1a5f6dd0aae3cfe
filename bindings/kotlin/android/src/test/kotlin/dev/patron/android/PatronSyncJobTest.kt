package dev.patron.android

import android.app.Application
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.net.ConnectivityManager
import android.net.Network
import android.net.NetworkCapabilities.NET_CAPABILITY_NOT_METERED
import dev.patron.Drained
import dev.patron.Engagement
import dev.patron.Patron
import dev.patron.Purpose
import dev.patron.SyncFacet
import dev.patron.testing.FakePatron
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowNetwork
import org.robolectric.shadows.ShadowNetworkCapabilities
import org.robolectric.util.ReflectionHelpers.callConstructor
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

@RunWith(RobolectricTestRunner::class)
class PatronSyncJobTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private val scheduler get() = app.getSystemService(JobScheduler::class.java)

    class Job : PatronSyncJob() {
        override val patron: Patron? get() = handle

        companion object {
            var handle: Patron? = null
        }
    }

    @Test
    fun it_waits_for_a_network_and_asking_twice_does_not_start_the_hour_again() {
        assertTrue(PatronSyncJob.schedule(app, Job::class.java, id = 7))
        val first = scheduler.getPendingJob(7)
        assertTrue(PatronSyncJob.schedule(app, Job::class.java, id = 7))
        val job = scheduler.allPendingJobs.single()
        assertEquals(first, job)
        assertNotNull(job.requiredNetwork)
        assertEquals(256_000, job.estimatedNetworkUploadBytes)
        assertEquals(1.hours.inWholeMilliseconds, job.intervalMillis)
        PatronSyncJob.schedule(app, Job::class.java, id = 7, every = 6.hours)
        assertEquals(6.hours.inWholeMilliseconds, scheduler.allPendingJobs.single().intervalMillis)
    }

    @Test
    fun it_delivers_what_is_queued_and_says_that_it_is_done() {
        val patron = FakePatron()
        runBlocking { patron.consent.grant(Purpose.Engagement) }
        patron.events.track(Engagement.Saved("cup"))
        val job = start(patron)
        awaits("the end of the job") { shadowOf(job).isJobFinished }
        assertFalse(shadowOf(job).isRescheduleNeeded)
        assertEquals(1, patron.account.delivered)
    }

    @Test
    fun what_could_not_be_delivered_is_tried_again_soon() {
        val patron = FakePatron()
        runBlocking { patron.consent.grant(Purpose.Engagement) }
        patron.events.track(Engagement.Saved("cup"))
        patron.sync.setOnline(false)
        val job = start(patron)
        awaits("the end of the job") { shadowOf(job).isJobFinished }
        assertTrue(shadowOf(job).isRescheduleNeeded)
        assertEquals(1, patron.account.queued)
    }

    @Test
    fun a_free_network_may_carry_more_and_longer_than_a_metered_one() {
        val (free, metered) = ShadowNetwork.newInstance(5) to ShadowNetwork.newInstance(6)
        val manager = shadowOf(app.getSystemService(ConnectivityManager::class.java))
        val notMetered = ShadowNetworkCapabilities.newInstance()
        shadowOf(notMetered).addCapability(NET_CAPABILITY_NOT_METERED)
        manager.setNetworkCapabilities(free, notMetered)
        manager.setNetworkCapabilities(metered, ShadowNetworkCapabilities.newInstance())
        assertEquals(3.minutes to 8_000_000L, budgetOn(free))
        assertEquals(45.seconds to 256_000L, budgetOn(metered))
        // As the default network, and without the platform's word on which one is meant.
        assertEquals(45.seconds to 256_000L, budgetOn(null))
    }

    @Test
    fun without_a_handle_there_is_nothing_to_do() {
        Job.handle = null
        val job = Robolectric.buildService(Job::class.java).create().get()
        assertFalse(job.onStartJob(callConstructor(JobParameters::class.java)))
    }

    private fun budgetOn(network: Network?): Pair<Duration, Long?> {
        val patron = Watched()
        val job = start(patron, network)
        awaits("the end of the job") { shadowOf(job).isJobFinished }
        return checkNotNull(patron.asked)
    }

    private fun start(
        patron: Patron,
        network: Network? = null,
    ): Job {
        Job.handle = patron
        val job = Robolectric.buildService(Job::class.java).create().get()
        val parameters = callConstructor(JobParameters::class.java)
        parameters.network = network
        assertTrue(job.onStartJob(parameters))
        return job
    }

    /** Keeps what the job asked for. */
    private class Watched(
        private val fake: Patron = FakePatron(),
    ) : Patron by fake {
        @Volatile
        var asked: Pair<Duration, Long?>? = null

        override val sync: SyncFacet =
            object : SyncFacet by fake.sync {
                override suspend fun drain(
                    deadline: Duration,
                    bytes: Long?,
                ): Drained {
                    asked = deadline to bytes
                    return fake.sync.drain(deadline, bytes)
                }
            }
    }
}
