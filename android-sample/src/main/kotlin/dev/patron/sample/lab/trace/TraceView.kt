package dev.patron.sample.lab.trace

import android.content.Context
import android.graphics.Canvas
import android.graphics.DashPathEffect
import android.graphics.Paint
import android.graphics.Path
import android.util.AttributeSet
import android.view.View
import dev.patron.sample.R
import dev.patron.sample.lab.Walk
import dev.patron.sample.ui.dp

/** Draws a walk with its fixes, the fences, what was told on the way, and what a phone would watch at the end. */
class TraceView(
    context: Context,
    attributes: AttributeSet?,
) : View(context, attributes) {
    private var walk: Walk? = null
    private var fences = emptyList<OwnFence>()
    private var played: Played? = null
    private val fill = paint(R.color.primary, Paint.Style.FILL).apply { alpha = FAINT }
    private val edge = paint(R.color.primary, Paint.Style.STROKE, 1.5f)
    private val way = paint(R.color.text_muted, Paint.Style.STROKE, 1.5f).apply { strokeJoin = Paint.Join.ROUND }
    private val fix = paint(R.color.text_muted, Paint.Style.FILL)
    private val accuracy = paint(R.color.text_muted, Paint.Style.FILL).apply { alpha = FAINTEST }
    private val mark = paint(R.color.primary, Paint.Style.FILL)
    private val watch =
        paint(R.color.accent, Paint.Style.STROKE, 1f).apply {
            pathEffect = DashPathEffect(floatArrayOf(context.dp(6f), context.dp(4f)), 0f)
        }

    fun show(state: TraceState) {
        walk = state.played?.walk ?: state.walk
        fences = state.fences
        played = state.played
        invalidate()
    }

    override fun onDraw(canvas: Canvas) {
        super.onDraw(canvas)
        val points = walk?.points ?: return
        if (width == 0 || height == 0) return
        val met = played?.told.orEmpty().mapTo(mutableSetOf()) { it.place }
        val map = TraceMap(points, fences.filter { it.id in met }, width.toFloat(), height.toFloat(), context.dp(16f))
        for (region in played?.plan?.regions.orEmpty()) {
            val middle = Corner(region.latitude, region.longitude)
            canvas.drawCircle(map.x(middle), map.y(middle), region.radiusM.toFloat() * map.scale, watch)
        }
        for (fence in fences) draw(canvas, map, fence.outline)
        val corners = points.map { Corner(it.latitude, it.longitude) }
        canvas.drawPath(path(map, corners), way)
        for (at in points.indices step (points.size / MOST_DOTS + 1)) {
            val (x, y) = map.x(corners[at]) to map.y(corners[at])
            points[at].accuracyM?.let { canvas.drawCircle(x, y, it.toFloat() * map.scale, accuracy) }
            canvas.drawCircle(x, y, context.dp(1.2f), fix)
        }
        for (told in played?.told.orEmpty()) {
            mark.color = context.getColor(told.kind.colour())
            val at = corners[told.point]
            canvas.drawCircle(map.x(at), map.y(at), context.dp(5f), mark)
        }
    }

    private fun draw(
        canvas: Canvas,
        map: TraceMap,
        outline: Outline,
    ) {
        val path =
            when (outline) {
                is Outline.Circle ->
                    Path().apply {
                        val radius = outline.radiusM.toFloat() * map.scale
                        addCircle(map.x(outline.middle), map.y(outline.middle), radius, Path.Direction.CW)
                    }
                is Outline.Area ->
                    Path().apply {
                        fillType = Path.FillType.EVEN_ODD
                        outline.rings.forEach { ring -> addPath(path(map, ring).apply { close() }) }
                    }
            }
        canvas.drawPath(path, fill)
        canvas.drawPath(path, edge)
    }

    private fun path(
        map: TraceMap,
        corners: List<Corner>,
    ) = Path().apply {
        corners.forEachIndexed { at, corner ->
            if (at == 0) moveTo(map.x(corner), map.y(corner)) else lineTo(map.x(corner), map.y(corner))
        }
    }

    private fun paint(
        colour: Int,
        style: Paint.Style,
        width: Float = 0f,
    ) = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        color = context.getColor(colour)
        this.style = style
        strokeWidth = context.dp(width)
    }

    private companion object {
        const val FAINT = 34
        const val FAINTEST = 14

        /** More dots than these say nothing more. */
        const val MOST_DOTS = 2_000
    }
}

/** Of a mark, and of the words beside it. */
internal fun ToldKind.colour(): Int =
    when (this) {
        ToldKind.Near -> R.color.text_muted
        ToldKind.Entered -> R.color.good
        ToldKind.Dwelt -> R.color.primary
        ToldKind.Left -> R.color.bad
        ToldKind.Passed -> R.color.accent
    }
