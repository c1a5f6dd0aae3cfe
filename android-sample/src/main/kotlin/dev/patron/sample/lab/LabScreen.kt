package dev.patron.sample.lab

import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.ProgressBar
import dev.patron.PatronException
import dev.patron.Transition
import dev.patron.TransitionKind
import dev.patron.sample.Backend
import dev.patron.sample.Connection
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Screen
import dev.patron.sample.Session
import dev.patron.sample.Tab
import dev.patron.sample.lab.trace.TraceCard
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.launch
import kotlin.time.Duration.Companion.seconds

/** For QA: walk a walk, lose the network, look at every event's whereabouts. */
class LabScreen(
    parent: ViewGroup,
    private val session: Session,
    ask: (Set<String>) -> Unit,
    private val navigate: (Tab) -> Unit,
    chooseTrace: () -> Unit,
) : Screen {
    override val view = parent.inflate(R.layout.lab)
    private val context = view.context
    private val map = view.findViewById<WalkView>(R.id.walk_map)
    private val trace = TraceCard(view, session.trace, chooseTrace)
    private val phone = PhoneCard(view, session)
    private val signals = SignalsCard(view, session)
    private val profile = ProfileCard(view, session)
    private val here = HereCard(view, session)
    private val plan = PlanCard(view, session, ask)
    private val figures = Figures(view)
    private val endpoint = view.findViewById<EditText>(R.id.backend_endpoint)
    private val key = view.findViewById<EditText>(R.id.backend_key)
    private val walk: Result<Walk> = runCatching { context.assets.open(WALK).use(::readGpx) }

    init {
        TillCard(view, session)
        view.text(R.id.flush_button).setOnClickListener {
            session.act { patron ->
                val sent = patron.sync.drain()
                Note(R.string.lab_flushed, sent.delivered, sent.left)
            }
        }
        view.text(R.id.refresh_button).setOnClickListener {
            session.act { patron ->
                patron.sync.refresh()
                Note(R.string.lab_refreshed)
            }
        }
        view.text(R.id.sandbox_button).setOnClickListener { session.connect(Backend.Sandbox) }
        view.text(R.id.connect_button).setOnClickListener {
            session.connect(Backend.Server(endpoint.text.toString().trim(), key.text.toString().trim()))
        }
        view.text(R.id.renew_button).setOnClickListener { session.renewKey(key.text.toString().trim()) }
        view.text(R.id.walk_button).setOnClickListener { walkOrStop() }
    }

    override fun follow(scope: CoroutineScope) {
        scope.launch { session.walk.progress.collect(::showWalk) }
        scope.launch { session.timeline.collect(::showTimeline) }
        trace.follow(scope)
        phone.follow(scope)
        signals.follow(scope)
        profile.follow(scope)
        plan.follow(scope)
        scope.launch {
            combine(session.connection, session.pulse, session.walk.progress) { connection, _, _ -> connection }
                .collectLatest(::watch)
        }
    }

    /** The account moves by itself, so it is read again while someone looks at it. */
    private suspend fun watch(connection: Connection) {
        showBackend(connection.backend)
        val patron = (connection as? Connection.Open)?.patron ?: return
        while (true) {
            try {
                if (view.visibility == View.VISIBLE) {
                    here.show(patron.place)
                    figures.show(patron.diagnostics())
                    figures.show(patron.events.deadLetters(SHOWN_LETTERS))
                }
            } catch (_: PatronException.Closed) {
                return
            } catch (e: PatronException) {
                figures.show(e)
            }
            delay(EVERY)
        }
    }

    private fun walkOrStop() {
        if (session.walk.isWalking) session.stopWalking() else walk.onSuccess(session::takeAWalk)
    }

    private fun showWalk(progress: Progress) {
        val points = walk.getOrNull()?.points.orEmpty()
        val steps =
            when (progress) {
                is Progress.Walking -> progress.step
                Progress.Arrived -> points.size
                Progress.Ready, is Progress.Stopped -> 0
            }
        map.show(points, steps)
        view.findViewById<ProgressBar>(R.id.walk_progress).apply {
            max = points.size.coerceAtLeast(1)
            this.progress = steps
        }
        view.text(R.id.walk_state).text = walkState(progress)
        view.text(R.id.walk_note).apply {
            text = walkNote(progress)
            showIf(text.isNotEmpty())
        }
        view.text(R.id.walk_button).apply {
            isEnabled = walk.isSuccess
            setText(walkLabel(progress))
        }
        if (progress is Progress.Stopped) view.text(R.id.walk_note).setOnClickListener { navigate(Tab.Privacy) }
    }

    private fun walkState(progress: Progress): String =
        when (progress) {
            Progress.Ready -> context.getString(R.string.lab_walk_idle)
            is Progress.Walking -> context.getString(R.string.lab_walk_step, progress.step, progress.of)
            Progress.Arrived -> context.getString(R.string.lab_walk_done)
            is Progress.Stopped -> context.getString(R.string.lab_walk_failed)
        }

    private fun walkNote(progress: Progress): String {
        walk.exceptionOrNull()?.let { return context.getString(R.string.gpx_unreadable, it.message.orEmpty()) }
        val error = (progress as? Progress.Stopped)?.error ?: return ""
        return if (error is PatronException.NotPermitted) {
            context.getString(R.string.lab_walk_not_permitted)
        } else {
            error.message.orEmpty()
        }
    }

    private fun walkLabel(progress: Progress): Int =
        when (progress) {
            is Progress.Walking -> R.string.lab_walk_stop
            Progress.Arrived -> R.string.lab_walk_again
            Progress.Ready, is Progress.Stopped -> R.string.lab_walk_start
        }

    private fun showTimeline(moments: List<Transition>) {
        val list = view.findViewById<LinearLayout>(R.id.timeline)
        list.removeAllViews()
        moments.forEachIndexed { index, moment -> list.addView(moment(list, moment, isLast = index == moments.lastIndex)) }
        view.text(R.id.timeline_empty).showIf(moments.isEmpty())
    }

    private fun moment(
        parent: ViewGroup,
        moment: Transition,
        isLast: Boolean,
    ): View =
        parent.inflate(R.layout.lab_moment).also { row ->
            val (words, icon) =
                when (moment.kind) {
                    TransitionKind.Entered -> R.string.lab_entered to R.drawable.ic_pin
                    TransitionKind.Dwelt -> R.string.lab_dwelt to R.drawable.ic_clock
                    TransitionKind.Left -> R.string.lab_left to R.drawable.ic_route
                    TransitionKind.Passed -> R.string.lab_passed to R.drawable.ic_route
                }
            row.findViewById<ImageView>(R.id.moment_icon).setImageResource(icon)
            row.findViewById<View>(R.id.moment_line).showIf(!isLast)
            row.text(R.id.moment_text).text = context.getString(words, moment.placeName)
            val told = if (moment.event != null) R.string.lab_recorded else R.string.lab_unrecorded
            val how =
                listOfNotNull(
                    context.getString(told, timeOfDay(moment.at)),
                    if (moment.initial) context.getString(R.string.lab_there_already) else null,
                    if (moment.mock) context.getString(R.string.lab_made_up) else null,
                )
            row.text(R.id.moment_note).text = how.joinToString(" · ")
        }

    private fun showBackend(backend: Backend) {
        view.text(R.id.backend_now).text =
            when (backend) {
                Backend.Sandbox -> context.getString(R.string.lab_sandbox)
                is Backend.Server -> backend.endpoint.substringAfter("://")
            }
        view.text(R.id.renew_button).showIf(backend is Backend.Server)
    }

    private companion object {
        const val WALK = "walk.gpx"

        /** Quick enough to watch a flush, slow enough to cost nothing. */
        val EVERY = 1.seconds

        /** Enough to see what is wrong with them. */
        const val SHOWN_LETTERS = 20
    }
}
