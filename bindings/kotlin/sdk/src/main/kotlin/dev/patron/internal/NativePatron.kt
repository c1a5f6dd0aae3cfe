package dev.patron.internal

import dev.patron.Blocker
import dev.patron.ConsentFacet
import dev.patron.Diagnostics
import dev.patron.EventFacet
import dev.patron.KeyVault
import dev.patron.MeFacet
import dev.patron.MomentsFacet
import dev.patron.OfferFacet
import dev.patron.Patron
import dev.patron.PatronConfig
import dev.patron.PatronException
import dev.patron.PatronLog
import dev.patron.PatronTransport
import dev.patron.PlaceFacet
import dev.patron.ProfileFacet
import dev.patron.SignedOut
import dev.patron.SyncFacet
import dev.patron.WishesFacet
import dev.patron.ffi.BackendAddress
import dev.patron.ffi.HandleConfig
import dev.patron.ffi.LogCallback
import dev.patron.ffi.LogLevel
import dev.patron.ffi.PatronHandle

internal fun openPatron(
    config: PatronConfig,
    log: PatronLog?,
    vault: KeyVault?,
    transport: PatronTransport?,
): Patron {
    Library.load()
    val handle =
        mappingErrors {
            PatronHandle.open(
                config.toFfi(),
                log?.let { LogAdapter(it) },
                vault?.let { VaultAdapter(it) },
                transport?.let { TransportAdapter(it) },
            )
        }
    return NativePatron(Engine(handle, lane(handle)))
}

/** Without a lane the handle is of no use, and must not keep the folder. */
private fun lane(handle: PatronHandle): Lane = try {
    Lane(mappingErrors { handle.lane() }.toLong())
} catch (error: PatronException) {
    handle.destroy()
    throw error
}

/** The handle over the real core. Holds no state of its own; every rule is the core's. */
internal class NativePatron(private val engine: Engine) : Patron {
    override val consent: ConsentFacet = NativeConsent(engine)
    override val me: MeFacet = NativeMe(engine)
    override val place: PlaceFacet = NativePlace(engine)
    override val offers: OfferFacet = NativeOffers(engine)
    override val moments: MomentsFacet = NativeMoments(engine)
    override val wishes: WishesFacet = NativeWishes(engine)
    override val profile: ProfileFacet = NativeProfile(engine)
    override val events: EventFacet = NativeEvents(engine)
    override val sync: SyncFacet = NativeSync(engine)

    override suspend fun ready(): Unit = engine.call { ready() }

    override fun blockers(placement: String?, asked: Boolean): List<Blocker> =
        engine.call { blockers(placement, asked) }.map { it.toPublic() }

    override suspend fun diagnostics(): Diagnostics = engine.call { diagnostics() }.toPublic()

    override suspend fun identify(token: String, account: String?): Unit = engine.call { identify(token, account) }

    override suspend fun signOut(): SignedOut = engine.call { signOut() }.toPublic()

    override fun close(): Unit = engine.close()
}

private fun PatronConfig.toFfi() = HandleConfig(
    folder = folder.path,
    backend = backend?.let { BackendAddress(it.endpoint, it.key, it.pins) },
    locale = locale,
    timeZone = timeZone,
    maxEvents = maxEvents?.let { atLeastZero("config.maxEvents", it) },
    maxBytes = maxBytes?.let { atLeastZero("config.maxBytes", it) },
    consentCatalogue = consentCatalogue,
    logLevel =
        when (logLevel) {
            PatronLog.Level.Error -> LogLevel.ERROR
            PatronLog.Level.Warn -> LogLevel.WARN
            PatronLog.Level.Info -> LogLevel.INFO
            PatronLog.Level.Debug -> LogLevel.DEBUG
        },
)

/** A negative count would wrap around to an enormous one. */
internal fun atLeastZero(what: String, value: Long): ULong =
    if (value < 0) throw PatronException.InvalidInput(what, "$value is below 0") else value.toULong()

private class LogAdapter(private val log: PatronLog) : LogCallback {
    override fun line(level: LogLevel, text: String) {
        // Also what is no Exception, an AssertionError of a test for example: it must not reach the engine's thread.
        runCatching { log.line(level.toPublic(), text) }
    }

    private fun LogLevel.toPublic() = when (this) {
        LogLevel.ERROR -> PatronLog.Level.Error
        LogLevel.WARN -> PatronLog.Level.Warn
        LogLevel.INFO -> PatronLog.Level.Info
        LogLevel.DEBUG -> PatronLog.Level.Debug
    }
}
