package dev.patron.sample.me

import dev.patron.ConsentText
import org.json.JSONArray
import org.json.JSONObject
import kotlin.time.Instant

/**
 * What an export says, as far as this app shows it; the file has all of it.
 *
 * @property partners those that know the shopper under a name of their own, in the words of what was granted.
 */
class Known(
    val groups: Map<String, List<KnownItem>>,
    val partners: List<String>,
    val backend: String,
    val backendAnsweredAt: Instant?,
) {
    val count: Int get() = groups.values.sumOf { it.size }
}

/**
 * One thing that is known of the shopper.
 *
 * @property what in a few words; ids, where there is nothing better.
 * @property use the purpose's words.
 * @property grantedAt when the yes was said that it rests on; `null` when none stands.
 */
class KnownItem(
    val what: String,
    val origin: String,
    val use: String,
    val at: Instant?,
    val grantedAt: Instant?,
)

/** One decision of the shopper, as the consent record has it. */
class DecisionLine(
    val purpose: String,
    val state: State,
    val at: Instant?,
    val until: Instant?,
    val locale: String?,
) {
    enum class State { Yes, No, TakenBack }
}

/** Reads an export of Patron's, with the words of [texts] for its purposes. */
fun readExport(
    json: String,
    texts: List<ConsentText>,
): Known {
    val export = JSONObject(json)
    val backend = export.optJSONObject("backend") ?: JSONObject()
    val items =
        export.optJSONArray("items").objects().map { item ->
            val content = item.optJSONObject("content") ?: JSONObject()
            item.getString("kind") to
                KnownItem(
                    what = content.inWords(),
                    origin = item.optString("origin"),
                    use = texts.title(item.optString("use"), content.text("partner")),
                    at = item.moment("at"),
                    grantedAt = item.optJSONObject("grant")?.moment("decided_at"),
                )
        }
    val partners = export.optJSONObject("names_for_partners")?.keys()?.asSequence().orEmpty().sorted()
    return Known(
        groups = items.groupBy({ it.first }, { it.second }),
        partners = partners.map { texts.title("partner_sharing", it) }.toList(),
        backend = backend.optString("state"),
        backendAnsweredAt = backend.moment("received_at"),
    )
}

/** Reads a consent record of Patron's, newest first. */
fun readRecord(
    json: String,
    texts: List<ConsentText>,
): List<DecisionLine> =
    JSONObject(json)
        .optJSONArray("consent_events")
        .objects()
        .map { event ->
            DecisionLine(
                purpose = texts.title(event.optString("purpose"), event.text("partner")),
                state =
                    when (event.optString("event_state")) {
                        "dpv:ConsentGiven" -> DecisionLine.State.Yes
                        "dpv:ConsentWithdrawn" -> DecisionLine.State.TakenBack
                        else -> DecisionLine.State.No
                    },
                at = event.moment("event_time"),
                until = event.moment("valid_until"),
                locale = event.text("notice_language"),
            )
        }.reversed()

/** A purpose's title by its name in the documents; the name itself for one that this app has no words for. */
private fun List<ConsentText>.title(
    name: String,
    partner: String?,
): String {
    val named = filter { it.purpose.kind.name.replace(BETWEEN_WORDS, "_").lowercase() == name }
    val purpose = named.find { (it.purpose as? dev.patron.Purpose.PartnerSharing)?.partner == partner } ?: named.firstOrNull()
    return purpose?.title ?: name
}

/** The last word of an event's type, and what it was about; or whatever the content says. */
private fun JSONObject.inWords(): String {
    val type = text("type")?.substringAfter("dev.patron.")?.replace('.', ' ')?.replace('_', ' ')
    val about = optJSONObject("data") ?: this
    val ids = ABOUT.mapNotNull { about.text(it) }
    val position = if (has("latitude")) "%.4f, %.4f".format(optDouble("latitude"), optDouble("longitude")) else null
    return (listOfNotNull(type, position) + ids).ifEmpty { facts().take(FACTS) }.joinToString(" · ")
}

/** What it says, each as "name: value", without what is empty or not set. */
private fun JSONObject.facts(): List<String> =
    keys().asSequence().toList().flatMap { name ->
        when (val value = get(name)) {
            is JSONObject -> value.facts()
            is JSONArray -> listOf("$name: ${value.length()}").filter { value.length() > 0 }
            JSONObject.NULL, false, 0, "" -> emptyList()
            else -> listOf("${name.replace('_', ' ')}: $value")
        }
    }

private fun JSONObject.text(name: String): String? = if (isNull(name)) null else optString(name).ifEmpty { null }

private fun JSONObject.moment(name: String): Instant? = text(name)?.let { Instant.parseOrNull(it) }

private fun JSONArray?.objects(): List<JSONObject> = if (this == null) emptyList() else List(length()) { getJSONObject(it) }

private val BETWEEN_WORDS = Regex("(?<=[a-z])(?=[A-Z])")

/** A screen is for looking; the file has all of it. */
private const val FACTS = 6

/** Fields that say what an event was about, the most telling first. */
private val ABOUT = listOf("offer", "place", "query", "order", "product", "beacon", "name")
