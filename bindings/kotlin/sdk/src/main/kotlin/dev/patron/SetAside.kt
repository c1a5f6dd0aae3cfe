package dev.patron

import kotlin.time.Instant

/**
 * A database file that could not be used when the store was opened. It was put out of the way, and a new one took its
 * place.
 *
 * @property file its name now, in [PatronConfig.folder]: `patron.db.damaged-1`.
 * @property database what it was.
 * @property cause why it could not be used.
 * @property at when it was put aside, by the device's clock.
 * @property carried what the new file has of it; `null` where nothing was to be carried over: offers are fetched
 *   again, and a newer version's file is whole and waits for that version.
 */
public data class SetAside(
    val file: String,
    val database: Database,
    val cause: Cause,
    val at: Instant,
    val carried: CarriedOver? = null,
) {
    /** What a file was. */
    public enum class Database {
        /** Consent, the event queue, visits and the shopper's own rules. */
        Main,

        /** The offer catalogue. */
        Offers,
    }

    /** Why a file could not be used. */
    public enum class Cause {
        /** It is no database any more, or says what cannot be. */
        Damaged,

        /** A newer version of Patron wrote it, and this one cannot use it. */
        Newer,
    }

    /**
     * What was carried over from a damaged file into a new one.
     *
     * @property decisions of the shopper; `null` when not all could be read: then none counts, and the shopper is
     *   asked anew.
     * @property events that go on waiting.
     * @property deadLetters see [EventFacet.deadLetters].
     * @property lostEvents that were accepted and are gone, as far as the file's counters tell: on a page that could
     *   not be read, or without a decision to cover them; `null` when the counters could not be read either.
     */
    public data class CarriedOver(
        val decisions: Long?,
        val events: Long,
        val deadLetters: Long,
        val lostEvents: Long?,
    )
}
