package dev.patron.android

import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobService
import android.content.ComponentName
import android.content.Context
import dev.patron.Patron
import dev.patron.PatronException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/**
 * Delivers what is queued when the platform has a network and a moment to give. Extend it, and name the class in the
 * manifest with `android:permission="android.permission.BIND_JOB_SERVICE"`:
 *
 * ```
 * class SyncJob : PatronSyncJob() {
 *     override val patron get() = (application as MyApp).patron
 * }
 * ```
 */
public abstract class PatronSyncJob : JobService() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private var running: Job? = null

    /** The app's one handle; `null` when there is none, and then there is nothing to deliver. */
    protected abstract val patron: Patron?

    final override fun onStartJob(params: JobParameters): Boolean {
        val patron = patron ?: return false
        running = scope.launch { jobFinished(params, deliver(patron)) }
        return true
    }

    /** The platform takes its moment back. Nothing is lost: what was not confirmed stays queued. */
    final override fun onStopJob(params: JobParameters): Boolean {
        running?.cancel()
        return true
    }

    final override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    /** Whether to come back soon. */
    private suspend fun deliver(patron: Patron): Boolean =
        try {
            !patron.sync.drain(deadline = MOMENT).done
        } catch (_: PatronException.Closed) {
            false
        } catch (_: PatronException) {
            true
        }

    public companion object {
        /** A good part of what the platform allows a job that it may stop at any time. */
        private val MOMENT = 45.seconds

        /**
         * Asks the platform to run [service] about [every] so often, whenever there is a network. Calling it again
         * changes nothing.
         *
         * @param id a number that no other job of the app has.
         * @return whether the platform took it.
         */
        @JvmStatic
        @JvmOverloads
        public fun schedule(
            context: Context,
            service: Class<out PatronSyncJob>,
            id: Int,
            every: Duration = 1.hours,
        ): Boolean {
            val scheduler = context.getSystemService(JobScheduler::class.java)
            val job =
                JobInfo
                    .Builder(id, ComponentName(context, service))
                    .setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)
                    .setPeriodic(every.inWholeMilliseconds)
                    .build()
            // Scheduling anew would start the hour again, and an app that is opened often would never sync.
            val pending = scheduler.getPendingJob(id)
            if (pending?.service == job.service && pending.intervalMillis == job.intervalMillis) return true
            return scheduler.schedule(job) == JobScheduler.RESULT_SUCCESS
        }
    }
}
