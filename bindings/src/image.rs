//! Pictures of offers, as they cross: a path.

use crate::contain::contain_async;
use crate::error::PatronError;
use crate::handle::PatronHandle;

#[uniffi::export]
impl PatronHandle {
    /// Where a picture of an offer lies on this device, fetched if it has to be. What it needs and fails with stands
    /// at `patron_core::Patron::image`.
    pub async fn image(&self, offer: String, index: u32, even_metered: bool) -> Result<String, PatronError> {
        contain_async(&self.log, "image", async {
            let path = self.open_or_closed()?.image(offer, index as usize, even_metered).await?;
            let text = path.into_os_string().into_string();
            text.map_err(|_| PatronError::Storage { why: "the folder's name is not text".to_owned() })
        })
        .await
    }
}
