//! Keys of small values in the store.

pub(super) const INSTALLATION: &str = "installation";
pub(super) const IDENTITY: &str = "identity";
pub(super) const VISITS: &str = "visits";
/// The shopper's own side; see [`super::shopper`].
pub(super) const MOMENTS: &str = "moments";
pub(super) const WISHES: &str = "wishes";
pub(super) const SAVED: &str = "saved";
pub(super) const HISTORY: &str = "history";
pub(super) const PERSON: &str = "person";
/// What of the shopper's own side the other devices have; see [`super::preferences`].
pub(super) const PREFERENCES: &str = "preferences";
pub(super) const DECISIONS: &str = "decisions";
/// When the fixed code of a place last counted.
pub(super) const CODES: &str = "codes";
pub(super) const SYNC: &str = "sync";
pub(super) const FLUSHED: &str = "flushed";
pub(super) const FALLEN: &str = "fallen";
pub(super) const SECRET: &str = "secret";
pub(super) const VAULT_REFUSALS: &str = "vault_refusals";
pub(super) const ANCHOR: &str = "anchor";
/// The public keys that this installation has signed with.
pub(super) const KEYS: &str = "keys";
pub(super) const SIGNALS: &str = "signals";
pub(super) const PROMPTS: &str = "prompts";
pub(super) const CONSENT_CATALOGUE: &str = "consent_catalogue";
/// The purposes of a purge that is not followed to its end.
pub(super) const PURGE: &str = "purge";
/// There may be no such purge: whether there was one could not be read of a damaged file.
pub(super) const PURGE_UNSURE: &str = "purge_unsure";
/// What the shopper asks of the backend.
pub(super) const RIGHTS: &str = "rights";
/// What the shopper may yet ask about a name that this installation had before; see [`super::former`].
pub(super) const FORMER: &str = "former";
/// What the backend gave to see.
pub(super) const EXPORT: &str = "export";
/// That everything was erased.
pub(super) const PROOF: &str = "proof";
