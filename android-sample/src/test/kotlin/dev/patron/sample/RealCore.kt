package dev.patron.sample

import android.Manifest.permission.ACCESS_BACKGROUND_LOCATION
import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.Manifest.permission.BLUETOOTH_SCAN
import android.location.LocationManager
import android.widget.EditText
import dev.patron.Account
import dev.patron.Patron
import kotlinx.coroutines.runBlocking
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

/** The app as it is shipped, with the native library behind it. */
val app: SampleApp get() = RuntimeEnvironment.getApplication() as SampleApp

val patron: Patron get() = checkNotNull(app.session.patron) { "the handle is not open: ${app.session.connection.value}" }

fun account(): Account = runBlocking { patron.diagnostics() }.account

/** As a phone that lets the app know where it is and what it hears: what the phone refuses, consent cannot give. */
fun letLocate() {
    shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION, ACCESS_COARSE_LOCATION, ACCESS_BACKGROUND_LOCATION, BLUETOOTH_SCAN)
    // Indoors: whoever looks for a position need not wait for the satellites that Robolectric does not have.
    shadowOf(app.getSystemService(LocationManager::class.java)).setProviderEnabled(LocationManager.GPS_PROVIDER, false)
}

/** Starts the app's activity; the handle is closed whatever happens, or the next test would find its folder locked. */
fun inTheApp(test: (ActivityController<MainActivity>, Hand) -> Unit) {
    letLocate()
    try {
        Robolectric.buildActivity(MainActivity::class.java).use { controller ->
            test(controller, Hand(controller.setup().get()))
        }
    } finally {
        app.session.close()
    }
}

const val PARTNER_OFFERS = "Offers of other brands"
const val EXACTLY = "Exactly where you are"
const val WHAT_YOU_DO = "What you do with offers"

/** Yes to what the walk needs, one switch at a time. */
fun Hand.allow(vararg purposes: String) {
    tap(R.id.nav_privacy)
    for (purpose in purposes) {
        tap(switch(purpose))
        awaits("$purpose to be on") { app.session.connection.value is Connection.Open && switch(purpose).isChecked && sees("On since") }
    }
}

/** Robolectric's phone is on a metered network, where nobody fetches pictures by themselves. */
fun Hand.pretendsToBeOnWifi() {
    tap(R.id.nav_lab)
    tap(R.id.network_free)
}

/** Speaks to another backend, as the lab lets one. */
fun Hand.connect(
    endpoint: String,
    key: String,
) {
    tap(R.id.nav_lab)
    activity.findViewById<EditText>(R.id.backend_endpoint).setText(endpoint)
    activity.findViewById<EditText>(R.id.backend_key).setText(key)
    tap(R.id.connect_button)
    // The address is shown a moment before its handle is open, and until then nothing that is tapped is done.
    awaits("the handle") { (app.session.connection.value as? Connection.Open)?.backend == Backend.Server(endpoint, key) }
}

/** Speaks to [backend], and waits until its catalogue is there. */
fun Hand.connect(backend: RunningBackend) {
    connect(backend.endpoint, backend.key)
    awaits("the catalogue") { patron.offers.now("home").isNotEmpty() }
    tap(R.id.nav_offers)
    awaits("From the house")
}

/** Walks until the header names [place], and stays there. */
fun Hand.walkTo(place: String) {
    tap(R.id.nav_lab)
    tap(R.id.walk_button)
    tap(R.id.nav_offers)
    awaits(place)
    tap(R.id.nav_lab)
    tap(R.id.walk_button)
    // The last step may be on its way to the core still, and would move what is read next.
    runBlocking { patron.diagnostics() }
    tap(R.id.nav_offers)
}
