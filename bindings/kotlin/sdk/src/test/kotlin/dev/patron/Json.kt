package dev.patron

import java.sql.DriverManager

/** What stands at [path] of [document], as text; `null` for nothing. SQLite reads the JSON: the tests need no parser. */
internal fun at(document: String, path: String): String? =
    DriverManager.getConnection("jdbc:sqlite::memory:").use { database ->
        database.prepareStatement("SELECT json_extract(?, ?)").use { query ->
            query.setString(1, document)
            query.setString(2, path)
            query.executeQuery().use { it.getString(1) }
        }
    }

/** [document] with [value], of JSON, at [path]. */
internal fun with(document: String, path: String, value: String): String =
    DriverManager.getConnection("jdbc:sqlite::memory:").use { database ->
        database.prepareStatement("SELECT json_set(?, ?, json(?))").use { query ->
            query.setString(1, document)
            query.setString(2, path)
            query.setString(3, value)
            query.executeQuery().use { it.getString(1) }
        }
    }

/** How many entries the array at [path] of [document] has. */
internal fun count(document: String, path: String): Int =
    DriverManager.getConnection("jdbc:sqlite::memory:").use { database ->
        database.prepareStatement("SELECT json_array_length(?, ?)").use { query ->
            query.setString(1, document)
            query.setString(2, path)
            query.executeQuery().use { it.getInt(1) }
        }
    }
