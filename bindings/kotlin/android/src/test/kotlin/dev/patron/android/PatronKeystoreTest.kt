package dev.patron.android

import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import java.security.GeneralSecurityException
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue

@RunWith(RobolectricTestRunner::class)
class PatronKeystoreTest {
    private val secret = ByteArray(64) { it.toByte() }

    @Test
    fun what_was_wrapped_is_unwrapped_by_the_next_process_and_says_nothing_by_itself() =
        FakeKeystore(hasStrongBox = true).use { keystore ->
            val wrapped = PatronKeystore().wrap(secret)
            assertFalse(String(secret, Charsets.ISO_8859_1) in String(wrapped, Charsets.ISO_8859_1))
            assertContentEquals(secret, PatronKeystore().unwrap(wrapped))
            assertFalse(wrapped.contentEquals(PatronKeystore().wrap(secret)), "each time under another nonce")
            assertEquals(1, keystore.stored.size, "one key serves all")
        }

    @Test
    fun the_key_is_made_in_the_strongbox_where_there_is_one() {
        for (hasStrongBox in listOf(true, false)) {
            FakeKeystore(hasStrongBox).use { keystore ->
                assertContentEquals(secret, PatronKeystore("a").run { unwrap(wrap(secret)) })
                val made = keystore.made.getValue("a")
                assertEquals(hasStrongBox, made.isStrongBoxBacked)
                assertTrue(made.isRandomizedEncryptionRequired && !made.isUserAuthenticationRequired)
                assertEquals(256, made.keySize)
            }
        }
    }

    @Test
    fun what_was_changed_or_wrapped_by_something_else_is_refused() =
        FakeKeystore(hasStrongBox = false).use {
            val vault = PatronKeystore()
            val wrapped = vault.wrap(secret)
            for (at in wrapped.indices) {
                val changed = wrapped.copyOf().also { it[at] = (it[at] + 1).toByte() }
                assertFailsWith<GeneralSecurityException>("byte $at") { vault.unwrap(changed) }
            }
            for (size in listOf(0, 1, 12, 20)) {
                assertFailsWith<GeneralSecurityException>("$size bytes") { vault.unwrap(wrapped.copyOf(size)) }
            }
        }

    @Test
    fun a_key_that_is_gone_opens_nothing_and_another_takes_its_place() =
        FakeKeystore(hasStrongBox = false).use { keystore ->
            val vault = PatronKeystore()
            val before = vault.wrap(secret)
            keystore.stored.clear()
            assertFailsWith<GeneralSecurityException> { vault.unwrap(before) }
            assertContentEquals(secret, vault.unwrap(vault.wrap(secret)))
            assertFailsWith<GeneralSecurityException> { vault.unwrap(before) }

            keystore.isBroken = true
            assertFailsWith<GeneralSecurityException> { vault.unwrap(before) }
            assertContentEquals(secret, vault.unwrap(vault.wrap(secret)))
        }
}
