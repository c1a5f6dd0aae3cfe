package dev.patron.sample

import android.content.Context
import dev.patron.PatronConfig
import java.io.File
import java.util.UUID

/** Whom the app speaks to. Each has a store of its own, so that trying another loses nothing. */
sealed interface Backend {
    /** The demo town inside the process: no network, no backend. */
    data object Sandbox : Backend

    /**
     * A running backend, such as `patron-backend serve --seed demo`.
     *
     * @property key the key it was first opened with: it tells the stores apart.
     * @property renewedKey the key that took its place.
     */
    data class Server(
        val endpoint: String,
        val key: String,
        val renewedKey: String? = null,
    ) : Backend
}

/** The configuration for this backend, in the language that the shopper reads now. */
fun Backend.config(context: Context): PatronConfig {
    val locale = context.resources.configuration.locales[0].toLanguageTag()
    val words = context.questions()
    return when (this) {
        Backend.Sandbox ->
            PatronConfig.sandbox(File(context.filesDir, "patron/sandbox"), locale, consentCatalogue = words)
        is Backend.Server -> {
            val name = UUID.nameUUIDFromBytes("$endpoint\n$key".toByteArray())
            PatronConfig(File(context.filesDir, "patron/$name"), endpoint, renewedKey ?: key, locale, consentCatalogue = words)
        }
    }
}

/** What the shopper is asked, in the app's own words: a consent catalogue of the core's. */
fun Context.questions(): String = assets.open(WORDS).use { it.readBytes().decodeToString() }

private const val WORDS = "consent.json"

/** Remembers the choice made in the lab. */
class BackendChoice(
    context: Context,
) {
    private val preferences = context.getSharedPreferences("backend", Context.MODE_PRIVATE)

    var backend: Backend
        get() {
            val endpoint = preferences.getString(ENDPOINT, null) ?: return Backend.Sandbox
            return Backend.Server(
                endpoint,
                preferences.getString(KEY, null).orEmpty(),
                preferences.getString(RENEWED_KEY, null),
            )
        }
        set(value) {
            val server = value as? Backend.Server
            preferences
                .edit()
                .putString(ENDPOINT, server?.endpoint)
                .putString(KEY, server?.key)
                .putString(RENEWED_KEY, server?.renewedKey)
                .apply()
        }

    private companion object {
        const val ENDPOINT = "endpoint"
        const val KEY = "key"
        const val RENEWED_KEY = "renewed_key"
    }
}
