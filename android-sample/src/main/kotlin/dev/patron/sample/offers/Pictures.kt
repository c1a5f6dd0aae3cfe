package dev.patron.sample.offers

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.util.LruCache
import dev.patron.OfferCard
import dev.patron.PatronException
import dev.patron.sample.Session
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.withContext
import java.io.File

/**
 * The pictures of the cards that are looked at. Where one is not on this phone and cannot be had, the card keeps what the
 * app draws.
 *
 * Called on the main thread; only files are read elsewhere.
 */
class Pictures(
    private val session: Session,
) {
    private val known =
        object : LruCache<String, Bitmap>(MOST_BYTES) {
            override fun sizeOf(
                key: String,
                value: Bitmap,
            ): Int = value.byteCount
        }
    private val wanted = Channel<OfferCard>(Channel.UNLIMITED)
    private val underWay = mutableSetOf<String>()
    private val askedAgain = mutableSetOf<String>()

    /** The picture, if it is at hand; what is not is asked for, as the card is being looked at. */
    fun of(card: OfferCard): Bitmap? {
        val url = card.image?.url ?: return null
        val bitmap = known[url]
        if (bitmap == null) ask(card, url)
        return bitmap
    }

    private fun ask(
        card: OfferCard,
        url: String,
    ) {
        if (underWay.add(url)) wanted.trySend(card) else askedAgain += url
    }

    /** Lets go of every picture but those of [cards]: the core has let go of its file as well. */
    fun keep(cards: List<OfferCard>) {
        val stay = cards.mapNotNull { it.image?.url }.toSet()
        known.snapshot().keys.filter { it !in stay }.forEach { known.remove(it) }
    }

    /** Fetches what is asked for, for as long as someone looks, and says when one came. */
    suspend fun follow(came: () -> Unit) {
        try {
            for (card in wanted) {
                val image = checkNotNull(card.image) { "only cards with a picture are asked for" }
                askedAgain -= image.url
                val bitmap = load(card)
                underWay -= image.url
                // It was drawn meanwhile, because the network came back perhaps: nobody draws it another time for this.
                if (bitmap == null && image.url in askedAgain) ask(card, image.url)
                if (bitmap != null) {
                    known.put(image.url, bitmap)
                    came()
                }
            }
        } finally {
            underWay.clear()
        }
    }

    private suspend fun load(card: OfferCard): Bitmap? {
        val file =
            try {
                session.patron?.offers?.image(card.id)
            } catch (_: PatronException) {
                // No network, a metered one, no yes any more, no answer: the drawing stands, and a later look asks again.
                null
            }
        return file?.let { withContext(Dispatchers.IO) { read(it) } }
    }

    /** `null` for a file that went meanwhile, or that is no picture to this phone. */
    private fun read(file: File): Bitmap? = BitmapFactory.decodeFile(file.path)

    private companion object {
        /** A dozen cards of a large phone. */
        const val MOST_BYTES = 12 * 1024 * 1024
    }
}
