package dev.patron.sample.lab.trace

import android.content.res.ColorStateList
import android.view.View
import android.widget.EditText
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.ProgressBar
import android.widget.TextView
import dev.patron.sample.R
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.onTyped
import dev.patron.sample.ui.sayOrHide
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch
import java.text.DateFormat
import java.text.NumberFormat
import java.util.Date

/** A trace of the tester's own, walked past fences of the tester's own. */
class TraceCard(
    private val view: View,
    private val bench: TraceBench,
    chooseFile: () -> Unit,
) {
    private val context = view.context
    private val map = view.findViewById<TraceView>(R.id.trace_map)
    private val seed = view.findViewById<EditText>(R.id.trace_seed)
    private val noises =
        mapOf(
            R.id.trace_noise_none to 0.0,
            R.id.trace_noise_little to 5.0,
            R.id.trace_noise_street to 15.0,
            R.id.trace_noise_much to 50.0,
        ).mapKeys { (id, _) -> view.text(id) }
    private val gaps =
        mapOf(R.id.trace_gaps_none to 0.0, R.id.trace_gaps_some to 0.2, R.id.trace_gaps_many to 0.5)
            .mapKeys { (id, _) -> view.text(id) }

    init {
        view.text(R.id.trace_open).setOnClickListener { chooseFile() }
        view.text(R.id.trace_reset).setOnClickListener { bench.reset() }
        view.text(R.id.trace_play).setOnClickListener {
            if (bench.state.value.playing == null) bench.play() else bench.stop()
        }
        choices(noises, R.string.trace_metres, R.string.trace_noise) { spoil, metres -> spoil.copy(noiseM = metres) }
        choices(gaps.mapValues { it.value * 100 }, R.string.trace_percent, R.string.trace_gaps) { spoil, percent ->
            spoil.copy(gaps = percent / 100)
        }
        seed.setText(
            bench.state.value.spoil.seed
                .toString(),
        )
        // What is no number is no other seed.
        seed.onTyped { typed -> typed.toLongOrNull()?.let { number -> bench.spoil { it.copy(seed = number) } } }
    }

    fun follow(scope: CoroutineScope) {
        scope.launch { bench.state.collect(::show) }
    }

    private fun choices(
        choices: Map<TextView, Double>,
        words: Int,
        what: Int,
        change: (Spoil, Double) -> Spoil,
    ) {
        for ((choice, value) in choices) {
            choice.text = context.getString(words, value.toInt())
            choice.contentDescription = "${context.getString(what)}: ${choice.text}"
            choice.setOnClickListener { bench.spoil { change(it, value) } }
        }
    }

    private fun show(state: TraceState) {
        map.show(state)
        noises.forEach { (choice, metres) -> choice.isSelected = metres == state.spoil.noiseM }
        gaps.forEach { (choice, share) -> choice.isSelected = share == state.spoil.gaps }
        view.findViewById<LinearLayout>(R.id.trace_files).apply {
            removeAllViews()
            row(R.string.trace_walk, source(state.walk.points.size, state.walkFrom))
            row(R.string.trace_fences, source(state.fences.size, state.fencesFrom))
            row(R.string.trace_heard, state.heardFrom?.let { source(state.heard.size, it) } ?: context.getString(R.string.trace_heard_none))
        }
        view.text(R.id.trace_problem).sayOrHide(state.problem?.say(context))
        view.findViewById<ProgressBar>(R.id.trace_progress).apply {
            max = state.walk.points.size
            progress = state.playing ?: if (state.played == null) 0 else max
        }
        view.text(R.id.trace_play).setText(if (state.playing == null) R.string.trace_play else R.string.lab_walk_stop)
        view.text(R.id.trace_note).sayOrHide(notes(state).joinToString("\n"))
        view.text(R.id.trace_legend).showIf(state.played != null)
        showTold(state)
    }

    private fun source(
        count: Int,
        file: String?,
    ): String =
        when (file) {
            null -> context.getString(R.string.trace_of_town, count)
            else -> context.getString(R.string.trace_of_file, count, file)
        }

    /** What a tester must know to read the rest. */
    private fun notes(state: TraceState): List<String> {
        val leftOut = state.walk.leftOut
        val left = if (leftOut > 0) context.resources.getQuantityString(R.plurals.trace_left_out, leftOut, leftOut) else null
        val played = state.played ?: return listOfNotNull(left)
        val lost = state.walk.points.size - played.walk.points.size
        return listOfNotNull(
            left,
            if (lost > 0) context.resources.getQuantityString(R.plurals.trace_lost, lost, lost, state.spoil.seed) else null,
            if (played.pace > 1) context.getString(R.string.trace_pace, factor(played.pace)) else null,
            if (state.fences.any { it.hasHours }) context.getString(R.string.trace_hours) else null,
            if (played.told.isEmpty()) context.getString(R.string.trace_nothing) else null,
            played.plan?.let { context.resources.getQuantityString(R.plurals.trace_watched, it.regions.size, it.regions.size) },
        ) + played.setAside.take(SHOWN_ASIDE).map { context.getString(R.string.trace_set_aside, it) }
    }

    private fun factor(pace: Double): String =
        NumberFormat.getInstance().apply { maximumFractionDigits = 1 }.format(pace)

    private fun showTold(state: TraceState) {
        val list = view.findViewById<LinearLayout>(R.id.trace_told)
        list.removeAllViews()
        val told = state.played?.told.orEmpty()
        val names = state.fences.associate { it.id to it.name }
        val shown = told.take(SHOWN)
        shown.forEachIndexed { index, word ->
            list.addView(list.word(word, names[word.place] ?: word.placeName, isLast = index == shown.lastIndex))
        }
        val more = told.size - shown.size
        view.text(R.id.trace_more).sayOrHide(
            if (more > 0) context.resources.getQuantityString(R.plurals.trace_more, more, more) else null,
        )
    }

    private fun LinearLayout.word(
        told: Told,
        name: String,
        isLast: Boolean,
    ): View =
        inflate(R.layout.lab_moment).also { row ->
            val (words, icon) = told.kind.look()
            row.findViewById<ImageView>(R.id.moment_icon).apply {
                setImageResource(icon)
                imageTintList = ColorStateList.valueOf(context.getColor(told.kind.colour()))
            }
            row.findViewById<View>(R.id.moment_line).showIf(!isLast)
            row.text(R.id.moment_text).text = context.getString(words, name)
            val at = context.getString(R.string.trace_point, CLOCK.format(Date(told.at.toEpochMilli())), told.point)
            val initial = if (told.initial) context.getString(R.string.lab_there_already) else null
            row.text(R.id.moment_note).text = listOfNotNull(at, initial).joinToString(" · ")
        }

    private fun ToldKind.look(): Pair<Int, Int> =
        when (this) {
            ToldKind.Near -> R.string.trace_near to R.drawable.ic_area
            ToldKind.Entered -> R.string.lab_entered to R.drawable.ic_pin
            ToldKind.Dwelt -> R.string.lab_dwelt to R.drawable.ic_clock
            ToldKind.Left -> R.string.lab_left to R.drawable.ic_route
            ToldKind.Passed -> R.string.lab_passed to R.drawable.ic_route
        }

    private fun LinearLayout.row(
        label: Int,
        value: String,
    ) {
        addView(
            inflate(R.layout.lab_row).also {
                it.text(R.id.row_label).setText(label)
                it.text(R.id.row_value).text = value
            },
        )
    }

    private companion object {
        /** A walk past a town's fences has fewer; a screen of thousands helps nobody. */
        const val SHOWN = 60
        const val SHOWN_ASIDE = 5

        val CLOCK: DateFormat = DateFormat.getTimeInstance(DateFormat.MEDIUM)
    }
}
