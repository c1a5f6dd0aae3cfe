package dev.patron.testing

import dev.patron.Engagement
import dev.patron.Notice
import dev.patron.OfferCard
import dev.patron.OfferFacet
import dev.patron.PatronException
import dev.patron.Purpose
import dev.patron.SavedOffer
import dev.patron.Why
import kotlinx.coroutines.flow.Flow
import java.io.File
import java.util.UUID
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours

internal class FakeOffers(private val world: FakeWorld) : OfferFacet {
    override val notices: Flow<Notice> = world.told { own.notices }

    override fun at(placement: String): Flow<List<OfferCard>> = world.watch { visible(placement) }

    override fun now(placement: String): List<OfferCard> = world.call { visible(placement) }

    override fun suggest(placement: String): Flow<List<OfferCard>> = world.watch { speaking(placement) }

    override fun suggested(placement: String): List<OfferCard> = world.call { speaking(placement) }

    override fun viewing(offerId: String, visibleFraction: Double, asked: Boolean): Boolean =
        world.call {
            val isSeen = visibleFraction >= HALF && own.seen.add(offerId)
            val look = Engagement.Impression(offerId)
            if (isSeen && !sampledOut && isGranted(look.purpose)) record(look)
            isSeen
        }

    override suspend fun save(offerId: String, whenHere: Boolean, before: Duration?): Unit = world.call {
        known(offerId) ?: throw unknown(offerId)
        if (before != null && before !in 1.hours..14.days) {
            throw PatronException.InvalidInput("a reminder", "comes 1 to 336 hours before the end")
        }
        val savedAt = own.saved[offerId]?.savedAt ?: now
        own.saved[offerId] = SavedOffer(offerId, savedAt, whenHere, before)
    }

    override suspend fun unsave(offerId: String): Unit = world.call { own.saved -= offerId }

    override fun saved(): List<SavedOffer> = world.call { own.saved.values.toList() }

    override suspend fun image(offerId: String, index: Int, evenMetered: Boolean): File = world.call {
        val card = known(offerId) ?: throw unknown(offerId)
        if (card.partner != null && !isGranted(Purpose.PartnerOffers)) {
            throw PatronException.NotPermitted(Purpose.PartnerOffers)
        }
        images[offerId]?.takeIf { index == 0 } ?: throw PatronException.Unavailable("the test set no image of $offerId")
    }

    override fun why(offerId: String, placement: String?, asked: Boolean): Why =
        world.call { whys[offerId] ?: plainWhy(offerId, placement, asked) ?: throw unknown(offerId) }

    override suspend fun keepDecision(placement: String, asked: Boolean): String =
        world.call { UUID(0, ++own.decisions).toString() }

    private fun FakeWorld.visible(placement: String): List<OfferCard> =
        offers[placement].orEmpty().filter { mayShow(it) }

    /** Those that come by themselves. */
    private fun FakeWorld.speaking(placement: String): List<OfferCard> =
        visible(placement).take(if (own.holdsBack(now)) 0 else own.daily ?: Int.MAX_VALUE)

    private fun FakeWorld.mayShow(card: OfferCard): Boolean =
        (card.partner == null || isGranted(Purpose.PartnerOffers)) &&
            (card.places.isEmpty() || isGranted(Purpose.PreciseLocation)) &&
            !own.refuses(card, now)

    private fun FakeWorld.plainWhy(offerId: String, placement: String?, asked: Boolean): Why? {
        val card = known(offerId) ?: return null
        val isElsewhere = placement != null && card !in offers[placement].orEmpty()
        val isHeld = !asked && own.holdsBack(now)
        val shown = mayShow(card) && !isElsewhere && !isHeld
        val summary =
            when {
                shown -> "The test set it."
                own.refuses(card, now) -> "The shopper wants no more of it."
                isElsewhere -> "It stands elsewhere in the app."
                !mayShow(card) -> "Consent is missing."
                else -> "It does not come by itself now."
            }
        return Why(offerId, shown, summary, emptyList())
    }

    private fun FakeWorld.known(offerId: String): OfferCard? = offers.values.flatten().find { it.id == offerId }

    private fun unknown(offerId: String) = PatronException.InvalidInput("offer", "$offerId is not in the catalogue")

    private companion object {
        const val HALF = 0.5
    }
}
