package dev.patron.internal

import dev.patron.CheckedIn
import dev.patron.Fix
import dev.patron.Transition
import dev.patron.TransitionKind
import dev.patron.Visit
import dev.patron.VisitPhase
import dev.patron.Witness
import dev.patron.ffi.FixInput
import dev.patron.ffi.CheckedIn as FfiCheckedIn
import dev.patron.ffi.Transition as FfiTransition
import dev.patron.ffi.TransitionKind as FfiTransitionKind
import dev.patron.ffi.Visit as FfiVisit
import dev.patron.ffi.VisitPhase as FfiVisitPhase
import dev.patron.ffi.Witness as FfiWitness

internal fun Fix.toFfi() = FixInput(
    latitude = latitude,
    longitude = longitude,
    accuracyM = accuracyM,
    ageMs = atLeastZero("fix.age", age.inWholeMilliseconds),
    mock = mock,
)

internal fun FfiTransition.toPublic() = Transition(
    kind = kind.toPublic(),
    place = place,
    placeName = placeName,
    visit = uuid(visit),
    at = instant(atMs),
    event = event?.let(::uuid),
    partner = partner,
    by = by.toPublic(),
    initial = initial,
    mock = mock,
)

internal fun FfiVisit.toPublic() = Visit(
    id = uuid(id),
    place = place,
    placeName = placeName,
    phase = phase.toPublic(),
    enteredAt = instant(enteredAtMs),
    partner = partner,
    by = by.toPublic(),
    initial = initial,
)

internal fun FfiCheckedIn.toPublic() = CheckedIn(
    place = place,
    placeName = placeName,
    fresh = fresh,
    visits = visits.map { it.toPublic() },
)

private fun FfiTransitionKind.toPublic() = when (this) {
    FfiTransitionKind.ENTERED -> TransitionKind.Entered
    FfiTransitionKind.DWELT -> TransitionKind.Dwelt
    FfiTransitionKind.LEFT -> TransitionKind.Left
    FfiTransitionKind.PASSED -> TransitionKind.Passed
}

private fun FfiVisitPhase.toPublic() = when (this) {
    FfiVisitPhase.INSIDE -> VisitPhase.Inside
    FfiVisitPhase.DWELLING -> VisitPhase.Dwelling
}

private fun FfiWitness.toPublic() = when (this) {
    FfiWitness.POSITION -> Witness.Position
    FfiWitness.BEACON -> Witness.Beacon
    FfiWitness.CHECK_IN -> Witness.CheckIn
}
