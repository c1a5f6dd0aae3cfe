package dev.patron.sample

import android.database.sqlite.SQLiteDatabase
import java.io.File
import java.util.concurrent.TimeUnit
import kotlin.test.fail

/** A real `patron-backend` process with the demo town, and a look at its database that goes past its own word. */
class RunningBackend(
    private val data: File,
) : AutoCloseable {
    private val process: Process
    val endpoint: String
    val key = "pk_demo"

    init {
        val binary = File(checkNotNull(System.getProperty("patron.backend")) { "-Dpatron.backend= names no backend" })
        check(binary.canExecute()) { "$binary is not there; cargo build -p patron-backend makes it" }
        process =
            ProcessBuilder(binary.path, "serve", "--data", data.path, "--port", "0", "--seed", "demo")
                .redirectError(File(data, "log"))
                .start()
        val line = process.inputStream.bufferedReader().readLine() ?: fail("the backend ended: ${File(data, "log").readText()}")
        endpoint = Regex("\"listening\":\"([^\"]+)\"").find(line)?.groupValues?.get(1) ?: fail("the backend said $line")
    }

    /** The types of the events it holds, by id. */
    fun stored(): Map<String, String> =
        query("SELECT id, type FROM event") { id, type -> id to type }
            .also { rows -> check(rows.size == rows.toMap().size) { "an event is there twice" } }
            .toMap()

    /** What stands at the end of its ledger for each purpose. */
    fun decisions(): Map<String, String> =
        query("SELECT purpose, status FROM decision ORDER BY epoch") { purpose, status -> purpose to status }.toMap()

    /** The accounts that it was told of, by the names that phones have for them. */
    fun aliases(): List<String> = query("SELECT alias, installation FROM identity") { alias, _ -> alias }

    private fun <T> query(
        sql: String,
        row: (String, String) -> T,
    ): List<T> =
        SQLiteDatabase.openDatabase(File(data, "backend.db").path, null, SQLiteDatabase.OPEN_READWRITE).use { db ->
            db.rawQuery(sql, null).use { found ->
                buildList { while (found.moveToNext()) add(row(found.getString(0), found.getString(1))) }
            }
        }

    override fun close() {
        process.destroy()
        if (!process.waitFor(10, TimeUnit.SECONDS)) process.destroyForcibly()
    }
}
