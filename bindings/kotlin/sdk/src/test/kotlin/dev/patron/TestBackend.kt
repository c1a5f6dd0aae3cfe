package dev.patron

import java.io.File
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.sql.DriverManager
import java.util.concurrent.TimeUnit

/** A real `patron-backend` process on loopback, with the demo town, the key `pk_demo` and a publisher. */
internal class TestBackend(private val data: File) : AutoCloseable {
    private val process: Process =
        ProcessBuilder(required("patron.backend"), "serve", "--data", data.path, "--port", "0", "--seed", "demo")
            .apply { command() += listOf("--publisher-key", PUBLISHER) }
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

    /** Publishes what is live with [value], of JSON, at [path] of it: as the publisher does, while it serves. */
    fun publish(path: String, value: String) {
        val catalogue = HttpRequest.newBuilder(URI("$url/v1/catalogue"))
        val live = send(catalogue.header("authorization", "Bearer pk_demo"))
        val next = HttpRequest.BodyPublishers.ofString(with(live, path, value))
        val published = HttpRequest.newBuilder(URI("$url/v1/admin/catalogue")).PUT(next)
        send(published.header("authorization", "Bearer $PUBLISHER").header("content-type", "application/json"))
    }

    private fun send(request: HttpRequest.Builder): String {
        val answer = HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString())
        check(answer.statusCode() == 200) { "${answer.statusCode()}: ${answer.body()}" }
        return answer.body()
    }

    override fun close() {
        process.destroy()
        if (!process.waitFor(10, TimeUnit.SECONDS)) process.destroyForcibly().waitFor()
    }

    companion object {
        private const val PUBLISHER = "ak_demo_3f1c9a5b77d20e64"

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
