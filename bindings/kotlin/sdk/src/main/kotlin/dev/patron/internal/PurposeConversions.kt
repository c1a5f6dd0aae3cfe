package dev.patron.internal

import dev.patron.Purpose
import dev.patron.PurposeKind
import java.util.UUID
import kotlin.time.Instant
import dev.patron.ffi.Purpose as FfiPurpose
import dev.patron.ffi.PurposeKind as FfiPurposeKind

internal fun instant(epochMs: Long): Instant = Instant.fromEpochMilliseconds(epochMs)

internal fun uuid(text: String): UUID = UUID.fromString(text)

internal fun Purpose.toFfi(): FfiPurpose = when (this) {
    Purpose.PartnerOffers -> FfiPurpose.PartnerOffers
    Purpose.CoarseLocation -> FfiPurpose.CoarseLocation
    Purpose.PreciseLocation -> FfiPurpose.PreciseLocation
    Purpose.Beacons -> FfiPurpose.Beacons
    Purpose.Engagement -> FfiPurpose.Engagement
    Purpose.Personalisation -> FfiPurpose.Personalisation
    is Purpose.PartnerSharing -> FfiPurpose.PartnerSharing(partner)
    Purpose.Notifications -> FfiPurpose.Notifications
    Purpose.Dialogue -> FfiPurpose.Dialogue
}

internal fun FfiPurpose.toPublic(): Purpose = when (this) {
    FfiPurpose.PartnerOffers -> Purpose.PartnerOffers
    FfiPurpose.CoarseLocation -> Purpose.CoarseLocation
    FfiPurpose.PreciseLocation -> Purpose.PreciseLocation
    FfiPurpose.Beacons -> Purpose.Beacons
    FfiPurpose.Engagement -> Purpose.Engagement
    FfiPurpose.Personalisation -> Purpose.Personalisation
    is FfiPurpose.PartnerSharing -> Purpose.PartnerSharing(partner)
    FfiPurpose.Notifications -> Purpose.Notifications
    FfiPurpose.Dialogue -> Purpose.Dialogue
}

internal fun FfiPurposeKind.toPublic(): PurposeKind = when (this) {
    FfiPurposeKind.PARTNER_OFFERS -> PurposeKind.PartnerOffers
    FfiPurposeKind.COARSE_LOCATION -> PurposeKind.CoarseLocation
    FfiPurposeKind.PRECISE_LOCATION -> PurposeKind.PreciseLocation
    FfiPurposeKind.BEACONS -> PurposeKind.Beacons
    FfiPurposeKind.ENGAGEMENT -> PurposeKind.Engagement
    FfiPurposeKind.PERSONALISATION -> PurposeKind.Personalisation
    FfiPurposeKind.PARTNER_SHARING -> PurposeKind.PartnerSharing
    FfiPurposeKind.NOTIFICATIONS -> PurposeKind.Notifications
    FfiPurposeKind.DIALOGUE -> PurposeKind.Dialogue
}
