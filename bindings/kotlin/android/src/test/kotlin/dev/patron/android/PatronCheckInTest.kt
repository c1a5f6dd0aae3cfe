package dev.patron.android

import android.content.Intent
import android.net.Uri
import android.nfc.NdefMessage
import android.nfc.NdefRecord
import android.nfc.NfcAdapter
import dev.patron.Witness
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull

@RunWith(RobolectricTestRunner::class)
class PatronCheckInTest {
    @Test
    fun a_tag_on_the_door_is_presence() =
        inTown { patron ->
            val code = assertNotNull(PatronCheckIn.fromIntent(tag(NdefRecord.createTextRecord("en", Market.CODE))))
            assertEquals(Market.PLACE, runBlocking { patron.place.checkIn(code) }.place)
            assertEquals(Witness.CheckIn, patron.place.current().single().by)
        }

    @Test
    fun a_code_is_found_in_texts_and_links_of_a_tag_and_in_the_link_of_a_camera() {
        val words = NdefRecord.createTextRecord("fi", "Tervetuloa")
        val utf16 = byteArrayOf(0x82.toByte()) + "en".toByteArray() + CODE.toByteArray(Charsets.UTF_16)
        val wide = NdefRecord(NdefRecord.TNF_WELL_KNOWN, NdefRecord.RTD_TEXT, byteArrayOf(), utf16)
        val found =
            listOf(
                tag(words, NdefRecord.createTextRecord("en", "$CODE\n")),
                tag(wide),
                tag(NdefRecord.createUri("https://shop.example/in/$CODE?from=door")),
                Intent(Intent.ACTION_VIEW, Uri.parse("https://shop.example/in?code=${Uri.encode(CODE)}&from=door")),
                Intent(NfcAdapter.ACTION_NDEF_DISCOVERED, Uri.parse("https://shop.example/in/$CODE")),
            ).map(PatronCheckIn::fromIntent)
        assertEquals(List(5) { CODE }, found)
    }

    @Test
    fun an_id_ends_where_the_text_does_and_only_in_a_link_where_the_next_part_begins() {
        val code = "PC1/-/00FF/Lumi & Sons: café #2?"
        assertEquals(code, PatronCheckIn.fromIntent(tag(NdefRecord.createTextRecord("en", "$code\n"))))
        assertEquals(code, PatronCheckIn.fromIntent(tag(NdefRecord.createTextRecord("en", "Here: $code"))))
        val query = "https://shop.example/in?code=${Uri.encode(code)}&from=door#top"
        val path = "shop:in/${Uri.encode(code, "/")}?a=b"
        for (link in listOf(query, path)) {
            assertEquals(code, PatronCheckIn.fromIntent(Intent(Intent.ACTION_VIEW, Uri.parse(link))))
        }
    }

    @Test
    fun what_holds_no_code_is_none_and_hurts_nobody() {
        val torn = NdefRecord(NdefRecord.TNF_WELL_KNOWN, NdefRecord.RTD_TEXT, byteArrayOf(), byteArrayOf(0x3F, 1))
        val empty = NdefRecord(NdefRecord.TNF_WELL_KNOWN, NdefRecord.RTD_TEXT, byteArrayOf(), byteArrayOf())
        val none =
            listOf(
                Intent(),
                Intent(Intent.ACTION_VIEW, Uri.parse("https://shop.example/%zz")),
                tag(torn, empty),
                tag(NdefRecord.createMime("image/png", ByteArray(4))),
                Intent().putExtra(NfcAdapter.EXTRA_NDEF_MESSAGES, "no messages"),
            )
        none.forEach { assertNull(PatronCheckIn.fromIntent(it)) }
    }

    private fun tag(vararg records: NdefRecord) =
        Intent(NfcAdapter.ACTION_NDEF_DISCOVERED)
            .putExtra(NfcAdapter.EXTRA_NDEF_MESSAGES, arrayOf(NdefMessage(records)))

    private companion object {
        const val CODE = "PC1/-/00FF/lumi-market"
    }
}
