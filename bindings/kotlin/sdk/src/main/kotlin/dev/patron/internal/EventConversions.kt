package dev.patron.internal

import dev.patron.Engagement
import dev.patron.Money
import dev.patron.Proximity
import dev.patron.PurchaseLine
import dev.patron.Topic
import dev.patron.Tracked
import dev.patron.ffi.Engagement as FfiEngagement
import dev.patron.ffi.Money as FfiMoney
import dev.patron.ffi.Proximity as FfiProximity
import dev.patron.ffi.PurchaseLine as FfiPurchaseLine
import dev.patron.ffi.Topic as FfiTopic
import dev.patron.ffi.Tracked as FfiTracked

internal fun Engagement.toFfi(): FfiEngagement = when (this) {
    is Engagement.Impression -> FfiEngagement.Impression(offer)
    is Engagement.Clicked -> FfiEngagement.Clicked(offer)
    is Engagement.Saved -> FfiEngagement.Saved(offer)
    is Engagement.Dismissed -> FfiEngagement.Dismissed(offer)
    is Engagement.Shared -> FfiEngagement.Shared(offer, channel, partner)
    is Engagement.Redeemed -> FfiEngagement.Redeemed(offer, order, value?.toFfi(), place, partner)
    is Engagement.Purchased ->
        FfiEngagement.Purchased(order, lines.map { it.toFfi() }, total.toFfi(), place, partner)
    is Engagement.Searched -> FfiEngagement.Searched(query, results?.toLong())
    is Engagement.BadgeEarned -> FfiEngagement.BadgeEarned(badge, level?.toLong())
    is Engagement.BeaconZone -> FfiEngagement.BeaconZone(beacon, zone.toFfi(), place, partner)
    is Engagement.Reviewed -> FfiEngagement.Reviewed(about.toFfi(), rating.toLong(), text)
    is Engagement.Feedback -> FfiEngagement.Feedback(about?.toFfi(), text)
    is Engagement.Custom -> FfiEngagement.Custom(name, properties)
}

private fun Money.toFfi() = FfiMoney(minor, currency)

private fun PurchaseLine.toFfi() = FfiPurchaseLine(sku, quantity.toLong(), unitPriceMinor)

private fun Topic.toFfi(): FfiTopic = when (this) {
    is Topic.Offer -> FfiTopic.Offer(id)
    is Topic.Place -> FfiTopic.Place(id)
    is Topic.Product -> FfiTopic.Product(sku)
    is Topic.Partner -> FfiTopic.Partner(id)
}

private fun Proximity.toFfi(): FfiProximity = when (this) {
    Proximity.Immediate -> FfiProximity.IMMEDIATE
    Proximity.Near -> FfiProximity.NEAR
    Proximity.Far -> FfiProximity.FAR
    Proximity.Lost -> FfiProximity.LOST
}

internal fun FfiTracked.toPublic(): Tracked = when (this) {
    FfiTracked.RECORDED -> Tracked.Recorded
    FfiTracked.NOT_YET_DURABLE -> Tracked.NotYetDurable
    FfiTracked.NOT_PERMITTED -> Tracked.NotPermitted
    FfiTracked.BUSY -> Tracked.Busy
}
