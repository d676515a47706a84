//! What every RPC of every service does around its own work.

use std::future::Future;

use futures_util::stream::{BoxStream, Stream, StreamExt};
use steward_kernel::{Context, Error, Kind, Result, error::reason};
use tonic::{Extensions, Request, Response, Status};

use crate::status;

/// Metadata of an answer to a creation that created nothing, because it was there: JSON answers
/// 200 then.
pub const EXISTED: &str = "steward-existed";

/// Marks the answer to a creation that found what it should create.
#[must_use]
pub fn existed<Out>(mut response: Response<Out>) -> Response<Out> {
    let value = tonic::metadata::MetadataValue::from_static("true");
    response.metadata_mut().insert(EXISTED, value);
    response
}

/// Metadata of an answer that is that of an earlier call.
pub(crate) const REPLAYED: &str = "idempotency-replayed";

/// Metadata that says which repeated calls are the same call.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The idempotency key of a call that the stack does not keep one for.
///
/// # Errors
/// INVALID_ARGUMENT when it is not 1 to 255 printable ASCII characters.
pub fn idempotency_key<In>(request: &Request<In>) -> Result<Option<String>, Status> {
    let Some(key) = request.metadata().get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let text = key.to_str().unwrap_or_default();
    checked_key(text).map(Some).map_err(|error| status::from_error(&error, ""))
}

/// A key is 1 to 255 printable ASCII characters.
pub(crate) fn checked_key(text: &str) -> Result<String> {
    let printable = text.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    if text.is_empty() || text.len() > 255 || !printable {
        return Err(Error::new(
            Kind::InvalidArgument,
            reason::INVALID_IDEMPOTENCY_KEY,
            "The idempotency key must be 1 to 255 printable ASCII characters.",
        ));
    }
    Ok(text.to_owned())
}

/// Marks an answer that is that of an earlier call with the same idempotency key.
#[must_use]
pub fn replayed<Out>(mut response: Response<Out>) -> Response<Out> {
    let value = tonic::metadata::MetadataValue::from_static("true");
    response.metadata_mut().insert(REPLAYED, value);
    response
}

/// Opens a request, runs `work` with its context and message, and answers its result.
///
/// A failure becomes a gRPC status, and its cause is logged here, once. Only this shell is
/// compiled per RPC; what it calls is not generic.
///
/// # Errors
/// Those of `work`.
pub async fn run<In, Out, Work, Running>(
    request: Request<In>,
    work: Work,
) -> Result<Response<Out>, Status>
where
    Work: FnOnce(Context, In) -> Running,
    Running: Future<Output = Result<Out>>,
{
    let (_, mut extensions, message) = request.into_parts();
    let context = open(&mut extensions)?;
    match work(context.clone(), message).await {
        Ok(answer) => Ok(Response::new(answer)),
        Err(error) => Err(status::refuse(&error, &context)),
    }
}

/// As [`run`], for an RPC that answers with a stream.
///
/// # Errors
/// Those of `work`; later ones are items of the stream and end it.
pub async fn stream<In, Out, Work, Running, Items>(
    request: Request<In>,
    work: Work,
) -> Result<Response<BoxStream<'static, Result<Out, Status>>>, Status>
where
    Work: FnOnce(Context, In) -> Running,
    Running: Future<Output = Result<Items>>,
    Items: Stream<Item = Result<Out>> + Send + 'static,
    Out: 'static,
{
    let (_, mut extensions, message) = request.into_parts();
    let context = open(&mut extensions)?;
    match work(context.clone(), message).await {
        Ok(items) => {
            let items =
                items.map(move |item| item.map_err(|error| status::refuse(&error, &context)));
            Ok(Response::new(items.boxed()))
        }
        Err(error) => Err(status::refuse(&error, &context)),
    }
}

fn open(extensions: &mut Extensions) -> Result<Context, Status> {
    // Only a stack without its context layer lacks one.
    extensions
        .remove::<Context>()
        .ok_or_else(|| status::from_error(&Error::internal("no context"), ""))
}
