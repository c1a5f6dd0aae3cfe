package dev.patron

import java.util.UUID
import kotlin.time.Duration
import kotlin.time.Instant

/**
 * A look inside, without personal data, read in one piece.
 *
 * @property account where every event is.
 * @property losses why events were lost, by reason; they sum up to the account's dead, evicted and purged.
 * @property queuedBytes bytes that count against [PatronConfig.maxBytes].
 * @property oldestQueued how long the oldest queued event has waited; `null` for an empty queue, or when no clock can
 *   be trusted with the answer.
 * @property diskBytes bytes of the files on disk, the hand-over of 4 MiB apart.
 * @property consentEpoch counts the changes of consent on this device.
 * @property acknowledgedEpoch the last one that the backend confirmed.
 * @property catalogueVersion `null` until one arrived.
 * @property catalogueAge since it was fetched or confirmed; `null` until one arrived.
 * @property quarantined entries of the catalogue that were refused, each with its reason.
 * @property network what the app last said of the network.
 * @property clockSkew how far the device's clock is ahead of the backend's, negative when it is behind; `null` until
 *   the backend has told its time since the device was started.
 * @property session a random id of the session that events belong to now.
 * @property sampledOut the publisher records of some installations only, and not of this one: [EventFacet.track]
 *   answers [Tracked.NotPermitted] whatever the shopper granted.
 * @property lastError why the disk does not take what was tracked, and how much of that waits; else the last thing that
 *   went wrong in sync. In words; `null` after a success.
 * @property nextAttemptAt when sync tries again; `null` when nothing is planned.
 * @property busy how often track was turned away since the process began.
 * @property sqliteVersion the bundled SQLite.
 * @property installation a random id of this installation.
 * @property accountAlias a random id of the shopper's account here; `null` while anonymous.
 * @property setAside database files that could not be used when the store was opened, now or at an earlier start, and
 *   were put aside, newest last. The last twenty are remembered.
 * @property pendingRights what the shopper asked of the backend and it has not done yet: erasures, an export.
 */
public data class Diagnostics(
    val account: Account,
    val losses: List<Loss>,
    val queuedBytes: Long,
    val oldestQueued: Duration?,
    val diskBytes: Long,
    val consentEpoch: Long,
    val acknowledgedEpoch: Long,
    val catalogueVersion: String?,
    val catalogueAge: Duration?,
    val quarantined: List<String>,
    val network: Network,
    val clockSkew: Duration?,
    val session: UUID,
    val sampledOut: Boolean,
    val lastError: String?,
    val nextAttemptAt: Instant?,
    val busy: Long,
    val sqliteVersion: String,
    val installation: UUID,
    val accountAlias: UUID?,
    val setAside: List<SetAside>,
    val pendingRights: Int = 0,
)

/**
 * Where every event is. Always `accepted = delivered + queued + dead + evicted + purged`.
 *
 * @property accepted recorded since the installation.
 * @property delivered confirmed by the backend.
 * @property queued waiting on the device.
 * @property dead refused by the backend for good, and kept for a look.
 * @property evicted given up for lack of room, for age or for damage.
 * @property purged removed because the shopper withdrew, signed out or erased it, or a signal ended its purpose.
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

/** How events ended that were recorded and never delivered: a line of the [Account] each. */
public enum class Fate {
    /** The backend refused them for good. */
    Dead,

    /** The device gave them up. */
    Evicted,

    /** The shopper's word removed them. */
    Purged,
}

/**
 * Events that were not delivered, and why.
 *
 * @property fate how they ended.
 * @property reason why, in one stable word. The device's own: `count`, `bytes`, `age`, `damage` (evicted),
 *   `withdrawn`, `overtaken`, `signed_out`, `erased` (purged), `not_json`, `unreadable`, `refused`, `put_off` (dead),
 *   and `earlier` for what a version counted that kept no reasons. Any other is the backend's word for why an event is
 *   dead.
 * @property events how many.
 */
public data class Loss(val fate: Fate, val reason: String, val events: Long)
