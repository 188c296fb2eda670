//! The policy language: the reference's vectors, what is told of documents that are wrong, the layers of a decision,
//! and random documents against a second, slow evaluator.

mod agreement;
mod documents;
mod grammar;
mod layers;
mod reference;
mod vectors;
