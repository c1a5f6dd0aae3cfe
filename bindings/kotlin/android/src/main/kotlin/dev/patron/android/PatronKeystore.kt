package dev.patron.android

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import dev.patron.KeyVault
import java.security.GeneralSecurityException
import java.security.KeyStore
import java.security.UnrecoverableKeyException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/**
 * Wraps Patron's secret with a key of the Android Keystore that never leaves the device's secure hardware: AES-256 in
 * GCM, in StrongBox where there is one. Needs no permission, and asks the shopper for nothing.
 *
 * Pass it to `Patron.open(config, vault = PatronKeystore())`. The key stays when the app is updated and goes when the
 * app is removed or its data cleared, together with what it wrapped.
 *
 * @param alias the key's name in the Keystore; one for each store, where an app has several.
 */
public class PatronKeystore(
    private val alias: String = "dev.patron.secret",
) : KeyVault {
    private val keys: KeyStore by lazy { KeyStore.getInstance(ANDROID).apply { load(null) } }

    /**
     * Wraps [secret] with the key, which is made at the first call: a second or two, in StrongBox.
     *
     * @throws GeneralSecurityException when the Keystore refuses.
     */
    override fun wrap(secret: ByteArray): ByteArray {
        val cipher = Cipher.getInstance(AES_GCM)
        // The Keystore draws the nonce: it does not let an app repeat one.
        cipher.init(Cipher.ENCRYPT_MODE, replacing { key() } ?: made())
        return byteArrayOf(FORM) + cipher.iv + cipher.doFinal(secret)
    }

    /**
     * Unwraps what [wrap] returned.
     *
     * @throws GeneralSecurityException when the key is gone, or [wrapped] was changed.
     */
    override fun unwrap(wrapped: ByteArray): ByteArray {
        if (wrapped.size < HEAD || wrapped[0] != FORM) throw GeneralSecurityException("wrapped by something else")
        val key = key() ?: throw GeneralSecurityException("the key is gone")
        val cipher = Cipher.getInstance(AES_GCM)
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, wrapped, 1, NONCE_BYTES))
        return cipher.doFinal(wrapped, HEAD, wrapped.size - HEAD)
    }

    private fun key(): SecretKey? = keys.getKey(alias, null) as? SecretKey

    /** A key that the Keystore itself cannot read any more opens nothing: another may take its place. */
    private fun replacing(key: () -> SecretKey?): SecretKey? =
        try {
            key()
        } catch (_: UnrecoverableKeyException) {
            keys.deleteEntry(alias)
            null
        }

    private fun made(): SecretKey {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            try {
                return made(spec().setIsStrongBoxBacked(true).build())
            } catch (_: StrongBoxUnavailableException) {
                // Few devices have one; the trusted environment that they all have is the next best.
            }
        }
        return made(spec().build())
    }

    private fun made(spec: KeyGenParameterSpec): SecretKey =
        KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, ANDROID).apply { init(spec) }.generateKey()

    private fun spec(): KeyGenParameterSpec.Builder =
        KeyGenParameterSpec
            .Builder(alias, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(KEY_BITS)

    private companion object {
        const val ANDROID = "AndroidKeyStore"
        const val AES_GCM = "AES/GCM/NoPadding"
        const val KEY_BITS = 256

        /** What the Keystore draws for GCM, and the tag that it makes. */
        const val NONCE_BYTES = 12
        const val TAG_BITS = 128

        /** The first byte of what is wrapped: another form would be another number. */
        const val FORM: Byte = 1
        const val HEAD = 1 + NONCE_BYTES
    }
}
