package dev.patron

import kotlin.time.Duration

/**
 * Everything that Patron throws. Each kind is a next step for the caller; a `when` over them is complete.
 */
public sealed class PatronException(message: String, cause: Throwable? = null) : Exception(message, cause) {
    /**
     * The input was refused and nothing was changed. Correct [what] and call again.
     *
     * @property what the argument, or the place in the input: `fix.latitude`, `config.endpoint`.
     * @property why what is wrong with it.
     */
    public class InvalidInput(public val what: String, public val why: String) : PatronException("invalid $what: $why")

    /**
     * The shopper has not consented. Ask, or do without; never retry in a loop.
     *
     * @property purpose the purpose that is missing.
     */
    public class NotPermitted(public val purpose: Purpose) :
        PatronException("not permitted: the shopper has not granted $purpose")

    /** Too much at once: the hand-over to the engine is full. Try again shortly. */
    public class Busy : PatronException("busy: more work is queued than the engine takes; try again shortly")

    /**
     * Something outside cannot be had now: the network, the backend, the folder's lock, the native library.
     *
     * @property why what, in words.
     * @property retryAfter when trying again makes sense; `null` where that is not known.
     */
    public class Unavailable(
        public val why: String,
        public val retryAfter: Duration? = null,
        cause: Throwable? = null,
    ) : PatronException("unavailable: $why", cause)

    /**
     * The device's storage failed; what was stored before is kept. Free some space, then open again.
     *
     * @property why what failed, and where.
     */
    public class Storage(public val why: String) : PatronException("storage: $why")

    /**
     * The ledger of the shopper's decisions was changed by someone else, or cut short. Tell the operator; what stands
     * goes on to count, and [ConsentFacet.grant] and [ConsentFacet.withdraw] go on to work.
     *
     * @property why what was found, and where.
     */
    public class Tampered(public val why: String) : PatronException("the consent ledger does not hold: $why")

    /**
     * Another shopper is signed in, or one whom nothing shows to be the same. [Patron.signOut] first, which leaves nothing
     * of the one to the next; nothing was changed.
     */
    public class AnotherShopper : PatronException("another shopper is signed in: sign out first")

    /** The handle was closed. Open a new one. */
    public class Closed : PatronException("closed: open a new handle")
}
