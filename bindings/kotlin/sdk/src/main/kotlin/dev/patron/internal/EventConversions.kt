package dev.patron.internal

import dev.patron.Engagement
import dev.patron.Tracked
import dev.patron.ffi.Engagement as FfiEngagement
import dev.patron.ffi.Tracked as FfiTracked

internal fun Engagement.toFfi(): FfiEngagement = when (this) {
    is Engagement.Impression -> FfiEngagement.Impression(offer)
    is Engagement.Clicked -> FfiEngagement.Clicked(offer)
    is Engagement.Saved -> FfiEngagement.Saved(offer)
    is Engagement.Dismissed -> FfiEngagement.Dismissed(offer)
    is Engagement.Custom -> FfiEngagement.Custom(name, properties)
}

internal fun FfiTracked.toPublic(): Tracked = when (this) {
    FfiTracked.RECORDED -> Tracked.Recorded
    FfiTracked.NOT_PERMITTED -> Tracked.NotPermitted
    FfiTracked.BUSY -> Tracked.Busy
}
