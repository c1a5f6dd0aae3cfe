package dev.patron.android

import android.content.Intent
import android.net.Uri
import android.nfc.NdefMessage
import android.nfc.NdefRecord
import android.nfc.NfcAdapter
import android.os.Build

/**
 * Finds the code of a store in what the platform hands to an activity: the NFC tag that the phone was held to, or the
 * link that a camera app opened. Hand it to `patron.place.checkIn(code)`. Takes no permission but `NFC`.
 *
 * ```
 * override fun onNewIntent(intent: Intent) {
 *     PatronCheckIn.fromIntent(intent)?.let { code -> scope.launch { patron.place.checkIn(code) } }
 * }
 * ```
 *
 * A QR code that the app's own scanner reads needs nothing of this: `patron.place.checkIn(text)`.
 */
public object PatronCheckIn {
    /**
     * The code in [intent], its signature not looked at; `null` where there is none. Read are text and URI records of a
     * tag, and the link of a `VIEW` intent: in a link the code is what begins with `PC1/`, wherever it stands.
     */
    @JvmStatic
    public fun fromIntent(intent: Intent): String? {
        val texts = messages(intent).flatMap { it.records.asSequence() }.mapNotNull(::text)
        return (texts + listOfNotNull(intent.data?.toString())).firstNotNullOfOrNull(::code)
    }

    private fun messages(intent: Intent): Sequence<NdefMessage> {
        val found =
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
                intent.getParcelableArrayExtra(NfcAdapter.EXTRA_NDEF_MESSAGES, NdefMessage::class.java)
            } else {
                @Suppress("DEPRECATION")
                intent.getParcelableArrayExtra(NfcAdapter.EXTRA_NDEF_MESSAGES)
            }
        return found.orEmpty().asSequence().filterIsInstance<NdefMessage>()
    }

    private fun text(record: NdefRecord): String? =
        if (record.tnf == NdefRecord.TNF_WELL_KNOWN && record.type.contentEquals(NdefRecord.RTD_TEXT)) {
            words(record.payload)
        } else {
            record.toUri()?.toString()
        }

    /** NFC Forum, Text record: a byte that tells the encoding and how long the language's name is, then that name. */
    private fun words(payload: ByteArray): String? {
        val head = payload.firstOrNull()?.toInt() ?: return null
        val from = 1 + (head and LANGUAGE_LENGTH)
        if (from > payload.size) return null
        val encoding = if (head and UTF_16 == 0) Charsets.UTF_8 else Charsets.UTF_16
        return String(payload, from, payload.size - from, encoding)
    }

    private fun code(text: String): String? {
        // Within a link's query the slashes are written otherwise, and other parameters may follow.
        val plain = if (MARK in text) text else Uri.decode(text)
        val at = plain.indexOf(MARK).takeIf { it >= 0 } ?: return null
        return plain.substring(at).takeWhile { it !in "&#?" && !it.isWhitespace() }
    }

    private const val MARK = "PC1/"
    private const val LANGUAGE_LENGTH = 0x3F
    private const val UTF_16 = 0x80
}
