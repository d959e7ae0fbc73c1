//! The pages: parse, call one function of the desk, render.
//!
//! [`router`] answers with server-rendered HTML that needs no script; [`serve`] puts it on a listener of this machine.
//! Everything that a page needs, templates, styles and texts, is in the binary. Personal numbers are masked before they
//! come here.

mod api;
mod app;
mod assets;
mod error;
mod export;
mod gate;
mod handbook;
mod limit;
mod map;
mod pages;
mod settings;
mod shape;
mod shell;
mod tls;
mod watched;
mod words;

pub use settings::{WebSettings, router, serve};
pub use tls::Tls;
