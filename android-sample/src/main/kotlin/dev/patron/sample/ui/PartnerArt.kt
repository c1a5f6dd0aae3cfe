package dev.patron.sample.ui

import android.content.Context
import android.content.res.Configuration
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.LinearGradient
import android.graphics.Shader
import dev.patron.Benefit
import dev.patron.OfferCard
import dev.patron.sample.R

/**
 * A picture for an offer that has none, or whose own is not on this phone: drawn, with nothing fetched.
 *
 * Each partner has its own colours and its own motif, the same on every card.
 */
class PartnerArt(
    context: Context,
    card: OfferCard,
    private val isSmall: Boolean = false,
) : Art(
        top = context.resources.getDimension(if (isSmall) R.dimen.thumbnail_radius else R.dimen.card_radius),
        bottom = if (isSmall) context.resources.getDimension(R.dimen.thumbnail_radius) else 0f,
    ) {
    private val isNight =
        context.resources.configuration.uiMode and Configuration.UI_MODE_NIGHT_MASK == Configuration.UI_MODE_NIGHT_YES
    private val look = lookOf(card)

    /** Two offers of one partner are kin, not twins. */
    private val isMirrored = card.id.hashCode() % 2 != 0

    override fun Scene.paint() {
        val (from, to) = if (isMirrored) height to 0f else 0f to height
        fill.shader = LinearGradient(0f, from, width, to, look.dark, look.light, Shader.TileMode.CLAMP)
        canvas.drawRect(0f, 0f, width, height, fill)
        fill.shader = null
        canvas.save()
        if (isMirrored) canvas.scale(1f, -1f, width / 2, height / 2)
        glow()
        canvas.restore()
        // The motif stands at the right, clear of the badge; on a thumbnail it is all there is.
        val size = if (isSmall) height * 0.62f else height * 0.66f
        val x = if (isSmall) width / 2 else width - size * (if (isMirrored) 1.25f else 0.95f)
        canvas.save()
        canvas.translate(x, height / 2)
        canvas.scale(size / 100, size / 100)
        Motifs(look.dark, look.mark).draw(this, look.motif)
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

    private class Look(
        val dark: Int,
        val light: Int,
        val mark: Int,
        val motif: Motif,
    )

    private companion object {
        val cafe = Look(0xFF5C3421.toInt(), 0xFFC58A5C.toInt(), 0xFF8A5231.toInt(), Motif.Cup)
        val outdoors = Look(0xFF17476A.toInt(), 0xFF5EA7BC.toInt(), 0xFFF2C46B.toInt(), Motif.Hills)
        val music = Look(0xFF2B2E63.toInt(), 0xFF8480CB.toInt(), 0xFFF08A5D.toInt(), Motif.Record)
        val bakery = Look(0xFF7A1F46.toInt(), 0xFFDE8AA0.toInt(), 0xFFC9803F.toInt(), Motif.Loaf)
        val garden = Look(0xFF8C4A12.toInt(), 0xFFE9AE5B.toInt(), 0xFFB3402A.toInt(), Motif.Flower)
        val harbour = Look(0xFF0F4C4F.toInt(), 0xFF6DB5A5.toInt(), 0xFFF2C46B.toInt(), Motif.Waves)

        /** The demo town's partners, each with what it sells. */
        val known = mapOf("lumi" to cafe, "kelo" to outdoors, "nuotti" to music, "vadelma" to bakery)
        val others = listOf(garden, harbour, cafe, outdoors, music, bakery)

        /** Any other partner keeps its look for as long as it keeps its id; the house's follows what it gives. */
        fun lookOf(card: OfferCard): Look {
            val partner = card.partner ?: return house(card.benefit)
            return known[partner] ?: others[Math.floorMod(partner.hashCode(), others.size)]
        }

        fun house(benefit: Benefit): Look =
            when (benefit) {
                is Benefit.Content, Benefit.Experience ->
                    Look(0xFF2F4858.toInt(), 0xFF86A5B0.toInt(), 0xFFB94A26.toInt(), Motif.Book)
                Benefit.Service -> Look(0xFF5A4A1E.toInt(), 0xFFC9B06A.toInt(), 0xFFB94A26.toInt(), Motif.Button)
                Benefit.Access -> Look(0xFF14343B.toInt(), 0xFF4F8F8B.toInt(), 0xFFE0A33E.toInt(), Motif.Key)
                is Benefit.Percent, is Benefit.Amount, is Benefit.Points ->
                    Look(0xFF1F5A43.toInt(), 0xFF6BAA86.toInt(), 0xFFB94A26.toInt(), Motif.Awning)
            }
    }
}
