package dev.patron.sample.ui

import android.graphics.Canvas
import android.graphics.ColorFilter
import android.graphics.Paint
import android.graphics.Path
import android.graphics.PixelFormat
import android.graphics.Rect
import android.graphics.RectF
import android.graphics.drawable.Drawable

/**
 * A picture drawn with code, as large as it is asked to be.
 *
 * @param top the radius of the upper corners, in pixels.
 * @param bottom the radius of the lower corners.
 */
abstract class Art(
    private val top: Float = 0f,
    private val bottom: Float = 0f,
) : Drawable() {
    private val outline = Path()

    private val fill = Paint(Paint.ANTI_ALIAS_FLAG)
    private val line =
        Paint(Paint.ANTI_ALIAS_FLAG).apply {
            style = Paint.Style.STROKE
            strokeCap = Paint.Cap.ROUND
            strokeJoin = Paint.Join.ROUND
        }

    /** A canvas with its origin at the picture's corner, and two brushes. */
    class Scene(
        val canvas: Canvas,
        val width: Float,
        val height: Float,
        val fill: Paint,
        val line: Paint,
    ) {
        fun tint(
            color: Int,
            alpha: Int = 255,
        ) {
            fill.color = color
            fill.alpha = alpha
        }

        fun stroke(
            color: Int,
            width: Float,
            alpha: Int = 255,
        ) {
            line.color = color
            line.alpha = alpha
            line.strokeWidth = width
        }
    }

    protected abstract fun Scene.paint()

    override fun draw(canvas: Canvas) {
        canvas.save()
        canvas.clipPath(outline)
        canvas.translate(bounds.left.toFloat(), bounds.top.toFloat())
        Scene(canvas, bounds.width().toFloat(), bounds.height().toFloat(), fill, line).paint()
        canvas.restore()
    }

    override fun onBoundsChange(bounds: Rect) {
        outline.reset()
        val radii = floatArrayOf(top, top, top, top, bottom, bottom, bottom, bottom)
        outline.addRoundRect(RectF(bounds), radii, Path.Direction.CW)
    }

    override fun setAlpha(alpha: Int): Unit = Unit

    override fun setColorFilter(colorFilter: ColorFilter?): Unit = Unit

    @Deprecated("The platform no longer asks, but still declares it abstract.")
    override fun getOpacity(): Int = PixelFormat.TRANSLUCENT
}
