package dev.patron

import java.io.File
import java.sql.DriverManager
import java.util.concurrent.TimeUnit

/** A real `patron-backend` process on loopback, with the demo town and the key `pk_demo`. */
internal class TestBackend(private val data: File) : AutoCloseable {
    private val process: Process =
        ProcessBuilder(required("patron.backend"), "serve", "--data", data.path, "--port", "0", "--seed", "demo")
            .redirectError(File(data.parentFile, "${data.name}.log"))
            .start()

    val url: String =
        checkNotNull(process.inputStream.bufferedReader().readLine()) { "the backend said nothing" }
            .let { checkNotNull(Regex(""""listening":"([^"]+)"""").find(it)) { it }.groupValues[1] }

    /** A device of this backend whose store is in [folder]. */
    fun open(folder: File, key: String = "pk_demo"): Patron = Patron.open(PatronConfig(folder, url, key))

    /** How many events it stored, counted in its database. */
    fun stored(type: String = "%"): Long =
        DriverManager.getConnection("jdbc:sqlite:${File(data, "backend.db")}").use { database ->
            database.prepareStatement("SELECT count(*) FROM event WHERE type LIKE ?").use { query ->
                query.setString(1, type)
                query.executeQuery().use { it.getLong(1) }
            }
        }

    /** What it holds of each event, from its database. */
    fun bodies(): List<StoredEvent> =
        DriverManager.getConnection("jdbc:sqlite:${File(data, "backend.db")}").use { database ->
            database.createStatement().use { query ->
                val rows = query.executeQuery("SELECT purpose, partner, json_extract(body, '$.data') FROM event")
                buildList {
                    while (rows.next()) add(StoredEvent(rows.getString(1), rows.getString(2), rows.getString(3)))
                }
            }
        }

    override fun close() {
        process.destroy()
        if (!process.waitFor(10, TimeUnit.SECONDS)) process.destroyForcibly().waitFor()
    }

    companion object {
        /** Tests that could not find what they test must fail, never pass. */
        fun required(property: String): String {
            val path = checkNotNull(System.getProperty(property)) { "-D$property is not set" }
            check(File(path).isFile) { "-D$property names $path, which is no file" }
            return File(path).absolutePath
        }
    }
}

/** An event as the backend has it; [data] is JSON without spaces. */
internal data class StoredEvent(val purpose: String, val partner: String?, val data: String)
