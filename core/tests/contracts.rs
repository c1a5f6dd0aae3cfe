//! What the peers' public contract tests describe, each held by a test of ours.
//!
//! Sources: PostHog `sdk-specs` (retry-queue, event-batcher, http-client) and `posthog-sdk-test-harness`
//! (`contracts/capture_tests.yaml`); Segment `analytics-kotlin` and `analytics-swift` (RetryStateMachine,
//! RetryAfterGeneric, RetryIntegration tests), `analytics-react-native` (end-to-end backoff, status-code
//! and persistence tests). P is PostHog, S Segment.
//!
//! | behaviour | peer | our test |
//! |---|---|---|
//! | a transient failure keeps the events; a later success delivers and removes them | P S | `a_failure_keeps_the_events_and_a_later_success_delivers_and_removes_them` |
//! | 408, 429, 500, 502, 503, 504, 529, 599 are tried again | P S | `every_status_that_says_later_is_tried_again` |
//! | 501, 505 are dropped; an unmapped 4xx (418) is dropped | S | `a_status_that_may_be_anyones_costs_no_event`; ours keeps: a proxy or a sign-in page may say it as well |
//! | 404 is dropped | S | `an_address_that_is_gone_pauses_for_an_hour`; ours keeps: a backend may be on its way |
//! | the caller of capture never sees a failure | P | `a_failure_keeps_the_events_and_…` |
//! | waits grow exponentially, with jitter, to a ceiling | P S | `waits_grow_are_spread_and_end_at_five_minutes` |
//! | the count of failures outlives the process | S | `the_count_of_failures_outlives_the_process` |
//! | a success resets the count | S | `a_success_forgets_the_failures` |
//! | `Retry-After` is honoured on 429, 503, 529, 408, in seconds and as a date | P S | `a_request_to_wait_is_honoured_on_every_status_that_says_later` |
//! | `Retry-After` is clamped (S: 300 s) | S | `a_request_to_wait_ends_after_a_day`; ours takes up to 24 h: events live 30 days, the backend knows best |
//! | `Retry-After: 0` is now | S | `a_request_to_wait_for_nothing_still_waits_a_second`; ours keeps a second: all phones at once is what it had just complained of |
//! | 429 without `Retry-After` waits the maximum (S) | S | `every_status_that_says_later_…`; ours backs off as for any failure |
//! | a pause holds every batch; a flush in it sends nothing | S | `a_pause_holds_every_batch_and_no_flush_breaks_it` |
//! | the pause outlives the process, from its first moment on | S | `a_pause_outlives_the_process` |
//! | 401 and 403 are not tried again | P S | `a_refused_key_is_asked_once_and_costs_no_event`; S drops the batch, ours keeps it and says so |
//! | 400 and 422 are not tried again, the batch is dropped | P S | `one_bad_event_is_a_dead_letter_and_the_others_arrive`; ours halves, so that one event costs itself alone |
//! | 400 with `Retry-After` is dropped all the same | S | the same |
//! | 413 shrinks the batch (P, spec) or drops it (P harness, S) | P S | `a_batch_that_is_too_large_is_halved` |
//! | dropped after so many tries (P: `max_retries`; S: 100, or 12 h) | P S | `no_number_of_tries_costs_an_event`; ours never: only age, quota, the shopper or the backend's own no end an event |
//! | `X-Retry-Count` grows | S | `a_retry_is_the_same_batch_word_for_word`; ours names the batch instead: the backend sees a repeat by its id |
//! | ids and times are the same in a retry; none twice in a batch; all differ | P | `a_retry_is_the_same_batch_word_for_word`, `every_event_has_an_id_of_its_own` |
//! | the key is on every request, retries too | P S | `every_request_carries_the_key` |
//! | the body is packed | P | `a_batch_travels_packed` |
//! | a flush of nothing sends nothing | P | `nothing_to_deliver_sends_nothing` |
//! | a batch goes at a number of events, and when its interval is over | P | `a_batch_goes_at_twenty_events_or_after_half_a_minute` |
//! | first in, first out; several events in one request | P | `events_travel_in_the_order_in_which_they_were_tracked` |
//! | batches follow each other, never two at a time | S | `one_request_is_under_way_at_a_time` |
//! | a batch that fails does not hold the others back | S | `batches_go_in_order_past_a_failure`; ours keeps the order instead |
//! | a delivered batch is not sent again by the next process | S | `what_was_delivered_is_not_sent_again_by_the_next_process` |
//! | a queue is bounded, and says what it gave up | P | `a_bounded_queue_gives_up_the_oldest_and_says_so` |
//! | what is captured while a full queue is being sent is kept | P | `what_comes_while_a_full_queue_is_on_its_way_is_kept` |
//! | damaged entries of the store cost themselves alone | P | `store.rs`: `a_damaged_database_is_set_aside_and_the_rest_is_carried_over` |
//!
//! Left out: what peers say of feature flags, and of formats that are theirs alone.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

#[path = "contracts/desk.rs"]
mod desk;
#[path = "contracts/queue.rs"]
mod queue;
#[path = "contracts/retry.rs"]
mod retry;
