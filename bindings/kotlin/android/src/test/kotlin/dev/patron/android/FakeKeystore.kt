package dev.patron.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.StrongBoxUnavailableException
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.SecureRandom
import java.security.Security
import java.security.UnrecoverableKeyException
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/**
 * The Android Keystore's place in the JVM, which Robolectric leaves empty: keys in memory, made to the same
 * parameters. What the real one adds, that a key never leaves it, no test on a desktop can show.
 */
internal class FakeKeystore(
    private val hasStrongBox: Boolean,
) : Provider("AndroidKeyStore", "1.0", "keys in memory"),
    AutoCloseable {
    val made = mutableMapOf<String, KeyGenParameterSpec>()
    val stored = mutableMapOf<String, SecretKey>()

    /** The key is there, and the Keystore cannot read it. */
    var isBroken = false

    init {
        Security.removeProvider(name)
        putService(service("KeyStore", "AndroidKeyStore") { Keys() })
        putService(service("KeyGenerator", "AES") { Generator() })
        Security.addProvider(this)
    }

    override fun close(): Unit = Security.removeProvider(name)

    private fun service(
        type: String,
        algorithm: String,
        make: () -> Any,
    ) = object : Service(this, type, algorithm, make.javaClass.name, null, null) {
        override fun newInstance(constructorParameter: Any?): Any = make()
    }

    private inner class Generator : KeyGeneratorSpi() {
        private lateinit var spec: KeyGenParameterSpec

        override fun engineInit(
            params: AlgorithmParameterSpec,
            random: SecureRandom?,
        ) {
            spec = params as KeyGenParameterSpec
        }

        override fun engineGenerateKey(): SecretKey {
            if (spec.isStrongBoxBacked && !hasStrongBox) throw StrongBoxUnavailableException()
            isBroken = false
            made[spec.keystoreAlias] = spec
            val bytes = ByteArray(spec.keySize / 8).also { SecureRandom().nextBytes(it) }
            return SecretKeySpec(bytes, "AES").also { stored[spec.keystoreAlias] = it }
        }

        override fun engineInit(random: SecureRandom?) = error("not used")

        override fun engineInit(
            keysize: Int,
            random: SecureRandom?,
        ) = error("not used")
    }

    private inner class Keys : KeyStoreSpi() {
        override fun engineGetKey(
            alias: String,
            password: CharArray?,
        ): Key? = stored[alias]?.also { if (isBroken) throw UnrecoverableKeyException("broken") }

        override fun engineDeleteEntry(alias: String) {
            stored -= alias
        }

        override fun engineLoad(
            stream: InputStream?,
            password: CharArray?,
        ) = Unit

        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

        override fun engineGetCertificate(alias: String): Certificate? = null

        override fun engineGetCreationDate(alias: String): Date? = null

        override fun engineSetKeyEntry(
            alias: String,
            key: Key,
            password: CharArray?,
            chain: Array<out Certificate>?,
        ) = error("not used")

        override fun engineSetKeyEntry(
            alias: String,
            key: ByteArray,
            chain: Array<out Certificate>?,
        ) = error("not used")

        override fun engineSetCertificateEntry(
            alias: String,
            cert: Certificate,
        ) = error("not used")

        override fun engineAliases(): Enumeration<String> = Collections.enumeration(stored.keys)

        override fun engineContainsAlias(alias: String) = alias in stored

        override fun engineSize() = stored.size

        override fun engineIsKeyEntry(alias: String) = alias in stored

        override fun engineIsCertificateEntry(alias: String) = false

        override fun engineGetCertificateAlias(cert: Certificate): String? = null

        override fun engineStore(
            stream: OutputStream?,
            password: CharArray?,
        ) = error("not used")
    }
}
