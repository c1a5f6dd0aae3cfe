package dev.patron.sample.lab

import android.view.View
import android.widget.LinearLayout
import dev.patron.Overlay
import dev.patron.Patron
import dev.patron.Purpose
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.me.Fresh
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch

/**
 * What comes of the signals: which purposes they lower, each with those that do, and what an app would tell Google's
 * SDKs, each of the four flags with what it rests on.
 */
class SignalEffects(
    private val view: View,
    session: Session,
) {
    private val context = view.context
    private val fresh = Fresh(session)

    fun follow(scope: CoroutineScope) {
        scope.launch { fresh.follow(::show) }
    }

    private fun show(patron: Patron) {
        val titles = patron.consent.texts().associate { it.purpose to it.title }
        val states = patron.consent.states()
        val lowered = states.filter { it.loweredBy.isNotEmpty() }
        view.text(R.id.lowered_none).showIf(lowered.isEmpty())
        view.findViewById<LinearLayout>(R.id.lowered_rows).apply {
            removeAllViews()
            lowered.forEach { row(titles[it.purpose].orEmpty(), it.loweredBy.joinToString { by -> context.getString(by.shortly()) }) }
        }
        val google = states.firstNotNullOfOrNull { it.purpose as? Purpose.PartnerSharing }
        view.findViewById<View>(R.id.mode).showIf(google != null)
        if (google != null) show(patron, google, titles)
    }

    /** Google is asked for as any partner is; the demo town has none of its name, so its first one stands in. */
    private fun show(
        patron: Patron,
        google: Purpose.PartnerSharing,
        titles: Map<Purpose, String>,
    ) {
        val mode = patron.consent.mode(google.partner)
        view.findViewById<LinearLayout>(R.id.mode_rows).apply {
            removeAllViews()
            flag("analytics_storage", mode.analyticsStorage, titles, Purpose.Engagement)
            flag("ad_user_data", mode.adUserData, titles, google)
            flag("ad_storage", mode.adStorage, titles, google, Purpose.PartnerOffers)
            flag("ad_personalization", mode.adPersonalization, titles, google, Purpose.PartnerOffers, Purpose.Personalisation)
        }
        view.text(R.id.mode_note).text = context.getString(R.string.mode_note, google.partner)
    }

    private fun LinearLayout.flag(
        name: String,
        granted: Boolean,
        titles: Map<Purpose, String>,
        vararg needs: Purpose,
    ) {
        val rests = needs.joinToString(" + ") { titles[it].orEmpty() }
        row("$name\n$rests", if (granted) "granted" else "denied")
    }

    private fun LinearLayout.row(
        label: String,
        value: String,
    ) {
        addView(
            inflate(R.layout.lab_row).also {
                it.text(R.id.row_label).text = label
                it.text(R.id.row_value).text = value
            },
        )
    }

    /** The `when` is complete: a new signal will not compile without a name. */
    private fun Overlay.shortly(): Int =
        when (this) {
            Overlay.Location, Overlay.Bluetooth, Overlay.Notifications -> R.string.overlay_short_permission
            Overlay.Att -> R.string.overlay_short_att
            Overlay.Gpc -> R.string.overlay_short_gpc
            Overlay.Tcf -> R.string.overlay_short_tcf
            Overlay.Gpp -> R.string.overlay_short_gpp
            Overlay.Age -> R.string.signals_age
            Overlay.Region -> R.string.signals_region
        }
}
