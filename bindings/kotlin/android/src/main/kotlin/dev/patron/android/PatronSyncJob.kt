package dev.patron.android

import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobService
import android.content.ComponentName
import android.content.Context
import android.net.ConnectivityManager
import android.os.Build
import dev.patron.Network
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
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/**
 * Delivers what is queued when the platform has a network and a moment to give: on a metered network 256 kB within 45
 * seconds, on a free one 8 MB within three minutes, more than a full queue of usual events. What is left goes with the
 * next job. Extend it, and name the class in the manifest with `android:permission="android.permission.BIND_JOB_SERVICE"`:
 *
 * ```
 * class SyncJob : PatronSyncJob() {
 *     override val patron get() = (application as MyApp).patron
 * }
 * ```
 *
 * From Android 14 on a job that waits for a network needs `ACCESS_NETWORK_STATE`; this library merges no permission.
 */
public abstract class PatronSyncJob : JobService() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private var running: Job? = null

    /** The app's one handle; `null` when there is none, and then there is nothing to deliver. */
    protected abstract val patron: Patron?

    final override fun onStartJob(params: JobParameters): Boolean {
        val patron = patron ?: return false
        val budget = budgetFor(params)
        running = scope.launch { jobFinished(params, deliver(patron, budget)) }
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

    /** By the network that the platform gave this job, which need not be the default one. */
    private fun budgetFor(params: JobParameters): Budget {
        val manager = getSystemService(ConnectivityManager::class.java)
        val given = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) params.network else null
        val word =
            try {
                given?.let { manager.inAWord(it) } ?: manager.now()
            } catch (_: SecurityException) {
                // Without the permission to look, it is spared.
                Network.Metered
            }
        return if (word == Network.Unmetered) FREE else SPARED
    }

    /** Whether to come back soon. */
    private suspend fun deliver(
        patron: Patron,
        budget: Budget,
    ): Boolean =
        try {
            !patron.sync.drain(budget.deadline, budget.bytes).done
        } catch (_: PatronException.Closed) {
            false
        } catch (_: PatronException) {
            true
        }

    /** What a job may take. */
    private class Budget(
        val deadline: Duration,
        val bytes: Long,
    )

    public companion object {
        /** A radio that is dear to wake and paid for: some thousands of events, and asleep again. */
        private val SPARED = Budget(45.seconds, 256_000)

        /** Well within the ten minutes that the platform gives a job at most. */
        private val FREE = Budget(3.minutes, 8_000_000)

        /** Verdicts, 40 bytes for each of the events of [SPARED]; a drain with a bound fetches no offers. */
        private const val DOWN_BYTES = 256_000L

        /**
         * Asks the platform to run [service] about [every] so often, whenever there is a network. Calling it again
         * changes nothing.
         *
         * @param id a number that no other job of the app has.
         * @return whether the platform took it.
         * @throws SecurityException from Android 14 on, without `ACCESS_NETWORK_STATE`.
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
                    .apply {
                        // So that the platform chooses a moment in which the network can carry it.
                        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
                            setEstimatedNetworkBytes(DOWN_BYTES, SPARED.bytes)
                        }
                    }.build()
            // Scheduling anew would start the hour again, and an app that is opened often would never sync.
            val pending = scheduler.getPendingJob(id)
            if (pending != null && pending.asksAs(job)) return true
            return scheduler.schedule(job) == JobScheduler.RESULT_SUCCESS
        }

        private fun JobInfo.asksAs(other: JobInfo) = service == other.service && intervalMillis == other.intervalMillis
    }
}
