package dev.patron.sample.lab

import android.Manifest.permission.ACCESS_BACKGROUND_LOCATION
import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.view.View
import android.widget.LinearLayout
import dev.patron.Looking
import dev.patron.WakePlan
import dev.patron.android.RegionsStatus
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch
import java.text.NumberFormat
import kotlin.math.roundToInt
import kotlin.time.Duration.Companion.seconds

/** What the platform watches while the app sleeps, or why it does not. */
class PlanCard(
    private val view: View,
    private val session: Session,
    private val ask: (Set<String>) -> Unit,
) {
    private val context = view.context
    private val rows = view.findViewById<LinearLayout>(R.id.plan_rows)

    fun follow(scope: CoroutineScope) {
        scope.launch { session.regions.status.collect(::show) }
    }

    private fun show(status: RegionsStatus) {
        view.text(R.id.plan_state).text = status.inWords()
        rows.removeAllViews()
        (status as? RegionsStatus.Watching)?.let { show(it.plan) }
        val missing =
            when (status) {
                is RegionsStatus.NotPermitted -> setOf(status.permission, ACCESS_COARSE_LOCATION)
                is RegionsStatus.Watching -> if (status.inBackground) emptySet() else setOf(ACCESS_BACKGROUND_LOCATION)
                else -> emptySet()
            }
        view.text(R.id.plan_ask).apply {
            showIf(missing.isNotEmpty())
            setOnClickListener { ask(missing) }
        }
    }

    private fun show(plan: WakePlan) {
        row(R.string.plan_regions, plan.regions.size.toString())
        row(R.string.plan_monitored, plan.monitored.toString())
        row(R.string.plan_covered, plan.covered.toString())
        row(R.string.plan_outside, plan.outside.toString())
        row(R.string.plan_safe, length(plan.safe.radiusM))
        row(R.string.plan_looking, context.getString(plan.looking.inWords()))
        row(R.string.plan_next, plan.nextFix.inWholeSeconds.seconds.toString())
    }

    private fun row(
        label: Int,
        value: String,
    ) {
        rows.addView(
            rows.inflate(R.layout.lab_row).also {
                it.text(R.id.row_label).setText(label)
                it.text(R.id.row_value).text = value
            },
        )
    }

    private fun length(metres: Double): String {
        val far = metres >= KILOMETRE
        val number = NumberFormat.getInstance().apply { maximumFractionDigits = 1 }
        val value = if (far) number.format(metres / KILOMETRE) else number.format(metres.roundToInt())
        return context.getString(if (far) R.string.plan_kilometres else R.string.plan_metres, value)
    }

    private fun RegionsStatus.inWords(): String =
        when (this) {
            RegionsStatus.Unknown -> context.getString(R.string.plan_unknown)
            is RegionsStatus.Watching ->
                context.getString(if (inBackground) R.string.plan_watching else R.string.plan_watching_open)
            RegionsStatus.NotConsented -> context.getString(R.string.plan_not_consented)
            is RegionsStatus.NotPermitted -> context.getString(R.string.plan_not_permitted)
            RegionsStatus.NoPosition -> context.getString(R.string.plan_no_position)
            is RegionsStatus.Failed -> context.getString(R.string.plan_failed, why)
        }

    private fun Looking?.inWords(): Int =
        when (this) {
            null -> R.string.plan_looking_no
            Looking.InRegion -> R.string.plan_looking_in_region
            Looking.Crowded -> R.string.plan_looking_crowded
            Looking.Unsure -> R.string.plan_looking_unsure
        }

    private companion object {
        const val KILOMETRE = 1_000.0
    }
}
