//! What a network, and what stands between a phone and a backend, does to a request.
//!
//! Decides by chance what arrives and what comes back. It never speaks for the backend: it loses,
//! delays, repeats and cuts what the backend said, or says something that no backend says.

use jiff::fmt::rfc2822::DateTimePrinter;
use uuid::Uuid;

use super::Broken;
use super::backend::{Answer, Arrived, Backend};
use super::time::Moment;
use crate::sync::wire::{BatchReply, CATALOGUE_PATH, Verdict, VerdictKind};
use crate::sync::{Request, Response, Ticket, TransportError};

pub(super) type Reply = Result<Response, TransportError>;

/// A request as it left the device.
#[derive(Clone)]
pub(super) struct Sending {
    pub(super) request: Request,
    pub(super) at: Moment,
}

/// The one request that is under way, and copies of earlier ones that are still about.
#[derive(Default)]
pub(super) struct Network {
    flight: Option<(Ticket, Sending)>,
    /// Sent once, and to arrive once more.
    late: Vec<Sending>,
    /// The answer that is on its way.
    answer: Option<Response>,
}

/// What happened at one step.
#[derive(Default)]
pub(super) struct Event {
    /// In a word, for the log.
    pub(super) fate: &'static str,
    /// What the engine hears.
    pub(super) reply: Option<(Ticket, Reply)>,
    pub(super) arrived: Vec<Arrived>,
    /// What arrived was written just now, and not long ago.
    pub(super) fresh: bool,
    /// The device waits until it gives up.
    pub(super) timed_out: bool,
}

/// How unkind the network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// Everything arrives and is answered.
    Kind,
    /// Half of what is sent meets a fault.
    Hostile,
}

impl Network {
    /// Takes a request; answers whether the line was free.
    #[must_use]
    pub(super) fn send(&mut self, ticket: Ticket, sending: Sending) -> bool {
        let free = self.flight.is_none();
        self.flight = Some((ticket, sending));
        self.answer = None;
        free
    }

    /// Nothing more of it is written, and no answer comes.
    pub(super) fn abort(&mut self, ticket: Ticket) {
        if self.flight.as_ref().is_some_and(|(flying, _)| *flying == ticket) {
            self.hang_up();
        }
    }

    /// The process is gone.
    pub(super) fn hang_up(&mut self) {
        self.flight = None;
        self.answer = None;
    }

    /// What is under way arrives, and its answer is lost.
    #[cfg(test)]
    pub(super) fn lose_answer(&mut self, backend: &mut Backend) -> Result<Option<Event>, Broken> {
        let Some((ticket, request)) = self.flight.take() else { return Ok(None) };
        let arrived = backend.take(&request)?.arrived;
        let reply = Some((ticket, Err(TransportError::Timeout)));
        Ok(Some(Event { fate: "answer lost", reply, arrived, fresh: true, timed_out: false }))
    }

    /// What is under way is answered like that, by no one who has read it.
    #[cfg(test)]
    pub(super) fn answer(&mut self, reply: Reply) -> Event {
        let reply = self.flight.take().map(|(ticket, _)| (ticket, reply));
        Event { fate: "answered by someone else", reply, ..Event::default() }
    }

    /// Whether what is under way goes to `path`.
    #[cfg(test)]
    pub(super) fn is_sending(&self, path: &str) -> bool {
        self.flight.as_ref().is_some_and(|(_, sending)| sending.request.url.ends_with(path))
    }

    pub(super) fn is_busy(&self) -> bool {
        self.flight.is_some()
    }

