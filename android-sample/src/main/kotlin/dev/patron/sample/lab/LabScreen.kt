package dev.patron.sample.lab

import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.ProgressBar
import android.widget.Switch
import dev.patron.Account
import dev.patron.Diagnostics
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
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.launch
import java.text.DateFormat
import java.util.Date
import kotlin.time.Duration.Companion.seconds

/** For QA: walk a walk, lose the network, look at every event's whereabouts. */
class LabScreen(
    parent: ViewGroup,
    private val session: Session,
    private val navigate: (Tab) -> Unit,
) : Screen {
    override val view = parent.inflate(R.layout.lab)
    private val context = view.context
    private val map = view.findViewById<WalkView>(R.id.walk_map)
    private val offline = view.findViewById<Switch>(R.id.offline_switch)
    private val endpoint = view.findViewById<EditText>(R.id.backend_endpoint)
    private val key = view.findViewById<EditText>(R.id.backend_key)
    private val walk: Result<Walk> = runCatching { context.assets.open(WALK).use(::readGpx) }

    init {
        offline.setOnClickListener { session.pretendOffline(offline.isChecked) }
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
        view.text(R.id.walk_button).setOnClickListener { walkOrStop() }
    }

    override fun follow(scope: CoroutineScope) {
        scope.launch { session.walk.progress.collect(::showWalk) }
        scope.launch { session.timeline.collect(::showTimeline) }
        scope.launch { session.pretendsOffline.collect { offline.isChecked = it } }
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
                if (view.visibility == View.VISIBLE) showDiagnostics(patron.diagnostics())
            } catch (_: PatronException.Closed) {
                return
            } catch (e: PatronException) {
                showFailure(e)
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

    private fun showDiagnostics(found: Diagnostics) {
        showAccount(found.account)
        val none = context.getString(R.string.lab_none)
        view.findViewById<LinearLayout>(R.id.diagnostics).apply {
            removeAllViews()
            row(R.string.lab_network, context.getString(if (found.online) R.string.lab_on else R.string.lab_off))
            row(R.string.lab_catalogue, found.catalogueVersion ?: none)
            row(R.string.lab_catalogue_age, found.catalogueAge?.inWholeSeconds?.seconds?.toString() ?: none)
            row(R.string.lab_consent_epoch, "${found.consentEpoch} / ${found.acknowledgedEpoch}")
            row(R.string.lab_quarantined, found.quarantined.size.toString())
            row(R.string.lab_next_attempt, found.nextAttemptAt?.let { time(it.toEpochMilliseconds()) } ?: none)
            row(R.string.lab_last_error, found.lastError ?: none)
            row(R.string.lab_sqlite, found.sqliteVersion)
            row(R.string.lab_installation, found.installation.toString().take(ID_HEAD) + "…")
        }
    }

    private fun showAccount(account: Account) {
        view.findViewById<LinearLayout>(R.id.account_rows).apply {
            removeAllViews()
            row(R.string.lab_accepted, account.accepted.toString())
            row(R.string.lab_delivered, "= ${account.delivered}")
            row(R.string.lab_queued, "+ ${account.queued}")
            row(R.string.lab_dead, "+ ${account.dead}")
            row(R.string.lab_evicted, "+ ${account.evicted}")
            row(R.string.lab_purged, "+ ${account.purged}")
        }
        view.text(R.id.account_balance).setText(if (account.isBalanced) R.string.lab_balanced else R.string.lab_unbalanced)
    }

    private fun showFailure(error: PatronException) {
        view.findViewById<LinearLayout>(R.id.diagnostics).apply {
            removeAllViews()
            row(R.string.lab_last_error, error.message.orEmpty())
        }
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
            row.text(R.id.moment_note).text = context.getString(told, time(moment.at.toEpochMilliseconds()))
        }

    private fun showBackend(backend: Backend) {
        view.text(R.id.backend_now).text =
            when (backend) {
                Backend.Sandbox -> context.getString(R.string.lab_sandbox)
                is Backend.Server -> backend.endpoint.substringAfter("://")
            }
    }

    private fun time(epochMs: Long): String = DateFormat.getTimeInstance(DateFormat.MEDIUM).format(Date(epochMs))

    private companion object {
        const val WALK = "walk.gpx"

        /** Quick enough to watch a flush, slow enough to cost nothing. */
        val EVERY = 1.seconds

        /** Enough of an id to compare two by eye. */
        const val ID_HEAD = 13
    }
}
