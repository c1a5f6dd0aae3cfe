package dev.patron.sample.offers

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.util.LruCache
import dev.patron.OfferCard
import dev.patron.PatronException
import dev.patron.sample.Session
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.io.File
import kotlin.time.Duration.Companion.seconds

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
    private val refused = mutableMapOf<String, OfferCard>()

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
        refused.keys.retainAll(stay)
    }

    /** Fetches what is asked for, for as long as someone looks, and says when one came. */
    suspend fun follow(came: () -> Unit): Unit =
        coroutineScope {
            // A network that is better now draws no card anew, and so asks for nothing.
            launch {
                while (true) {
                    delay(AGAIN)
                    val cards = refused.values.toList()
                    refused.clear()
                    cards.forEach { card -> card.image?.let { ask(card, it.url) } }
                }
            }
            fetch(came)
        }

    private suspend fun fetch(came: () -> Unit) {
        try {
            for (card in wanted) {
                val image = checkNotNull(card.image) { "only cards with a picture are asked for" }
                askedAgain -= image.url
                val bitmap = load(card)
                underWay -= image.url
                when {
                    bitmap != null -> {
                        known.put(image.url, bitmap)
                        came()
                    }
                    // It was drawn meanwhile, because the network came back perhaps.
                    image.url in askedAgain -> ask(card, image.url)
                    else -> refused[image.url] = card
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
                // No network, a metered one, no yes any more, no answer: the drawing stands, and is asked for again.
                null
            }
        return file?.let { withContext(Dispatchers.IO) { read(it) } }
    }

    /** `null` for a file that went meanwhile, or that is no picture to this phone. */
    private fun read(file: File): Bitmap? = BitmapFactory.decodeFile(file.path)

    private companion object {
        /** A dozen cards of a large phone. */
        const val MOST_BYTES = 12 * 1024 * 1024

        /** The core has its own patience with a host that does not answer. */
        val AGAIN = 15.seconds
    }
}
