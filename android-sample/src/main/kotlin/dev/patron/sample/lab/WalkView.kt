package dev.patron.sample.lab

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.Path
import android.graphics.PointF
import android.util.AttributeSet
import android.view.View
import dev.patron.sample.R
import dev.patron.sample.ui.dp
import kotlin.math.cos

/** Draws a walk, the part of it that is done, and where the walker is. */
class WalkView(
    context: Context,
    attributes: AttributeSet?,
) : View(context, attributes) {
    private var points = emptyList<TrackPoint>()
    private var done = 0
    private val way = line(R.color.outline)
    private val walked = line(R.color.primary)
    private val dot = Paint(Paint.ANTI_ALIAS_FLAG)

    fun show(
        walk: List<TrackPoint>,
        steps: Int,
    ) {
        points = walk
        done = steps
        invalidate()
    }

    override fun onDraw(canvas: Canvas) {
        super.onDraw(canvas)
        if (points.size < 2) return
        val spots = project()
        canvas.drawPath(path(spots), way)
        if (done > 0) canvas.drawPath(path(spots.take(done)), walked)
        spot(canvas, spots.first(), 5f, R.color.text_muted)
        spot(canvas, spots.last(), 5f, R.color.accent)
        if (done > 0) {
            val here = spots[(done - 1).coerceAtMost(spots.lastIndex)]
            dot.color = context.getColor(R.color.primary)
            dot.alpha = 50
            canvas.drawCircle(here.x, here.y, context.dp(14f), dot)
            spot(canvas, here, 7f, R.color.primary)
        }
    }

    /** A flat map of a town: longitude shrinks with the cosine of the latitude. */
    private fun project(): List<PointF> {
        val shrink = cos(Math.toRadians(points.first().latitude))
        val xs = points.map { it.longitude * shrink }
        val ys = points.map { -it.latitude }
        val margin = context.dp(22f)
        val scale =
            minOf(
                (width - 2 * margin) / (xs.max() - xs.min()).coerceAtLeast(1e-6),
                (height - 2 * margin) / (ys.max() - ys.min()).coerceAtLeast(1e-6),
            )
        val left = (width - (xs.max() - xs.min()) * scale) / 2
        val top = (height - (ys.max() - ys.min()) * scale) / 2
        return points.indices.map { i ->
            PointF((left + (xs[i] - xs.min()) * scale).toFloat(), (top + (ys[i] - ys.min()) * scale).toFloat())
        }
    }

    private fun path(spots: List<PointF>) =
        Path().apply {
            spots.forEachIndexed { i, spot -> if (i == 0) moveTo(spot.x, spot.y) else lineTo(spot.x, spot.y) }
        }

    private fun spot(
        canvas: Canvas,
        at: PointF,
        radius: Float,
        color: Int,
    ) {
        dot.color = context.getColor(R.color.surface)
        canvas.drawCircle(at.x, at.y, context.dp(radius + 2.5f), dot)
        dot.color = context.getColor(color)
        canvas.drawCircle(at.x, at.y, context.dp(radius), dot)
    }

    private fun line(color: Int) =
        Paint(Paint.ANTI_ALIAS_FLAG).apply {
            this.color = context.getColor(color)
            style = Paint.Style.STROKE
            strokeWidth = context.dp(4f)
            strokeCap = Paint.Cap.ROUND
            strokeJoin = Paint.Join.ROUND
        }
}
