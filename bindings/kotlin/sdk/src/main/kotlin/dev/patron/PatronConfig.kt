package dev.patron

import java.io.File
import java.util.TimeZone

/**
 * Where Patron keeps its store, and whom it speaks to.
 *
 * @property folder a folder of the app's own, for Patron alone. It is made when it is missing.
 * @property locale the language of offers and explanations, as a BCP 47 tag.
 * @property maxEvents the queued events a device keeps at most; `null` takes Patron's default, 50,000.
 * @property maxBytes the bytes of queued events a device keeps at most; `null` takes Patron's default, 20 MiB.
 * @property logLevel how much goes to the [PatronLog].
 * @property consentCatalogue what the shopper is asked, as JSON; `null` takes the catalogue that ships with Patron.
 * @property timeZone where the shopper's clock stands, an IANA name such as `Europe/Helsinki`.
 */
public class PatronConfig private constructor(
    public val folder: File,
    internal val backend: Backend?,
    public val locale: String,
    public val maxEvents: Long?,
    public val maxBytes: Long?,
    public val logLevel: PatronLog.Level,
    public val consentCatalogue: String?,
    public val timeZone: String,
) {
    /**
     * A configuration that speaks to a backend.
     *
     * @param folder a folder of the app's own, for Patron alone, on Android `File(filesDir, "patron")`.
     * @param endpoint the backend's address: `https://…`, or `http://` on loopback.
     * @param key the retailer's publishable key, `pk_…`.
     * @param locale the language of offers and explanations, as a BCP 47 tag.
     * @param maxEvents the queued events a device keeps at most. Above it what matters least goes first, of that the
     *   oldest, counted as [Account.evicted]; `null` takes Patron's default, 50,000.
     * @param maxBytes the bytes of queued events a device keeps at most, 64 KiB or more, likewise; `null` takes
     *   Patron's default, 20 MiB.
     * @param logLevel how much goes to the [PatronLog].
     * @param pins the keys that the backend's certificate may have, each as SHA-256 of its SubjectPublicKeyInfo in
     *   base64, with `sha256/` before it or not. Empty, the rule: the trust roots decide. Otherwise two at least,
     *   one of a key that is kept safe and not in use yet: an app whose only pinned key is lost never reaches its
     *   backend again. A certificate must pass the ordinary check all the same.
     * @param consentCatalogue what the shopper is asked, as JSON (`docs/consent.md`); `null` takes the catalogue that
     *   ships with Patron: every purpose, in English and German, a yes for 13 months.
     * @param timeZone where the shopper's clock stands, an IANA name such as `Europe/Helsinki`: quiet hours, and what is
     *   bound to a time of day. The default is the JVM's own, as it is when this is made; a shopper who travels is where
     *   the process started.
     */
    @JvmOverloads
    public constructor(
        folder: File,
        endpoint: String,
        key: String,
        locale: String = DEFAULT_LOCALE,
        maxEvents: Long? = null,
        maxBytes: Long? = null,
        logLevel: PatronLog.Level = PatronLog.Level.Info,
        pins: List<String> = emptyList(),
        consentCatalogue: String? = null,
        timeZone: String = TimeZone.getDefault().id,
    ) : this(folder, Backend(endpoint, key, pins), locale, maxEvents, maxBytes, logLevel, consentCatalogue, timeZone)

    /** The backend's address; `null` in the sandbox. */
    public val endpoint: String? get() = backend?.endpoint

    /** The keys that the backend's certificate may have; empty where the trust roots decide alone. */
    public val pins: List<String> get() = backend?.pins.orEmpty()

    /** Says everything but the key. */
    override fun toString(): String = "PatronConfig(folder=$folder, endpoint=${endpoint ?: "sandbox"}, locale=$locale)"

    internal class Backend(val endpoint: String, val key: String, val pins: List<String>)

    public companion object {
        private const val DEFAULT_LOCALE = "en"

        /**
         * A demo town inside the process: stores, partners and offers with no backend and no network, so
         * that a newcomer sees an offer within a minute. Never for production.
         */
        @JvmStatic
        @JvmOverloads
        public fun sandbox(
            folder: File,
            locale: String = DEFAULT_LOCALE,
            logLevel: PatronLog.Level = PatronLog.Level.Info,
            consentCatalogue: String? = null,
            timeZone: String = TimeZone.getDefault().id,
        ): PatronConfig = PatronConfig(folder, null, locale, null, null, logLevel, consentCatalogue, timeZone)
    }
}
