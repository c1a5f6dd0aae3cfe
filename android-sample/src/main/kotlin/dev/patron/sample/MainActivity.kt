package dev.patron.sample

import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.os.Bundle
import android.view.View
import android.widget.FrameLayout
import android.widget.TextView
import dev.patron.android.PatronCheckIn
import dev.patron.sample.lab.LabScreen
import dev.patron.sample.me.MeScreen
import dev.patron.sample.me.ReceiptsScreen
import dev.patron.sample.moments.MomentsScreen
import dev.patron.sample.offers.OffersScreen
import dev.patron.sample.offers.SaySheet
import dev.patron.sample.offers.WhySheet
import dev.patron.sample.privacy.PrivacyScreen
import dev.patron.sample.ui.padForSystemBars
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlin.time.Duration.Companion.seconds

/** The one activity: three screens, a sheet over them, and the state of what is on display. */
class MainActivity : Activity() {
    private val session get() = (application as SampleApp).session
    private lateinit var screens: Map<Tab, Screen>
    private lateinit var sheet: WhySheet
    private lateinit var say: SaySheet
    private lateinit var visible: CoroutineScope
    private var snackbar: Job? = null
    private var tab = Tab.Offers

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.main)
        findViewById<View>(R.id.root).padForSystemBars()
        say = SaySheet(findViewById(R.id.sheet_host), session)
        sheet = WhySheet(findViewById(R.id.sheet_host), session, say::open)
        val content = findViewById<FrameLayout>(R.id.content)
        screens =
            mapOf(
                Tab.Offers to OffersScreen(content, session, sheet::open, say::open, ::show),
                Tab.Privacy to PrivacyScreen(content, session, ::ask, ::show),
                Tab.Lab to LabScreen(content, session, ::ask, ::show, ::chooseTrace),
                Tab.Moments to MomentsScreen(content, session, ::show),
                Tab.Me to MeScreen(content, session, ::chooseFile, ::show),
                Tab.Receipts to ReceiptsScreen(content, session, ::show),
            )
        screens.values.forEach { content.addView(it.view) }
        for ((tab, button) in buttons()) {
            button.setOnClickListener {
                // Who goes to the offers asks for them.
                if (tab == Tab.Offers) session.ask()
                show(tab)
            }
        }
        show(savedInstanceState?.getString(TAB)?.let(Tab::valueOf) ?: Tab.Offers)
        savedInstanceState?.getString(WHY)?.let(sheet::open)
        savedInstanceState?.getString(SAY)?.let(say::open)
        // A phone that was turned has not been held to the tag again.
        if (savedInstanceState == null) arrive(intent)
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        arrive(intent)
    }

    /** By the tag at a store's door, or by a notice that was tapped. */
    private fun arrive(intent: Intent) {
        checkIn(intent)
        val link = intent.data?.takeIf { it.scheme == "patron" && it.host == "offer" } ?: return
        // Who taps a notice asks for what it is about.
        session.ask()
        show(Tab.Offers)
        link.lastPathSegment?.let(sheet::open)
    }

    override fun onStart() {
        super.onStart()
        session.comesIntoView()
        visible = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)
        screens.values.forEach { it.follow(visible) }
        visible.launch { session.notices.collect { say(it) } }
    }

    override fun onStop() {
        visible.cancel()
        // Turning the phone is not leaving.
        if (!isChangingConfigurations) session.goesOutOfView()
        super.onStop()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putString(TAB, tab.name)
        outState.putString(WHY, sheet.offer)
        outState.putString(SAY, say.about)
    }

    @Deprecated("Plain activities have no other way back below API 33.")
    override fun onBackPressed() {
        @Suppress("DEPRECATION")
        when {
            sheet.isOpen -> sheet.close()
            say.isOpen -> say.close()
            tab != tab.home -> show(tab.home)
            tab != Tab.Offers -> show(Tab.Offers)
            else -> super.onBackPressed()
        }
    }

    override fun onRequestPermissionsResult(
        requestCode: Int,
        permissions: Array<out String>,
        grantResults: IntArray,
    ) {
        super.onRequestPermissionsResult(requestCode, permissions, grantResults)
        session.locationMayBeRead()
    }

    private fun show(next: Tab) {
        tab = next
        sheet.close()
        say.close()
        screens.forEach { (tab, screen) -> screen.view.visibility = if (tab == next) View.VISIBLE else View.GONE }
        buttons().forEach { (tab, button) -> button.isSelected = tab == next.home }
        screens.getValue(next).shown()
    }

    private fun buttons(): Map<Tab, View> =
        mapOf(
            Tab.Offers to findViewById(R.id.nav_offers),
            Tab.Privacy to findViewById(R.id.nav_privacy),
            Tab.Lab to findViewById(R.id.nav_lab),
        )

    /** The platform asks where to; no permission is needed, and no other app sees the file unless the shopper says so. */
    private fun chooseFile() {
        val question =
            Intent(Intent.ACTION_CREATE_DOCUMENT)
                .addCategory(Intent.CATEGORY_OPENABLE)
                .setType("application/json")
                .putExtra(Intent.EXTRA_TITLE, "patron.json")
        @Suppress("DEPRECATION")
        startActivityForResult(question, SAVE)
    }

    /** Of any kind: providers differ in what they call GPX. */
    private fun chooseTrace() {
        val question = Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("*/*")
        @Suppress("DEPRECATION")
        startActivityForResult(question, TRACE)
    }

    @Deprecated("Plain activities have no other way.")
    override fun onActivityResult(
        requestCode: Int,
        resultCode: Int,
        data: Intent?,
    ) {
        val file = data?.data ?: return
        if (resultCode != RESULT_OK) return
        when (requestCode) {
            SAVE -> session.saveExport(file)
            TRACE -> session.trace.open(file)
        }
    }

    /** The tag at a store's door, if that is what brought the shopper here. */
    private fun checkIn(intent: Intent) {
        PatronCheckIn.fromIntent(intent)?.let(session::checkIn)
    }

    /** The shopper said yes to us; now the platform asks in its own words. */
    private fun ask(permissions: Set<String>) {
        val missing = permissions.filter { checkSelfPermission(it) != PERMISSION_GRANTED }
        if (missing.isNotEmpty()) requestPermissions(missing.toTypedArray(), 0)
    }

    private fun say(note: Note) {
        val view = findViewById<TextView>(R.id.snack)
        view.text = note.say(this)
        view.visibility = View.VISIBLE
        snackbar?.cancel()
        snackbar =
            visible.launch {
                delay(READING_TIME)
                view.visibility = View.GONE
            }
    }

    private companion object {
        const val TAB = "tab"
        const val WHY = "why"
        const val SAY = "say"
        const val SAVE = 1
        const val TRACE = 2

        /** Long enough for two lines. */
        val READING_TIME = 5.seconds
    }
}
