package dev.patron

import kotlin.time.Instant

/** What stands for a purpose. */
public enum class ConsentStatus {
    /** The shopper was never asked; counts as no. */
    NotAsked,

    /** Yes. */
    Granted,

    /** No, said at once. */
    Denied,

    /** No, said after a yes. */
    Withdrawn,

    /** A yes whose time has run out; counts as no. */
    Expired,

    /** A yes to something that means more by now; counts as no until the shopper is asked again. */
    Stale,
}

/**
 * A purpose and what stands for it.
 *
 * @property purpose what it is about.
 * @property status what the shopper's decisions come to; anything but granted counts as no.
 * @property decidedAt when, by the device's clock; `null` when the shopper was never asked.
 * @property expiresAt when a yes runs out; `null` for never, and where there is none.
 * @property effective whether it may be acted on now: a yes that stands, and no signal from outside that lowers it.
 * @property loweredBy the signals that make it a no, whatever the shopper said; see [ConsentFacet.declare].
 */
public data class ConsentState(
    val purpose: Purpose,
    val status: ConsentStatus,
    val decidedAt: Instant?,
    val expiresAt: Instant? = null,
    val effective: Boolean = status == ConsentStatus.Granted,
    val loweredBy: List<Overlay> = emptyList(),
) {
    /** Whether the shopper said yes, and it still stands. Whether it may be acted on, [effective] says. */
    val isGranted: Boolean get() = status == ConsentStatus.Granted
}

/**
 * The words for one purpose.
 *
 * @property purpose what they are about.
 * @property title a line: what is asked. Names the partner, where there is one.
 * @property body what the shopper gets for it, and what happens with the data.
 * @property locale the language that they are in, which may not be the one that was asked for.
 */
public data class ConsentText(val purpose: Purpose, val title: String, val body: String, val locale: String)

/**
 * One question to the shopper, in words.
 *
 * @property purpose what it is about.
 * @property title a line: what is asked.
 * @property body what the shopper gets for it, and what happens with the data.
 * @property locale the language of the words.
 * @property reason why it is put.
 */
public data class ConsentPrompt(
    val purpose: Purpose,
    val title: String,
    val body: String,
    val locale: String,
    val reason: AskReason,
)

/** Why a question is put. */
public enum class AskReason {
    /** It was never answered. */
    New,

    /** What is done with the data has changed since the answer. */
    MeaningChanged,

    /** The yes has run out. */
    RanOut,
}

/**
 * The four flags of Google Consent Mode, version 2: `true` is `granted`, `false` is `denied`.
 *
 * @property adStorage storing for advertising.
 * @property adUserData sending the shopper's data to Google for advertising.
 * @property adPersonalization advertising aimed at the shopper.
 * @property analyticsStorage storing for measurement.
 */
public data class ConsentMode(
    val adStorage: Boolean,
    val adUserData: Boolean,
    val adPersonalization: Boolean,
    val analyticsStorage: Boolean,
)
