package dev.patron.internal

import dev.patron.KeyVault
import dev.patron.ffi.CallbackException
import dev.patron.ffi.VaultCallback

/** The app's vault, as the core calls it. What it throws stays here: it may say what it held. */
internal class VaultAdapter(private val vault: KeyVault) : VaultCallback {
    override fun wrap(secret: ByteArray): ByteArray = try {
        refusing { vault.wrap(secret) }
    } finally {
        secret.fill(0)
    }

    override fun unwrap(wrapped: ByteArray): ByteArray = refusing { vault.unwrap(wrapped) }

    // Also what is no Exception, an Error of a provider for example: it must not reach the engine's thread.
    private inline fun refusing(call: () -> ByteArray): ByteArray =
        runCatching(call).getOrElse { throw CallbackException.Failed() }
}
