package dev.patron.sample.offers

import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.net.Uri
import dev.patron.Engagement
import dev.patron.OfferCard
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.SampleApp
import dev.patron.sample.track

/** Asks the platform by which app to pass the offer on. Nothing is recorded before the shopper has chosen one. */
fun Context.share(card: OfferCard) {
    val words = listOf("${card.title} · ${card.from(this)}", card.body).filter { it.isNotEmpty() }.joinToString("\n")
    val message = Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, words)
    val chosen =
        Intent(this, Shares::class.java)
            // A number of its own for each offer: intents that differ in extras alone are one to the platform.
            .setData(Uri.fromParts("patron-share", card.id, null))
            .putExtra(Shares.OFFER, card.id)
            .putExtra(Shares.PARTNER, card.partner)
    val told = PendingIntent.getBroadcast(this, 0, chosen, PendingIntent.FLAG_IMMUTABLE or PendingIntent.FLAG_UPDATE_CURRENT)
    startActivity(Intent.createChooser(message, getString(R.string.share_question), told.intentSender))
}

/** Hears that the shopper passed an offer on. To whom, and by which app, it does not ask. */
class Shares : BroadcastReceiver() {
    override fun onReceive(
        context: Context,
        intent: Intent,
    ) {
        val offer = intent.getStringExtra(OFFER) ?: return
        val session = (context.applicationContext as SampleApp).session
        session.act { patron ->
            patron.track(Engagement.Shared(offer, partner = intent.getStringExtra(PARTNER)), Note(R.string.share_done))
        }
    }

    companion object {
        const val OFFER = "offer"
        const val PARTNER = "partner"
    }
}
