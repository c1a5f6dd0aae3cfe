package dev.patron.sample.ui

import android.content.Context
import android.content.res.Configuration
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.LinearGradient
import android.graphics.Path
import android.graphics.RectF
import android.graphics.Shader
import dev.patron.sample.R
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
) : Art(
        top = context.resources.getDimension(if (isSmall) R.dimen.thumbnail_radius else R.dimen.card_radius),
        bottom = if (isSmall) context.resources.getDimension(R.dimen.thumbnail_radius) else 0f,
    ) {
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
            Motif.Record -> record()
            Motif.Loaf -> loaf()
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

    private fun Scene.record() {
        tint(CREAM)
        canvas.drawRoundRect(-50f, -42f, 26f, 42f, 4f, 4f, fill)
        tint(look.mark)
        canvas.drawCircle(-50f + 24f, -20f, 10f, fill)
        stroke(look.dark, 3f, 110)
        for (row in 0 until 3) canvas.drawLine(-40f, 12f + row * 9f, -12f - row * 6f, 12f + row * 9f, line)
        tint(VINYL)
        canvas.drawCircle(14f, 0f, 38f, fill)
        stroke(Color.WHITE, 1.4f, 70)
        for (groove in listOf(32f, 26f, 20f)) canvas.drawArc(RectF(14f - groove, -groove, 14f + groove, groove), -70f, 60f, false, line)
        for (groove in listOf(32f, 26f, 20f)) canvas.drawArc(RectF(14f - groove, -groove, 14f + groove, groove), 110f, 60f, false, line)
        tint(look.mark)
        canvas.drawCircle(14f, 0f, 13f, fill)
        tint(CREAM)
        canvas.drawCircle(14f, 0f, 3f, fill)
    }

    private fun Scene.loaf() {
        tint(look.mark)
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

    private enum class Motif { Awning, Cup, Waves, Flower, Hills, Record, Loaf }

    private class Look(
        val dark: Int,
        val light: Int,
        val mark: Int,
        val motif: Motif,
    ) {
        companion object {
            private val house = Look(0xFF1F5A43.toInt(), 0xFF6BAA86.toInt(), 0xFFB94A26.toInt(), Motif.Awning)
            private val cafe = Look(0xFF5C3421.toInt(), 0xFFC58A5C.toInt(), 0xFF8A5231.toInt(), Motif.Cup)
            private val outdoors = Look(0xFF17476A.toInt(), 0xFF5EA7BC.toInt(), 0xFFF2C46B.toInt(), Motif.Hills)
            private val music = Look(0xFF2B2E63.toInt(), 0xFF8480CB.toInt(), 0xFFF08A5D.toInt(), Motif.Record)
            private val bakery = Look(0xFF7A1F46.toInt(), 0xFFDE8AA0.toInt(), 0xFFC9803F.toInt(), Motif.Loaf)
            private val garden = Look(0xFF8C4A12.toInt(), 0xFFE9AE5B.toInt(), 0xFFB3402A.toInt(), Motif.Flower)
            private val harbour = Look(0xFF0F4C4F.toInt(), 0xFF6DB5A5.toInt(), 0xFFF2C46B.toInt(), Motif.Waves)
            private val known = mapOf("lumi" to cafe, "kelo" to outdoors, "nuotti" to music, "vadelma" to bakery)
            private val others = listOf(garden, harbour, cafe, outdoors, music, bakery)

            /** The demo town's partners by name; any other keeps its look for as long as it keeps its id. */
            fun of(partner: String?): Look =
                if (partner == null) house else known[partner] ?: others[Math.floorMod(partner.hashCode(), others.size)]
        }
    }

    private companion object {
        val CREAM = Color.rgb(255, 246, 232)
        val VINYL = Color.rgb(28, 26, 40)
    }
}
