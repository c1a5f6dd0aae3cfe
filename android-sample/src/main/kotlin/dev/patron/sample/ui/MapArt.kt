package dev.patron.sample.ui

import android.content.Context
import android.graphics.LinearGradient
import android.graphics.Path
import android.graphics.Shader
import dev.patron.sample.R

/** The streets of no town in particular, fading into the page. */
class MapArt(
    private val context: Context,
) : Art() {
    override fun Scene.paint() {
        val land = context.getColor(R.color.primary_container)
        val page = context.getColor(R.color.background)
        tint(land)
        canvas.drawRect(0f, 0f, width, height, fill)
        streets()
        fill.shader =
            LinearGradient(0f, 0f, 0f, height, page and 0x00FFFFFF or (0x26 shl 24), page, Shader.TileMode.CLAMP)
        fill.alpha = 255
        canvas.drawRect(0f, 0f, width, height, fill)
        fill.shader = LinearGradient(0f, 0f, width, 0f, page, page and 0x00FFFFFF, Shader.TileMode.CLAMP)
        canvas.drawRect(0f, 0f, width, height, fill)
        fill.shader = null
        pin()
    }

    private fun Scene.streets() {
        val road = context.getColor(R.color.surface)
        canvas.save()
        canvas.rotate(-18f, width / 2, height / 2)
        stroke(road, context.dp(10f))
        for (i in -2..6) {
            val y = height * (i * 0.34f)
            canvas.drawLine(-width, y, width * 2, y, line)
        }
        stroke(road, context.dp(5f))
        for (i in -2..12) {
            val x = width * (i * 0.13f)
            canvas.drawLine(x, -height, x, height * 2, line)
        }
        tint(context.getColor(R.color.good), 46)
        canvas.drawRoundRect(width * 0.665f, height * 0.05f, width * 0.768f, height * 0.31f, 12f, 12f, fill)
        canvas.restore()
        stroke(context.getColor(R.color.primary), context.dp(14f), 40)
        canvas.drawPath(
            Path().apply {
                moveTo(width * 0.45f, -20f)
                cubicTo(width * 0.65f, height * 0.5f, width * 0.9f, height * 0.2f, width * 1.05f, height * 0.9f)
            },
            line,
        )
    }

    private fun Scene.pin() {
        val unit = context.dp(1f)
        canvas.save()
        canvas.translate(width - 58 * unit, 78 * unit)
        tint(context.getColor(R.color.accent), 40)
        canvas.drawCircle(0f, 0f, 30 * unit, fill)
        tint(context.getColor(R.color.accent))
        val drop =
            Path().apply {
                moveTo(0f, 8 * unit)
                cubicTo(-6 * unit, 0f, -14 * unit, -8 * unit, -14 * unit, -18 * unit)
                arcTo(-14 * unit, -32 * unit, 14 * unit, -4 * unit, 180f, 180f, false)
                cubicTo(14 * unit, -8 * unit, 6 * unit, 0f, 0f, 8 * unit)
            }
        canvas.drawPath(drop, fill)
        tint(context.getColor(R.color.background))
        canvas.drawCircle(0f, -18 * unit, 5.5f * unit, fill)
        canvas.restore()
    }
}
