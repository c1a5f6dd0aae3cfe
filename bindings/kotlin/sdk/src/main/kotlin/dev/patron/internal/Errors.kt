package dev.patron.internal

import dev.patron.PatronException
import dev.patron.ffi.InternalException
import kotlinx.coroutines.CancellationException
import java.nio.charset.CharacterCodingException
import kotlin.time.toKotlinDuration
import dev.patron.ffi.PatronException as FfiException

/** Runs [block]; what it throws of the generated code becomes the public exception. */
internal inline fun <T> mappingErrors(block: () -> T): T = try {
    block()
} catch (error: FfiException) {
    throw error.toPublic()
} catch (error: InternalException) {
    throw PatronException.Unavailable("a mistake inside Patron", cause = error)
} catch (error: CancellationException) {
    throw error
} catch (error: CharacterCodingException) {
    // Half a character: Rust's texts, and the wire's, cannot hold it.
    throw PatronException.InvalidInput("text", "is not valid Unicode").apply { addSuppressed(error) }
} catch (error: IllegalStateException) {
    // What a generated object says once it was freed: close() ran between the check and the call.
    throw PatronException.Closed().apply { addSuppressed(error) }
}

internal fun FfiException.toPublic(): PatronException = when (this) {
    is FfiException.InvalidInput -> PatronException.InvalidInput(what, why)
    is FfiException.NotPermitted -> PatronException.NotPermitted(purpose.toPublic())
    is FfiException.Busy -> PatronException.Busy()
    is FfiException.Unavailable -> PatronException.Unavailable(why, retryAfter?.toKotlinDuration())
    is FfiException.Storage -> PatronException.Storage(why)
    is FfiException.Tampered -> PatronException.Tampered(why)
    is FfiException.AnotherShopper -> PatronException.AnotherShopper()
    is FfiException.Closed -> PatronException.Closed()
}
