package dev.patron

import java.util.UUID
import kotlin.time.Instant

/**
 * An event that the backend will never take, kept to be looked at.
 *
 * @property id the event's id, as the backend was told it.
 * @property kind its type on the wire: `dev.patron.offer.saved`.
 * @property purpose what the shopper had granted for it.
 * @property at when it happened, by the device's clock of then.
 * @property givenUpAt when it was given up, by the device's clock of then; `null` for one of a version that did not
 *   keep it.
 * @property refusals how often the backend refused it or put it off, the last time included; 0 for one that could
 *   not be sent, `null` for one of a version that did not keep it.
 * @property reason why, in one word, as in [Loss.reason].
 * @property data what it says, JSON; for the reason `not_json` whatever stood there.
 * @property partner whom it concerned; `null` for the retailer's own.
 */
public data class DeadLetter(
    val id: UUID,
    val kind: String,
    val purpose: Purpose,
    val at: Instant,
    val givenUpAt: Instant?,
    val refusals: Int?,
    val reason: String,
    val data: String,
    val partner: String? = null,
)
