package dev.patron.internal

import dev.patron.Notice
import dev.patron.OfferCard
import dev.patron.OfferFacet
import dev.patron.PatronException
import dev.patron.SavedOffer
import dev.patron.Why
import dev.patron.ffi.Change
import dev.patron.ffi.ShopperAct
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.mapNotNull
import java.io.File
import kotlin.math.ceil
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours

internal class NativeOffers(private val engine: Engine) : OfferFacet {
    override val notices: Flow<Notice> =
        engine
            .changes(takesNotices = true) { it is Change.Notice }
            .mapNotNull { (it as? Change.Notice)?.v1?.toPublic() }

    override fun at(placement: String): Flow<List<OfferCard>> = engine.watch(::mayMatter) { now(placement) }

    override fun now(placement: String): List<OfferCard> = engine.call { offers(placement) }.map { it.toPublic() }

    override fun suggest(placement: String): Flow<List<OfferCard>> =
        engine.watch(::mayMatter) { suggested(placement) }

    override fun suggested(placement: String): List<OfferCard> =
        engine.call { suggest(placement) }.map { it.toPublic() }

    override fun viewing(offerId: String, visibleFraction: Double, asked: Boolean): Boolean =
        engine.call { viewing(offerId, visibleFraction, asked) }

    override suspend fun save(offerId: String, whenHere: Boolean, before: Duration?) {
        val hours = before?.let { ceil(it / 1.hours).atMost16Bits() }
        engine.call { act(ShopperAct.Save(offerId, whenHere, hours)) }
    }

    override suspend fun unsave(offerId: String): Unit = engine.call { act(ShopperAct.Unsave(offerId)) }

    override fun saved(): List<SavedOffer> = engine.call { shopperSide() }.saved.map { it.toPublic() }

    override suspend fun image(offerId: String, index: Int, evenMetered: Boolean): File {
        if (index < 0) throw PatronException.InvalidInput("index", "counts from 0, and is $index")
        return File(engine.call { image(offerId, index.toUInt(), evenMetered) })
    }

    override fun why(offerId: String, placement: String?, asked: Boolean): Why =
        engine.call { why(offerId, placement, asked) }.toPublic()

    override suspend fun keepDecision(placement: String, asked: Boolean): String =
        engine.call { keepDecision(placement, asked) }

    private fun mayMatter(change: Change) = change !is Change.Sync && change !is Change.Notice
}
