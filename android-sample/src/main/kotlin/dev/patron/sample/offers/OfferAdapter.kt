package dev.patron.sample.offers

import android.content.Context
import android.content.res.ColorStateList
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.ImageView
import android.widget.TextView
import dev.patron.OfferCard
import dev.patron.sample.R
import dev.patron.sample.ui.PartnerArt
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.sayOrHide
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text

/** The cards, or one card that says why there are none. */
class OfferAdapter(
    private val remedies: Remedies,
    private val screen: OffersScreen,
) : BaseAdapter() {
    private var state = OffersState()
    private var cards = emptyList<OfferCard>()

    fun show(next: OffersState) {
        state = next
        cards = next.found
        notifyDataSetChanged()
    }

    override fun getCount(): Int = cards.size.coerceAtLeast(1)

    override fun getItem(position: Int): OfferCard? = cards.getOrNull(position)

    override fun getItemId(position: Int): Long = getItem(position)?.id.hashCode().toLong()

    override fun hasStableIds(): Boolean = true

    override fun getViewTypeCount(): Int = 2

    override fun getItemViewType(position: Int): Int = if (cards.isEmpty()) 1 else 0

    /** Cards are clicked, not rows. */
    override fun isEnabled(position: Int): Boolean = false

    override fun getView(
        position: Int,
        old: View?,
        parent: ViewGroup,
    ): View {
        val card = getItem(position) ?: return (old ?: parent.inflate(R.layout.offers_empty)).also { remedies.fill(it, state) }
        return (old ?: parent.inflate(R.layout.offer_card)).also { fill(it, card) }
    }

    private fun fill(
        view: View,
        card: OfferCard,
    ) {
        val context = view.context
        val badge = card.benefit.badge(context)
        paint(view.findViewById(R.id.card_art), card)
        view.text(R.id.card_badge).text = badge
        view.text(R.id.card_stale).showIf(card.stale)
        view.text(R.id.card_partner).text = card.from(context)
        view.text(R.id.card_title).text = card.title
        view.text(R.id.card_body).sayOrHide(card.body)
        view.text(R.id.card_terms).sayOrHide(card.terms?.summary)
        fact(view.text(R.id.card_distance), R.drawable.ic_pin, card.distanceM?.let { distance(context, it) })
        fact(view.text(R.id.card_expiry), R.drawable.ic_clock, card.expiresAt?.let { expiry(context, it) })
        view.findViewById<View>(R.id.card).apply {
            contentDescription = context.getString(R.string.card_description, badge, card.title, card.from(context))
            setOnClickListener { screen.opened(card) }
        }
        view.text(R.id.card_why).setOnClickListener { screen.opened(card) }
        view.findViewById<View>(R.id.card_share).setOnClickListener { context.share(card) }
        view.findViewById<View>(R.id.card_dismiss).setOnClickListener { screen.dismissed(card) }
        fillSave(view.findViewById(R.id.card_save), card)
    }

    /** The offer's picture, or a drawing until it is here; what it shows is said to who listens to the screen. */
    private fun paint(
        art: ImageView,
        card: OfferCard,
    ) {
        val picture = screen.pictures.of(card)
        if (picture == null) {
            art.scaleType = ImageView.ScaleType.FIT_XY
            art.setImageDrawable(PartnerArt(art.context, card))
        } else {
            art.scaleType = ImageView.ScaleType.CENTER_CROP
            art.setImageBitmap(picture)
        }
        val alt = card.image?.alt
        art.contentDescription = alt
        art.importantForAccessibility =
            if (alt.isNullOrEmpty()) View.IMPORTANT_FOR_ACCESSIBILITY_NO else View.IMPORTANT_FOR_ACCESSIBILITY_YES
    }

    private fun fillSave(
        button: ImageView,
        card: OfferCard,
    ) {
        val isSaved = card.id in state.saved
        val context: Context = button.context
        button.setImageResource(if (isSaved) R.drawable.ic_bookmark_filled else R.drawable.ic_bookmark)
        button.imageTintList = ColorStateList.valueOf(context.getColor(if (isSaved) R.color.primary else R.color.text_muted))
        button.contentDescription = context.getString(if (isSaved) R.string.saved else R.string.save)
        button.setOnClickListener { if (isSaved) screen.letGo(card) else screen.saved(card) }
    }

    private fun fact(
        view: TextView,
        icon: Int,
        text: String?,
    ) {
        view.sayOrHide(text)
        val drawable = view.context.getDrawable(icon)?.apply { val size = view.lineHeight; setBounds(0, 0, size, size) }
        view.setCompoundDrawablesRelative(drawable, null, null, null)
    }
}
