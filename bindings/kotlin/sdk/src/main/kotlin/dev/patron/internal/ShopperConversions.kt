package dev.patron.internal

import dev.patron.Due
import dev.patron.Moments
import dev.patron.Notice
import dev.patron.QuietHours
import dev.patron.Refused
import dev.patron.SavedOffer
import dev.patron.Wish
import dev.patron.ffi.KeptOffer
import dev.patron.ffi.ShopperSide
import kotlin.time.Duration.Companion.hours
import dev.patron.ffi.Due as FfiDue
import dev.patron.ffi.Notice as FfiNotice
import dev.patron.ffi.Refused as FfiRefused
import dev.patron.ffi.Wish as FfiWish

internal fun ShopperSide.toMoments() = Moments(
    quiet = quietFrom?.let { from -> quietTo?.let { to -> QuietHours(from, to) } },
    snoozedUntil = snoozedUntilMs?.let(::instant),
    daily = daily?.toInt(),
    onlyWhenAsked = onlyWhenAsked,
    refused = refused.map { it.toPublic() },
    unseen = unseen,
)

internal fun KeptOffer.toPublic() = SavedOffer(offer, instant(savedAtMs), whenHere, beforeEndH?.toInt()?.hours)

internal fun FfiWish.toPublic() = Wish(id.toLong(), text, topics, untilMs?.let(::instant))

internal fun FfiNotice.toPublic() = Notice(title, body, deepLink, offer, instant(atMs), reminder?.toPublic())

internal fun Refused.toFfi(): FfiRefused = when (this) {
    is Refused.Partner -> FfiRefused.Partner(id)
    is Refused.Offer -> FfiRefused.Offer(id)
    is Refused.Topic -> FfiRefused.Topic(name)
}

/** In the 16 bits that the core has for it: what does not fit it is nearest to what the core refuses in words. */
internal fun Double.atMost16Bits(): UShort = coerceIn(0.0, UShort.MAX_VALUE.toDouble()).toInt().toUShort()

private fun FfiRefused.toPublic(): Refused = when (this) {
    is FfiRefused.Partner -> Refused.Partner(partner)
    is FfiRefused.Offer -> Refused.Offer(offer)
    is FfiRefused.Topic -> Refused.Topic(topic)
}

private fun FfiDue.toPublic() = when (this) {
    FfiDue.HERE -> Due.Here
    FfiDue.EXPIRING -> Due.Expiring
}
