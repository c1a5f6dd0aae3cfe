package dev.patron.internal

import dev.patron.Moments
import dev.patron.MomentsFacet
import dev.patron.Profile
import dev.patron.ProfileFacet
import dev.patron.ProfileTrait
import dev.patron.Refused
import dev.patron.Wish
import dev.patron.WishesFacet
import dev.patron.ffi.ShopperAct
import kotlin.time.Instant

internal class NativeMoments(private val engine: Engine) : MomentsFacet {
    override fun current(): Moments = engine.call { shopperSide() }.toMoments()

    override suspend fun quiet(from: String, to: String): Unit = act(ShopperAct.Quiet(from, to))

    override suspend fun noQuiet(): Unit = act(ShopperAct.NoQuiet)

    override suspend fun snooze(until: Instant): Unit = act(ShopperAct.Snooze(until.toEpochMilliseconds()))

    override suspend fun endSnooze(): Unit = act(ShopperAct.EndSnooze)

    override suspend fun daily(most: Int?): Unit = act(ShopperAct.Daily(most?.toDouble()?.atMost16Bits()))

    override suspend fun onlyWhenAsked(only: Boolean): Unit = act(ShopperAct.OnlyWhenAsked(only))

    override suspend fun refuse(what: Refused): Unit = act(ShopperAct.Refuse(what.toFfi()))

    override suspend fun welcome(what: Refused): Unit = act(ShopperAct.Welcome(what.toFfi()))

    override suspend fun rest(offerId: String): Unit = act(ShopperAct.Rest(offerId))

    override suspend fun unseen(): Unit = act(ShopperAct.Unseen)

    override suspend fun setTimeZone(name: String): Unit = engine.call { setTimeZone(name) }

    private suspend fun act(what: ShopperAct): Unit = engine.call { act(what) }
}

internal class NativeWishes(private val engine: Engine) : WishesFacet {
    override suspend fun add(words: String, topics: List<String>, until: Instant?): Unit =
        engine.call { act(ShopperAct.Wish(words, topics, until?.toEpochMilliseconds())) }

    override suspend fun remove(id: Long) {
        // No wish has an id that the core could not hold.
        if (id in 0..UInt.MAX_VALUE.toLong()) engine.call { act(ShopperAct.Unwish(id.toUInt())) }
    }

    override fun current(): List<Wish> = engine.call { shopperSide() }.wishes.map { it.toPublic() }
}

internal class NativeProfile(private val engine: Engine) : ProfileFacet {
    override suspend fun tell(vararg traits: ProfileTrait) {
        val told = traits.map { it.toFfi() }
        engine.call { tell(told) }
    }

    override suspend fun clear(): Unit = tell(ProfileTrait.Clear)

    override fun current(): Profile = engine.call { profile() }.toPublic()
}
