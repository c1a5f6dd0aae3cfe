package dev.patron

/**
 * Wraps the secret with which the shopper's decisions are signed, with a key that never leaves the device:
 * `PatronKeystore` of `patron-android` does it with the Android Keystore. Without a vault the secret is kept in the
 * store's own files, which are the app's alone.
 *
 * Called on Patron's own thread, when the store is opened and when a shopper leaves: it may block there, and must not
 * call Patron. Whatever it throws counts as a refusal; it is not told on, since it may say too much.
 */
public interface KeyVault {
    /**
     * Wraps [secret]; what is returned is stored in the open. The array is wiped afterwards: keep no reference to it.
     *
     * Where it throws, the secret lives as long as the process, and another takes its place at the next start.
     */
    @Throws(Exception::class)
    public fun wrap(secret: ByteArray): ByteArray

    /**
     * Unwraps what [wrap] returned, in this process or an earlier one.
     *
     * Where it throws, because the key is gone or refuses, Patron draws another secret and goes on: what was decided
     * stands, and what is decided from now on is signed under another key.
     */
    @Throws(Exception::class)
    public fun unwrap(wrapped: ByteArray): ByteArray
}
