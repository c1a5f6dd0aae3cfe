package dev.patron.internal

import dev.patron.ConsentFacet
import dev.patron.ConsentMode
import dev.patron.ConsentPrompt
import dev.patron.ConsentState
import dev.patron.ConsentText
import dev.patron.Erased
import dev.patron.MeFacet
import dev.patron.Purpose
import dev.patron.Receipt
import dev.patron.Signals
import dev.patron.Verified
import dev.patron.WithdrawPolicy
import dev.patron.Withdrawal
import dev.patron.ffi.Change
import kotlinx.coroutines.flow.Flow

internal class NativeConsent(private val engine: Engine) : ConsentFacet {
    // The list also grows and shrinks with the partners of the catalogue.
    override val changes: Flow<List<ConsentState>> =
        engine.watch({ it is Change.Consent || it is Change.Offers }, ::states)

    override fun states(): List<ConsentState> = engine.call { consents() }.map { it.toPublic() }

    override fun texts(): List<ConsentText> = engine.call { consentTexts() }.map { it.toPublic() }

    override fun prompts(): List<ConsentPrompt> = engine.call { consentPrompts() }.map { it.toPublic() }

    override suspend fun prompted(vararg purposes: Purpose): Unit =
        engine.call { prompted(purposes.map { it.toFfi() }) }

    override suspend fun grant(vararg purposes: Purpose, surface: String?): Receipt = decide(purposes, true, surface)

    override suspend fun deny(vararg purposes: Purpose, surface: String?): Receipt = decide(purposes, false, surface)

    override suspend fun withdraw(purpose: Purpose, policy: WithdrawPolicy, surface: String?): Withdrawal =
        engine.call { withdraw(purpose.toFfi(), policy.toFfi(), surface) }.toPublic()

    override suspend fun declare(signals: Signals): Unit = engine.call { declareSignals(signals.toFfi()) }

    override fun signals(): Signals = engine.call { signals() }.toPublic()

    override fun mode(partner: String): ConsentMode = engine.call { consentMode(partner) }.toPublic()

    override suspend fun verify(): Verified = engine.call { verifyLedger() }.toPublic()

    override suspend fun record(): String = engine.call { consentRecord() }

    private suspend fun decide(purposes: Array<out Purpose>, yes: Boolean, surface: String?): Receipt =
        engine.call { decide(purposes.map { it.toFfi() }, yes, surface) }.toPublic()
}

internal class NativeMe(private val engine: Engine) : MeFacet {
    override suspend fun export(): String = engine.call { export() }

    override suspend fun requestExport(): Unit = engine.call { requestExport() }

    override suspend fun erase(): Erased = engine.call { erase() }.toPublic()
}
