package dev.patron

import java.util.UUID
import kotlin.time.Instant

/**
 * One decision of the shopper, refusals included. Signed, and chained to the one before it.
 *
 * @property id identifies it on the device and at the backend.
 * @property purpose what it is about.
 * @property status granted, denied or withdrawn.
 * @property decidedAt when, by the clock of the device where it was made; shown, never used to order.
 * @property epoch the consent epoch that it began on this device; this orders.
 * @property expiresAt when a yes runs out; `null` for never, and for a no.
 * @property meaning under which version of the purpose's meaning.
 * @property text the SHA-256 of the words that the shopper saw, 64 hexadecimal digits; `null` where there were none.
 * @property locale the language of those words.
 * @property surface where the shopper was asked, in the app's own words.
 * @property parents the entries on the same purpose that it knew of, by hash: it comes after them.
 * @property hash its own entry in the ledger, 64 hexadecimal digits.
 * @property isOfAccount made while signed in: it holds on the shopper's other devices too.
 * @property keepsCaptured taken back with [WithdrawPolicy.KeepCaptured], on this device and on the shopper's others.
 * @property isOwn made on this device; `false` for one that came from another device of the shopper.
 */
public data class Decision(
    val id: UUID,
    val purpose: Purpose,
    val status: ConsentStatus,
    val decidedAt: Instant,
    val epoch: Long,
    val expiresAt: Instant? = null,
    val meaning: Int = 1,
    val text: String? = null,
    val locale: String? = null,
    val surface: String? = null,
    val parents: List<String> = emptyList(),
    val hash: String = "",
    val isOfAccount: Boolean = false,
    val isOwn: Boolean = true,
    val keepsCaptured: Boolean = false,
)

/**
 * Proof that decisions are stored on the device and will reach the backend.
 *
 * @property decisions in the order in which they were made.
 * @property epoch the consent epoch from now on.
 */
public data class Receipt(val decisions: List<Decision>, val epoch: Long)

/** What becomes of what was recorded while a yes stood. */
public enum class WithdrawPolicy {
    /** It is erased here, and the backend is asked to erase what it has. */
    Purge,

    /**
     * It is kept and delivered: the shopper ends the purpose from now on, and was told so. While signed in, the shopper's
     * other devices do the same.
     */
    KeepCaptured,
}

/**
 * What a withdrawal removed.
 *
 * @property receipt the decision itself.
 * @property purgedEvents events of the purpose that were queued and are gone from the device.
 * @property inDoubt those among them that were being sent at that moment: they may have arrived.
 * @property purgedVisits visits that were forgotten.
 * @property purgedOffers partners' offers that were dropped from the device.
 */
public data class Withdrawal(
    val receipt: Receipt,
    val purgedEvents: Long,
    val inDoubt: Long,
    val purgedVisits: Long,
    val purgedOffers: Long = 0,
)

/**
 * A ledger that holds.
 *
 * @property entries how many decisions it has.
 * @property head the hash of the last one, 64 hexadecimal digits.
 * @property anchoredEpoch the epoch up to which the backend has countersigned it; `null` when it has not yet.
 */
public data class Verified(val entries: Long, val head: String, val anchoredEpoch: Long?)
