package dev.patron

import kotlin.time.Instant

/**
 * What the shopper looks for: "cold-weather running, until March". An offer that meets a wish goes before all others.
 *
 * Matched on the device: no grant is needed. They hold at once and offline, outlive the process, and go with
 * [Patron.signOut] and [MeFacet.erase]. They hold on the account's other devices as
 * [MomentsFacet]'s rules do; one that was taken back there is gone here.
 */
public interface WishesFacet {
    /**
     * Adds a wish, or gives the one of the same words these topics and this end.
     *
     * @param words in the shopper's own words, a line of up to 120 characters; may be empty where there are topics.
     * @param topics up to five, in the publisher's words.
     * @param until when it ends; `null` until it is removed.
     * @throws PatronException.InvalidInput for what says nothing to look for, is too long, or ends in the past, and
     *   from the 21st on.
     * @throws PatronException.Storage when the disk refuses; then nothing was changed.
     */
    public suspend fun add(words: String, topics: List<String> = emptyList(), until: Instant? = null)

    /**
     * Takes a wish back; one that is not there changes nothing.
     *
     * @param id see [Wish.id].
     * @throws PatronException.Storage when the disk refuses; then nothing was changed.
     */
    public suspend fun remove(id: Long)

    /** The wishes, in the order in which they were made. Reads the last snapshot. */
    public fun current(): List<Wish>
}

/**
 * Something that the shopper looks for.
 *
 * @property id made on the device, never used twice.
 * @property words in the shopper's own words.
 * @property topics in the publisher's words, as they are compared: without case.
 * @property until when it ends; `null` for no end.
 */
public data class Wish(
    val id: Long,
    val words: String,
    val topics: List<String> = emptyList(),
    val until: Instant? = null,
)
