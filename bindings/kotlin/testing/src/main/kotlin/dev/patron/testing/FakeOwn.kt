package dev.patron.testing

import dev.patron.Moments
import dev.patron.Notice
import dev.patron.OfferCard
import dev.patron.PatronException
import dev.patron.Profile
import dev.patron.QuietHours
import dev.patron.Refused
import dev.patron.RestingOffer
import dev.patron.SavedOffer
import dev.patron.Wish
import kotlinx.coroutines.flow.MutableSharedFlow
import java.time.LocalTime
import java.time.ZoneId
import java.time.ZoneOffset
import java.time.format.DateTimeParseException
import java.util.UUID
import kotlin.time.Instant
import kotlin.time.toJavaInstant

/** The shopper's own side of a fake: rules, wishes and saved offers. Guarded by the lock of [FakeWorld]. */
internal class FakeOwn {
    var quiet: QuietHours? = null
    var snoozedUntil: Instant? = null
    var daily: Int? = null
    var onlyWhenAsked = false
    val refused = linkedSetOf<Refused>()

    /** Until when offers rest. */
    val resting = mutableMapOf<String, Instant>()
    val unseen = mutableSetOf<UUID>()
    val wishes = mutableListOf<Wish>()
    var profile = Profile()
    val saved = linkedMapOf<String, SavedOffer>()

    /** What came into view, in that order. */
    val seen = linkedSetOf<String>()

    /** `null` ends the collectors. */
    val notices = MutableSharedFlow<Notice?>(extraBufferCapacity = Int.MAX_VALUE)

    private var lastWish = 0L

    /** How many decisions were kept. */
    var decisions = 0L

    /** As it was told last; `null` before. */
    var zone: ZoneId? = null

    fun moments(now: Instant, visits: Set<UUID>) = Moments(
        quiet = quiet,
        snoozedUntil = snoozedUntil?.takeIf { now < it },
        daily = daily,
        onlyWhenAsked = onlyWhenAsked,
        refused = refused.toList(),
        unseen = visits.any { it in unseen },
        resting = resting.filterValues { now < it }.map { (offer, until) -> RestingOffer(offer, until) },
    )

    /** Whether it is quiet or snoozed: then there is no notice either. */
    fun isStill(now: Instant): Boolean = snoozedUntil.let { it != null && now < it } || isQuiet(now)

    fun holdsBack(now: Instant): Boolean = onlyWhenAsked || isStill(now)

    fun refuses(card: OfferCard, now: Instant): Boolean = Refused.Offer(card.id) in refused ||
        card.partner.let { it != null && Refused.Partner(it) in refused } ||
        card.topics.any { Refused.Topic(it) in refused } ||
        resting[card.id].let { it != null && now < it }

    /** A time of day, as the core reads one. */
    fun time(text: String): LocalTime = try {
        require(text.length == TIME.length)
        LocalTime.parse(text)
    } catch (_: DateTimeParseException) {
        throw PatronException.InvalidInput("quiet hours", "$text is no time of day, $TIME")
    } catch (_: IllegalArgumentException) {
        throw PatronException.InvalidInput("quiet hours", "$text is no time of day, $TIME")
    }

    fun wish(words: String, topics: List<String>, until: Instant?) {
        val same = wishes.indexOfFirst { it.words == words }
        val wish = Wish(if (same < 0) ++lastWish else wishes[same].id, words, topics, until)
        if (same < 0) wishes += wish else wishes[same] = wish
    }

    /** Another shopper: none of this is theirs. */
    fun forget() {
        quiet = null
        snoozedUntil = null
        daily = null
        onlyWhenAsked = false
        profile = Profile()
        listOf(refused, unseen, wishes, seen).forEach { it.clear() }
        listOf(resting, saved).forEach { it.clear() }
    }

    /** The fake's clock stands in Greenwich until it is told another zone. */
    private fun isQuiet(now: Instant): Boolean {
        val hours = quiet ?: return false
        val (from, to) = time(hours.from) to time(hours.to)
        val time = now.toJavaInstant().atZone(zone ?: ZoneOffset.UTC).toLocalTime()
        return if (from < to) time >= from && time < to else time >= from || time < to
    }

    private companion object {
        const val TIME = "HH:MM"
    }
}
