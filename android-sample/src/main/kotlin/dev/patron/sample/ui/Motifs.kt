package dev.patron.sample.ui

import android.graphics.Color
import android.graphics.Path
import android.graphics.RectF
import kotlin.math.PI
import kotlin.math.cos
import kotlin.math.sin

/** What stands on a picture. */
enum class Motif { Awning, Cup, Waves, Flower, Hills, Record, Loaf, Book, Button, Key }

/**
 * Draws motifs in a square of 100 around its middle.
 *
 * @param dark the colour of shadows and openings.
 * @param mark the colour of what should catch the eye.
 */
class Motifs(
    private val dark: Int,
    private val mark: Int,
) {
    fun draw(
        scene: Art.Scene,
        motif: Motif,
    ) = with(scene) {
        when (motif) {
            Motif.Awning -> awning()
            Motif.Cup -> cup()
            Motif.Waves -> waves()
            Motif.Flower -> flower()
            Motif.Hills -> hills()
            Motif.Record -> record()
            Motif.Loaf -> loaf()
            Motif.Book -> book()
            Motif.Button -> button()
            Motif.Key -> key()
        }
    }

    private fun Art.Scene.awning() {
        tint(CREAM)
        canvas.drawRoundRect(-38f, -8f, 38f, 46f, 4f, 4f, fill)
        tint(dark)
        canvas.drawRoundRect(-30f, 8f, 6f, 34f, 3f, 3f, fill)
        canvas.drawRoundRect(14f, 8f, 30f, 46f, 3f, 3f, fill)
        for (stripe in 0 until 6) {
            tint(if (stripe % 2 == 0) CREAM else mark)
            val left = -48f + stripe * 16f
            canvas.drawRect(left, -38f, left + 16f, -8f, fill)
            canvas.drawArc(RectF(left, -16f, left + 16f, 0f), 0f, 180f, true, fill)
        }
        tint(dark, 60)
        canvas.drawRect(-48f, -38f, 48f, -33f, fill)
    }

    private fun Art.Scene.cup() {
        tint(CREAM)
        canvas.drawRoundRect(-48f, 36f, 40f, 43f, 4f, 4f, fill)
        val body =
            Path().apply {
                moveTo(-36f, -12f)
                lineTo(26f, -12f)
                cubicTo(26f, 22f, 18f, 34f, 0f, 34f)
                lineTo(-10f, 34f)
                cubicTo(-28f, 34f, -36f, 22f, -36f, -12f)
            }
        canvas.drawPath(body, fill)
        stroke(CREAM, 6f)
        canvas.drawArc(RectF(12f, -6f, 44f, 22f), -80f, 160f, false, line)
        tint(mark)
        canvas.drawOval(RectF(-36f, -17f, 26f, -7f), fill)
        stroke(CREAM, 4f, 200)
        for (x in listOf(-20f, -5f, 10f)) {
            val steam =
                Path().apply {
                    moveTo(x, -24f)
                    cubicTo(x - 8f, -32f, x + 8f, -38f, x, -48f)
                }
            canvas.drawPath(steam, line)
        }
    }

    private fun Art.Scene.waves() {
        tint(mark)
        canvas.drawCircle(14f, -18f, 20f, fill)
        for ((row, alpha) in listOf(255, 190, 120).withIndex()) {
            stroke(CREAM, 7f, alpha)
            val y = 8f + row * 16f
            val wave = Path().apply { moveTo(-48f, y) }
            for (step in 1..4) wave.rQuadTo(12f, if (step % 2 == 1) -16f else 16f, 24f, 0f)
            canvas.drawPath(wave, line)
        }
    }

    private fun Art.Scene.flower() {
        stroke(CREAM, 5f)
        canvas.drawPath(
            Path().apply {
                moveTo(0f, 0f)
                quadTo(-6f, 26f, 2f, 50f)
            },
            line,
        )
        for (petal in 0 until 8) {
            val angle = petal * PI / 4
            tint(if (petal % 2 == 0) CREAM else mark)
            canvas.drawCircle((cos(angle) * 24).toFloat(), (sin(angle) * 24 - 8).toFloat(), 15f, fill)
        }
        tint(dark)
        canvas.drawCircle(0f, -8f, 13f, fill)
    }

    private fun Art.Scene.hills() {
        tint(mark)
        canvas.drawCircle(20f, -22f, 17f, fill)
        hill(-50f, 46f, -14f, -22f, 26f, CREAM, 150)
        hill(-22f, 46f, 16f, -6f, 52f, CREAM, 255)
        stroke(dark, 4f, 150)
        canvas.drawPath(
            Path().apply {
                moveTo(16f, 46f)
                cubicTo(2f, 34f, 30f, 22f, 16f, 8f)
            },
            line,
        )
    }

    private fun Art.Scene.hill(
        left: Float,
        foot: Float,
        peakX: Float,
        peakY: Float,
        right: Float,
        color: Int,
        alpha: Int,
    ) {
        tint(color, alpha)
        canvas.drawPath(
            Path().apply {
                moveTo(left, foot)
                lineTo(peakX, peakY)
                lineTo(right, foot)
                close()
            },
            fill,
        )
    }

    private fun Art.Scene.record() {
        tint(CREAM)
        canvas.drawRoundRect(-50f, -42f, 26f, 42f, 4f, 4f, fill)
        tint(mark)
        canvas.drawCircle(-50f + 24f, -20f, 10f, fill)
        stroke(dark, 3f, 110)
        for (row in 0 until 3) canvas.drawLine(-40f, 12f + row * 9f, -12f - row * 6f, 12f + row * 9f, line)
        tint(VINYL)
        canvas.drawCircle(14f, 0f, 38f, fill)
        stroke(Color.WHITE, 1.4f, 70)
        for (groove in listOf(32f, 26f, 20f)) canvas.drawArc(RectF(14f - groove, -groove, 14f + groove, groove), -70f, 60f, false, line)
        for (groove in listOf(32f, 26f, 20f)) canvas.drawArc(RectF(14f - groove, -groove, 14f + groove, groove), 110f, 60f, false, line)
        tint(mark)
        canvas.drawCircle(14f, 0f, 13f, fill)
        tint(CREAM)
        canvas.drawCircle(14f, 0f, 3f, fill)
    }

    private fun Art.Scene.loaf() {
        tint(mark)
        canvas.drawRoundRect(-50f, -22f, 50f, 34f, 28f, 30f, fill)
        tint(CREAM, 70)
        canvas.drawRoundRect(-44f, -22f, 44f, 4f, 26f, 14f, fill)
        stroke(CREAM, 6f)
        for (cut in listOf(-26f, 0f, 26f)) canvas.drawLine(cut - 7f, 6f, cut + 7f, -12f, line)
        stroke(CREAM, 4f, 190)
        for (x in listOf(-14f, 14f)) {
            canvas.drawPath(
                Path().apply {
                    moveTo(x, -30f)
                    cubicTo(x - 7f, -36f, x + 7f, -41f, x, -48f)
                },
                line,
            )
        }
        tint(CREAM)
        canvas.drawRoundRect(-54f, 36f, 54f, 42f, 3f, 3f, fill)
    }

    private fun Art.Scene.book() {
        for (side in listOf(-1f, 1f)) {
            tint(if (side < 0) CREAM else Color.WHITE)
            canvas.drawPath(
                Path().apply {
                    moveTo(0f, -26f)
                    cubicTo(side * 14f, -40f, side * 34f, -38f, side * 46f, -32f)
                    lineTo(side * 46f, 32f)
                    cubicTo(side * 34f, 26f, side * 14f, 24f, 0f, 38f)
                    close()
                },
                fill,
            )
            stroke(dark, 3f, 130)
            for (row in 0 until 3) canvas.drawLine(side * 12f, -18f + row * 14f, side * 36f, -22f + row * 14f, line)
        }
        tint(mark)
        canvas.drawPath(
            Path().apply {
                moveTo(16f, -36f)
                lineTo(28f, -37f)
                lineTo(28f, 2f)
                lineTo(22f, -6f)
                lineTo(16f, 2f)
                close()
            },
            fill,
        )
    }

    private fun Art.Scene.button() {
        stroke(CREAM, 5f)
        canvas.drawPath(
            Path().apply {
                moveTo(-46f, 40f)
                cubicTo(-20f, 10f, -40f, -10f, -4f, -4f)
                cubicTo(30f, 2f, 10f, -50f, 46f, -46f)
            },
            line,
        )
        tint(CREAM)
        canvas.drawCircle(0f, 2f, 34f, fill)
        stroke(dark, 3f, 90)
        canvas.drawCircle(0f, 2f, 26f, line)
        tint(dark)
        for (x in listOf(-8f, 8f)) for (y in listOf(-6f, 10f)) canvas.drawCircle(x, y, 4.5f, fill)
        stroke(mark, 4f)
        canvas.drawLine(-8f, -6f, 8f, 10f, line)
        canvas.drawLine(8f, -6f, -8f, 10f, line)
    }

    private fun Art.Scene.key() {
        canvas.save()
        canvas.rotate(-32f)
        tint(CREAM)
        canvas.drawRoundRect(-8f, -6f, 52f, 6f, 4f, 4f, fill)
        canvas.drawRoundRect(28f, 0f, 36f, 22f, 3f, 3f, fill)
        canvas.drawRoundRect(42f, 0f, 50f, 18f, 3f, 3f, fill)
        canvas.drawCircle(-24f, 0f, 26f, fill)
        tint(dark)
        canvas.drawCircle(-28f, 0f, 9f, fill)
        stroke(mark, 5f)
        canvas.drawArc(RectF(-50f, -14f, -26f, 14f), 60f, 240f, false, line)
        canvas.restore()
    }

    private companion object {
        val CREAM = Color.rgb(255, 246, 232)
        val VINYL = Color.rgb(28, 26, 40)
    }
}
