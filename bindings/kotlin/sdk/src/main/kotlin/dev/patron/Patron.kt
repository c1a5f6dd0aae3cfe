package dev.patron

import dev.patron.internal.openPatron

/**
 * The handle on Patron: one per process and folder, with a facet for each thing it does.
 *
 * Every member may be called from any thread. What is not `suspend` returns at once and touches neither
 * the disk nor the network; what is `suspend` waits for the engine and may be cancelled without losing
 * what was handed over. After [close] every member throws [PatronException.Closed] and every flow ends.
 *
 * An interface, so that an app's tests can pass `dev.patron.testing.FakePatron` instead.
 */
public interface Patron : AutoCloseable {
    /** What the shopper allows. */
    public val consent: ConsentFacet

    /** What is known of the shopper, and the end of it. */
    public val me: MeFacet

    /** Where the shopper is, as far as the shopper allows it to be known. */
    public val place: PlaceFacet

    /** What fits this moment, and why. */
    public val offers: OfferFacet

    /** The shopper's own rules: when offers come by themselves, how many, and which never. */
    public val moments: MomentsFacet

    /** What the shopper looks for. */
    public val wishes: WishesFacet

    /** What the app knows of the shopper, under [Purpose.Personalisation]. */
    public val profile: ProfileFacet

    /** What the shopper does. */
    public val events: EventFacet

    /** The way to the backend and back. */
    public val sync: SyncFacet

    /**
     * Waits until the store is open. Calling it is optional: every suspending call waits by itself.
     *
     * @throws PatronException.Storage when the database cannot be opened; what was stored is kept.
     */
    public suspend fun ready()

    /**
     * Why nothing is shown, and what would change it. Empty when nothing stands in the way. Ask it what you asked for
     * the cards. Works offline; reads the last snapshot.
     *
     * @param placement where the cards would stand; `null` for anywhere.
     * @param asked for a shopper who asked ([OfferFacet.at]); `false` for what comes by itself ([OfferFacet.suggest]),
     *   which quiet hours and the like hold back too.
     * @throws PatronException.InvalidInput for a placement that is empty or longer than 64 bytes.
     */
    public fun blockers(placement: String? = null, asked: Boolean = false): List<Blocker>

    /**
     * The account of all events, the state of sync and the last errors. Holds no personal data. On a full disk it is the
     * account of what the disk has, and [Diagnostics.lastError] says so.
     */
    public suspend fun diagnostics(): Diagnostics

    /**
     * Ties this installation to the shopper's account. [token] is a proof that the retailer's backend
     * issued; it is sent when the network allows, and never logged. Called again, it renews the token of the same
     * shopper. Another shopper's comes behind [signOut] alone.
     *
     * @param account the retailer's own name for the account, such as a customer's number: by it a shopper is known again.
     *   It stays on the device, as a salted hash. Named once, name it each time. Without it, a JWT's subject says whose
     *   the token is; an opaque token that was renewed needs it.
     * @throws PatronException.AnotherShopper while another shopper is signed in, or one whom nothing shows to be the same.
     * @throws PatronException.InvalidInput for an empty or oversized token or account.
     */
    public suspend fun identify(token: String, account: String? = null)

    /**
     * Signs the shopper out and leaves nothing of them on the device to the next one; [MeFacet.erase] asks the backend to
     * forget, too. An age that was declared ([ConsentFacet.declare]) was theirs: declare the next one's. Works offline.
     */
    public suspend fun signOut(): SignedOut

    /**
     * Stores what was handed over, stops the threads and frees the folder; a matter of milliseconds. A
     * [PatronTransport] of the app's is asked to let go of a request under way, and waited for: two seconds at most.
     * May be called twice.
     */
    override fun close()

    public companion object {
        /**
         * Opens the store in [PatronConfig.folder] and starts the engine. Quick enough for the main thread:
         * the database opens behind it, and its errors arrive at [ready] and at every suspending call.
         *
         * @param transport the app's own way to the backend; `null` takes Patron's HTTP. The sandbox has none, and
         *   refuses one with [PatronException.InvalidInput].
         * @param log takes Patron's log lines; `null` says nothing.
         * @param vault wraps the secret with which decisions are signed; `null` keeps it in the store's own files.
         * @throws PatronException.Unavailable when another process or handle has the folder open, or the
         *   native library cannot be loaded.
         * @throws PatronException.InvalidInput when the configuration is wrong; it names the field.
         * @throws PatronException.Storage when the folder cannot be written.
         */
        @JvmStatic
        @JvmOverloads
        @Throws(PatronException::class)
        public fun open(
            config: PatronConfig,
            transport: PatronTransport? = null,
            vault: KeyVault? = null,
            log: PatronLog? = null,
        ): Patron = openPatron(config, log, vault, transport)

        /** The same, with a log alone. */
        @JvmStatic
        @Throws(PatronException::class)
        public fun open(config: PatronConfig, log: PatronLog?): Patron = openPatron(config, log, null, null)
    }
}

/**
 * What [Patron.signOut] removed.
 *
 * @property purgedEvents events that were queued and are gone from the device, unsent.
 *   Drain first to have them delivered.
 * @property inDoubt those among them that were being sent at that moment: they may have arrived.
 * @property purgedVisits visits that were forgotten.
 */
public data class SignedOut(val purgedEvents: Long, val inDoubt: Long, val purgedVisits: Long)
