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

/** How a purpose looks. Its words are the catalogue's: what the shopper reads is what the receipt says was read. */
class PurposeLook(
    val group: Group,
    val icon: Int,
)

/** The `when` is complete: a new purpose will not compile without a place on the screen. */
fun Purpose.look(): PurposeLook =
    when (this) {
        Purpose.PartnerOffers -> PurposeLook(Group.Offers, R.drawable.ic_offers)
        Purpose.CoarseLocation -> PurposeLook(Group.Where, R.drawable.ic_area)
        Purpose.PreciseLocation -> PurposeLook(Group.Where, R.drawable.ic_pin)
        Purpose.Beacons -> PurposeLook(Group.Where, R.drawable.ic_beacon)
        Purpose.Engagement -> PurposeLook(Group.Doing, R.drawable.ic_activity)
        Purpose.Personalisation -> PurposeLook(Group.Doing, R.drawable.ic_person)
        is Purpose.PartnerSharing -> PurposeLook(Group.Brands, R.drawable.ic_store)
        Purpose.Notifications -> PurposeLook(Group.Reach, R.drawable.ic_bell)
        Purpose.Dialogue -> PurposeLook(Group.Reach, R.drawable.ic_chat)
    }
