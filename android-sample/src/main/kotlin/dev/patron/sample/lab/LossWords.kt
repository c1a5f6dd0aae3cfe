package dev.patron.sample.lab

import android.content.Context
import dev.patron.Loss
import dev.patron.sample.R

/** Why events were lost, for a reader. The device's reasons have words here; any other is the backend's, and is shown. */
fun Loss.inWords(context: Context): String = WORDS[reason]?.let(context::getString) ?: context.getString(R.string.loss_other, reason)

private val WORDS =
    mapOf(
        "count" to R.string.loss_count,
        "bytes" to R.string.loss_bytes,
        "age" to R.string.loss_age,
        "damage" to R.string.loss_damage,
        "withdrawn" to R.string.loss_withdrawn,
        "overtaken" to R.string.loss_overtaken,
        "erased" to R.string.loss_erased,
        "signed_out" to R.string.loss_signed_out,
        "not_json" to R.string.loss_not_json,
        "unreadable" to R.string.loss_unreadable,
        "refused" to R.string.loss_refused,
        "put_off" to R.string.loss_put_off,
        "earlier" to R.string.loss_earlier,
    )
