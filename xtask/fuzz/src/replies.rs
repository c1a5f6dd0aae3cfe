//! A sound store against a backend that says anything, in any order, at any time.

use std::time::Duration;

use patron_core::consent::Purpose;
use patron_core::fuzzing::Device;
use patron_core::sync::{Response, TransportError};
use serde_json::{Value, json};

use crate::device::{ACCEPTED, LATER, folder, lived, ring};
use crate::input::{Input, Seed};
use crate::{Target, script};

pub(crate) const TARGET: Target = Target {
    name: "replies",
    promise: "whatever a backend answers, the account balances and the store opens again",
    max_len: 1024,
    words: &[
        "\"verdicts\":",
        "\"verdict\":",
        "\"reason\":",
        "\"server_time\":",
        "\"epoch\":",
        "\"ok\"",
        "\"retry\"",
        "\"drop\"",
        "\"-999999-01-01T00:00:00Z\"",
        "\"9999-12-31T23:59:59Z\"",
        "18446744073709551615",
        "null",
    ],
    run,
    seeds,
};

/// More steps than this are the same again.
const MOST: usize = 24;

const STATUSES: [u16; 17] = [200, 204, 226, 304, 400, 401, 403, 404, 408, 409, 413, 422, 425, 429, 500, 503, 99];

fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let folder = folder();
    lived().lay(folder.path());
    let mut device = Device::open(folder.path(), ring(), LATER).expect("a sound store opens");
    let mut accepted = ACCEPTED;
    for _ in 0..MOST {
        if input.is_empty() {
            break;
        }
        step(&mut device, &mut input, &mut accepted);
        let account = device.diagnostics().expect("a sound store is read").account;
        assert!(account.balances(), "{account:?}");
    }
    let before = device.diagnostics().expect("a sound store is read").account;
    assert!(before.accepted >= accepted, "{accepted} were recorded: {before:?}");
    drop(device);
    let mut device = Device::open(folder.path(), ring(), LATER).expect("a sound store opens again");
    let after = device.diagnostics().expect("a sound store is read").account;
    // Visits that time ended are events too.
    assert!(after.balances() && after.accepted >= before.accepted, "{before:?}, then {after:?}");
    assert!(after.delivered >= before.delivered, "{before:?}, then {after:?}");
}

fn step(device: &mut Device, input: &mut Input<'_>, accepted: &mut u64) {
    match input.u8() % 8 {
        0 => device.advance(Duration::from_secs(u64::from(input.u16()))),
        1 => *accepted += u64::from(device.track("dev.patron.custom", input.run()).unwrap_or(false)),
        2 => drop(device.grant(Purpose::Engagement)),
        3 => match input.u8() % 4 {
            0 => drop(device.sign_out()),
            1 => drop(device.identify("another")),
            2 => drop(device.locate(60.1675, 24.9525)),
            _ => drop(device.withdraw(Purpose::Engagement)),
        },
        4 => device.answer(Err(TransportError::Timeout)),
        5 => {
            let headers = [("retry-after", input.text()), ("date", input.text())];
            let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
            let reply = Response { status: *input.one_of(&STATUSES), headers, body: input.run().to_vec() };
            device.answer(Ok(reply));
        }
        6 => {
            // The right answer, but for what the input says of it.
            let Some(request) = device.request() else { return };
            let mut reply = script::yes(request);
            reply.status = *input.one_of(&STATUSES);
            if let (Ok(mut good), Ok(patch)) =
                (serde_json::from_slice(&reply.body), serde_json::from_slice(input.run()))
            {
                lay_over(&mut good, &patch);
                reply.body = good.to_string().into_bytes();
            }
            device.answer(Ok(reply));
        }
        _ => {
            let Some(request) = device.request() else { return };
            let reply = script::yes(request);
            device.answer(Ok(reply));
        }
    }
}

/// Replaces what `patch` names: in objects by name, in lists by position.
fn lay_over(good: &mut Value, patch: &Value) {
    match (good, patch) {
        (Value::Object(good), Value::Object(patch)) => {
            for (name, value) in patch {
                lay_over(good.entry(name).or_insert(Value::Null), value);
            }
        }
        (Value::Array(good), Value::Array(patch)) => good.iter_mut().zip(patch).for_each(|(g, p)| lay_over(g, p)),
        (good, patch) => *good = patch.clone(),
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let patched = |status: u8, patch: &Value| Seed::default().raw([6, status]).run(patch.to_string()).done();
    let wait = |seconds: u16| Seed::default().raw([0]).raw(seconds.to_le_bytes()).done();
    let good = vec![7];
    let drop_one = patched(0, &json!({"verdicts": [{"verdict": "drop", "reason": "malformed"}, {"verdict": "retry"}]}));
    let no_consent = patched(0, &json!({"verdicts": [{"verdict": "retry", "reason": "consent_not_held"}]}));
    let other_time = patched(0, &json!({"server_time": "1990-01-01T00:00:00Z"}));
    let problem = r#"{"type":"x","title":"no","status":400}"#;
    let answer = |status: u8, body: &str| Seed::default().raw([5]).run("7").run("").raw([status]).run(body).done();
    let long = wait(3_700);
    vec![
        [good.clone(), good.clone(), good.clone(), long.clone(), good.clone()].concat(),
        [good.clone(), long.clone(), good.clone(), long.clone(), drop_one, long.clone(), good.clone()].concat(),
        [good.clone(), long.clone(), no_consent, good.clone(), other_time, long.clone()].concat(),
        [good.clone(), long.clone(), answer(3, problem), answer(3, problem), answer(3, problem), long.clone()].concat(),
        [answer(4, ""), good.clone(), answer(12, ""), vec![4], long.clone(), answer(14, "")].concat(),
        [vec![3, 0, 2, 1, 2, 0, b'{', b'}'], long.clone(), good.clone(), vec![3, 3, 3, 1], long, good].concat(),
    ]
}
