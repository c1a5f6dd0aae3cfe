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

    /** In a link other parts may follow the code, and it is written as links are; a text ends with the place's id as it is. */
    private fun code(text: String): String? {
        val trimmed = text.trim()
        return if (LINK.matches(trimmed)) {
            val at = trimmed.indexOfAny(listOf(MARK, "PC1%2F", "PC1%2f"))
            if (at < 0) null else Uri.decode(trimmed.substring(at).takeWhile { it !in "&#?" })
        } else {
            val at = trimmed.indexOf(MARK)
            if (at < 0) null else trimmed.substring(at).takeWhile { !it.isISOControl() }
        }
    }

    private const val MARK = "PC1/"

    /** RFC 3986: a scheme, and no space anywhere. No code begins so. */
    private val LINK = Regex("[A-Za-z][A-Za-z0-9+.-]*:\\S*")
    private const val LANGUAGE_LENGTH = 0x3F
    private const val UTF_16 = 0x80
}
