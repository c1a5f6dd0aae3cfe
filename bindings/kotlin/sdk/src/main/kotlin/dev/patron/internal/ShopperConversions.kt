package dev.patron.internal

import dev.patron.Due
import dev.patron.Moments
import dev.patron.Notice
import dev.patron.Profile
import dev.patron.ProfileTrait
import dev.patron.QuietHours
import dev.patron.Refused
import dev.patron.RestingOffer
import dev.patron.SavedOffer
import dev.patron.Scalar
import dev.patron.Wish
import dev.patron.ffi.KeptOffer
import dev.patron.ffi.ShopperSide
import kotlin.time.Duration.Companion.hours
import dev.patron.ffi.Due as FfiDue
import dev.patron.ffi.Notice as FfiNotice
import dev.patron.ffi.Profile as FfiProfile
import dev.patron.ffi.Refused as FfiRefused
import dev.patron.ffi.Scalar as FfiScalar
import dev.patron.ffi.Trait as FfiTrait
import dev.patron.ffi.Wish as FfiWish

internal fun ShopperSide.toMoments() = Moments(
    quiet = quietFrom?.let { from -> quietTo?.let { to -> QuietHours(from, to) } },
    snoozedUntil = snoozedUntilMs?.let(::instant),
    daily = daily?.toInt(),
    onlyWhenAsked = onlyWhenAsked,
    refused = refused.map { it.toPublic() },
    unseen = unseen,
    resting = resting.map { RestingOffer(it.offer, instant(it.untilMs)) },
)

internal fun KeptOffer.toPublic() = SavedOffer(offer, instant(savedAtMs), whenHere, beforeEndH?.toInt()?.hours)

internal fun FfiWish.toPublic() = Wish(id.toLong(), text, topics, untilMs?.let(::instant))

internal fun FfiNotice.toPublic() = Notice(title, body, deepLink, offer, instant(atMs), reminder?.toPublic())

internal fun Refused.toFfi(): FfiRefused = when (this) {
    is Refused.Partner -> FfiRefused.Partner(id)
    is Refused.Offer -> FfiRefused.Offer(id)
    is Refused.Topic -> FfiRefused.Topic(name)
}

internal fun ProfileTrait.toFfi(): FfiTrait = when (this) {
    is ProfileTrait.Segment -> FfiTrait.Segment(id, member)
    is ProfileTrait.Affinity -> FfiTrait.Affinity(topic, percent)
    is ProfileTrait.Variable -> FfiTrait.Variable(name, value?.toFfi())
    ProfileTrait.Clear -> FfiTrait.Clear
}

internal fun FfiProfile.toPublic() =
    Profile(segments, affinities.mapValues { it.value.toInt() }, variables.mapValues { it.value.toPublic() })

private fun Scalar.toFfi(): FfiScalar = when (this) {
    is Scalar.Flag -> FfiScalar.Flag(value)
    is Scalar.Number -> FfiScalar.Number(value)
    is Scalar.Text -> FfiScalar.Text(value)
}

private fun FfiScalar.toPublic(): Scalar = when (this) {
    is FfiScalar.Flag -> Scalar.Flag(v1)
    is FfiScalar.Number -> Scalar.Number(v1)
    is FfiScalar.Text -> Scalar.Text(v1)
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
