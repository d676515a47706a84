//! Every RPC of the contract, by its descriptor: nobody needs to write these tests again for a
//! new RPC.

mod contract;
mod lists;
pub mod request;
mod rules;
mod texts;
mod walls;
