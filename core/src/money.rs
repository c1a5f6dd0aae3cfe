//! Amounts of money, and which currencies there are.
//!
//! Pure. Nothing is reckoned or converted here: an amount is what a till or a catalogue said.
//! [`crate::event`] and [`crate::offer`] hold what comes in to it.

use serde::Serialize;

/// An amount in a currency's minor unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Money {
    /// In the currency's minor unit: cents of a euro, whole yen, thousandths of a dinar.
    pub minor: i64,
    /// ISO 4217, three capital letters.
    pub currency: String,
}

/// The largest amount, 2^53 − 1: a larger one changes on its way through readers of JSON that
/// know doubles alone (RFC 8259, section 6). It is ninety trillion euros.
pub(crate) const MAX_MINOR: i64 = (1 << 53) - 1;

impl Money {
    /// What is wrong with an amount that was paid or saved: the field, and why.
    pub(crate) fn flaw(&self) -> Option<(&'static str, String)> {
        if !(0..=MAX_MINOR).contains(&self.minor) {
            return Some(("minor", format!("is {}; 0 to {MAX_MINOR} are taken", self.minor)));
        }
        currency_flaw(&self.currency).map(|why| ("currency", why))
    }
}

/// What is wrong with the name of a currency; `None` for one of ISO 4217.
pub(crate) fn currency_flaw(code: &str) -> Option<String> {
    let known = <&[u8; 3]>::try_from(code.as_bytes())
        .is_ok_and(|code| CODES.as_bytes().as_chunks().0.binary_search(code).is_ok());
    (!known).then(|| {
        let shown: String = code.chars().take(8).collect();
        format!("{shown:?} is not a currency of ISO 4217, in three capital letters")
    })
}

/// The active codes of ISO 4217 as published on 2026-01-01, sorted, and beside them two that were
/// withdrawn lately (ANG, BGN): a till outlives a currency. Metals, funds, units of account and the
/// code for no currency are left out: no shop takes them.
const CODES: &str = "\
    AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBHDBIFBMDBNDBOBBRLBSDBTNBWPBYNBZDCADCDFCHFCLPCNYCOPCRC\
    CUPCVECZKDJFDKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGNFGTQGYDHKDHNLHTGHUFIDRILSINRIQDIRRISKJMD\
    JODJPYKESKGSKHRKMFKPWKRWKWDKYDKZTLAKLBPLKRLRDLSLLYDMADMDLMGAMKDMMKMNTMOPMRUMURMVRMWKMXNMYRMZNNAD\
    NGNNIONOKNPRNZDOMRPABPENPGKPHPPKRPLNPYGQARRONRSDRUBRWFSARSBDSCRSDGSEKSGDSHPSLESOSSRDSSPSTNSVCSYP\
    SZLTHBTJSTMTTNDTOPTRYTTDTWDTZSUAHUGXUSDUYUUZSVEDVESVNDVUVWSTXAFXCDXCGXOFXPFYERZARZMWZWG";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_whole() {
        let (codes, rest) = CODES.as_bytes().as_chunks::<3>();
        assert!(rest.is_empty());
        assert!(codes.is_sorted_by(|a, b| a < b), "a search needs it sorted");
        assert!(CODES.bytes().all(|byte| byte.is_ascii_uppercase()));
    }

    #[test]
    fn a_shops_currencies_are_taken_and_no_others() {
        for code in ["EUR", "AED", "JPY", "KWD", "ZWG", "XOF", "BGN"] {
            assert_eq!(currency_flaw(code), None, "{code}");
        }
        for code in ["", "EU", "EURO", "eur", "XXX", "XAU", "ABC", "AAA", "ZZZ", "E€"] {
            assert!(currency_flaw(code).is_some(), "{code}");
        }
    }

    #[test]
    fn an_amount_that_a_double_cannot_hold_is_refused_with_its_field() {
        let money = |minor, currency: &str| Money { minor, currency: currency.into() };
        assert_eq!(money(MAX_MINOR, "EUR").flaw(), None);
        assert_eq!(money(0, "EUR").flaw(), None);
        for minor in [-1, i64::MIN, MAX_MINOR + 1, i64::MAX] {
            assert_eq!(money(minor, "EUR").flaw().map(|(field, _)| field), Some("minor"), "{minor}");
        }
        assert_eq!(money(1, "euro").flaw().map(|(field, _)| field), Some("currency"));
    }
}
