package dev.patron.testing

import dev.patron.AskReason
import dev.patron.ConsentPrompt
import dev.patron.ConsentState
import dev.patron.ConsentStatus
import dev.patron.ConsentText
import dev.patron.Overlay
import dev.patron.Purpose
import dev.patron.Signals

/** What a fake knows of asking its shopper, and what the test scripted of it. Guarded by the lock of [FakeWorld]. */
internal class FakeShopper {
    val texts = mutableMapOf<Purpose, ConsentText>()
    val lowered = mutableMapOf<Purpose, List<Overlay>>()
    val statuses = mutableMapOf<Purpose, ConsentStatus>()
    val prompted = mutableListOf<Purpose>()
    var signals = Signals()
    var export = """{"format":"patron-export-1","items":[],"backend":{"state":"not_asked"}}"""
    var record = """{"consent_events":[]}"""
    var exportRequests = 0
    var isTampered = false

    fun text(purpose: Purpose): ConsentText {
        val partner = (purpose as? Purpose.PartnerSharing)?.partner
        val title = listOfNotNull(purpose.kind.name, partner).joinToString(" ")
        return texts[purpose] ?: ConsentText(purpose, title, "What $title is for.", "en")
    }

    /** As the core: a no is an answer, and what could not be acted on is not asked. There is no budget here. */
    fun prompts(states: List<ConsentState>): List<ConsentPrompt> = states.filter { it.loweredBy.isEmpty() }.mapNotNull {
        val reason =
            when (it.status) {
                ConsentStatus.NotAsked -> AskReason.New
                ConsentStatus.Stale -> AskReason.MeaningChanged
                ConsentStatus.Expired -> AskReason.RanOut
                ConsentStatus.Granted, ConsentStatus.Denied, ConsentStatus.Withdrawn -> return@mapNotNull null
            }
        val words = text(it.purpose)
        ConsentPrompt(it.purpose, words.title, words.body, words.locale, reason)
    }

    /** [state] as the test has it. */
    fun script(state: ConsentState): ConsentState {
        val status = statuses[state.purpose] ?: state.status
        val by = lowered[state.purpose].orEmpty()
        val stands = status == ConsentStatus.Granted && by.isEmpty()
        return state.copy(status = status, effective = stands, loweredBy = by)
    }
}
