package dev.patron.sample.ui

import android.content.Context
import android.content.res.Configuration
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.LinearGradient
import android.graphics.Path
import android.graphics.RectF
import android.graphics.Shader
import kotlin.math.PI
import kotlin.math.cos
import kotlin.math.sin

/**
 * A picture for an offer, drawn and not downloaded: nothing is fetched that could tell who looks at what.
 *
 * Each partner has its own colours and its own motif, the same on every card; the retailer's own have the awning.
 */
class PartnerArt(
    context: Context,
    partner: String?,
    private val isSmall: Boolean = false,
) : Art() {
    private val isNight =
        context.resources.configuration.uiMode and Configuration.UI_MODE_NIGHT_MASK == Configuration.UI_MODE_NIGHT_YES
    private val look = Look.of(partner)

    override fun Scene.paint() {
        fill.shader = LinearGradient(0f, 0f, width, height, look.dark, look.light, Shader.TileMode.CLAMP)
        canvas.drawRect(0f, 0f, width, height, fill)
        fill.shader = null
        glow()
        // The motif stands at the right, clear of the badge; on a thumbnail it is all there is.
        val size = if (isSmall) height * 0.62f else height * 0.66f
        val x = if (isSmall) width / 2 else width - size * 0.95f
        canvas.save()
        canvas.translate(x, height / 2)
        canvas.scale(size / 100, size / 100)
        motif(look.motif)
        canvas.restore()
        if (isNight) canvas.drawColor(Color.argb(56, 0, 0, 0))
    }

    /** Large soft discs, so that the plain part of the picture is not flat. */
    private fun Scene.glow() {
        tint(Color.WHITE, 26)
        canvas.drawCircle(width * 0.80f, height * 0.35f, height * 0.95f, fill)
        canvas.drawCircle(width * 0.92f, height * 0.60f, height * 0.62f, fill)
        tint(Color.BLACK, 16)
        canvas.drawCircle(width * 0.10f, height * 1.25f, height * 0.80f, fill)
    }

    /** Drawn in a square of 100, around its middle. */
    private fun Scene.motif(motif: Motif) =
        when (motif) {
            Motif.Awning -> awning()
            Motif.Cup -> cup()
            Motif.Waves -> waves()
            Motif.Flower -> flower()
            Motif.Hills -> hills()
            Motif.Book -> book()
        }

    private fun Scene.awning() {
        tint(CREAM)
        canvas.drawRoundRect(-38f, -8f, 38f, 46f, 4f, 4f, fill)
        tint(look.dark)
        canvas.drawRoundRect(-30f, 8f, 6f, 34f, 3f, 3f, fill)
        canvas.drawRoundRect(14f, 8f, 30f, 46f, 3f, 3f, fill)
        for (stripe in 0 until 6) {
            tint(if (stripe % 2 == 0) CREAM else look.mark)
            val left = -48f + stripe * 16f
            canvas.drawRect(left, -38f, left + 16f, -8f, fill)
            canvas.drawArc(RectF(left, -16f, left + 16f, 0f), 0f, 180f, true, fill)
        }
        tint(look.dark, 60)
        canvas.drawRect(-48f, -38f, 48f, -33f, fill)
    }

    private fun Scene.cup() {
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
        tint(look.mark)
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

    private fun Scene.waves() {
        tint(look.mark)
        canvas.drawCircle(14f, -18f, 20f, fill)
        for ((row, alpha) in listOf(255, 190, 120).withIndex()) {
            stroke(CREAM, 7f, alpha)
            val y = 8f + row * 16f
            val wave = Path().apply { moveTo(-48f, y) }
            for (step in 1..4) wave.rQuadTo(12f, if (step % 2 == 1) -16f else 16f, 24f, 0f)
            canvas.drawPath(wave, line)
        }
    }

    private fun Scene.flower() {
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
            tint(if (petal % 2 == 0) CREAM else look.mark)
            canvas.drawCircle((cos(angle) * 24).toFloat(), (sin(angle) * 24 - 8).toFloat(), 15f, fill)
        }
        tint(look.dark)
        canvas.drawCircle(0f, -8f, 13f, fill)
    }

    private fun Scene.hills() {
        tint(look.mark)
        canvas.drawCircle(20f, -22f, 17f, fill)
        hill(-50f, 46f, -14f, -22f, 26f, CREAM, 150)
        hill(-22f, 46f, 16f, -6f, 52f, CREAM, 255)
        stroke(look.dark, 4f, 150)
        canvas.drawPath(
            Path().apply {
                moveTo(16f, 46f)
                cubicTo(2f, 34f, 30f, 22f, 16f, 8f)
            },
            line,
        )
    }

    private fun Scene.hill(
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

    private fun Scene.book() {
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
            stroke(look.dark, 3f, 130)
            for (row in 0 until 3) canvas.drawLine(side * 12f, -18f + row * 14f, side * 36f, -22f + row * 14f, line)
        }
        tint(look.mark)
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

    private enum class Motif { Awning, Cup, Waves, Flower, Hills, Book }

    private class Look(
        val dark: Int,
        val light: Int,
        val mark: Int,
        val motif: Motif,
    ) {
        companion object {
            private val house = Look(0xFF1F5A43.toInt(), 0xFF6BAA86.toInt(), 0xFFB94A26.toInt(), Motif.Awning)
            private val looks =
                listOf(
                    Look(0xFF5C3421.toInt(), 0xFFC58A5C.toInt(), 0xFF8A5231.toInt(), Motif.Cup),
                    Look(0xFF17476A.toInt(), 0xFF5EA7BC.toInt(), 0xFFF2C46B.toInt(), Motif.Waves),
                    Look(0xFF6A1E48.toInt(), 0xFFD5749A.toInt(), 0xFFF3C1CF.toInt(), Motif.Flower),
                    Look(0xFF2B2E63.toInt(), 0xFF8480CB.toInt(), 0xFFF4B26A.toInt(), Motif.Hills),
                    Look(0xFF8C4A12.toInt(), 0xFFE9AE5B.toInt(), 0xFFB3402A.toInt(), Motif.Book),
                )

            /** A partner keeps its look for as long as it keeps its id. */
            fun of(partner: String?): Look = partner?.let { looks[Math.floorMod(it.hashCode(), looks.size)] } ?: house
        }
    }

    private companion object {
        val CREAM = Color.rgb(255, 246, 232)
    }
}
