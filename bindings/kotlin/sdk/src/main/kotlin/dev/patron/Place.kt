package dev.patron

import kotlinx.coroutines.flow.Flow
import java.util.UUID
import kotlin.time.Duration
import kotlin.time.Instant

/** Where the shopper is, as far as the shopper allows it to be known. */
public interface PlaceFacet {
    /**
     * Hands over a position and returns what followed from it, often nothing. Offline is as good as online.
     *
     * @throws PatronException.NotPermitted without a grant of [Purpose.PreciseLocation] or
     *   [Purpose.CoarseLocation]; the position was not looked at.
     * @throws PatronException.InvalidInput for what is no position; it names the field.
     */
    public suspend fun update(fix: Fix): List<Transition>

    /** Every transition from now on, whichever call or clock caused it. None is skipped. */
    public val visits: Flow<Transition>

    /** The visits that are going on now. Reads the last snapshot. */
    public fun current(): List<Visit>
}

/**
 * A position as the platform or a recorded trace tells it; checked on the way in.
 *
 * @property latitude degrees, WGS 84, −90 to 90.
 * @property longitude degrees, WGS 84, −180 to 180.
 * @property accuracyM radius of 68 % confidence in metres; `null` where the source tells none.
 * @property age how long ago the position was taken.
 * @property mock the platform says that someone made the position up.
 */
public data class Fix(
    val latitude: Double,
    val longitude: Double,
    val accuracyM: Double? = null,
    val age: Duration = Duration.ZERO,
    val mock: Boolean = false,
)

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
 * @property event the event it was recorded as; `null` for what is not recorded, such as a crossing.
 * @property partner the partner whose place it is; `null` for the retailer's own.
 */
public data class Transition(
    val kind: TransitionKind,
    val place: String,
    val placeName: String,
    val visit: UUID,
    val at: Instant,
    val event: UUID?,
    val partner: String? = null,
)

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
 */
public data class Visit(
    val id: UUID,
    val place: String,
    val placeName: String,
    val phase: VisitPhase,
    val enteredAt: Instant,
    val partner: String? = null,
)
