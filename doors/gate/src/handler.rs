//! What may stand behind an action: a function that reads, or one that changes.
//!
//! Its own signature says which action it answers, so none can sit under a wrong name.

use std::future::Future;

use access::{Change, Permit, Reader};
use wire::Action;

/// `async fn(&State, &mut Change, &Permit, &Action) -> Result<Reply, E>`.
pub trait Changes<'a, S: 'a, A: Action, E>:
    Fn(&'a S, &'a mut Change, &'a Permit, &'a A) -> Self::Answering + Send + Sync + 'static
{
    /// The handler at work.
    type Answering: Future<Output = Result<A::Reply, E>> + Send + 'a;
}

impl<'a, S, A, E, F, Answering> Changes<'a, S, A, E> for F
where
    S: 'a,
    A: Action,
    F: Fn(&'a S, &'a mut Change, &'a Permit, &'a A) -> Answering + Send + Sync + 'static,
    Answering: Future<Output = Result<A::Reply, E>> + Send + 'a,
{
    type Answering = Answering;
}

/// `async fn(&State, &mut Reader, &Permit, &Action) -> Result<Reply, E>`.
pub trait Reads<'a, S: 'a, A: Action, E>:
    Fn(&'a S, &'a mut Reader, &'a Permit, &'a A) -> Self::Answering + Send + Sync + 'static
{
    /// The handler at work.
    type Answering: Future<Output = Result<A::Reply, E>> + Send + 'a;
}

impl<'a, S, A, E, F, Answering> Reads<'a, S, A, E> for F
where
    S: 'a,
    A: Action,
    F: Fn(&'a S, &'a mut Reader, &'a Permit, &'a A) -> Answering + Send + Sync + 'static,
    Answering: Future<Output = Result<A::Reply, E>> + Send + 'a,
{
    type Answering = Answering;
}
