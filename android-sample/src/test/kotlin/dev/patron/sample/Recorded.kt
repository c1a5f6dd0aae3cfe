package dev.patron.sample

import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject

/** What waits to be sent, as the core's own export tells it: each event's type without its prefix, and its data. */
fun recorded(): List<Pair<String, JSONObject>> {
    val items = JSONObject(runBlocking { patron.me.export() }).getJSONArray("items")
    return items.objects().filter { it.getString("kind") == "event" }.map { item ->
        val event = item.getJSONObject("content")
        event.getString("type").removePrefix("dev.patron.") to event.getJSONObject("data")
    }
}

/** The data of the one event of this [type]. */
fun recorded(type: String): JSONObject = recorded().single { it.first == type }.second

fun JSONArray.objects(): List<JSONObject> = List(length()) { getJSONObject(it) }

/** Nothing is sent: what was recorded stays to be looked at. */
fun Hand.staysOffline() {
    tap(R.id.nav_lab)
    tap(R.id.network_offline)
}
