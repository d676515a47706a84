//! Doing a change once: asked by the stack, answered by the platform.
//!
//! Every RPC that changes something runs inside a change. The platform opens one transaction
//! for it, the handler takes part through the context, and the stack commits it together with
//! all that follows from it: the record of the idempotency key, the event and the audit entry.
//! Handlers know nothing of this.

use std::any::Any;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use steward_kernel::{Context, Result};

/// Opens changes.
pub trait Changes: Send + Sync + 'static {
    /// Opens a transaction for a change, or finds that it was done before.
    ///
    /// # Errors
    /// INVALID_ARGUMENT (`IDEMPOTENCY_KEY_REUSED`) when the key stands for another request,
    /// ABORTED (`IDEMPOTENCY_IN_PROGRESS`) when the first call is still running, UNAVAILABLE
    /// when the database cannot be reached.
    fn begin<'a>(&'a self, change: Change<'a>) -> BoxFuture<'a, Result<Begun>>;
}

/// What is about to be changed.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Who changes, and for which tenant.
    pub context: &'a Context,
    /// `package.Service/Method`.
    pub rpc: &'static str,
    /// The idempotency key, with the SHA-256 of the request message.
    pub key: Option<(&'a str, [u8; 32])>,
    /// Whether a row that is changed by others meanwhile must not be changed, because the
    /// caller said how the resource has to look.
    pub conditional: bool,
}

/// How a change begins.
pub enum Begun {
    /// With an open transaction.
    Open(Box<dyn OpenChange>),
    /// Not at all: the key was used before, and this was the answer.
    Replay(Recorded),
}

/// A change whose transaction is open. Rolled back when dropped.
pub trait OpenChange: Send {
    /// What the context carries to the handler.
    fn unit(&self) -> Arc<dyn Any + Send + Sync>;

    /// Writes what follows from the change, and makes all of it last.
    ///
    /// # Errors
    /// ABORTED when a concurrent change got in the way; nothing has been written then.
    fn commit(self: Box<Self>, outcome: Outcome) -> BoxFuture<'static, Result<()>>;

    /// Undoes the change. With a key, `answer` is what the key stands for from now on.
    ///
    /// # Errors
    /// UNAVAILABLE when the answer cannot be recorded.
    fn roll_back(self: Box<Self>, answer: Option<Recorded>) -> BoxFuture<'static, Result<()>>;
}

/// The answer a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// gRPC code; 0 for success.
    pub code: i32,
    /// `grpc-message` as it was sent, empty for success.
    pub message: String,
    /// `grpc-status-details-bin` as it was sent, empty for none.
    pub details: String,
    /// The response message, empty for a failure.
    pub response: Bytes,
}

/// What a change did.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The answer, for the idempotency key.
    pub answer: Recorded,
    /// What happened to the resource, and to others by it; empty when nothing visible did.
    pub events: Vec<Event>,
}

/// What happened to a resource.
#[derive(Debug, Clone)]
pub struct Event {
    /// `facilities.owner.updated`.
    pub event_type: &'static str,
    /// `owner`.
    pub resource_type: &'static str,
    /// Id of the resource.
    pub resource_id: String,
    /// The resource before as the family's JSON, absent when it was created.
    pub before: Option<Vec<u8>>,
    /// The resource after as the family's JSON, absent when it was deleted.
    pub after: Option<Vec<u8>>,
}

impl Event {
    /// Whether it is of the same resource as another one.
    pub(crate) fn is_of(&self, other: &Self) -> bool {
        self.resource_type == other.resource_type && self.resource_id == other.resource_id
    }
}
