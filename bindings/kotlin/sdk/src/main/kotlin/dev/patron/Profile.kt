package dev.patron

/**
 * What the app knows of the shopper and tells, for offers that are for some and for what fits: segments, affinities and
 * the variables that rules ask for.
 *
 * It rests on [Purpose.Personalisation], stays on the device, holds at once and offline, and outlives the process. It is
 * in [MeFacet.export], as told by the app, and goes when the purpose is withdrawn, with [Patron.signOut] and with
 * [MeFacet.erase]: tell it again after another yes. `docs/rules.md` says how rules ask for it.
 */
public interface ProfileFacet {
    /**
     * Tells these in their order: all of them, or none. What is told again changes; what is not named stays.
     *
     * @throws PatronException.NotPermitted without [Purpose.Personalisation]. Taking back takes no grant.
     * @throws PatronException.InvalidInput naming what makes no sense or is too much (`traits[2].percent`).
     * @throws PatronException.Storage when the disk refuses; then nothing was changed.
     */
    public suspend fun tell(vararg traits: ProfileTrait)

    /**
     * Takes back everything that was told. To put something else in its place at once, tell [ProfileTrait.Clear] and
     * what follows in one call.
     *
     * @throws PatronException.Storage when the disk refuses; then nothing was changed.
     */
    public suspend fun clear()

    /** What was told and holds: nothing without [Purpose.Personalisation]. Reads the last snapshot. */
    public fun current(): Profile
}

/** One thing that the app knows of the shopper. */
public sealed interface ProfileTrait {
    /**
     * Whether the shopper is in a segment. Up to 200.
     *
     * @property id as rules call it.
     * @property member `null` when it is not known any more.
     */
    public data class Segment(val id: String, val member: Boolean? = true) : ProfileTrait

    /**
     * How much the shopper is drawn to a topic of offers. Up to 200.
     *
     * @property topic as publishers write it; without case.
     * @property percent 0 to 100; `null` when it is not known any more.
     */
    public data class Affinity(val topic: String, val percent: Int?) : ProfileTrait

    /**
     * What rules ask for by `var`. Up to 100.
     *
     * @property name its path, such as `tier` or `basket.total`: up to four parts and 64 bytes, not below `context`.
     * @property value `null` when it is not known any more.
     */
    public data class Variable(val name: String, val value: Scalar?) : ProfileTrait {
        public constructor(name: String, value: String) : this(name, Scalar.Text(value))

        public constructor(name: String, value: Double) : this(name, Scalar.Number(value))

        public constructor(name: String, value: Boolean) : this(name, Scalar.Flag(value))
    }

    /** Nothing that was told before is known any more; what follows in the same call is. */
    public data object Clear : ProfileTrait
}

/** What a variable may be. */
public sealed interface Scalar {
    /**
     * A yes or a no.
     *
     * @property value which.
     */
    public data class Flag(val value: Boolean) : Scalar

    /**
     * A number.
     *
     * @property value not infinite.
     */
    public data class Number(val value: Double) : Scalar

    /**
     * A text.
     *
     * @property value up to 256 bytes.
     */
    public data class Text(val value: String) : Scalar
}

/**
 * Everything that the app has told of the shopper.
 *
 * @property segments whether the shopper is in each.
 * @property affinities percent by topic, as topics are compared: without case, words joined by a hyphen.
 * @property variables by their paths.
 */
public data class Profile(
    val segments: Map<String, Boolean> = emptyMap(),
    val affinities: Map<String, Int> = emptyMap(),
    val variables: Map<String, Scalar> = emptyMap(),
)
