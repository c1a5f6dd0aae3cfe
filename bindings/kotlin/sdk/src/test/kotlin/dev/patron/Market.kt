package dev.patron

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** What hangs in Lumi Coffee at the Market Square of the demo town: a beacon at its till, a code on its door. */
internal object Market {
    const val PLACE = Walk.PLACE
    const val BEACON = "ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/1"

    /** A fixed one, signed with the key that the town publishes. */
    const val CODE =
        "PC1/-/659C370BD0EACA9FE1AFD9D57062641D09A61BBE594ABCF09D76EEC4197BAF54" +
            "E17A75372EA891D2ED32F686F8D23AE11542772A4A54488A78153B7652E4F202/lumi-market"

    /** The same beacon as a receiver has it: flags, then Apple's packet with −59 dBm a metre away. */
    val bytes: ByteArray =
        "0201061aff4c0002156f1c3a522a6e4d0b9a435b1f0a3c7d1000010001c5"
            .chunked(2)
            .map { it.toInt(16).toByte() }
            .toByteArray()

    fun at(metres: Int, age: Duration = Duration.ZERO) =
        Fix(60.1675 - metres / 111_412.0, 24.9525, accuracyM = 8.0, age = age)

    /** A scan that heard the beacon three times so strongly; the first word of a beacon is not taken for its zone. */
    fun heard(rssiDbm: Int) = BeaconScan(4.seconds, List(3) { Advertisement.Beacon(BEACON, rssiDbm, powerDbm = -59) })

    val silence = BeaconScan(12.seconds)
}
