//! Every RPC of the contract, by its descriptor: nobody needs to write these tests again for a
//! new RPC, of whichever family. What the descriptors do not say is in `ready`.

mod bad_input;
mod behaviour;
mod callers;
mod changes;
mod contract;
mod grounds;
mod ids;
mod lists;
mod parity;
mod problems;
mod ready;
mod render;
pub mod request;
mod rules;
mod texts;
mod walls;
