package dev.patron.sample

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.drawable.Drawable
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.ImageView
import android.widget.ListView
import android.widget.RadioButton
import android.widget.ScrollView
import android.widget.Switch
import android.widget.TextView
import dev.patron.OfferCard
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowAlertDialog
import java.io.File
import java.time.Duration
import kotlin.test.assertTrue
import kotlin.test.fail

/** A shopper's eyes and finger: finds what can be seen, taps it, waits for what should come. */
class Hand(
    var activity: Activity,
) {
    private val root: View get() = activity.window.decorView

    /** Everything that can be read on the screen now, top to bottom. */
    fun read(from: View = root): List<String> =
        visible(from)
            .filterIsInstance<TextView>()
            .map { it.text.toString() }
            .filter { it.isNotEmpty() }
            .toList()

    /** What the sheet says. */
    fun readSheet(): List<String> = read(activity.findViewById(R.id.sheet_host))

    fun sees(text: String): Boolean = read().any { text in it }

    /** Lets both the looper and the core's own threads work until [text] can be read. */
    fun awaits(text: String) = awaits("“$text” on the screen") { sees(text) }

    fun awaits(
        what: String,
        holds: () -> Boolean,
    ) {
        val deadline = System.nanoTime() + PATIENCE.toNanos()
        while (!holds()) {
            if (System.nanoTime() > deadline) fail("waited for $what; the screen says ${read()}")
            settle()
        }
    }

    private fun <T : View> await(
        what: String,
        find: () -> T?,
    ): T {
        awaits(what) { find() != null }
        return checkNotNull(find())
    }

    /** One breath of the looper's clock, and a moment for threads that are not the looper's. */
    fun settle() {
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(20))
        Thread.sleep(2)
    }

    /** Taps it, waiting for it: a list may not be filled yet. */
    fun tap(id: Int) {
        val found: View = await(activity.resources.getResourceName(id)) { activity.findViewById<View>(id) }
        tap(found)
    }

    fun tap(text: String) {
        val found: View = await("“$text”") { visible(root).firstOrNull { it is TextView && text in it.text && clickable(it) != null } }
        tap(found)
    }

    fun tap(view: View) {
        val found = checkNotNull(clickable(view)) { "$view takes no taps" }
        val isHeard = found.performClick()
        // What is chosen by the platform itself needs nobody to hear of the tap.
        assertTrue(isHeard || found is RadioButton, "nobody heard the tap on $found")
        settle()
    }

    /** Picks what says [text] in the list that asks. */
    fun pick(text: String) {
        val question = shadowOf(ShadowAlertDialog.getLatestAlertDialog())
        val at = question.items.indexOfFirst { text in it }
        assertTrue(at >= 0, "“$text” is not among ${question.items.toList()}")
        question.clickOnItem(at)
        settle()
    }

    /** Brings a card of the lab to the top of the screen, or a [part] of it. */
    fun scrollTo(
        card: Int,
        part: Int = card,
    ) {
        val found = activity.findViewById<View>(card)
        val within = if (part == card) 0 else activity.findViewById<View>(part).top
        (found.parent.parent as ScrollView).scrollTo(0, found.top + within - 24)
        settle()
    }

    /** Brings the card whose title says [title] into view, waiting for it. */
    fun scrollToCard(title: String): View {
        val list = activity.findViewById<ListView>(R.id.offer_list)
        awaits("the card “$title”") {
            val titles = (0 until list.adapter.count).map { (list.adapter.getItem(it) as? OfferCard)?.title.orEmpty() }
            list.setSelection(titles.indexOfFirst { title in it }.coerceAtLeast(0))
            settle()
            findCard(title) != null
        }
        return card(title)
    }

    /** Brings the end of the sheet into view. */
    fun scrollSheet() {
        val sheet = activity.findViewById<View>(R.id.why_parts)
        (generateSequence(sheet) { it.parent as? View }.first { it is ScrollView } as ScrollView).fullScroll(View.FOCUS_DOWN)
        settle()
    }

    /** The switch beside [name] on the consent screen. */
    fun switch(name: String): Switch =
        await("the switch for $name") { all(root).filterIsInstance<Switch>().firstOrNull { it.contentDescription == name } }

    /** The first card in view whose title says [title], waiting for it: the header may be ahead of the list. */
    fun card(title: String): View = await("the card “$title”") { findCard(title) }

    /** What the card shows above its words; `null` while it is not in view. */
    fun art(title: String): Drawable? = findCard(title)?.findViewById<ImageView>(R.id.card_art)?.drawable

    private fun findCard(title: String): View? {
        val list = activity.findViewById<ListView>(R.id.offer_list)
        return visible(list).filterIsInstance<TextView>().firstOrNull { it.id == R.id.card_title && title in it.text }
            ?.let { generateSequence<View>(it) { view -> view.parent as? View }.first { view -> view.id == R.id.card } }
    }

    fun visible(from: View): Sequence<View> =
        sequence {
            if (from.visibility != View.VISIBLE) return@sequence
            yield(from)
            if (from is ViewGroup) for (i in 0 until from.childCount) yieldAll(visible(from.getChildAt(i)))
        }

    private fun all(from: View): Sequence<View> =
        sequence {
            yield(from)
            if (from is ViewGroup) for (i in 0 until from.childCount) yieldAll(all(from.getChildAt(i)))
        }

    private fun clickable(view: View): View? = generateSequence(view) { it.parent as? View }.firstOrNull { it.isClickable }

    private companion object {
        /** Far more than anything takes; only a failure waits so long. */
        val PATIENCE: Duration = Duration.ofSeconds(90)
    }
}

/** A picture of the screen as it is, in the folder that `-Dpatron.screens=` names. */
fun Activity.photograph(name: String): Bitmap {
    val view = window.decorView
    val picture = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
    view.draw(Canvas(picture))
    val file = File(checkNotNull(System.getProperty("patron.screens")), "$name.png")
    file.parentFile?.mkdirs()
    // A page of documentation shows it smaller still, and a repository keeps it for ever.
    val small = Bitmap.createScaledBitmap(picture, WIDTH, picture.height * WIDTH / picture.width, true)
    file.outputStream().use { assertTrue(small.compress(Bitmap.CompressFormat.PNG, 100, it)) }
    return picture
}

/** Pixels across, in a documented picture. */
private const val WIDTH = 480
