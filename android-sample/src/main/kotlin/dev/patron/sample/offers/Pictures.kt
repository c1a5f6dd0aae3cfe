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

    /**
     * By address, in the order in which they were asked for. One stays until it came or was refused: whoever looked may
     * have gone to another tab meanwhile, and finds it when they come back.
     */
    private val wanted = LinkedHashMap<String, OfferCard>()
    private val more = Channel<Unit>(Channel.CONFLATED)
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
        if (wanted.put(url, card) != null) askedAgain += url
        more.trySend(Unit)
    }

    /** Lets go of every picture but those of [cards]: the core has let go of its file as well. */
    fun keep(cards: List<OfferCard>) {
        val stay = cards.mapNotNull { it.image?.url }.toSet()
        known.snapshot().keys.filter { it !in stay }.forEach { known.remove(it) }
        wanted.keys.retainAll(stay)
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
        while (true) {
            val (url, card) = wanted.entries.firstOrNull() ?: more.receive().let { continue }
            askedAgain -= url
            val bitmap = load(card)
            // It was drawn meanwhile, because the network came back perhaps.
            if (bitmap == null && url in askedAgain) continue
            val stays = wanted.remove(url) != null
            when {
                !stays -> Unit
                bitmap == null -> refused[url] = card
                else -> {
                    known.put(url, bitmap)
                    came()
                }
            }
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

    /** `null` for a file that went meanwhile, or that is no picture to this phone. One that is larger than any card is made smaller. */
    private fun read(file: File): Bitmap? {
        val size = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        BitmapFactory.decodeFile(file.path, size)
        val bytes = size.outWidth.toLong() * size.outHeight * BYTES_A_PIXEL
        val fits = BitmapFactory.Options().apply { inSampleSize = 1 }
        while (bytes / (fits.inSampleSize * fits.inSampleSize) > LARGEST_BYTES) fits.inSampleSize *= 2
        return BitmapFactory.decodeFile(file.path, fits)
    }

    private companion object {
        /** A dozen cards of a large phone. */
        const val MOST_BYTES = 12 * 1024 * 1024

        /** As wide as a large phone, and half as high. */
        const val LARGEST_BYTES = 3 * 1024 * 1024
        const val BYTES_A_PIXEL = 4

        /** The core has its own patience with a host that does not answer. */
        val AGAIN = 15.seconds
    }
}
