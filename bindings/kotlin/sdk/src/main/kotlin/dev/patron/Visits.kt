package dev.patron

import java.util.UUID
import kotlin.time.Instant

/** What happened at a place. */
public enum class TransitionKind {
    /** The shopper arrived. */
    Entered,

    /** The shopper stayed long enough to count. */
    Dwelt,

    /** The shopper went away. */
    Left,

    /** The shopper crossed the place between two positions, without a stop. */
    Passed,
}

/**
 * One thing that happened at a place.
 *
 * @property kind which.
 * @property place the place's id in the catalogue.
 * @property placeName what the shopper knows it by.
 * @property visit the visit it belongs to; a crossing has one of its own.
 * @property at when, by the device's clock.
 * @property event the event it was recorded as; `null` where nothing was recorded.
 * @property partner the partner whose place it is; `null` for the retailer's own.
 * @property by who said first that the shopper is there.
 * @property initial nobody saw the visit begin: the shopper was there already when it was first looked.
 * @property mock a position that someone made up had a part in it, as the platform says.
 */
public data class Transition(
    val kind: TransitionKind,
    val place: String,
    val placeName: String,
    val visit: UUID,
    val at: Instant,
    val event: UUID?,
    val partner: String? = null,
    val by: Witness = Witness.Position,
    val initial: Boolean = false,
    val mock: Boolean = false,
)

/** Who says that a shopper is at a place. */
public enum class Witness {
    /** Positions, looked at under [Purpose.PreciseLocation]. */
    Position,

    /** A beacon of the place, heard under [Purpose.Beacons]. */
    Beacon,

    /** The shopper, by scanning the place's code. That takes no grant; recording it takes [Purpose.Engagement]. */
    CheckIn,
}

/** How far a visit has come. */
public enum class VisitPhase {
    /** Arrived. */
    Inside,

    /** Stayed long enough to count. */
    Dwelling,
}

/**
 * A visit that is going on.
 *
 * @property id the visit's own id, the same in its transitions.
 * @property place the place's id in the catalogue.
 * @property placeName what the shopper knows it by.
 * @property phase how far it has come.
 * @property enteredAt when, by the device's clock.
 * @property partner the partner whose place it is; `null` for the retailer's own.
 * @property by who said first that the shopper is there. The visit is forgotten with that grant.
 * @property initial nobody saw it begin: the shopper was there already when it was first looked.
 */
public data class Visit(
    val id: UUID,
    val place: String,
    val placeName: String,
    val phase: VisitPhase,
    val enteredAt: Instant,
    val partner: String? = null,
    val by: Witness = Witness.Position,
    val initial: Boolean = false,
)

/**
 * What a scanned code led to.
 *
 * @property place the place's id in the catalogue.
 * @property placeName what the shopper knows it by.
 * @property fresh the code was made within these minutes: someone is there, or is shown what is there. A fixed code, on
 *   paper, proves no more than that someone once was: give nothing for it that a photograph should not buy.
 * @property visits what happened to visits; empty when the shopper was known to be there.
 */
public data class CheckedIn(
    val place: String,
    val placeName: String,
    val fresh: Boolean,
    val visits: List<Transition> = emptyList(),
)
