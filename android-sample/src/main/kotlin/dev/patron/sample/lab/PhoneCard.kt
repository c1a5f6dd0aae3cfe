package dev.patron.sample.lab

import android.view.View
import android.widget.Switch
import dev.patron.Network
import dev.patron.sample.R
import dev.patron.sample.Session
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch

/** The lab's word in place of the phone's: which network there is, and whether anyone looks at the app. */
class PhoneCard(
    view: View,
    private val session: Session,
) {
    private val networks: Map<Network?, View> =
        mapOf(
            null to view.findViewById(R.id.network_device),
            Network.Offline to view.findViewById(R.id.network_offline),
            Network.Metered to view.findViewById(R.id.network_metered),
            Network.Unmetered to view.findViewById(R.id.network_free),
        )
    private val away = view.findViewById<Switch>(R.id.away_switch)

    init {
        networks.forEach { (network, choice) -> choice.setOnClickListener { session.pretend(network) } }
        away.setOnClickListener { session.pretendAway(away.isChecked) }
    }

    fun follow(scope: CoroutineScope) {
        scope.launch {
            session.pretends.collect { now -> networks.forEach { (network, choice) -> choice.isSelected = network == now } }
        }
        scope.launch { session.pretendsAway.collect { away.isChecked = it } }
    }
}
