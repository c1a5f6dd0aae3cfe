package dev.patron.sample.ui

import android.content.Context
import android.graphics.Color
import android.graphics.LinearGradient
import android.graphics.Path
import android.graphics.RectF
import android.graphics.Shader
import dev.patron.sample.R
import kotlin.math.sin

/** A market square after hours: nothing is wrong, there is just nothing now. */
class EmptyArt(
    private val context: Context,
) : Art(top = context.resources.getDimension(R.dimen.card_radius)) {
    override fun Scene.paint() {
        fill.shader = LinearGradient(0f, 0f, 0f, height, DUSK, DAWN, Shader.TileMode.CLAMP)
        canvas.drawRect(0f, 0f, width, height, fill)
        fill.shader = null
        tint(MOON, 40)
        canvas.drawCircle(width * 0.76f, height * 0.32f, height * 0.26f, fill)
        tint(MOON)
        canvas.drawCircle(width * 0.76f, height * 0.32f, height * 0.16f, fill)
        roofs()
        lights()
        tint(GROUND)
        canvas.drawRect(0f, height * 0.88f, width, height, fill)
        stall(width * 0.12f, context.getColor(R.color.launcher_background))
        stall(width * 0.42f, TERRACOTTA)
    }

    private fun Scene.roofs() {
        tint(ROOFS)
        val skyline =
            Path().apply {
                moveTo(0f, height)
                lineTo(0f, height * 0.58f)
                val steps = listOf(0.10f to 0.46f, 0.20f to 0.58f, 0.34f to 0.58f, 0.34f to 0.50f, 0.52f to 0.50f)
                for ((x, y) in steps) lineTo(width * x, height * y)
                for ((x, y) in listOf(0.58f to 0.30f, 0.64f to 0.50f, 0.82f to 0.60f, 1f to 0.54f, 1f to 1f)) {
                    lineTo(width * x, height * y)
                }
                close()
            }
        canvas.drawPath(skyline, fill)
        // Someone is still up.
        tint(MOON, 200)
        for ((x, y) in listOf(0.405f to 0.60f, 0.445f to 0.60f, 0.405f to 0.72f, 0.73f to 0.68f, 0.86f to 0.66f, 0.92f to 0.74f)) {
            val side = height * 0.035f
            canvas.drawRect(width * x, height * y, width * x + side, height * y + side * 1.4f, fill)
        }
    }

    private fun Scene.lights() {
        stroke(Color.WHITE, context.dp(1f), 90)
        val cord = Path().apply { moveTo(0f, height * 0.24f) }
        cord.quadTo(width * 0.35f, height * 0.52f, width * 0.66f, height * 0.12f)
        canvas.drawPath(cord, line)
        for (bulb in 1..7) {
            val t = bulb / 8f
            val x = 2 * t * (1 - t) * width * 0.35f + t * t * width * 0.66f
            val y = (1 - t) * (1 - t) * height * 0.24f + 2 * t * (1 - t) * height * 0.52f + t * t * height * 0.12f
            tint(MOON, 70 + (40 * sin(bulb * 2.0)).toInt())
            canvas.drawCircle(x, y + context.dp(4f), context.dp(6f), fill)
            tint(MOON)
            canvas.drawCircle(x, y + context.dp(4f), context.dp(2.5f), fill)
        }
    }

    private fun Scene.stall(
        left: Float,
        color: Int,
    ) {
        val size = height * 0.44f
        val top = height * 0.90f - size
        val stripe = size / 5
        tint(CLOTH)
        canvas.drawRect(left + stripe * 0.4f, top + size * 0.62f, left + size - stripe * 0.4f, top + size, fill)
        stroke(CLOTH, context.dp(2.5f))
        canvas.drawLine(left + stripe * 0.5f, top + size * 0.2f, left + stripe * 0.5f, top + size * 0.7f, line)
        canvas.drawLine(left + size - stripe * 0.5f, top + size * 0.2f, left + size - stripe * 0.5f, top + size * 0.7f, line)
        for (i in 0 until 5) {
            tint(if (i % 2 == 0) color else CLOTH)
            val x = left + i * stripe
            canvas.drawRect(x, top, x + stripe, top + size * 0.26f, fill)
            canvas.drawArc(RectF(x, top + size * 0.26f - stripe / 2, x + stripe, top + size * 0.26f + stripe / 2), 0f, 180f, true, fill)
        }
    }

    private companion object {
        val DUSK = Color.rgb(38, 50, 84)
        val DAWN = Color.rgb(226, 146, 112)
        val ROOFS = Color.rgb(58, 56, 92)
        val GROUND = Color.rgb(44, 42, 68)
        val MOON = Color.rgb(255, 236, 196)
        val CLOTH = Color.rgb(250, 240, 224)
        val TERRACOTTA = Color.rgb(185, 74, 38)
    }
}
