package dev.patron.internal

import dev.patron.PatronTransport
import dev.patron.ffi.HostRequest
import dev.patron.ffi.HostResponse
import dev.patron.ffi.HostTransport
import dev.patron.ffi.HostTransportException
import kotlinx.coroutines.Job
import kotlinx.coroutines.runBlocking
import java.io.IOException
import java.net.SocketTimeoutException
import java.util.concurrent.ConcurrentHashMap
import kotlin.time.toKotlinDuration

/** The app's transport, as the core calls it: [send] on a thread that may wait, [cancel] on one that may not. */
internal class TransportAdapter(private val transport: PatronTransport) : HostTransport {
    private val calls = ConcurrentHashMap<ULong, Job>()

    override fun send(id: ULong, request: HostRequest): HostResponse {
        // A call that was cancelled before it began is cancelled when it does. Earlier ones are over.
        calls.keys.removeIf { it < id }
        val call = calls.computeIfAbsent(id) { Job() }
        try {
            return runBlocking(call) { transport.send(request.toPublic()) }.toFfi()
        } catch (_: SocketTimeoutException) {
            throw HostTransportException.Timeout()
        } catch (error: IOException) {
            throw HostTransportException.Network("${error.javaClass.simpleName}: ${error.message}")
        } catch (error: Throwable) {
            // Not its message, which may quote what was being sent.
            throw HostTransportException.Network("the app's transport threw ${error.javaClass.simpleName}")
        } finally {
            calls.remove(id)
        }
    }

    override fun cancel(id: ULong) {
        calls.computeIfAbsent(id) { Job() }.cancel()
    }

    private fun HostRequest.toPublic() = PatronTransport.Request(method, url, headers, body, timeout.toKotlinDuration())

    private fun PatronTransport.Response.toFfi(): HostResponse {
        if (status !in HTTP_STATUSES) throw IOException("$status is no HTTP status")
        return HostResponse(status.toUShort(), headers, body)
    }

    private companion object {
        val HTTP_STATUSES = 100..999
    }
}
