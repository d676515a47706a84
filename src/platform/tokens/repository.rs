//! What a token request needs to know, in one round trip.

use steward_database::Key;
use steward_kernel::Result;

use crate::App;
use crate::clients::{self, Client};
use crate::keys;

/// The client with an id, and the id of the key that signs. The two statements travel
/// together.
pub(super) async fn find_client_and_key(
    app: &App,
    client_id: &str,
) -> Result<(Option<Client>, String)> {
    let tx = app.database.read_by(Key::Client(client_id)).await?;
    tokio::try_join!(clients::find(&tx, client_id), keys::newest(&tx))
}
