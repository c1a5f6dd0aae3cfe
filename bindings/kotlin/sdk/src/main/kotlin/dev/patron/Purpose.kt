package dev.patron

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

    /** Reviews and feedback: what the shopper says in words of their own. */
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
