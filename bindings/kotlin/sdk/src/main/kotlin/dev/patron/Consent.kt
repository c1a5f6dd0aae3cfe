package dev.patron

import kotlinx.coroutines.flow.Flow
import java.util.UUID
import kotlin.time.Instant

/** What the shopper allows. Everything personal is off until granted, per purpose and per partner. */
public interface ConsentFacet {
    /**
     * Every purpose with what stands for it, in the order in which a consent screen lists them;
     * [Purpose.PartnerSharing] once for each partner of the catalogue. Reads the last snapshot.
     */
    public fun states(): List<ConsentState>

    /** [states], at once and after each change. A slow collector skips to the latest. */
    public val changes: Flow<List<ConsentState>>

    /**
     * The shopper says yes. Returns when the decision is safely on disk; the backend hears of it later.
     *
     * @throws PatronException.InvalidInput for no purpose at all, or a partner without an id.
     */
    public suspend fun grant(vararg purposes: Purpose): Receipt

    /** The shopper says no: a decision too, and kept. A no to what was granted is a withdrawal. */
    public suspend fun deny(vararg purposes: Purpose): Receipt

    /**
     * The shopper takes a yes back: what was recorded under it and has not left is erased from the device,
     * and the result says what that was.
     */
    public suspend fun withdraw(purpose: Purpose): Withdrawal
}

/** Something the shopper grants, denies or withdraws. Off until granted. */
public sealed interface Purpose {
    /** The purpose without its partner. */
    public val kind: PurposeKind
        get() =
            when (this) {
                PartnerOffers -> PurposeKind.PartnerOffers
                CoarseLocation -> PurposeKind.CoarseLocation
                PreciseLocation -> PurposeKind.PreciseLocation
                Beacons -> PurposeKind.Beacons
                Engagement -> PurposeKind.Engagement
                Personalisation -> PurposeKind.Personalisation
                is PartnerSharing -> PurposeKind.PartnerSharing
                Notifications -> PurposeKind.Notifications
                Dialogue -> PurposeKind.Dialogue
            }

    /** Caching and showing offers of partner brands. */
    public data object PartnerOffers : Purpose

    /** Reading a position rounded to 2 km. */
    public data object CoarseLocation : Purpose

    /** Reading an exact position; the visits and dwells that follow from it. */
    public data object PreciseLocation : Purpose

    /** Hearing beacons in the store. */
    public data object Beacons : Purpose

    /** Recording what the shopper does with offers and the app. */
    public data object Engagement : Purpose

    /** History, segments and affinities; rules that look at the person. */
    public data object Personalisation : Purpose

    /**
     * One partner's brand hearing of anything, under a pseudonym of its own.
     *
     * @property partner the partner's id in the offer catalogue.
     */
    public data class PartnerSharing(val partner: String) : Purpose

    /** A notification handed to the app. */
    public data object Notifications : Purpose

    /** Threads, reviews, referrals. */
    public data object Dialogue : Purpose
}

/** A [Purpose] without its partner. */
public enum class PurposeKind {
    /** See [Purpose.PartnerOffers]. */
    PartnerOffers,

    /** See [Purpose.CoarseLocation]. */
    CoarseLocation,

    /** See [Purpose.PreciseLocation]. */
    PreciseLocation,

    /** See [Purpose.Beacons]. */
    Beacons,

    /** See [Purpose.Engagement]. */
    Engagement,

    /** See [Purpose.Personalisation]. */
    Personalisation,

    /** See [Purpose.PartnerSharing]. */
    PartnerSharing,

    /** See [Purpose.Notifications]. */
    Notifications,

    /** See [Purpose.Dialogue]. */
    Dialogue,
}

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
}

/**
 * A purpose and what stands for it.
 *
 * @property purpose what it is about.
 * @property status what stands; anything but granted counts as no.
 * @property decidedAt when, by the device's clock; `null` when the shopper was never asked.
 */
public data class ConsentState(val purpose: Purpose, val status: ConsentStatus, val decidedAt: Instant?) {
    /** Whether the shopper said yes, and it still stands. */
    val isGranted: Boolean get() = status == ConsentStatus.Granted
}

/**
 * One decision of the shopper, refusals included.
 *
 * @property id identifies it on the device and at the backend.
 * @property purpose what it is about.
 * @property status granted, denied or withdrawn.
 * @property decidedAt when, by the device's clock; shown, never used to order.
 * @property epoch the consent epoch that it began; this orders.
 */
public data class Decision(
    val id: UUID,
    val purpose: Purpose,
    val status: ConsentStatus,
    val decidedAt: Instant,
    val epoch: Long,
)

/**
 * Proof that decisions are stored on the device and will reach the backend.
 *
 * @property decisions in the order in which they were made.
 * @property epoch the consent epoch from now on.
 */
public data class Receipt(val decisions: List<Decision>, val epoch: Long)

/**
 * What a withdrawal removed.
 *
 * @property receipt the decision itself.
 * @property purgedEvents events of the purpose that were queued and are gone from the device.
 * @property inDoubt those among them that were being sent at that moment: they may have arrived.
 * @property purgedVisits visits that were forgotten.
 */
public data class Withdrawal(val receipt: Receipt, val purgedEvents: Long, val inDoubt: Long, val purgedVisits: Long)
