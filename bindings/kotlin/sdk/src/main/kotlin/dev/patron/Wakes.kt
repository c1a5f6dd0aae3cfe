package dev.patron

import kotlin.time.Duration

/**
 * What a platform can watch at once.
 *
 * @property regions how many circles, the safe one apart; at least 1.
 * @property leastRadiusM a smaller circle wakes nobody, or late; metres, above 0.
 */
public data class WakeLimits(val regions: Int, val leastRadiusM: Double = 100.0) {
    public companion object {
        /** Android watches 100 for an app: 95, the safe circle, and four for the app. */
        @JvmField
        public val Android: WakeLimits = WakeLimits(regions = 95)
    }
}

/**
 * A circle for the platform to watch.
 *
 * @property id to be handed back to [PlaceFacet.woke].
 * @property latitude degrees, WGS 84.
 * @property longitude degrees, WGS 84.
 * @property radiusM metres.
 * @property places ids of the places whose fences lie in it: one that is monitored by itself, or several that are
 *   covered together. Empty for the safe circle.
 */
public data class WakeRegion(
    val id: String,
    val latitude: Double,
    val longitude: Double,
    val radiusM: Double,
    val places: List<String> = emptyList(),
)

/** Why positions must be asked for beside the wakes: these alone would miss something. */
public enum class Looking {
    /** The shopper may be in a region already that has just been set: nobody would be told of entering it. */
    InRegion,

    /** Fences are so many and so near that no safe circle is left. */
    Crowded,

    /** The position is too poor for the distances here. */
    Unsure,
}

/**
 * What to watch while the app sleeps, and why that is enough: every fence is monitored by a region of its own, covered
 * by one together with others, or outside the safe circle.
 *
 * @property regions watch these, in place of all that was watched before: entering and leaving.
 * @property safe watch that it is left, and plan anew then.
 * @property outside so many fences lie outside the safe circle and are not watched.
 * @property looking positions are needed too, until a plan without this; `null` when wakes are enough.
 * @property nextFix the next position is due in so long, while positions are followed.
 */
public data class WakePlan(
    val regions: List<WakeRegion>,
    val safe: WakeRegion,
    val outside: Int = 0,
    val looking: Looking? = null,
    val nextFix: Duration = Duration.ZERO,
) {
    /** So many fences have a region of their own. */
    public val monitored: Int get() = regions.count { it.places.size == 1 }

    /** So many fences share a region with others. */
    public val covered: Int get() = regions.sumOf { it.places.size } - monitored
}

/**
 * What a wake is good for.
 *
 * @property look hand over a position now: only that makes a visit.
 * @property replan plan anew with it.
 */
public data class Wake(val look: Boolean, val replan: Boolean)
