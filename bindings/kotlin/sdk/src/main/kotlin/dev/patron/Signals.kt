package dev.patron

/**
 * What the app declares of the world outside Patron. The default declares nothing, and takes nothing away.
 *
 * ```
 * patron.consent.declare(Signals(age = declared(Age.Adult), tcf = declared(preferences.getString("IABTCF_TCString", null))))
 * ```
 *
 * Signals only take away: the shopper's yes counts as far as every signal that was declared allows it. `docs/signals.md`
 * says which purposes each of them speaks of.
 *
 * @property location the operating system's permission to read a position.
 * @property bluetooth the operating system's permission to scan for beacons.
 * @property notifications the operating system's permission to notify.
 * @property att App Tracking Transparency; of Apple's platforms alone.
 * @property gpc Global Privacy Control. Absent is no signal: it says neither yes nor no.
 * @property tcf the TC string that the app's consent banner keeps (`IABTCF_TCString`), where the GDPR applies.
 * @property tcfVendor the retailer's id in the Global Vendor List, 1 to 65,535; without one the consents for
 *   purposes count alone.
 * @property gpp the GPP string that the app's consent banner keeps (`IABGPP_HDR_GppString`).
 * @property age what is known of the shopper's age, where it matters.
 * @property region whose law applies: it says which strings are expected.
 */
public data class Signals(
    val location: Declared<LocationPermission> = Declared.Never,
    val bluetooth: Declared<Permission> = Declared.Never,
    val notifications: Declared<Permission> = Declared.Never,
    val att: Declared<AttStatus> = Declared.Never,
    val gpc: Boolean = false,
    val tcf: Declared<String> = Declared.Never,
    val tcfVendor: Int? = null,
    val gpp: Declared<String> = Declared.Never,
    val age: Declared<Age> = Declared.Never,
    val region: Declared<Region> = Declared.Never,
)

/** A signal that the app may declare to apply. */
public sealed interface Declared<out T : Any> {
    /** It never was: it plays no part. */
    public data object Never : Declared<Nothing>

    /** It applies and has no value, or none any more: all that it speaks of is a no. */
    public data object Unset : Declared<Nothing>

    /**
     * It applies, and says this.
     *
     * @property value what it says.
     */
    public data class Is<out T : Any>(val value: T) : Declared<T>
}

/** The signal applies and says [value]; `null` means that it has none, and takes away all that it speaks of. */
public fun <T : Any> declared(value: T?): Declared<T> = if (value == null) Declared.Unset else Declared.Is(value)

/** What the operating system lets the app read of the shopper's position. */
public enum class LocationPermission {
    /** Nothing, or it was not asked yet. */
    Refused,

    /** An approximate one. */
    Coarse,

    /** An exact one. */
    Precise,
}

/** A permission of the operating system. */
public enum class Permission {
    /** No, or it was not asked yet. */
    Denied,

    /** Yes. */
    Granted,
}

/** App Tracking Transparency, as the app read it: Patron never asks the framework. */
public enum class AttStatus {
    /** The shopper was not asked yet. */
    NotDetermined,

    /** The device does not allow to ask. */
    Restricted,

    /** The shopper refused. */
    Denied,

    /** The shopper allowed it. */
    Authorized,
}

/** What is known of the shopper's age. */
public enum class Age {
    /** Nothing: the shopper is protected like a child. */
    Unknown,

    /** Below the age at which the law lets the shopper decide alone. */
    Child,

    /** Of that age. */
    Adult,
}

/** Whose law the shopper is under. */
public enum class Region {
    /** The European Economic Area, the United Kingdom or Switzerland. */
    Eea,

    /** A state of the United States. */
    Us,

    /** Elsewhere: no string is expected, and one that is there counts all the same. */
    Other,
}

/** A signal that takes something away; for telling the shopper which, and what would change it. */
public enum class Overlay {
    /** See [Signals.location]. */
    Location,

    /** See [Signals.bluetooth]. */
    Bluetooth,

    /** See [Signals.notifications]. */
    Notifications,

    /** See [Signals.att]. */
    Att,

    /** See [Signals.gpc]. */
    Gpc,

    /** See [Signals.tcf]. */
    Tcf,

    /** See [Signals.gpp]. */
    Gpp,

    /** See [Signals.age]. */
    Age,

    /** See [Signals.region]. */
    Region,
}
