package dev.patron.internal

import dev.patron.Patron
import dev.patron.PatronConfig
import dev.patron.PatronException
import dev.patron.PatronLog

internal fun openPatron(
    config: PatronConfig,
    log: PatronLog?,
): Patron = throw PatronException.Unavailable("no native library for $config, $log")
