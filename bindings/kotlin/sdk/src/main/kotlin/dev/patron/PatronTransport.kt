package dev.patron

import kotlin.time.Duration

/**
 * Carries Patron's requests over the app's own network stack: its certificate pins, its proxy, its trust store.
 * Without one, Patron brings its own, and speaks TLS with the roots that it was built with.
 *
 * One request at a time. Redirects must not be followed: the key would travel along.
 */
public fun interface PatronTransport {
    /**
     * Sends [request] and waits for the response, of whatever status. Called on a thread of Patron's that does nothing
     * else: it may block as well as suspend.
     *
     * Patron cancels the call when a shopper withdraws, when the handle closes, and when its time is over: break the
     * request off then, with `suspendCancellableCoroutine { it.invokeOnCancellation { call.cancel() } }` or, around what
     * heeds interrupts, with `runInterruptible`. `withdraw` waits for that, two seconds at most, so that nothing of what
     * was withdrawn is written any more.
     *
     * What it throws is told in [Diagnostics.lastError] and tried again later; the events stay.
     */
    public suspend fun send(request: Request): Response

    /**
     * One HTTP request, complete but for the connection.
     *
     * @property method `GET` or `POST`.
     * @property url absolute: below the endpoint of the configuration, or where a picture of an offer lies.
     * @property headers names in lower case. One of the values is the key, but for pictures: log none of them.
     * @property body empty for a `GET`.
     * @property timeout when to give up. Patron cancels the call two seconds later.
     */
    public class Request(
        public val method: String,
        public val url: String,
        public val headers: Map<String, String>,
        public val body: ByteArray,
        public val timeout: Duration,
    ) {
        /** Says neither key nor content. */
        override fun toString(): String = "$method $url, ${body.size} bytes"
    }

    /**
     * What came back.
     *
     * @property status the HTTP status.
     * @property headers all of them, names in any case: `etag`, `retry-after`, `content-type`, `im` and `delta-base`
     *   matter.
     * @property body as it is once a content encoding was undone; more than 6 MiB are not taken.
     */
    public class Response(
        public val status: Int,
        public val headers: Map<String, String>,
        public val body: ByteArray,
    )
}
