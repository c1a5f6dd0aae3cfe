package dev.patron.sample.me

import android.content.Context
import dev.patron.Patron
import java.util.UUID

/**
 * What this app calls who is signed in. The core knows an account by an alias alone, and is asked who it is: a name that
 * stands beside another alias is nobody's.
 */
class AccountName(
    context: Context,
) {
    private val preferences = context.getSharedPreferences("account", Context.MODE_PRIVATE)

    /** The name that belongs to [alias]; `null` where this app gave it none. */
    fun of(alias: UUID): String? = preferences.getString(NAME, null).takeIf { preferences.getString(ALIAS, null) == "$alias" }

    /** Who is signed in at [patron]; `null` for nobody. */
    suspend fun signedIn(patron: Patron): Account? = patron.diagnostics().accountAlias?.let { Account(it, of(it)) }

    fun keep(
        alias: UUID,
        name: String,
    ): Unit = preferences.edit().putString(ALIAS, "$alias").putString(NAME, name).apply()

    fun forget(): Unit = preferences.edit().clear().apply()

    private companion object {
        const val ALIAS = "alias"
        const val NAME = "name"
    }
}

/**
 * Who is signed in.
 *
 * @property alias how the core tells the backend of the account.
 * @property name `null` where this app gave it none.
 */
class Account(
    val alias: UUID,
    val name: String?,
)
