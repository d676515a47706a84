//! What every RPC of every service does around its own work.

use std::future::Future;

use steward_kernel::{Context, Error, Result};
use tonic::{Request, Response, Status};

use crate::status;

/// Opens a request, runs `work` with its context and message, and answers its result.
///
/// A failure becomes a gRPC status, and its cause is logged here, once.
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
    let Some(context) = extensions.remove::<Context>() else {
        // Only a stack without its context layer gets here.
        return Err(status::from_error(&Error::internal("no context"), ""));
    };
    let family = context.family();
    match work(context, message).await {
        Ok(answer) => Ok(Response::new(answer)),
        Err(error) => Err(status::from_error(&error, family)),
    }
}
