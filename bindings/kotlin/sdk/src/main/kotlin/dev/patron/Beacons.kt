package dev.patron

import java.util.UUID
import kotlin.time.Duration

/**
 * What a phone received of beacons while it listened.
 *
 * @property listened for so long it listened, up to now and not counting pauses; an hour at most. A beacon is lost by
 *   this time and not by the time that passed.
 * @property received all that it received, in order; empty for silence. At most 4,096.
 */
public data class BeaconScan(val listened: Duration, val received: List<Advertisement> = emptyList())

/** One advertisement that the phone received. */
public sealed interface Advertisement {
    /** How strongly it was received, dBm; 127 where the platform could not tell. */
    public val rssiDbm: Int

    /**
     * The bytes as they came: what `ScanRecord.getBytes()` gives on Android. iBeacon, AltBeacon and Eddystone-UID are
     * read from them.
     *
     * @property bytes all structures of the advertisement, each with its length before it.
     */
    public class Raw(public val bytes: ByteArray, override val rssiDbm: Int) : Advertisement {
        override fun equals(other: Any?): Boolean =
            other is Raw && bytes.contentEquals(other.bytes) && rssiDbm == other.rssiDbm

        override fun hashCode(): Int = 31 * bytes.contentHashCode() + rssiDbm

        override fun toString(): String = "Raw(${bytes.size} bytes, rssiDbm=$rssiDbm)"
    }

    /**
     * A beacon that someone else made out.
     *
     * @property id as in the catalogue: `ibeacon:UUID/major/minor`, `altbeacon:HEX` or `eddystone:NAMESPACE/INSTANCE`.
     * @property powerDbm what is received a metre away, dBm, −128 to 127; `null` where that is not known.
     */
    public data class Beacon(val id: String, override val rssiDbm: Int, val powerDbm: Int? = null) : Advertisement
}

/**
 * What followed from a scan.
 *
 * @property visits what happened to visits.
 * @property zones the beacons that came into another zone.
 */
public data class BeaconsHeard(
    val visits: List<Transition> = emptyList(),
    val zones: List<ZoneChange> = emptyList(),
)

/**
 * A beacon came nearer, went farther or was lost.
 *
 * @property beacon its id, as in the catalogue.
 * @property zone how near it is now.
 * @property place the id of the place where it stands.
 * @property placeName what the shopper knows that place by.
 * @property partner the partner whose place that is; `null` for the retailer's own.
 * @property event the event it was recorded as; `null` for what was not.
 */
public data class ZoneChange(
    val beacon: String,
    val zone: Proximity,
    val place: String,
    val placeName: String,
    val partner: String? = null,
    val event: UUID? = null,
)
