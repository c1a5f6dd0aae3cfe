package dev.patron.android

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.location.LocationManager
import dev.patron.Patron
import dev.patron.PatronException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.time.Duration.Companion.seconds

/**
 * Hears of the regions that [PatronRegions] has the platform watch, and sets them again after the phone started or the
 * app was updated: the platform forgets them then. Extend it:
 *
 * ```
 * class Wakes : PatronWakeReceiver() {
 *     override fun patron(context: Context) = (context.applicationContext as MyApp).patron
 *
 *     override fun regions(context: Context) = (context.applicationContext as MyApp).regions
 * }
 * ```
 *
 * and name it in the manifest. It needs to be reached by nobody but the platform:
 *
 * ```
 * <receiver android:name=".Wakes" android:exported="false">
 *     <intent-filter>
 *         <action android:name="android.intent.action.BOOT_COMPLETED" />
 *         <action android:name="android.intent.action.MY_PACKAGE_REPLACED" />
 *     </intent-filter>
 * </receiver>
 * ```
 *
 * `BOOT_COMPLETED` needs `RECEIVE_BOOT_COMPLETED`; this library merges no permission. Until the phone was unlocked once
 * after its start there is no store to open, and the platform waits with it.
 */
public abstract class PatronWakeReceiver : BroadcastReceiver() {
    /** The app's one handle; `null` when there is none, and then a wake is for nobody. */
    protected abstract fun patron(context: Context): Patron?

    /** The app's one [PatronRegions]. */
    protected abstract fun regions(context: Context): PatronRegions

    final override fun onReceive(
        context: Context,
        intent: Intent,
    ) {
        val work = work(context, intent) ?: return
        // `null` when someone calls this who is not the platform: then nobody waits for the end either.
        val pending: PendingResult? = goAsync()
        CoroutineScope(Dispatchers.Default).launch {
            try {
                withTimeoutOrNull(LIMIT) { work() }
            } catch (_: PatronException) {
                // Closed, or a full disk. The regions stand; the next wake may find it better.
            } finally {
                pending?.finish()
            }
        }
    }

    private fun work(
        context: Context,
        intent: Intent,
    ): (suspend () -> Unit)? {
        val patron = patron(context) ?: return null
        val regions = regions(context)
        return when (intent.action) {
            WOKE -> {
                val region = intent.getStringExtra(REGION) ?: return null
                val isEntry = intent.getBooleanExtra(LocationManager.KEY_PROXIMITY_ENTERING, false)
                return { regions.woke(patron, region, isEntry) }
            }
            Intent.ACTION_BOOT_COMPLETED, Intent.ACTION_MY_PACKAGE_REPLACED -> {
                { regions.renewAll(patron) }
            }
            else -> null
        }
    }

    internal companion object {
        const val WOKE = "dev.patron.android.WOKE"
        const val REGION = "dev.patron.android.region"

        /** The platform calls an app dead that works on a broadcast for longer than ten. */
        private val LIMIT = 9.5.seconds
    }
}
