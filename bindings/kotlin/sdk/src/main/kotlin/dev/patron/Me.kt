package dev.patron

import java.util.UUID

/** The shopper's right to see what is known of them, and to leave. Both work offline. */
public interface MeFacet {
    /**
     * Everything that is known of the shopper, as JSON for people and programs: each item with its origin, its use and
     * the yes that it rests on. What the backend knows is in it once [requestExport] was answered; `backend.state` says
     * how that stands. Personal: keep it out of logs.
     *
     * @throws PatronException.Storage when the database cannot be read.
     */
    public suspend fun export(): String

    /**
     * Asks the backend for what it knows of the shopper. Offline too: it is asked until it answers.
     * [ConsentFacet.changes] does not tell of that, [Diagnostics.pendingRights] does.
     *
     * @throws PatronException.Unavailable while the vault is closed and the backend knows no other key of this device.
     * @throws PatronException.Storage when the request cannot be kept.
     */
    public suspend fun requestExport()

    /**
     * Erases everything that is known of the shopper but the proof that it was erased. Done on the device when it
     * returns; the backend is asked until it has done the same for all that this installation told: since the app was
     * installed, or since [Patron.signOut]. Nobody can take it back: let the shopper confirm it.
     *
     * @throws PatronException.Unavailable while the vault is closed and the backend knows no other key of this device;
     *   nothing was erased.
     * @throws PatronException.Storage when the disk refuses; then nothing was changed.
     */
    public suspend fun erase(): Erased
}

/**
 * What an erasure removed from the device.
 *
 * @property request identifies the request to the backend, and stands in the proof on either side.
 * @property purgedEvents events that were queued.
 * @property inDoubt those among them that were being sent at that moment: they may have arrived.
 * @property purgedVisits visits that were forgotten.
 */
public data class Erased(val request: UUID, val purgedEvents: Long, val inDoubt: Long, val purgedVisits: Long)
