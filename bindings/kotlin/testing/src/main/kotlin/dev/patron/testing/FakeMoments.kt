package dev.patron.testing

import dev.patron.Moments
import dev.patron.MomentsFacet
import dev.patron.PatronException
import dev.patron.Profile
import dev.patron.ProfileFacet
import dev.patron.ProfileTrait
import dev.patron.Purpose
import dev.patron.QuietHours
import dev.patron.Refused
import dev.patron.Scalar
import dev.patron.Wish
import dev.patron.WishesFacet
import java.time.ZoneId
import kotlin.time.Duration.Companion.days
import kotlin.time.Instant

internal class FakeMoments(private val world: FakeWorld) : MomentsFacet {
    override fun current(): Moments = world.call { own.moments(now, visits.keys) }

    override suspend fun quiet(from: String, to: String): Unit = world.call {
        if (own.time(from) == own.time(to)) nonsense("quiet hours", "begin and end at another time")
        own.quiet = QuietHours(from, to)
    }

    override suspend fun noQuiet(): Unit = world.call { own.quiet = null }

    override suspend fun snooze(until: Instant): Unit = world.call {
        if (until <= now || until > now + 366.days) nonsense("snooze", "ends within a year from now")
        own.snoozedUntil = until
    }

    override suspend fun endSnooze(): Unit = world.call { own.snoozedUntil = null }

    override suspend fun daily(most: Int?): Unit = world.call {
        if (most != null && most !in 1..100) nonsense("offers a day", "are 1 to 100")
        own.daily = most
    }

    override suspend fun onlyWhenAsked(only: Boolean): Unit = world.call { own.onlyWhenAsked = only }

    override suspend fun refuse(what: Refused): Unit = world.call { own.refused += what }

    override suspend fun welcome(what: Refused): Unit = world.call {
        own.refused -= what
        if (what is Refused.Offer) own.resting -= what.id
    }

    override suspend fun rest(offerId: String): Unit = world.call { own.resting[offerId] = now + 30.days }

    override suspend fun unseen(): Unit = world.call {
        if (visits.isEmpty()) nonsense("visit", "there is none")
        own.unseen += visits.keys
    }

    override suspend fun setTimeZone(name: String): Unit = world.call {
        if (name !in ZoneId.getAvailableZoneIds()) nonsense("time zone", "is not known here")
        own.zone = ZoneId.of(name)
    }
}

internal class FakeWishes(private val world: FakeWorld) : WishesFacet {
    override suspend fun add(words: String, topics: List<String>, until: Instant?): Unit = world.call {
        val line = words.trim()
        if (line.none { it.isLetterOrDigit() } && topics.isEmpty()) nonsense("a wish", "says nothing to look for")
        if (until != null && until <= now) nonsense("a wish", "ends in the past")
        own.wish(line, topics, until)
    }

    override suspend fun remove(id: Long): Unit = world.call { own.wishes.removeAll { it.id == id } }

    override fun current(): List<Wish> = world.call { own.wishes.toList() }
}

internal class FakeProfile(private val world: FakeWorld) : ProfileFacet {
    override suspend fun tell(vararg traits: ProfileTrait): Unit = world.call {
        val adds = traits.any { it.adds() }
        if (adds && !isGranted(Purpose.Personalisation)) throw PatronException.NotPermitted(Purpose.Personalisation)
        own.profile = traits.foldIndexed(own.profile) { at, profile, trait -> profile.with(trait, "traits[$at]") }
    }

    override suspend fun clear(): Unit = tell(ProfileTrait.Clear)

    override fun current(): Profile = world.call {
        if (isGranted(Purpose.Personalisation)) own.profile else Profile()
    }

    private fun ProfileTrait.adds() = when (this) {
        is ProfileTrait.Segment -> member != null
        is ProfileTrait.Affinity -> percent != null
        is ProfileTrait.Variable -> value != null
        ProfileTrait.Clear -> false
    }

    private fun Profile.with(trait: ProfileTrait, at: String): Profile = when (trait) {
        is ProfileTrait.Segment -> {
            if (trait.id.isEmpty()) nonsense("$at.id", "is empty")
            copy(segments = segments.with(trait.id, trait.member))
        }
        is ProfileTrait.Affinity -> {
            if (trait.topic.none { it.isLetterOrDigit() }) nonsense("$at.topic", "has no letter or digit")
            if (trait.percent.let { it != null && it !in 0..100 }) nonsense("$at.percent", "is beyond 0 to 100")
            copy(affinities = affinities.with(trait.topic.lowercase(), trait.percent))
        }
        is ProfileTrait.Variable -> {
            if (trait.name.split('.').any { it.isEmpty() }) nonsense("$at.name", "has an empty part")
            val number = (trait.value as? Scalar.Number)?.value
            if (number != null && !number.isFinite()) nonsense("$at.value", "is no finite number")
            copy(variables = variables.with(trait.name, trait.value))
        }
        ProfileTrait.Clear -> Profile()
    }

    private fun <T : Any> Map<String, T>.with(id: String, value: T?) =
        if (value == null) this - id else this + (id to value)
}

private fun nonsense(what: String, why: String): Nothing = throw PatronException.InvalidInput(what, why)
