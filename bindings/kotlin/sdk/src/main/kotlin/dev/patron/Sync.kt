package dev.patron

import java.util.UUID
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.Instant

/** The way to the backend and back. It runs by itself; these are for background jobs and the lab. */
public interface SyncFacet {
    /**
     * Sends what is queued, for a job that the platform gives a little time. No network is not an error:
     * the events stay, and [Drained.done] is `false`.
     *
     * @param deadline returns by then, with what was done.
     * @param bytes sends no more than this; `null` for no bound.
     */
    public suspend fun drain(deadline: Duration = 20.seconds, bytes: Long? = null): Drained

    /**
     * The app's word on the network: `false` = do not try, `true` = try now.
     *
     * @throws PatronException.Busy when too many calls wait; say it again shortly.
     */
    public fun setOnline(online: Boolean)

    /**
     * Fetches the catalogue now.
     *
     * @throws PatronException.Unavailable when the backend cannot be had; the last catalogue stays.
     */
    public suspend fun refresh()
}

/**
 * What a drain did.
 *
 * @property delivered events that the backend confirmed.
 * @property left events still queued.
 * @property sentBytes bytes of bodies that were sent.
 * @property done everything went; `false` when the deadline, the bound or the network ended it.
 */
public data class Drained(val delivered: Long, val left: Long, val sentBytes: Long, val done: Boolean)

/**
 * Where every event is. Always `accepted = delivered + queued + dead + evicted + purged`.
 *
 * @property accepted recorded since the installation.
 * @property delivered confirmed by the backend.
 * @property queued waiting on the device.
 * @property dead refused by the backend for good, and kept for a look.
 * @property evicted given up for lack of room, or too old.
 * @property purged erased because the shopper withdrew or signed out.
 */
public data class Account(
    val accepted: Long,
    val delivered: Long,
    val queued: Long,
    val dead: Long,
    val evicted: Long,
    val purged: Long,
) {
    /** Whether every accepted event is accounted for. */
    val isBalanced: Boolean get() = accepted == delivered + queued + dead + evicted + purged
}

/**
 * A look inside, without personal data.
 *
 * @property account where every event is.
 * @property consentEpoch counts the changes of consent on this device.
 * @property acknowledgedEpoch the last one that the backend confirmed.
 * @property catalogueVersion `null` until one arrived.
 * @property catalogueAge since it was fetched or confirmed; `null` until one arrived.
 * @property quarantined entries of the catalogue that were refused, each with its reason.
 * @property online what the app last said of the network.
 * @property lastError the last thing that went wrong in sync, in words; `null` after a success.
 * @property nextAttemptAt when sync tries again; `null` when nothing is planned.
 * @property busy how often track was turned away since the process began.
 * @property sqliteVersion the bundled SQLite.
 * @property installation a random id of this installation.
 * @property accountAlias a random id of the shopper's account here; `null` while anonymous.
 * @property setAside files that were found damaged when the store was opened, and kept aside.
 */
public data class Diagnostics(
    val account: Account,
    val consentEpoch: Long,
    val acknowledgedEpoch: Long,
    val catalogueVersion: String?,
    val catalogueAge: Duration?,
    val quarantined: List<String>,
    val online: Boolean,
    val lastError: String?,
    val nextAttemptAt: Instant?,
    val busy: Long,
    val sqliteVersion: String,
    val installation: UUID,
    val accountAlias: UUID?,
    val setAside: List<String>,
)
