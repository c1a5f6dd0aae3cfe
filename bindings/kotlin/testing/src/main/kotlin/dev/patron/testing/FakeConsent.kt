package dev.patron.testing

import dev.patron.ConsentFacet
import dev.patron.ConsentMode
import dev.patron.ConsentPrompt
import dev.patron.ConsentState
import dev.patron.ConsentText
import dev.patron.Erased
import dev.patron.MeFacet
import dev.patron.PatronException
import dev.patron.Profile
import dev.patron.Purpose
import dev.patron.Receipt
import dev.patron.Signals
import dev.patron.Verified
import dev.patron.WithdrawPolicy
import dev.patron.Withdrawal
import dev.patron.Witness
import kotlinx.coroutines.flow.Flow

internal class FakeConsent(private val world: FakeWorld) : ConsentFacet {
    override val changes: Flow<List<ConsentState>> = world.watch { states() }

    override fun states(): List<ConsentState> = world.call { states() }

    override fun texts(): List<ConsentText> = world.call { states().map { shopper.text(it.purpose) } }

    override fun prompts(): List<ConsentPrompt> = world.call { shopper.prompts(states()) }

    override suspend fun prompted(vararg purposes: Purpose): Unit = world.call { shopper.prompted += purposes }

    override suspend fun grant(vararg purposes: Purpose, surface: String?): Receipt =
        world.call { decide(purposes.toList(), true, surface) }

    override suspend fun deny(vararg purposes: Purpose, surface: String?): Receipt =
        world.call { decide(purposes.toList(), false, surface) }

    override suspend fun withdraw(purpose: Purpose, policy: WithdrawPolicy, surface: String?): Withdrawal = world.call {
        val purges = policy == WithdrawPolicy.Purge
        val receipt = decide(listOf(purpose), granted = false, surface, keepsCaptured = !purges)
        val witness =
            when (purpose) {
                Purpose.PreciseLocation, Purpose.CoarseLocation -> Witness.Position
                Purpose.Beacons -> Witness.Beacon
                Purpose.Engagement -> Witness.CheckIn
                else -> null
            }
        if (purges && purpose == Purpose.Personalisation) own.profile = Profile()
        Withdrawal(
            receipt = receipt,
            purgedEvents = if (purges) purge("withdrawn") { it == purpose } else 0,
            inDoubt = 0,
            purgedVisits = if (purges) forgetVisits { it == witness } else 0,
        )
    }

    override suspend fun declare(signals: Signals): Unit = world.call { shopper.signals = signals }

    override fun signals(): Signals = world.call { shopper.signals }

    override fun mode(partner: String): ConsentMode = world.call {
        val shared = isGranted(Purpose.PartnerSharing(partner))
        val ads = shared && isGranted(Purpose.PartnerOffers)
        ConsentMode(
            adStorage = ads,
            adUserData = shared,
            adPersonalization = ads && isGranted(Purpose.Personalisation),
            analyticsStorage = isGranted(Purpose.Engagement),
        )
    }

    override suspend fun verify(): Verified = world.call {
        if (shopper.isTampered) throw PatronException.Tampered("the test said so")
        verified()
    }

    override suspend fun record(): String = world.call { shopper.record }
}

internal class FakeMe(private val world: FakeWorld) : MeFacet {
    override suspend fun export(): String = world.call { shopper.export }

    override suspend fun requestExport(): Unit = world.call { shopper.exportRequests++ }

    override suspend fun erase(): Erased = world.call { erase() }
}
