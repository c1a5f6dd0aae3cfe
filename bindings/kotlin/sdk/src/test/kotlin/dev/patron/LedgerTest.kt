package dev.patron

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.sql.DriverManager
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** Decisions are signed and chained: what was changed is found, and a lost key loses nothing that was decided. */
class LedgerTest {
    @TempDir
    lateinit var folder: File

    private val store get() = File(folder, "store")
    private val log = ConcurrentLinkedQueue<String>()

    @Test
    fun `a ledger that nobody touched holds, and ends in the last decision`() = runBlocking {
        open().use { patron ->
            assertEquals(0, patron.consent.verify().entries)
            patron.consent.grant(Purpose.PartnerOffers, Purpose.Engagement)
            val last = patron.consent.deny(Purpose.Beacons).decisions.single()
            val verified = patron.consent.verify()
            assertEquals(3L to last.hash, verified.entries to verified.head)
        }
        open().use { assertEquals(3, it.consent.verify().entries) }
    }

    @Test
    fun `a no that someone turned into a yes is found`() = runBlocking {
        decided()
        change("UPDATE decision SET entry = replace(entry, 'denied', 'granted')")
        found()
    }

    @Test
    fun `a decision that someone took out is found`() = runBlocking {
        decided()
        change("DELETE FROM decision WHERE epoch = (SELECT min(epoch) FROM decision)")
        found()
    }

    @Test
    fun `a signature of someone else is found`() = runBlocking {
        decided()
        change("UPDATE decision SET signature = randomblob(64) WHERE epoch = (SELECT max(epoch) FROM decision)")
        found()
    }

    @Test
    fun `the record can be read by others, and holds no more than the decisions`() = runBlocking {
        open().use { patron ->
            patron.consent.grant(Purpose.Engagement, surface = "onboarding")
            patron.consent.deny(Purpose.Beacons)
            val record = patron.consent.record()
            assertEquals("ISO/IEC TS 27560:2023", at(record, "$.header.schema_version"))
            assertEquals(2, count(record, "$.consent_events"))
            assertEquals("dpv:ConsentGiven", at(record, "$.consent_events[0].event_state"))
            assertEquals("onboarding", at(record, "$.consent_events[0].collection_method"))
            assertEquals("dpv:ConsentRefused", at(record, "$.consent_events[1].event_state"))
            assertEquals("Ed25519", at(record, "$.consent_events[1].signed.algorithm"))
        }
    }

    @Test
    fun `what is stored is what the vault wrapped, and it opens it again`() = runBlocking {
        val vault = Xor(0x5A)
        val installation = open(vault).use {
            it.consent.grant(Purpose.Engagement)
            it.diagnostics().installation
        }
        val secret = checkNotNull(vault.secrets.single())
        assertFalse(stored().contains(secret), "the secret is on disk")
        open(vault).use { patron ->
            patron.consent.deny(Purpose.Engagement)
            assertEquals(2, patron.consent.verify().entries)
            assertEquals(installation, patron.diagnostics().installation)
        }
        assertEquals(1, vault.secrets.size, "the secret was drawn once")
        assertTrue(vault.unwrapped > 0)
        open(Xor(0x5A, losesItsKey = false)).use { assertEquals(2, it.consent.verify().entries) }
    }

    @Test
    fun `a vault that lost its key costs the key and nothing that was decided`() = runBlocking {
        open(Xor(0x5A)).use { it.consent.grant(Purpose.Engagement) }
        open(Xor(0x5A, losesItsKey = true)).use { patron ->
            patron.ready()
            assertTrue(patron.state(Purpose.Engagement).effective)
            patron.consent.deny(Purpose.Beacons)
            assertEquals(2, patron.consent.verify().entries)
        }
        assertTrue(log.any { "vault" in it }, "$log")
        assertTrue(log.none { "the words of the vault" in it }, "$log")
    }

    @Test
    fun `a vault that refuses altogether keeps nobody from deciding`() = runBlocking {
        val refusing = object : KeyVault {
            override fun wrap(secret: ByteArray) = throw AssertionError("no")

            override fun unwrap(wrapped: ByteArray) = throw AssertionError("no")
        }
        repeat(2) { round ->
            open(refusing).use { patron ->
                patron.consent.grant(Purpose.Dialogue)
                assertEquals(round + 1L, patron.consent.verify().entries)
            }
        }
    }

    private suspend fun decided() = open().use {
        it.consent.deny(Purpose.Engagement)
        it.consent.grant(Purpose.Dialogue)
        it.consent.deny(Purpose.Beacons)
    }

    private suspend fun found() = open().use { patron ->
        val tampered = assertFailsWith<PatronException.Tampered> { patron.consent.verify() }
        assertTrue(tampered.why.isNotBlank())
        Unit
    }

    private fun open(vault: KeyVault? = null) =
        Patron.open(PatronConfig.sandbox(store), log = { _, text -> log += text }, vault = vault)

    private fun change(sql: String) = DriverManager.getConnection("jdbc:sqlite:${File(store, "patron.db")}").use {
        it.createStatement().use { statement -> assertTrue(statement.executeUpdate(sql) > 0, sql) }
        Unit
    }

    /** Every byte of every file, as the hexadecimal digits that the store writes. */
    private fun stored(): String = store.walk().filter { it.isFile && it.length() < 1 shl 20 }.joinToString("") {
        String(it.readBytes(), Charsets.ISO_8859_1)
    }

    private class Xor(private val key: Int, private val losesItsKey: Boolean = false) : KeyVault {
        val secrets = mutableListOf<String>()
        var unwrapped = 0

        override fun wrap(secret: ByteArray): ByteArray {
            secrets += secret.joinToString("") { "%02x".format(it) }
            return xor(secret)
        }

        override fun unwrap(wrapped: ByteArray): ByteArray {
            check(!losesItsKey) { "the words of the vault" }
            unwrapped++
            return xor(wrapped)
        }

        private fun xor(bytes: ByteArray) = ByteArray(bytes.size) { (bytes[it].toInt() xor key).toByte() }
    }
}
