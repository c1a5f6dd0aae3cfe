package dev.patron

import kotlinx.coroutines.flow.Flow

/**
 * What the shopper allows. Everything personal is off until granted, per purpose and per partner.
 *
 * All of it works offline. What suspends also throws [PatronException.Storage] when the disk refuses, and then nothing
 * was changed.
 */
public interface ConsentFacet {
    /**
     * Every purpose with what stands for it, in the order in which a consent screen lists them;
     * [Purpose.PartnerSharing] once for each partner of the catalogue. Reads the last snapshot; until [Patron.ready]
     * all are [ConsentStatus.NotAsked].
     */
    public fun states(): List<ConsentState>

    /** [states], at once and after each change. A slow collector skips to the latest. */
    public val changes: Flow<List<ConsentState>>

    /**
     * The words for each purpose, in the language of [PatronConfig.locale]: for a settings screen, which shows all of
     * them at any time. Reads the last snapshot.
     */
    public fun texts(): List<ConsentText>

    /**
     * The questions that may be put to the shopper now: what was never answered, what means more by now, what has run
     * out. Empty when the shopper was asked often enough of late. Tell [prompted] when they were shown.
     */
    public fun prompts(): List<ConsentPrompt>

    /** The shopper was shown the questions about [purposes], answered or not: it counts against the budget. */
    public suspend fun prompted(vararg purposes: Purpose)

    /**
     * The shopper says yes. Returns when the decision is signed and safely on disk; the backend hears of it later.
     *
     * @param surface the screen where the shopper was asked, in the app's own words: `onboarding`, `settings`. At most
     *   64 bytes; it stands in the receipt.
     * @throws PatronException.InvalidInput for no purpose at all, a partner without an id, or a surface too long.
     */
    public suspend fun grant(vararg purposes: Purpose, surface: String? = null): Receipt

    /**
     * The shopper says no: a decision too, and kept. A no to what was granted is a withdrawal.
     *
     * @param surface as for [grant], and it throws the same.
     */
    public suspend fun deny(vararg purposes: Purpose, surface: String? = null): Receipt

    /**
     * The shopper takes a yes back: what was recorded under it and has not left is erased from the device, the backend
     * is asked to erase what had, and the result says what that was.
     *
     * @param policy what becomes of what was recorded under the yes.
     * @param surface as for [grant], and it throws the same.
     */
    public suspend fun withdraw(
        purpose: Purpose,
        policy: WithdrawPolicy = WithdrawPolicy.Purge,
        surface: String? = null,
    ): Withdrawal

    /**
     * Tells what the world outside Patron allows: permissions of the operating system, the strings of a consent banner,
     * the age. All of it at once: what is left out was never declared. Kept until it is declared anew.
     *
     * Signals only take away. What is lowered by more than a permission is removed from the device, as by a withdrawal.
     *
     * A consent string that is too long to be one counts as unset, which is a no; the log says so.
     *
     * @throws PatronException.InvalidInput for a [Signals.tcfVendor] outside of 1 to 65,535.
     */
    public suspend fun declare(signals: Signals)

    /** The signals as they were declared last. Reads the last snapshot. */
    public fun signals(): Signals

    /**
     * What Google's SDKs are to be told, for the app to pass on: Patron never calls Google. Reads the last snapshot.
     *
     * @param partner the id under which the shopper is asked for sharing with Google.
     */
    public fun mode(partner: String): ConsentMode

    /**
     * Walks the ledger of the shopper's decisions: each signature, each link, and the head that the backend has
     * countersigned.
     *
     * @throws PatronException.Tampered with the first thing that does not hold.
     */
    public suspend fun verify(): Verified

    /**
     * The ledger as a document that others can read and check without Patron: JSON in the shape of ISO/IEC TS 27560,
     * with the signed entries as they are.
     *
     * @throws PatronException.Tampered for an entry that does not read.
     */
    public suspend fun record(): String
}
