package dev.patron.sample.privacy

import dev.patron.Purpose
import dev.patron.sample.R

/** Purposes that belong together on the screen, in reading order. */
enum class Group(
    val title: Int,
) {
    Offers(R.string.group_offers),
    Where(R.string.group_where),
    Doing(R.string.group_doing),
    Brands(R.string.group_brands),
    Reach(R.string.group_reach),
}

/** A purpose in plain words. */
class PurposeText(
    val group: Group,
    val icon: Int,
    val name: Int?,
    val words: Int,
)

/** The `when` is complete: a new purpose will not compile without words for the shopper. */
fun Purpose.inWords(): PurposeText =
    when (this) {
        Purpose.PartnerOffers ->
            PurposeText(Group.Offers, R.drawable.ic_offers, R.string.purpose_partner_offers, R.string.purpose_partner_offers_words)
        Purpose.CoarseLocation ->
            PurposeText(Group.Where, R.drawable.ic_area, R.string.purpose_coarse_location, R.string.purpose_coarse_location_words)
        Purpose.PreciseLocation ->
            PurposeText(Group.Where, R.drawable.ic_pin, R.string.purpose_precise_location, R.string.purpose_precise_location_words)
        Purpose.Beacons ->
            PurposeText(Group.Where, R.drawable.ic_beacon, R.string.purpose_beacons, R.string.purpose_beacons_words)
        Purpose.Engagement ->
            PurposeText(Group.Doing, R.drawable.ic_activity, R.string.purpose_engagement, R.string.purpose_engagement_words)
        Purpose.Personalisation ->
            PurposeText(Group.Doing, R.drawable.ic_person, R.string.purpose_personalisation, R.string.purpose_personalisation_words)
        is Purpose.PartnerSharing ->
            PurposeText(Group.Brands, R.drawable.ic_store, null, R.string.purpose_partner_sharing_words)
        Purpose.Notifications ->
            PurposeText(Group.Reach, R.drawable.ic_bell, R.string.purpose_notifications, R.string.purpose_notifications_words)
        Purpose.Dialogue ->
            PurposeText(Group.Reach, R.drawable.ic_chat, R.string.purpose_dialogue, R.string.purpose_dialogue_words)
    }
