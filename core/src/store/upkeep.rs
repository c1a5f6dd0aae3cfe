//! Keeping the files small: checkpoints of the log, vacuum of what was deleted.

use std::path::Path;

use rusqlite::Connection;

use super::{MAIN_FILE, OFFERS_FILE, Store, StoreError};

/// Above this the log is folded into the file at the next pause between groups: a fifth of a
/// second of events on a fast phone, and little enough to read when the store is opened.
const WAL_SOFT_PAGES: i64 = 256;

/// Above this at once: no pause may come while events keep coming.
const WAL_HARD_PAGES: i64 = 1_024;

/// Pages given back in one step, a few milliseconds of work.
const VACUUM_PAGES: u32 = 256;

/// How much is left to tidy up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tidiness {
    /// Nothing.
    Tidy,
    /// More steps are worth it.
    More,
}

impl Store {
    /// Folds the logs into their files where it is due. `pausing`: nothing else waits.
    pub(crate) fn checkpoint(&self, pausing: bool) -> Result<(), StoreError> {
        let most = if pausing { WAL_SOFT_PAGES } else { WAL_HARD_PAGES };
        // A catalogue comes at its own time, and a process may not live to the end: its log waits for a pause only.
        let files = if pausing { &[&self.main, &self.offers][..] } else { &[&self.main] };
        for file in files {
            if wal_pages(file)? >= most {
                checkpoint(file, "PASSIVE")?;
            }
        }
        Ok(())
    }

    /// One step towards the smallest files: free pages are given back; when there are none, the log
    /// is cut to nothing.
    pub(crate) fn tidy(&self) -> Result<Tidiness, StoreError> {
        if free_pages(&self.main)? > 0 {
            vacuum(&self.main, VACUUM_PAGES)?;
            return Ok(Tidiness::More);
        }
        if wal_pages(&self.main)? > 0 {
            checkpoint(&self.main, "TRUNCATE")?;
        }
        Ok(Tidiness::Tidy)
    }

    /// Leaves no byte of what was deleted: free pages go, and the log is cut to nothing.
    pub(crate) fn scrub(&self) -> Result<(), StoreError> {
        vacuum(&self.main, u32::MAX)?;
        #[cfg(test)]
        crate::stop::behind(crate::stop::Step::Vacuumed);
        checkpoint(&self.main, "TRUNCATE")
    }

    /// The same for the offers' file.
    pub(crate) fn scrub_offers(&self) -> Result<(), StoreError> {
        vacuum(&self.offers, u32::MAX)?;
        checkpoint(&self.offers, "TRUNCATE")
    }
}

/// The length of the log.
fn wal_pages(db: &Connection) -> Result<i64, StoreError> {
    db.prepare_cached("PRAGMA wal_checkpoint(NOOP)")
        .and_then(|mut ask| ask.query_row([], |row| row.get::<_, i64>(1)))
        .map_err(StoreError::sql("checkpoint"))
}

fn free_pages(db: &Connection) -> Result<i64, StoreError> {
    db.prepare_cached("PRAGMA freelist_count")
        .and_then(|mut ask| ask.query_row([], |row| row.get(0)))
        .map_err(StoreError::sql("vacuum"))
}

fn checkpoint(db: &Connection, mode: &str) -> Result<(), StoreError> {
    db.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(())).map_err(StoreError::sql("checkpoint"))
}

/// The pragma frees a page for each row that it is asked for.
fn vacuum(db: &Connection, pages: u32) -> Result<(), StoreError> {
    let sql = StoreError::sql("vacuum");
    let mut vacuum = db.prepare(&format!("PRAGMA incremental_vacuum({pages})")).map_err(&sql)?;
    let mut rows = vacuum.query([]).map_err(&sql)?;
    while rows.next().map_err(&sql)?.is_some() {}
    Ok(())
}

/// Deletes every event by cutting the file: their pages are given back in the transaction itself, so none of them is
/// overwritten first, or written to the log. That is most of what a shopper who says no waits for.
///
/// A file that cannot be cut, for whatever reason, keeps nobody from saying no: each page is overwritten then.
pub(super) fn cut_queue(tx: &Connection) -> Result<(), StoreError> {
    let sql = StoreError::sql("cut");
    let run = |statements: &str| tx.execute_batch(statements).map_err(&sql);
    run("SAVEPOINT cut; PRAGMA secure_delete = FAST;")?;
    let cut = run("DELETE FROM event").and_then(|()| vacuum(tx, u32::MAX)).and_then(|()| free_pages(tx));
    run("PRAGMA secure_delete = ON")?;
    // A page that stays would have what was deleted.
    if matches!(cut, Ok(0)) {
        return run("RELEASE cut");
    }
    run("ROLLBACK TO cut; RELEASE cut; DELETE FROM event;")
}

/// The length of the database files in `folder` and of their logs.
pub(crate) fn disk_bytes(folder: &Path) -> u64 {
    let length = |name: &str| std::fs::metadata(folder.join(name)).map_or(0, |found| found.len());
    [MAIN_FILE, OFFERS_FILE].into_iter().map(|file| length(file) + length(&format!("{file}-wal"))).sum()
}

#[cfg(test)]
mod tests {
    use super::super::offers::CachedBody;
    use super::*;

    #[test]
    fn a_catalogue_that_changes_day_by_day_does_not_make_the_log_grow() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), None, 0).unwrap();
        let log = || std::fs::metadata(folder.path().join(format!("{OFFERS_FILE}-wal"))).unwrap().len();
        for day in 0..20_u8 {
            let body = vec![day; 2 << 20];
            store.cache_catalogue(&CachedBody { etag: None, fetched_at_ms: 0, body, own_only: false }).unwrap();
            store.checkpoint(true).unwrap();
        }
        assert!(log() < 5 << 20, "{}", log());
    }

    #[test]
    fn a_queue_that_is_cut_leaves_no_byte_and_so_does_one_that_cannot_be() {
        const CANARY: &str = "canary-4be1";
        for can_be_cut in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("db");
            let mut db = Connection::open(&path).unwrap();
            let vacuum = if can_be_cut { "INCREMENTAL" } else { "NONE" };
            db.execute_batch(&format!(
                "PRAGMA auto_vacuum = {vacuum}; PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON;
                 CREATE TABLE event (seq INTEGER PRIMARY KEY, data TEXT); CREATE TABLE other (data TEXT);
                 INSERT INTO other VALUES ('stays');"
            ))
            .unwrap();
            let fill = "INSERT INTO event (data) WITH RECURSIVE n(i) AS
                            (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
                        SELECT replace(hex(zeroblob(40 * (i % 300))), '00', ?1) FROM n";
            db.execute(fill, [CANARY]).unwrap();
            let tx = db.transaction().unwrap();
            cut_queue(&tx).unwrap();
            tx.commit().unwrap();
            checkpoint(&db, "TRUNCATE").unwrap();
            let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
            assert_eq!((number("SELECT count(*) FROM event"), number("SELECT count(*) FROM other")), (0, 1));
            assert_eq!(number("PRAGMA secure_delete"), 1, "as it was");
            assert_eq!(number("PRAGMA freelist_count") == 0, can_be_cut);
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()), "cut: {can_be_cut}");
        }
    }
}
