package dev.patron.sample

import android.app.Application
import android.content.Context
import android.content.res.Configuration
import android.util.Log
import dev.patron.Patron
import dev.patron.PatronConfig
import dev.patron.PatronLog
import dev.patron.android.PatronKeystore
import dev.patron.android.PatronRegions
import dev.patron.android.PatronSyncJob
import dev.patron.android.PatronWakeReceiver

/**
 * Owns the one handle on Patron, for as long as the process lives.
 *
 * Activities come and go with every turn of the phone; the handle, the walk and what the shopper decided do not.
 */
open class SampleApp : Application() {
    lateinit var session: Session
        private set

    override fun onCreate() {
        super.onCreate()
        session = Session(this, ::openPatron)
        PatronSyncJob.schedule(this, SyncJob::class.java, SYNC_JOB)
    }

    /** The shopper chose another language: offers and explanations follow. */
    override fun onConfigurationChanged(newConfig: Configuration) {
        super.onConfigurationChanged(newConfig)
        session.languageMayHaveChanged()
    }

    /** Tests open a fake here. */
    protected open fun openPatron(config: PatronConfig): Patron = Patron.open(config, vault = PatronKeystore(), log = ::log)

    private fun log(
        level: PatronLog.Level,
        text: String,
    ) {
        val priority =
            when (level) {
                PatronLog.Level.Error -> Log.ERROR
                PatronLog.Level.Warn -> Log.WARN
                PatronLog.Level.Info -> Log.INFO
                PatronLog.Level.Debug -> Log.DEBUG
            }
        Log.println(priority, "Patron", text)
    }

    private companion object {
        /** Any number that no other job of this app has. */
        const val SYNC_JOB = 1
    }
}

/** Delivers what is queued when the platform gives the app a moment and a network. */
class SyncJob : PatronSyncJob() {
    override val patron: Patron? get() = (application as SampleApp).session.patron
}

/** Hears of the regions that the platform watches, and sets them again after the phone started. */
class Wakes : PatronWakeReceiver() {
    override fun patron(context: Context): Patron? = session(context).patron

    override fun regions(context: Context): PatronRegions = session(context).regions

    private fun session(context: Context) = (context.applicationContext as SampleApp).session
}