    /// Lets one thing happen.
    pub(super) fn step(
        &mut self,
        mood: Mood,
        now_ms: i64,
        backend: &mut Backend,
        rng: &mut fastrand::Rng,
    ) -> Result<Event, Broken> {
        if !self.late.is_empty() && (self.flight.is_none() || rng.u8(0..4) == 0) {
            let request = self.late.swap_remove(rng.usize(0..self.late.len()));
            let arrived = backend.take(&request)?.arrived;
            return Ok(Event { fate: "an old copy arrives", arrived, ..Event::default() });
        }
        let Some((ticket, request)) = self.flight.clone() else { return Ok(Event::default()) };
        if let Some(response) = self.answer.take() {
            self.flight = None;
            return Ok(Event { fate: "the answer comes", reply: Some((ticket, Ok(response))), ..Event::default() });
        }
        let fault = if mood == Mood::Kind { u8::MAX } else { rng.u8(0..40) };
        let lost = |why: &str| Some((ticket, Err(TransportError::Network(why.to_owned()))));
        let said = |response| Some((ticket, Ok(response)));
        // What does not reach the backend.
        let early = match fault {
            0 => Some(("refused", lost("refused"))),
            1 => Some(("captive portal", said(html(200)))),
            2 => Some(("unavailable", said(later(503, rng, now_ms)))),
            3 => Some(("too many requests", said(later(429, rng, now_ms)))),
            4 => Some(("bad gateway", said(html(502)))),
            5 => Some(("gone", said(html(404)))),
            6 => Some(("a proxy's refusal", said(html(*rng.choice(&[400, 402, 451]).unwrap_or(&400))))),
            7 => {
                let status = if rng.bool() { 401 } else { 403 };
                // The backend's own word, or that of a page to sign in at.
                Some(("key refused", said(if rng.bool() { key_refused(status) } else { html(status) })))
            }
            8 => Some(("too large an answer", Some((ticket, Err(TransportError::TooLarge))))),
            9 => Some(("redirected", said(html(302)))),
            _ => None,
        };
        if let Some((fate, reply)) = early {
            self.flight = None;
            return Ok(Event { fate, reply, ..Event::default() });
        }
        if fault == 10 {
            // The broken body reaches the backend; its answer reaches nobody.
            let mut cut = request;
            let body = &mut cut.request.body;
            body.truncate(rng.usize(0..=body.len().saturating_sub(1)));
            let whole = body.is_empty() && cut.request.url.ends_with(CATALOGUE_PATH);
            let arrived = if whole { Vec::new() } else { backend.take(&cut)?.arrived };
            self.flight = None;
            return Ok(Event { fate: "cut on the way out", reply: lost("reset"), arrived, ..Event::default() });
        }
        if fault == 11 {
            // It leaves now, and arrives when nobody waits for it any more.
            self.late.push(request);
            self.flight = None;
            let reply = Some((ticket, Err(TransportError::Timeout)));
            return Ok(Event { fate: "slow, and given up", reply, timed_out: true, ..Event::default() });
        }
        let Answer { response, mut arrived } = backend.take(&request)?;
        let mut event = Event { fate: "answered", fresh: true, ..Event::default() };
        let reply = match fault {
            12 | 13 => {
                event.fate = "answer lost";
                lost("reset")
            }
            14 => {
                event.fate = "answer timed out";
                event.timed_out = true;
                Some((ticket, Err(TransportError::Timeout)))
            }
            15 => {
                event.fate = "the backend fails behind its commit";
                said(html(500))
            }
            16 => {
                event.fate = "arrives twice";
                let again = backend.take(&request)?;
                arrived.extend(again.arrived);
                said(again.response)
            }
            17 => {
                event.fate = "arrives, and once more later";
                self.late.push(request);
                said(response)
            }
            18 | 19 => {
                event.fate = "arrives, the answer is on its way";
                event.arrived = arrived;
                self.answer = Some(response);
                return Ok(event);
            }
            20..24 if !response.body.is_empty() => {
                event.fate = "garbled answer";
                said(garble(response, rng))
            }
            _ => said(response),
        };
        self.flight = None;
        Ok(Event { reply, arrived, ..event })
    }
}

fn html(status: u16) -> Response {
    let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
    Response { status, headers, body: b"<html><body>Please sign in</body></html>".to_vec() }
}

fn key_refused(status: u16) -> Response {
    let body = br#"{"type":"/problems/unknown-key","title":"No tenant has this key","status":401}"#;
    Response { body: body.to_vec(), ..html(status) }
}

/// An answer that asks for patience, in each of the ways in which it may.
fn later(status: u16, rng: &mut fastrand::Rng, now_ms: i64) -> Response {
    let date = |ms: i64| {
        let time = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
        DateTimePrinter::new().timestamp_to_rfc9110_string(&time).unwrap_or_default()
    };
    let mut response = html(status);
    let after = match rng.u8(0..6) {
        0 => "0".to_owned(),
        1 => rng.u32(1..600).to_string(),
        2 => "soon".to_owned(),
        3 => "99999999999999".to_owned(),
        4 => date(now_ms.saturating_add(rng.i64(-60_000..600_000))),
        _ => {
            response.headers.push(("date".to_owned(), date(1_000_000_000_000)));
            date(1_000_000_000_000 + rng.i64(0..600_000))
        }
    };
    response.headers.push(("retry-after".to_owned(), after));
    response
}

/// What is not the backend's answer any more, or not quite.
fn garble(mut response: Response, rng: &mut fastrand::Rng) -> Response {
    if rng.bool() {
        response.body.truncate(rng.usize(0..response.body.len()));
        return response;
    }
    let Ok(mut reply) = serde_json::from_slice::<BatchReply>(&response.body) else {
        response.body.insert(0, b'}');
        return response;
    };
    let any = rng.usize(0..reply.verdicts.len().max(1));
    match rng.u8(0..5) {
        0 => reply.batch = Uuid::from_u128(rng.u128(..)),
        // Some events are not spoken of.
        1 => reply.verdicts.retain(|_| rng.bool()),
        // One event is spoken of twice, and not in the same way.
        2 => {
            if let Some(verdict) = reply.verdicts.get(any).cloned() {
                reply.verdicts.push(Verdict { verdict: VerdictKind::Retry, ..verdict });
            }
        }
        // A word of the future, and events of someone else.
        3 => {
            let text = String::from_utf8(response.body).unwrap_or_default();
            let verdict = if rng.bool() { "\"ok\"" } else { "\"duplicate\"" };
            response.body = text.replacen(verdict, "\"pondered\"", 1).into_bytes();
            return response;
        }
        _ => {
            let id = Uuid::from_u128(rng.u128(..));
            reply.verdicts.push(Verdict { id, verdict: VerdictKind::Drop, reason: Some("not_permitted".to_owned()) });
            reply.server_time = "yesterday".to_owned();
        }
    }
    response.body = serde_json::to_vec(&reply).unwrap_or_default();
    response
}
