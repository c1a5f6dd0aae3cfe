package dev.patron

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test

/** The README's lines between the markers stand here as they stand there, compiled and run. */
class ReadmeTest {
    @TempDir
    lateinit var folder: File

    @Test
    fun `the lines of the README run as they stand there`() = runBlocking {
        // readme:start
        val patron = Patron.open(PatronConfig.sandbox(folder))
        val card = patron.offers.at("home").first { it.isNotEmpty() }.first()
        println("${card.title}: ${patron.offers.why(card.id).summary}")
        patron.consent.grant(Purpose.PartnerOffers, Purpose.PreciseLocation, Purpose.Engagement)
        patron.place.update(Fix(latitude = 60.1675, longitude = 24.9525, accuracyM = 8.0))
        patron.blockers().forEach { println("${it.text} ${it.remedy}") }
        println(patron.events.track(Engagement.Saved(card.id)))
        println(patron.sync.drain())
        patron.close()
        // readme:end
    }
}
