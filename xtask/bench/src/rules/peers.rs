//! The engines of others on the same rules, each as its documentation says it is fast.

use anyhow::{anyhow, bail, ensure};
use datalogic_rs::bumpalo::Bump;
use datalogic_rs::{DataValue, Engine, Logic};
use jexl_eval::Evaluator;
use serde_json::Value;

use super::{Spelt, each};

type Peers = Vec<(String, f64)>;

/// Compiled once, over data that was read once; what a judgement allocates is thrown away together.
pub fn datalogic(
    spelt: &[Spelt],
    document: &Value,
    expected: &[bool],
    judging: &mut Peers,
    parsing: &mut Peers,
) -> anyhow::Result<()> {
    let engine = Engine::new();
    let texts: Vec<String> = spelt.iter().map(|rule| rule.plain.to_string()).collect();
    let compile = |text: &String| engine.compile(text.as_str());
    let rules =
        texts.iter().map(compile).collect::<Result<Vec<_>, _>>().map_err(|why| anyhow!("datalogic-rs: {why}"))?;
    let text = document.to_string();
    let kept = Bump::new();
    let data = DataValue::from_str(&text, &kept).map_err(|why| anyhow!("datalogic-rs: {why:?}"))?;
    let data = kept.alloc(data);
    let arena = Bump::new();
    let judge = |rule: &Logic| engine.evaluate(rule, *data, &arena).is_ok_and(|value| engine.truthy(value));
    ensure!(rules.iter().map(judge).eq(expected.iter().copied()), "datalogic-rs comes to something else");
    judging.push(("datalogic-rs, compiled".to_owned(), each(&rules, judge)));
    parsing.push(("datalogic-rs".to_owned(), each(&texts, |text| compile(text).is_ok())));
    Ok(())
}

/// It has no compiled form: the rule is read from its JSON value each time.
pub fn jsonlogic(spelt: &[Spelt], document: &Value, expected: &[bool], judging: &mut Peers) -> anyhow::Result<()> {
    let judge = |rule: &Spelt| jsonlogic_rs::apply(&rule.plain, document).is_ok_and(|value| value == true);
    ensure!(spelt.iter().map(judge).eq(expected.iter().copied()), "jsonlogic-rs comes to something else");
    judging.push(("jsonlogic-rs".to_owned(), each(spelt, judge)));
    Ok(())
}

/// It has no compiled form either, and takes its own copy of the data each time; so a part of the
/// rules must do.
pub fn jexl(spelt: &[Spelt], document: &Value, expected: &[bool], judging: &mut Peers) -> anyhow::Result<()> {
    let (spelt, expected) = (&spelt[..spelt.len() / 50], &expected[..spelt.len() / 50]);
    let evaluator = Evaluator::new();
    let judge = |rule: &Spelt| evaluator.eval_in_context(&rule.jexl, document).is_ok_and(|value| value == true);
    let other = spelt.iter().zip(expected).find(|(rule, expected)| judge(rule) != **expected);
    if let Some((rule, expected)) = other {
        let came = evaluator.eval_in_context(&rule.jexl, document);
        bail!("jexl-eval comes to something else than {expected}: {} is {came:?}", rule.jexl);
    }
    judging.push(("jexl-eval".to_owned(), each(spelt, judge)));
    Ok(())
}
