package dev.patron.android

import android.app.Application
import android.app.job.JobParameters
import android.app.job.JobScheduler
import dev.patron.Engagement
import dev.patron.Patron
import dev.patron.Purpose
import dev.patron.testing.FakePatron
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.util.ReflectionHelpers.callConstructor
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.hours

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
    fun without_a_handle_there_is_nothing_to_do() {
        Job.handle = null
        val job = Robolectric.buildService(Job::class.java).create().get()
        assertFalse(job.onStartJob(callConstructor(JobParameters::class.java)))
    }

    private fun start(patron: Patron): Job {
        Job.handle = patron
        val job = Robolectric.buildService(Job::class.java).create().get()
        assertTrue(job.onStartJob(callConstructor(JobParameters::class.java)))
        return job
    }
}
