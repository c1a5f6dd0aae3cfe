package dev.patron.sample.offers

import android.content.Context
import android.icu.text.NumberFormat
import android.icu.util.Currency
import android.text.format.DateFormat
import dev.patron.Benefit
import dev.patron.OfferCard
import dev.patron.PartnerKind
import dev.patron.sample.R
import java.util.Calendar
import java.util.Date
import kotlin.math.pow
import kotlin.math.roundToInt
import kotlin.time.Instant

/** What the shopper gets, on a badge. */
fun Benefit.badge(context: Context): String =
    when (this) {
        is Benefit.Percent -> context.getString(R.string.percent_off, percent)
        is Benefit.Amount -> context.getString(R.string.amount_off, money(context, minor, currency))
        is Benefit.Points -> context.resources.getQuantityString(R.plurals.points, points.toInt(), points.toInt())
        is Benefit.Content -> context.getString(R.string.benefit_content)
        Benefit.Access -> context.getString(R.string.benefit_access)
        Benefit.Service -> context.getString(R.string.benefit_service)
        Benefit.Experience -> context.getString(R.string.benefit_experience)
    }

/** An amount in the minor unit of [code], ISO 4217, as it is written where the shopper reads; as it is for what is no code. */
fun money(
    context: Context,
    minor: Long,
    code: String,
): String {
    val currency =
        try {
            Currency.getInstance(code)
        } catch (_: IllegalArgumentException) {
            return "$minor $code"
        }
    val format = NumberFormat.getCurrencyInstance(context.resources.configuration.locales[0])
    format.currency = currency
    // Whole amounts read better without their cents.
    if (minor % 10.0.pow(currency.defaultFractionDigits).toLong() == 0L) format.maximumFractionDigits = 0
    return format.format(minor / 10.0.pow(currency.defaultFractionDigits))
}

/** Metres to ten, kilometres to a tenth: a walker needs no more. */
fun distance(
    context: Context,
    metres: Double,
): String =
    when {
        metres < AT_HAND_M -> context.getString(R.string.here)
        metres < 1_000 -> context.getString(R.string.metres, (metres / 10).roundToInt() * 10)
        else -> {
            val format = NumberFormat.getInstance(context.resources.configuration.locales[0])
            format.maximumFractionDigits = 1
            context.getString(R.string.kilometres, format.format(metres / 1_000))
        }
    }

/** "Until 31 Dec", or the hour on the last day. */
fun expiry(
    context: Context,
    at: Instant,
): String {
    val date = Date(at.toEpochMilliseconds())
    val today = Calendar.getInstance()
    val last = Calendar.getInstance().apply { time = date }
    val isToday =
        today[Calendar.YEAR] == last[Calendar.YEAR] && today[Calendar.DAY_OF_YEAR] == last[Calendar.DAY_OF_YEAR]
    if (isToday) return context.getString(R.string.until_today, DateFormat.getTimeFormat(context).format(date))
    val locale = context.resources.configuration.locales[0]
    val pattern = DateFormat.getBestDateTimePattern(locale, "d MMM")
    return context.getString(R.string.until, DateFormat.format(pattern, date))
}

/** Who makes the offer, and that it is somebody of this town; the retailer's own come from the house. */
fun OfferCard.from(context: Context): String {
    val name = partnerName ?: return context.getString(R.string.own_offer)
    return if (partnerKind == PartnerKind.Local) context.getString(R.string.local_partner, name) else name
}

/** A topic of the catalogue, whose words are joined by hyphens, as people write it. */
fun topicInWords(topic: String): String = topic.replace('-', ' ')

/** Nearer than this, the position's own error is larger than the way. */
private const val AT_HAND_M = 40.0
