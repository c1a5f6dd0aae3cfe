//! A shelf over a real store, with the time passed in.

use axum::body::Bytes;

use super::*;
use crate::store;
use crate::tenant::hash_key;

fn catalogue(version: &str) -> Published {
    Published::new(version.to_owned(), Bytes::from(format!("{{\"version\":\"{version}\"}}")))
}

fn waiting(version: &str, at_ms: i64) -> Change {
    Change::Schedule(Waiting { catalogue: catalogue(version), at_ms })
}

/// A store with one tenant, and its shelf.
struct Shop {
    shelf: Shelf,
    writer: Writer,
    tenant: Tenant,
    thread: std::thread::JoinHandle<()>,
}

impl Shop {
    fn open(data: &std::path::Path) -> Self {
        let opened = store::open(data).unwrap();
        let tenant = Tenant::stored("demo");
        store::add_key(&opened.connection, &tenant, &hash_key("pk_demo")).unwrap();
        let shelf = Shelf::new(store::shelf(&opened.connection).unwrap());
        let (writer, thread) = Writer::start(opened.connection, None).unwrap();
        Self { shelf, writer, tenant, thread }
    }

    async fn close(self) {
        self.writer.stop().await;
        self.thread.join().unwrap();
    }

    async fn version(&self, now_ms: i64) -> String {
        self.shelf.at(&self.writer, &self.tenant, now_ms).await.unwrap().live.version.clone()
    }

    async fn change(&self, change: Change) -> Arc<Stand> {
        self.shelf.change(&self.writer, &self.tenant, change, None).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn what_waits_is_live_from_its_time_on_and_not_before() {
    let data = tempfile::tempdir().unwrap();
    let shop = Shop::open(data.path());
    assert_eq!(shop.version(0).await, "empty");
    shop.change(Change::Publish(catalogue("one"))).await;
    shop.change(waiting("two", 1_000)).await;
    assert_eq!([shop.version(999).await, shop.version(1_000).await, shop.version(999).await], ["one", "two", "two"]);
    let stand = shop.shelf.at(&shop.writer, &shop.tenant, 1_001).await.unwrap();
    assert_eq!((stand.published_at.as_deref(), stand.waiting.is_none()), (Some("1970-01-01T00:00:01.000Z"), true));
    shop.close().await;
    let again = Shop::open(data.path());
    assert_eq!(again.version(0).await, "two", "it is on disk");
    again.close().await;
}

#[tokio::test]
async fn what_waits_survives_a_restart_whether_its_time_came_or_not() {
    let data = tempfile::tempdir().unwrap();
    let shop = Shop::open(data.path());
    shop.change(waiting("two", 5_000)).await;
    shop.close().await;
    let early = Shop::open(data.path());
    assert_eq!(early.version(4_999).await, "empty");
    early.close().await;
    let late = Shop::open(data.path());
    assert_eq!(late.version(5_000).await, "two");
    late.close().await;
}

#[tokio::test]
async fn a_later_one_replaces_what_waits_and_publishing_leaves_it() {
    let data = tempfile::tempdir().unwrap();
    let shop = Shop::open(data.path());
    shop.change(waiting("two", 1_000)).await;
    shop.change(waiting("three", 2_000)).await;
    shop.change(Change::Publish(catalogue("one"))).await;
    assert_eq!([shop.version(1_500).await, shop.version(2_000).await], ["one", "three"]);
    shop.change(waiting("four", 3_000)).await;
    assert!(shop.change(Change::Cancel).await.waiting.is_none());
    assert_eq!(shop.version(9_000).await, "three");
    shop.close().await;
}

#[tokio::test]
async fn a_change_of_what_somebody_else_replaced_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let shop = Shop::open(data.path());
    shop.change(Change::Publish(catalogue("one"))).await;
    let ask = |change: Change, tag: String| shop.shelf.change(&shop.writer, &shop.tenant, change, Some(vec![tag]));
    let (one, two) = (catalogue("one").etag, catalogue("two").etag);
    let publish = |version| Change::Publish(catalogue(version));
    assert!(ask(publish("two"), one.clone()).await.unwrap().is_ok());
    let refused = ask(publish("three"), one.clone()).await.unwrap().map(|_| ());
    assert_eq!(refused, Err(NotChanged::Replaced { etag: two.clone() }));
    assert!(ask(waiting("four", 1_000), two.clone()).await.unwrap().is_ok(), "nothing waits: the live one is meant");
    let refused = ask(Change::Cancel, two).await.unwrap().map(|_| ());
    assert_eq!(refused, Err(NotChanged::Replaced { etag: catalogue("four").etag }));
    assert!(ask(Change::Cancel, "*".to_owned()).await.unwrap().is_ok());
    assert_eq!(shop.version(9_000).await, "two");
    shop.close().await;
}

#[tokio::test]
async fn what_the_store_refuses_leaves_what_was_live() {
    let data = tempfile::tempdir().unwrap();
    let shop = Shop::open(data.path());
    shop.change(Change::Publish(catalogue("one"))).await;
    shop.change(waiting("two", 1_000)).await;
    shop.writer.stop().await;
    shop.thread.join().unwrap();
    let stand = shop.shelf.at(&shop.writer, &shop.tenant, 1_000).await.unwrap();
    assert_eq!(stand.live.version, "one");
    let refused = shop.shelf.change(&shop.writer, &shop.tenant, Change::Cancel, None).await.unwrap().map(|_| ());
    assert_eq!(refused, Err(NotChanged::Failed(Failure::Storage)));
}
