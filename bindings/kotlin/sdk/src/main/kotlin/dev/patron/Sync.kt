package dev.patron

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** The way to the backend and back. It runs by itself; these are what the app knows better, and for background jobs. */
public interface SyncFacet {
    /**
     * Sends what is queued, for a job that the platform gives a little time. No network is not an error, and neither is
     * a full disk: the events stay, and [Drained.done] is `false`. It ends too when the network that it was begun on
     * gives way to a metered one, and with its coroutine: what is on its way arrives, and the rest waits.
     *
     * @param deadline returns by then, with what was done.
     * @param bytes sends about so much and no more; `null` for no bound. Decisions of consent go in any case.
     */
    public suspend fun drain(deadline: Duration = 20.seconds, bytes: Long? = null): Drained

    /**
     * The app's word on the network, [Network.Unmetered] until told otherwise. What is not [Network.Offline]
     * ends the wait after a failure: sync tries now. `PatronNetwork` of patron-android says it for the app.
     *
     * @throws PatronException.Busy when too many calls wait; say it again shortly.
     */
    public fun setNetwork(network: Network)

    /**
     * [setNetwork] for an app that knows no more than this: `false` = do not try, `true` = try now.
     *
     * @throws PatronException.Busy when too many calls wait; say it again shortly.
     */
    public fun setOnline(online: Boolean): Unit = setNetwork(if (online) Network.Unmetered else Network.Offline)

    /**
     * The app's word on whether the shopper looks at it. Leaving it sends what is queued without waiting for
     * company; coming back after half an hour or more begins a new [Diagnostics.session]. Works offline.
     * `PatronForeground` of patron-android says it for the app.
     *
     * @throws PatronException.Busy when too many calls wait; say it again shortly.
     */
    public fun setForeground(foreground: Boolean)

    /**
     * Another key, from the next request on, for a backend that rotates them. Ends the pause that a refused key
     * began ([BlockerKind.KeyRefused]): what was kept meanwhile is sent. Lives as long as the handle: the next
     * one opens with its [PatronConfig]. In the sandbox it changes nothing.
     *
     * @throws PatronException.InvalidInput for what cannot be a key: 1 to 512 printable ASCII characters, no spaces.
     * @throws PatronException.Busy when too many calls wait; say it again shortly.
     */
    public fun renewKey(key: String)

    /**
     * Fetches the catalogue now.
     *
     * @throws PatronException.Unavailable when the backend cannot be had; the last catalogue stays.
     */
    public suspend fun refresh()
}

/** The network as the platform tells it. */
public enum class Network {
    /** None: nothing is tried. */
    Offline,

    /**
     * Paid for by the byte, or to be spared: events wait for more company, up to 100 of them or ten minutes, and the
     * catalogue is fetched half as often. Decisions of consent go at once all the same.
     */
    Metered,

    /** Free to use: up to 20 events or 30 seconds. */
    Unmetered,
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
